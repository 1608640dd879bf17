import MinskyModel
import MinskySQL

extension Store {
    /// The tables whose rows are rebuilt: tasks, and what queries ask for beside them.
    private static let rebuilt: Set = ["tasks", "task_tags", "task_dependencies", "notes", "links", "time_entries"]

    /// The moment from which on the log tells of every change, or nil when it does from the beginning on.
    /// - Throws: `SQLError`.
    public func completeSince() throws -> Timestamp? {
        try database.read { reader in
            let clock = try reader.first(
                """
                SELECT max(hlc) FROM operations
                WHERE sequence <= (SELECT floor FROM store_state) AND hlc < \(HybridTimestamp.horizon.rawValue)
                """
            ) { try $0.optionalInteger(0) }
            return (clock ?? nil).map { HybridTimestamp(rawValue: $0).timestamp }
        }
    }

    /// A store in an empty database that holds the tasks, and what hangs on them, as they were at a moment: as they are now,
    /// without what operations have done since. It has no log.
    ///
    /// Which operations came later, their own clocks say; what met in a sync counts as what took effect.
    /// - Parameter makeTarget: Makes an empty database. It is called again when the reading has to begin again.
    /// - Returns: The store, and what it lacks: values and changes that cannot be read.
    /// - Throws: `SQLError`.
    public func past(at moment: Timestamp, in makeTarget: () throws -> any Database) throws -> (
        Store, leftOut: [String]
    ) {
        let (target, leftOut) = try database.read { reader -> (any Database, [String]) in
            let target = try makeTarget()
            var leftOut: [String] = []
            try reader.takeTime()
            guard let found = try InstalledStore(reader: reader) else {
                throw StoreError(.notInitialized, "the database holds no minsky store")
            }
            let schema = schema.at(version: found.version)
            let session = ReadSession(reader: reader, schema: schema)
            let tables = schema.domainTables.filter { Self.rebuilt.contains($0.name) }
            let names: SQL = "table_name IN (\(list: tables.map(\.name)))"
            let clock = HybridTimestamp(milliseconds: moment.microseconds / 1000, counter: .max).rawValue
            let operations = try session.operations(where: "hlc > \(clock)", changes: names).sorted { left, right in
                let (one, other) = (left.sequence ?? .max, right.sequence ?? .max)
                return one == other ? left.number < right.number : one < other
            }
            // The newest first: each row ends as what the first of its changes found.
            let changes = operations.flatMap(\.changes).reversed()
            let touched = Set(changes.map(RowKey.init))
            let identity = StoreIdentity(workspaceID: found.workspaceID, replicaID: found.replicaID)
            try Migrator(schema: schema, database: target).create(identity, now: moment) { writer in
                var rows: [RowKey: RowFields] = [:]
                for copy in tables.map(TableCopy.init) {
                    try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                        try copy.stored(reader, passingOver: { leftOut.append($0) }) { values in
                            let key = RowKey(copy.table.name, copy.rowID(values))
                            guard touched.contains(key) else { return try add(values) }
                            rows[key] = copy.fields(copy.compared(values))
                        }
                    }
                }
                for change in changes {
                    let key = RowKey(change)
                    guard change.isReadable || change.kind == .insert else {
                        leftOut.append("a change of \(change.table) \(change.rowID)")
                        continue
                    }
                    rows[key] = RowFields.takeBack(change, from: rows[key])
                }
                for copy in tables.map(TableCopy.init) {
                    try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                        for (key, fields) in rows where key.table == copy.table.name {
                            let logged = try LoggedFields(fields.json, of: key.id, in: copy.table)
                            let values = logged.key + logged.fields
                            try add(
                                copy.columns.map { column in values.first { $0.name == column.name }?.value ?? .null })
                        }
                    }
                }
            } thereafter: { _ in
            }
            return (target, leftOut)
        }
        return (try Store(opening: target, schema: schema), leftOut)
    }
}
