/// The description of one table, from which come its definition in both databases, the triggers that log its changes,
/// and undo.
public struct Table: Sendable {
    public var name: String
    public var columns: [Column]
    /// The names of the primary key's columns.
    public var key: [String]
    /// Whether undo takes back changes of this table. Facts about the world, such as a paid model call, are not undone.
    public var isUndoable: Bool

    /// Creates a description.
    public init(_ name: String, key: [String], isUndoable: Bool = true, columns: [Column]) {
        self.name = name
        self.key = key
        self.isUndoable = isUndoable
        self.columns = columns
    }

    /// The description of a column, or nil when the table has no such column.
    public func column(_ name: String) -> Column? {
        columns.first { $0.name == name }
    }

    /// Whether deleting marks the row instead of removing it.
    public var keepsDeletedRows: Bool { column(Column.deletedAt) != nil }
}

/// The description of one column.
public struct Column: Sendable {
    /// What a column holds; `storage-and-sync` names the type this becomes in each database.
    public enum Kind: Sendable {
        case text, integer, timestamp, blob
        /// A JSON object.
        case json
    }

    public var name: String
    public var kind: Kind
    public var isRequired: Bool
    /// The default, as an SQL literal both databases read.
    public var defaultValue: String?
    /// A condition both databases understand.
    public var check: String?
    /// The table whose `id` this column holds.
    public var references: String?
    public var isUnique: Bool

    /// The column that marks a row as deleted.
    public static let deletedAt = "deleted_at"
    /// The column that tells when a row was last changed; it follows every edit, so undo neither compares nor restores it.
    public static let updatedAt = "updated_at"

    /// Creates a column that may be null.
    public static func optional(
        _ name: String, _ kind: Kind, check: String? = nil, references: String? = nil, isUnique: Bool = false
    ) -> Column {
        Column(
            name: name, kind: kind, isRequired: false, defaultValue: nil, check: check, references: references,
            isUnique: isUnique)
    }

    /// Creates a column that is never null.
    public static func required(
        _ name: String, _ kind: Kind, default defaultValue: String? = nil, check: String? = nil,
        references: String? = nil
    ) -> Column {
        Column(
            name: name, kind: kind, isRequired: true, defaultValue: defaultValue, check: check, references: references,
            isUnique: false)
    }
}

/// One step of a schema migration. Migrations only add.
public enum SchemaStep: Sendable {
    case createTable(Table)
    case addColumn(Column, table: String)
    /// An index on columns, optionally only on the rows that meet a condition.
    case createIndex(String, table: String, columns: [String], condition: String? = nil)
    /// A GIN index over a JSON column; PostgreSQL only.
    case createJSONIndex(String, table: String, column: String)
}

/// A numbered step from one version of the schema to the next.
public struct SchemaMigration: Sendable {
    /// Counted from 1 without gaps.
    public var version: Int
    public var title: String
    public var steps: [SchemaStep]

    /// Creates a migration.
    public init(version: Int, title: String, steps: [SchemaStep]) {
        self.version = version
        self.title = title
        self.steps = steps
    }
}
