import MinskySQL

/// One step of a schema migration. Migrations only add.
public enum SchemaStep: Sendable {
    case createTable(Table)
    case addColumn(Column, table: String)
    /// An index on columns, optionally only on the rows that meet a condition.
    case createIndex(
        String, table: String, columns: [String], isUnique: Bool = false, condition: String? = nil,
        only: DialectOnly? = nil)
    /// A GIN index over a column, with its operator class if it is not the default one; PostgreSQL only.
    case createGINIndex(String, table: String, column: String)
    /// A statement of its own in each database; nil where there is nothing to do.
    case statement(sqlite: String?, postgres: String?)
}

extension SchemaStep {
    /// Whether it makes or changes what rows are made of, which has to be there before any row.
    var isTable: Bool {
        switch self {
        case .createTable, .addColumn: true
        case .createIndex, .createGINIndex: false
        case .statement: true
        }
    }
}

/// A numbered step from one version of the schema to the next.
public struct SchemaMigration: Sendable {
    /// Counted from 1 without gaps.
    public var version: Int
    public var title: String
    /// The oldest version whose programs may go on reading and writing a store of this version.
    public var oldestReader: Int
    public var steps: [SchemaStep]

    /// Creates a migration.
    public init(version: Int, title: String, oldestReader: Int = 1, steps: [SchemaStep]) {
        self.version = version
        self.title = title
        self.oldestReader = oldestReader
        self.steps = steps
    }
}

extension DialectOnly {
    /// Whether something that only this database has, or both when nil, exists in a database.
    static func includes(_ dialect: Dialect, _ only: DialectOnly?) -> Bool {
        switch only {
        case nil: true
        case .sqlite: dialect == .sqlite
        case .postgres: dialect == .postgres
        }
    }
}
