/// What a query can ask a task for, by the key it is asked with.
public enum QueryField: Sendable, Hashable {
    /// Fields that hold a text.
    public enum Text: String, Sendable, CaseIterable {
        case title, description, project, assignee, creator, recurrence

        /// How `:` compares; `=` is always `equals`.
        public var usualMatch: QueryTextMatch {
            switch self {
            case .title, .description, .recurrence: .contains
            case .project: .within
            case .assignee, .creator: .equals
            }
        }

        /// Whether the value is an actor, so that `me` is whoever asks.
        var isActor: Bool { self == .assignee || self == .creator }
    }

    /// Fields that hold a moment.
    public enum Moment: String, Sendable, CaseIterable {
        case due, wait, scheduled, until, created, updated, started, completed
    }

    /// Fields that hold a whole number.
    public enum Number: String, Sendable, CaseIterable {
        /// In minutes.
        case estimate
        case complexity
    }

    /// Fields that name a task.
    public enum Reference: String, Sendable, CaseIterable {
        case id
        /// The task right above.
        case parent
        /// The task itself and whatever it is part of.
        case under
    }

    case status, priority, tag, notes
    case text(Text)
    case moment(Moment)
    case number(Number)
    case reference(Reference)
    case custom(CustomField)

    /// The word before `:` in a query.
    public var key: String {
        switch self {
        case .status: "status"
        case .priority: "priority"
        case .tag: "tag"
        case .notes: "notes"
        case .text(let field): field.rawValue
        case .moment(let field): field.rawValue
        case .number(let field): field.rawValue
        case .reference(let field): field.rawValue
        case .custom(let field): field.name
        }
    }

    /// Whether a task can lack it, so that `has:` and `none` make sense.
    public var isOptional: Bool {
        switch self {
        case .status, .text(.title), .moment(.created), .moment(.updated), .reference(.id), .reference(.under): false
        default: true
        }
    }

    /// Whether tasks can be put in order by it.
    public var isSortable: Bool {
        switch self {
        case .tag, .notes, .reference(.parent), .reference(.under): false
        default: true
        }
    }

    /// Every field but those a user defined.
    public static let all: [QueryField] =
        [.status, .priority, .tag, .notes]
        + Text.allCases.map(QueryField.text) + Moment.allCases.map(QueryField.moment)
        + Number.allCases.map(QueryField.number) + Reference.allCases.map(QueryField.reference)

    /// What other programs call fields.
    private static let synonyms = [
        "tags": "tag", "note": "notes", "annotations": "notes", "pri": "priority", "proj": "project", "pro": "project",
        "owner": "assignee", "assigned": "assignee", "desc": "description", "body": "description", "name": "title",
        "recur": "recurrence", "repeat": "recurrence", "every": "recurrence", "deadline": "due", "entry": "created",
        "modified": "updated",
        "start": "started", "end": "completed", "done": "completed", "sched": "scheduled", "hide": "wait",
        "est": "estimate", "author": "creator", "uuid": "id",
    ]

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The field of a key, its synonyms included, or nil when there is none; case does not matter.
    public static func named(_ key: String, custom: [CustomField]) -> QueryField? {
        let key = key.lowercased()
        if let field = byKey[key] { return field }
        if let field = custom.first(where: { $0.name.lowercased() == key }) { return .custom(field) }
        return synonyms[key].flatMap { byKey[$0] }
    }
}

/// A field that a user defined, kept in the member of that name in a task's metadata.
public struct CustomField: Sendable, Hashable {
    /// What its values are.
    public enum Kind: String, Sendable, CaseIterable {
        case text
        case number
        /// A moment, kept as `Timestamp.iso8601` writes it.
        case date
        /// An amount of work, kept as a number of minutes.
        case duration
    }

    public let name: String
    public let kind: Kind

    /// Whether a field can have a name: it is then one word of a query and means nothing else there.
    public static func isName(_ name: String) -> Bool {
        isWord(name) && !["is", "has", "no", "sort", "limit", "depends"].contains(name.lowercased())
            && QueryField.named(name, custom: []) == nil
    }

    /// Whether a name is one word of a query.
    public static func isWord(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first.properties.isAlphabetic else { return false }
        let isWord = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-.".unicodeScalars.contains($0)
        }
        return isWord && name.utf8.count <= 100
    }

    /// Creates a field. Its name is found when it begins with a letter, holds letters, digits and `_-.` only, and is
    /// neither the key of another field nor `is`, `has`, `no`, `sort`, `limit` or `depends`.
    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The value that a user's field is compared with, of the field's kind.
public enum CustomValue: Sendable, Hashable {
    case text(String)
    /// Compared as a number: 1.5 and 1.50 are the same.
    case number(JSONNumber)
    case date(QueryMoment)
    /// In minutes.
    case duration(Int)
}
