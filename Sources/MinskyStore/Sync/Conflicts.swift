import MinskyModel
import MinskySQL

extension StoreSession {
    /// The conflicts of the workspace, oldest first.
    /// - Parameter isAll: Whether those that have been decided about are among them.
    public func conflicts(all isAll: Bool) throws -> [Conflict] {
        let condition: SQL = isAll ? "1 = 1" : "state = 'open'"
        return try conflicts(where: condition)
    }

    /// The one conflict whose id begins with what a person typed.
    /// - Throws: `StoreError` with code `.notFound` or `.ambiguous`.
    public func conflict(_ text: String) throws -> Conflict {
        let prefix = Identifier.prefix(text) ?? text
        let found = try conflicts(where: "id >= \(prefix) AND id < \(prefix + "{")")
        guard let first = found.first, prefix.utf8.count >= Identifier.shortestPrefix else {
            throw StoreError(.notFound, "there is no conflict \(text)")
        }
        guard found.count == 1 else {
            throw StoreError(.ambiguous, "several conflicts' ids begin with '\(text)'")
        }
        return first
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

    private func conflicts(where condition: SQL) throws -> [Conflict] {
        try reader.rows(
            """
            SELECT id, table_name, row_id, field, kept, lost, state, created_at FROM conflicts
            WHERE \(condition) ORDER BY created_at, id
            """
        ) { row in
            Conflict(
                id: try row.text(0), table: try row.text(1), rowID: try row.text(2), field: try row.optionalText(3),
                kept: .init(json: try row.json(4)), lost: .init(json: try row.json(5)),
                isOpen: try row.text(6) == "open", createdAt: try row.timestamp(7))
        }
    }
}

extension WriteSession {
    /// Gives a row the values of one side of a conflict, and notes that it has been decided about.
    /// - Parameter values: The fields, in the form they have in the change log; nil leaves the row as it is. For a whole row an
    ///   empty object removes it.
    /// - Throws: `StoreError` with code `.conflict` when the row cannot have them, `.corrupt`; `SQLError`.
    public func resolve(_ conflict: Conflict, with values: JSON?) throws {
        guard let table = schema.table(conflict.table), table.isDomain else {
            throw StoreError(.conflict, "this minsky does not know the table of the conflict")
        }
        if let values {
            try lockGraph()
            let key = RowKey(conflict.table, conflict.rowID)
            let rows = WorkingRows(writer, schema)
            try rows.load([key])
            var fields = rows[key]
            if conflict.field == nil, values.members?.isEmpty != false {
                fields = nil
            } else if conflict.field == nil, fields == nil {
                fields = RowFields(values)
            } else if var row = fields {
                for member in values.members ?? [] { row.set(member.key, to: member.value, in: table) }
                if table.column(Column.updatedAt) != nil { row[Column.updatedAt] = .string(operation.now.iso8601) }
                fields = row
            } else {
                throw StoreError(.conflict, "\(conflict.table) \(conflict.rowID) is not there any more")
            }
            rows[key] = fields
            try rows.write()
            try requireNoCircle(throughParentsOf: conflict.table == "tasks" ? [conflict.rowID] : [])
            if conflict.table == "task_dependencies" {
                let task = String(conflict.rowID.unicodeScalars.prefix { $0 != "/" })
                try requireNoCircle(throughDependenciesOf: [task])
            }
        }
        try writer.execute("UPDATE conflicts SET state = 'resolved' WHERE id = \(conflict.id) AND state = 'open'")
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

extension RowFields {
    /// Sets a field; of a JSON column a key, named as `metadata.key`.
    mutating func set(_ name: String, to value: JSON, in table: Table) {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, table.column(parts[0])?.kind == .json else {
            self[name] = value
            return
        }
        var members = RowFields(self[parts[0]])
        members[parts[1]] = value
        self[parts[0]] = members.json
    }
}
