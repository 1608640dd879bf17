import MinskyModel

/// Words of a title that would be fields in a list. A title that is typed as a whole is kept as it is.
public struct FieldsInTitle: Sendable {
    /// The words as they would stand in a list: `due:fri`, `+db`.
    public let words: [String]
    /// What would have been the title, and the options for the rest, as `edit` takes them.
    public let arguments: [String]

    /// Finds the words, or gives nil when there are none, or not all that look like fields can be read as such.
    public init?(_ title: String, in workspace: OpenWorkspace, as caller: Caller) {
        let reading = FieldReading(configuration: workspace.configuration, caller: caller)
        let line = reading.line(title)
        guard !line.title.isEmpty, (try? reading.edit(line.words)) != nil else { return nil }
        var words: [String] = []
        var options: [String] = []
        for word in line.words {
            switch word {
            case .tag(let tag):
                words.append("+" + tag)
                options += ["--tag", tag]
            case .value(let name, let value):
                words.append(value.contains(where: \.isWhitespace) ? "\(name):\"\(value)\"" : "\(name):\(value)")
                options += Self.options(reading, name, value)
            case .title: break
            }
        }
        guard !words.isEmpty else { return nil }
        self.words = words
        arguments = ["--title", line.title] + options
    }

    private static func options(_ reading: FieldReading, _ name: String, _ value: String) -> [String] {
        switch reading.settable(name) {
        case .tags?: FieldReading.parts(value).flatMap { ["--tag", $0] }
        case .dependencies?: FieldReading.parts(value).flatMap { ["--depends-on", $0] }
        case .custom(let field)?: ["--set", "\(field.name)=\(value)"]
        case .field(.assignee)? where value == "me": ["--assignee", reading.caller.name]
        case .field(let field)?: ["--\(field.rawValue)", value]
        case nil: []
        }
    }
}
