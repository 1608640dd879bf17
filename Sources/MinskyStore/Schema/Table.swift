/// The description of one table, from which come its definition in both databases, the triggers that log its changes,
/// undo and transfer.
public struct Table: Sendable {
    /// What a table is for, from which follows what happens to its changes.
    public enum Role: Sendable, Hashable {
        /// Holds what people and agents work with: its changes are logged.
        ///
        /// Facts about the world, such as a paid model call, are not undoable: undo leaves their rows alone.
        case domain(isUndoable: Bool)
        /// Belongs to this one store: its changes are nobody else's business.
        case local
        /// Is part of the change log itself.
        case log
    }

    public var name: String
    public var role: Role
    public var columns: [Column]
    /// The names of the primary key's columns.
    public var key: [String]
    /// Whether a row is named by what it says, as a tag is, so that an edit may change the key.
    public var keyMayChange = false
    /// Whether rows tell what happened once, so that they are never changed and never removed.
    public var isAppendOnly = false
    /// Columns that belong together: where two have changed some of them at once, all are of one or of the other.
    public var groups: [[String]] = []
    /// Conditions on several columns, by names that tell what they ask.
    public var checks: [(name: String, condition: String)]
    /// The database that alone has the table, or nil when both do.
    public var dialect: DialectOnly?
    /// One line for who reads the schema in a database tool.
    public var comment: String

    /// Creates a description.
    public init(
        _ name: String, _ role: Role, key: [String], only dialect: DialectOnly? = nil, comment: String,
        columns: [Column], checks: [(name: String, condition: String)] = []
    ) {
        self.name = name
        self.role = role
        self.key = key
        self.dialect = dialect
        self.comment = comment
        self.columns = columns
        self.checks = checks
    }

    /// The description of a column, or nil when the table has no such column.
    public func column(_ name: String) -> Column? {
        columns.first { $0.name == name }
    }

    public var isDomain: Bool { if case .domain = role { true } else { false } }

    /// Whether undo takes back changes of this table.
    public var isUndoable: Bool { role == .domain(isUndoable: true) }

    /// Whether deleting marks the row instead of removing it.
    public var keepsDeletedRows: Bool { column(Column.deletedAt) != nil }

    /// The same table, with rows that an edit may name anew.
    public var renamable: Table { with { $0.keyMayChange = true } }

    /// The same table, with rows that stay as they were written.
    public var appendOnly: Table { with { $0.isAppendOnly = true } }

    /// The same table, with columns that belong together.
    public func merging(_ groups: [String]...) -> Table { with { $0.groups = groups } }

    private func with(_ change: (inout Table) -> Void) -> Table {
        var copy = self
        change(&copy)
        return copy
    }

    /// The columns whose values stand in the change log: all but the key, which is the row's id there, and those kept out
    /// of it.
    public var loggedColumns: [Column] {
        columns.filter { $0.isLogged && !key.contains($0.name) }
    }

}

/// A database that alone has something.
public enum DialectOnly: Sendable {
    case sqlite, postgres
}
