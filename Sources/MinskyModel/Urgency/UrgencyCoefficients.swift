/// How much each factor counts in a task's urgency.
///
/// The defaults are Taskwarrior's, of taskrc(5), section URGENCY, in version 2.6. Its priorities are high, medium and low;
/// critical is as far above high as high is above medium.
public struct UrgencyCoefficients: Sendable, Hashable {
    public var due = 12.0
    public var blocking = 8.0
    public var critical = 8.1
    public var high = 6.0
    public var medium = 3.9
    public var low = 1.8
    public var scheduled = 5.0
    public var active = 4.0
    public var age = 2.0
    public var notes = 1.0
    public var tags = 1.0
    public var project = 1.0
    public var waiting = -3.0
    public var blocked = -5.0
    /// The days after which a task gets no more urgent by its age; positive.
    public var daysOfAge = 365.0
    /// Coefficients of single tags.
    public var tag = ["next": 15.0]
    /// Coefficients of single projects, which those within them share.
    public var inProject: [String: Double] = [:]

    /// Creates the defaults.
    public init() {}

    private static let paths: [(name: String, path: WritableKeyPath<UrgencyCoefficients, Double> & Sendable)] = [
        ("due", \.due), ("blocking", \.blocking), ("priority.critical", \.critical), ("priority.high", \.high),
        ("priority.medium", \.medium), ("priority.low", \.low), ("scheduled", \.scheduled), ("active", \.active),
        ("age", \.age), ("notes", \.notes), ("tags", \.tags), ("project", \.project), ("waiting", \.waiting),
        ("blocked", \.blocked), ("age.days", \.daysOfAge),
    ]

    /// What the coefficients are called; `tag.NAME` and `project.NAME` come besides.
    public static let names: [String] = paths.map(\.name)

    /// The coefficient of a name, or nil when there is none.
    public subscript(name: String) -> Double? {
        if let path = Self.paths.first(where: { $0.name == name })?.path { return self[keyPath: path] }
        if let tag = Self.rest(of: name, after: "tag.") { return self.tag[tag] }
        if let project = Self.rest(of: name, after: "project.") { return inProject[project] }
        return nil
    }

    /// Sets the coefficient of a name.
    /// - Returns: Whether there is such a name and the value is one it can have: finite, and of `age.days` positive.
    public mutating func set(_ name: String, to value: Double) -> Bool {
        guard value.isFinite, name != "age.days" || value > 0 else { return false }
        if let path = Self.paths.first(where: { $0.name == name })?.path {
            self[keyPath: path] = value
        } else if let tag = Self.rest(of: name, after: "tag.") {
            self.tag[tag] = value
        } else if let project = Self.rest(of: name, after: "project.") {
            inProject[project] = value
        } else {
            return false
        }
        return true
    }

    private static func rest(of name: String, after prefix: String) -> String? {
        name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count ? String(name.dropFirst(prefix.count)) : nil
    }
}
