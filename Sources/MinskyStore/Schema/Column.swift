/// The description of one column.
public struct Column: Sendable {
    /// What a column holds; docs/storage.md names the type this becomes in each database.
    public enum Kind: Sendable {
        case text, integer, timestamp, blob
        /// A JSON object.
        case json
    }

    public var name: String
    public var kind: Kind
    /// One line for who reads the schema in a database tool; PostgreSQL keeps it.
    public var comment: String
    public var isRequired: Bool
    /// The default, as an SQL literal both databases read.
    public var defaultValue: String?
    /// A condition both databases understand.
    public var check: String?
    /// The table whose `id` this column holds.
    public var references: String?
    public var isUnique = false
    /// Whether the database numbers the rows itself.
    public var isNumbered = false
    /// Whether changes of the column are in the change log; what is derived from other columns is not.
    public var isLogged = true
    /// Whether only the database itself writes the column, so that what it writes need not be checked again.
    public var isTrusted = false
    /// The database that alone has the column, or nil when both do.
    public var dialect: DialectOnly?

    /// The column that marks a row as deleted.
    public static let deletedAt = "deleted_at"
    /// The column that tells when a row was last changed; it follows every edit, so undo neither compares nor restores it.
    public static let updatedAt = "updated_at"

    /// Creates a column that may be null.
    public static func optional(
        _ name: String, _ kind: Kind, _ comment: String = "", check: String? = nil, references: String? = nil,
        isUnique: Bool = false
    ) -> Column {
        Column(
            name: name, kind: kind, comment: comment, isRequired: false, check: check, references: references,
            isUnique: isUnique)
    }

    /// Creates a column that is never null.
    public static func required(
        _ name: String, _ kind: Kind, _ comment: String = "", default defaultValue: String? = nil,
        check: String? = nil, references: String? = nil, isUnique: Bool = false
    ) -> Column {
        Column(
            name: name, kind: kind, comment: comment, isRequired: true, defaultValue: defaultValue, check: check,
            references: references,
            isUnique: isUnique)
    }

    /// Whether the check leaves a few words to choose from, with nothing in them that has to be quoted anywhere.
    var isOneOfWords: Bool { kind == .text && check?.hasPrefix("\(name) IN (") == true }

    /// The same column, kept out of the change log.
    public var unlogged: Column { with { $0.isLogged = false } }

    /// The same column, written by the database alone.
    public var trusted: Column { with { $0.isTrusted = true } }

    /// The same column, numbered by the database.
    public var numbered: Column { with { $0.isNumbered = true } }

    /// The same column in one database only.
    public func only(_ dialect: DialectOnly) -> Column { with { $0.dialect = dialect } }

    private func with(_ change: (inout Column) -> Void) -> Column {
        var copy = self
        change(&copy)
        return copy
    }
}
