import MinskySQL

extension Store {
    /// What is wrong with the database itself; empty when nothing is.
    /// - Throws: `SQLError`.
    public func integrityProblems() throws -> [String] {
        try read { session in
            guard session.connection.dialect == .sqlite else { return [] }
            let found = try session.connection.rows("PRAGMA quick_check") { try $0.text(0) }.filter { $0 != "ok" }
            let dangling = try session.connection.rows("PRAGMA foreign_key_check") {
                "a row of \(try $0.text(0)) refers to a missing row of \(try $0.text(2))"
            }
            return found + dangling
        }
    }

    /// The names of the triggers that should write the change log but are missing or not what they should be.
    /// - Throws: `SQLError`.
    public func missingTriggers() throws -> [String] {
        try read { session in
            switch session.connection.dialect {
            case .sqlite:
                let found = try session.connection.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger'") {
                    try $0.text(0)
                }
                let script = ChangeLogDefinition.triggers(for: schema, .sqlite)
                return schema.tables.flatMap { table in
                    ["insert", "update", "delete"].map { "log_\($0)_\(table.name)" }
                }.filter { name in
                    // Each definition must stand in the script word for word.
                    !found.contains { $0.hasPrefix("CREATE TRIGGER \(name) ") && script.contains($0) }
                }
            case .postgres:
                let found = try session.connection.rows(
                    """
                    SELECT t.tgname::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
                    JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = current_schema() AND t.tgenabled IN ('O', 'A')
                    """
                ) { try $0.text(0) }
                return schema.tables.map { "log_\($0.name)" }.filter { !found.contains($0) }
            }
        }
    }

    /// Puts the triggers back as they should be.
    /// - Throws: `SQLError`.
    public func restoreTriggers() throws {
        try database.write { connection in
            try connection.executeScript(try Migrator(schema: schema, database: database).triggerScript(connection))
        }
    }
}
