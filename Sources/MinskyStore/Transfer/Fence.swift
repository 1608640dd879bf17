import MinskyModel
import MinskySQL

// A fence is made of triggers, so that it holds for every writer, a shell included. What is applied from elsewhere passes.

extension Schema {
    /// The names of the triggers a fence is made of.
    func fenceNames(_ dialect: Dialect) -> [String] { domainTables.flatMap { $0.refusalNames("fence", dialect) } }
}

extension Table {
    /// The names of the triggers that keep everybody from changing the table.
    func refusalNames(_ prefix: String, _ dialect: Dialect) -> [String] {
        dialect == .postgres
            ? ["\(prefix)_\(name)"] : ["insert", "update", "delete"].map { "\(prefix)_\($0)_\(name)" }
    }
}

extension Writer {
    /// Keeps everybody from changing the tables whose changes are logged; earlier fences are replaced.
    /// - Parameter reason: What is said to who tries.
    func raiseFence(_ schema: Schema, because reason: String) throws {
        try lowerFence()
        for table in schema.domainTables { try refuseChanges(of: table, naming: "fence", because: reason) }
    }

    /// Makes triggers that keep everybody from changing a table; what is applied from elsewhere passes.
    /// - Parameters:
    ///   - prefix: What the names of the triggers begin with.
    ///   - reason: What is said to who tries.
    func refuseChanges(of table: Table, naming prefix: String, because reason: String) throws {
        let literal = reason.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        switch dialect {
        case .sqlite:
            for event in ["INSERT", "UPDATE", "DELETE"] {
                try executeScript(
                    """
                    CREATE TRIGGER \(prefix)_\(event.lowercased())_\(table.name) BEFORE \(event) ON \(table.name)
                    WHEN (SELECT applying FROM context) = 0 BEGIN SELECT raise(ABORT, '\(literal)'); END
                    """)
            }
        case .postgres:
            try executeScript(
                """
                CREATE TRIGGER \(prefix)_\(table.name) BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON \(table.name)
                FOR EACH STATEMENT EXECUTE FUNCTION refuse('\(literal)')
                """)
        }
    }

    /// Lets everybody write again.
    func lowerFence() throws { try dropTriggers { $0.hasPrefix("fence_") } }

    /// Waits for all transactions that have written to a logged table, and keeps others from beginning to until this one
    /// ends. Always in the same order, so that two of these do not wait for each other.
    func lockTables(_ schema: Schema) throws {
        guard dialect == .postgres else { return }
        try waitForOperations()
        let names = schema.domainTables.map(\.name).joined(separator: ", ")
        try executeScript("LOCK TABLE \(names) IN SHARE ROW EXCLUSIVE MODE")
    }

    /// Has references checked at the end of the transaction, so that rows may come in any order.
    func deferReferences() throws {
        // SQLite turns this off again with the end of the transaction.
        switch dialect {
        case .sqlite: try executeScript("PRAGMA defer_foreign_keys = ON")
        case .postgres: try executeLater("SET CONSTRAINTS ALL DEFERRED")
        }
    }

    /// Runs a body whose changes are not logged, as they have been elsewhere, and whose references are checked at the end of
    /// the transaction.
    func withoutLogging<Result>(_ body: () throws -> Result) throws -> Result {
        try deferReferences()
        switch dialect {
        case .sqlite:
            try execute("UPDATE context SET operation = 0, applying = 1")
            let result = try body()
            try execute("UPDATE context SET applying = 0")
            return result
        case .postgres:
            try executeLater("SELECT set_config('minsky.applying', 'on', true)")
            let result = try body()
            try executeLater("SELECT set_config('minsky.applying', 'off', true)")
            return result
        }
    }
}
