import MinskyModel
import MinskySQL

extension StoreSession {
    /// The conflicts of the workspace, oldest first.
    /// - Parameter isAll: Whether those that have been decided about are among them.
    public func conflicts(all isAll: Bool) throws -> [Conflict] {
        let condition: SQL = isAll ? "1 = 1" : "state = 'open'"
        return try conflicts(where: condition)
    }

    /// The conflicts whose ids begin with what a person typed; none when that is too short.
    public func conflicts(beginning text: String) throws -> [Conflict] {
        guard let prefix = Identifier.prefix(text), prefix.utf8.count >= Identifier.shortestPrefix else { return [] }
        return try conflicts(where: "id >= \(prefix) AND id < \(prefix + "{")")
    }

    /// The ids of all conflicts.
    public func conflictIDs() throws -> Set<String> {
        Set(try reader.rows("SELECT id FROM conflicts") { try $0.text(0) })
    }

    /// How many values that were given in this store have been lost.
    public func lostValues() throws -> Int {
        Int(
            try reader.first(
                "SELECT count(*) FROM conflicts WHERE lost ->> 'replica' = (SELECT replica_id FROM store_state)"
            ) { try $0.integer(0) } ?? 0)
    }

    /// How many conflicts wait for somebody to decide.
    public func openConflicts() throws -> Int {
        Int(try reader.first("SELECT count(*) FROM conflicts WHERE state = 'open'") { try $0.integer(0) } ?? 0)
    }

    func conflicts(where condition: SQL) throws -> [Conflict] {
        try reader.rows(
            """
            SELECT id, table_name, row_id, field, kept, lost, state, created_at FROM conflicts
            WHERE \(condition) ORDER BY created_at, id
            """
        ) { row in
            Conflict(
                id: try row.text(0), table: try row.text(1), rowID: try row.text(2), field: try row.optionalText(3),
                // A hand may have written anything there.
                kept: .init(json: row.fields(4) ?? .null), lost: .init(json: row.fields(5) ?? .null),
                isOpen: try row.text(6) == "open",
                createdAt: (try? row.timestamp(7)) ?? Timestamp(microseconds: 0))
        }
    }
}

extension StoreSession {
    /// The strategies that have been chosen, by table; `*` stands for all others.
    public func strategies() throws -> [String: SyncStrategy] { try reader.strategies() }
}

extension WriteSession {
    /// Chooses the strategy of a table; nil leaves it to the default.
    public func setStrategy(_ strategy: SyncStrategy?, of table: String) throws {
        guard let strategy else {
            try writer.execute("DELETE FROM sync_strategies WHERE table_name = \(table)")
            return
        }
        try writer.execute(
            """
            INSERT INTO sync_strategies (table_name, strategy) VALUES (\(table), \(strategy.rawValue))
            ON CONFLICT (table_name) DO UPDATE SET strategy = excluded.strategy
            """)
    }
}
