import MinskyModel
import MinskySQL

extension Store {
    /// The changes after a sequence, in the order of commits, without gaps.
    /// - Parameters:
    ///   - sequence: The last sequence already known; 0 for all.
    ///   - limit: The most changes to return.
    public func changes(after sequence: Int64, limit: Int = 1000) throws -> [Change] {
        try number()
        // In SQLite the sequence follows from the position, and only the position is indexed.
        let place: SQL = database.dialect == .sqlite ? "position" : "sequence"
        return try read { try $0.changes("\(place) > \(sequence) ORDER BY \(place) LIMIT \(limit)") }
    }

    /// The changes of one task and of its tags, dependencies and notes, oldest first.
    public func history(ofTask id: String) throws -> [Change] {
        try number()
        // A compound key begins with the task's id and a slash; '0' is the character after '/'.
        let (start, end) = (id + "/", id + "0")
        return try read { session in
            try session.changes(
                """
                (row_id = \(id) OR (row_id >= \(start) AND row_id < \(end))
                    OR (table_name = 'notes' AND row_id IN (SELECT id FROM notes WHERE task_id = \(id))))
                AND sequence IS NOT NULL AND table_name IN ('tasks', 'task_tags', 'task_dependencies', 'notes')
                ORDER BY sequence
                """)
        }
    }

    /// Gives every committed change its sequence. SQLite needs none of this.
    /// - Throws: `SQLError`.
    public func number() throws {
        guard database.dialect == .postgres else { return }
        try database.write { try $0.query("SELECT number_changes()") { _ in } }
    }
}

extension StoreSession {
    func changes(_ condition: SQL) throws -> [Change] {
        try connection.rows(
            """
            SELECT sequence, replica_id, replica_sequence, operation_id, reverts, actor, hlc, base, table_name, row_id,
                kind, before, after, schema_version
            FROM change_log WHERE \(condition)
            """, as: Change.init(row:))
    }
}

extension Change {
    init(row: any Row) throws {
        let kindText = try row.text(10)
        guard let kind = Kind(rawValue: kindText) else {
            throw StoreError(.corrupt, "the change log holds the unknown kind '\(kindText)'")
        }
        self.init(
            // Undo reads changes of PostgreSQL that no one has numbered yet.
            sequence: try row.optionalInteger(0) ?? 0, replicaID: try row.text(1), replicaSequence: try row.integer(2),
            operationID: try row.text(3), reverts: try row.optionalText(4), actor: try row.text(5),
            hlc: HybridTimestamp(rawValue: try row.integer(6)), base: try row.optionalInteger(7),
            table: try row.text(8), rowID: try row.text(9), kind: kind,
            before: try row.optionalJSON(11)?.canonical, after: try row.optionalJSON(12)?.canonical,
            schemaVersion: Int(try row.integer(13)))
    }
}
