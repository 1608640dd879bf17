/// A schema: the migrations that lead to it, and the tables they add up to.
public struct Schema: Sendable {
    public let migrations: [SchemaMigration]
    /// The tables after all migrations, in an order in which references point backwards.
    public let tables: [Table]

    /// The version after the last migration.
    public var version: Int { migrations.last?.version ?? 0 }

    /// Adds up migrations.
    public init(migrations: [SchemaMigration]) {
        self.migrations = migrations
        var tables: [Table] = []
        for step in migrations.flatMap(\.steps) {
            switch step {
            case .createTable(let table): tables.append(table)
            case .addColumn(let column, let name):
                guard let index = tables.firstIndex(where: { $0.name == name }) else { continue }
                tables[index].columns.append(column)
            case .createIndex, .createGINIndex, .statement: break
            }
        }
        self.tables = tables
    }

    /// The tables whose changes are logged.
    public var domainTables: [Table] { tables.filter(\.isDomain) }

    /// The description of a table, or nil when there is none of that name.
    public func table(_ name: String) -> Table? {
        tables.first { $0.name == name }
    }

    /// The schema as it was at an earlier version.
    public func at(version: Int) -> Schema {
        version >= self.version ? self : Schema(migrations: migrations.filter { $0.version <= version })
    }

    /// The schema this version of minsky works with.
    public static let current = Schema(migrations: [.first])
}
