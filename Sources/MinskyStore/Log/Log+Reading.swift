import MinskyModel
import MinskySQL

extension StoreSession {
    /// The operations that meet a condition, with their changes, oldest first.
    /// - Parameters:
    ///   - condition: On the columns of `operations`.
    ///   - newest: The most operations to return, or nil for all; of more, the newest.
    ///   - changes: A condition on the columns of `changes`; operations of which none meets it are left out.
    func operations(where condition: SQL, newest: Int? = nil, changes: SQL = "1 = 1") throws -> [LoggedOperation] {
        let limit: SQL = newest.map { " LIMIT \($0)" } ?? ""
        var operations = try reader.rows(
            """
            SELECT number, id, sequence, replica_id, actor, role, command, reverts, hlc, base, schema_version, recorded_at, altered
            FROM operations WHERE \(condition)
                AND EXISTS (SELECT 1 FROM changes WHERE changes.operation = operations.number AND \(changes))
            ORDER BY number DESC\(limit)
            """, as: LoggedOperation.init(row:))
        operations.reverse()
        try attachChanges(to: &operations, where: changes)
        return operations
    }

    /// Operations in an order, also those that changed nothing, as many as have some number of changes together; the first
    /// one in any case.
    /// - Parameters:
    ///   - condition: On the columns of `operations`.
    ///   - column: `sequence` or `number`.
    ///   - most: How many changes; one counts for as many as it has pieces of 4 kB, so that a batch fits in memory.
    func operations(where condition: SQL, orderedBy column: String, changes most: Int) throws -> [LoggedOperation] {
        let column = SQL(unsafeRaw: column)
        var total = 0
        var sizes: [Int] = []
        // In PostgreSQL without reading what lies beside the table.
        let size: SQL = reader.dialect == .sqlite ? "length(fields)" : "pg_column_size(fields)"
        var operations = try reader.rows(
            """
            SELECT number, id, sequence, replica_id, actor, role, command, reverts, hlc, base, schema_version, recorded_at, altered,
                (SELECT coalesce(sum(1 + \(size) / 4096), 0) FROM changes WHERE changes.operation = operations.number)
            FROM operations WHERE \(condition) ORDER BY \(column) LIMIT \(most)
            """
        ) { row in
            sizes.append(Int(try row.integer(13)))
            return try LoggedOperation(row: row)
        }
        let count = sizes.prefix { size in
            defer { total += max(size, 1) }
            return total == 0 || size <= most - total
        }.count
        operations.removeSubrange(count...)
        try attachChanges(to: &operations, where: "1 = 1")
        return operations
    }

    private func attachChanges(to operations: inout [LoggedOperation], where condition: SQL) throws {
        guard !operations.isEmpty else { return }
        let places = Dictionary(uniqueKeysWithValues: operations.enumerated().map { ($1.number, $0) })
        try reader.query(
            """
            SELECT operation, table_name, row_id, kind, fields, lost, original FROM changes
            WHERE operation IN (\(reader.listed(operations.map(\.number)))) AND \(condition) ORDER BY position
            """
        ) { row in
            guard let place = places[try row.integer(0)] else { return }
            operations[place].changes.append(try Change(row: row))
        }
    }

    /// The latest operations of the workspace, oldest first.
    public func history(limit: Int, since: Timestamp? = nil, actor: String? = nil) throws -> [LoggedOperation] {
        try operations(where: Self.made(since, by: actor), newest: limit)
    }

    /// A condition on the time and the actor of an operation.
    private static func made(_ since: Timestamp?, by actor: String?) -> SQL {
        var conditions: [SQL] = ["1 = 1"]
        // The clock of the log has milliseconds in its upper bits.
        if let since { conditions.append("hlc >= \(max(0, since.microseconds / 1000) << 16)") }
        if let actor { conditions.append("actor = \(actor)") }
        return SQL.joined(conditions, separator: " AND ")
    }

    /// The operations that changed a task, its tags, dependencies, notes, links or times, also those that are gone, oldest first,
    /// with no other changes.
    public func history(
        ofTask id: String, limit: Int? = nil, since: Timestamp? = nil, actor: String? = nil
    ) throws -> [LoggedOperation] {
        // A compound key begins with the task's id and a slash; '0' is the character after '/'.
        let (start, end) = (id + "/", id + "0")
        // Several queries, each of which finds its rows by an index, where one with OR would read the whole log.
        let positions: SQL = """
            SELECT position FROM changes WHERE row_id = \(id) AND table_name = 'tasks'
            UNION ALL SELECT position FROM changes
                WHERE row_id >= \(start) AND row_id < \(end) AND table_name IN ('task_tags', 'task_dependencies')
            UNION ALL SELECT position FROM changes
                WHERE row_id IN (\(reader.listed(try parts(ofTask: id))))
                    AND table_name IN ('notes', 'links', 'time_entries')
            """
        return try operations(
            where:
                "number IN (SELECT operation FROM changes WHERE position IN (\(positions))) AND \(Self.made(since, by: actor))",
            newest: limit,
            changes: "position IN (\(positions))")
    }

    /// The operation with an id, or nil.
    public func operation(_ id: String) throws -> LoggedOperation? {
        try operations(where: "id = \(id)").first
    }
}

extension Store {
    /// The operations after a sequence, in the order of commits, without gaps.
    /// - Parameters:
    ///   - sequence: The last sequence already known; 0 for all.
    ///   - limit: The most operations to return.
    public func operations(after sequence: Int64, limit: Int = 1000) throws -> [LoggedOperation] {
        try number()
        let last = sequence + Int64(limit)
        return try read {
            try $0.operations(where: "sequence > \(sequence) AND sequence <= \(last)")
                .sorted { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
        }
    }

    /// Gives every committed operation its sequence. In SQLite they have theirs from the beginning.
    /// - Throws: `SQLError`.
    public func number() throws {
        guard database.dialect == .postgres else { return }
        // Asked first, as most often there is nothing to do, and writing tells all who listen.
        let isDue = try database.read {
            // On a store with an upstream, that one gives out the sequences.
            try $0.first(
                "SELECT number FROM operations WHERE sequence IS NULL AND (SELECT base FROM store_state) IS NULL LIMIT 1"
            ) { try $0.integer(0) } != nil
        }
        guard isDue else { return }
        // In pieces, so that nobody waits long.
        let most: Int64 = 20_000
        var numbered = most
        while numbered == most {
            numbered =
                try database.write { writer in
                    try writer.first("SELECT number_operations(\(most))") { try $0.integer(0) } ?? 0
                }
        }
    }

    /// Gives committed operations their sequence where the database allows it now: a standby or a role that may only read
    /// shows the newest of them without.
    /// - Throws: `SQLError`.
    public func numberIfAllowed() throws {
        do { try number() } catch let error as SQLError where error.kind == .permission {}
    }
}

extension LoggedOperation {
    fileprivate init(row: any Row) throws {
        let hlc = HybridTimestamp(rawValue: try row.integer(8))
        self.init(
            number: try row.integer(0), id: try row.text(1), sequence: try row.optionalInteger(2),
            replicaID: try row.text(3), actor: try row.text(4), role: try row.optionalText(5),
            command: try row.optionalText(6), reverts: try row.optionalText(7),
            hlc: hlc, base: try row.optionalInteger(9), schemaVersion: Int(try row.integer(10)),
            // A hand may have written anything there, and nothing hangs on it that its clock would not tell.
            recordedAt: (try? row.timestamp(11)) ?? hlc.timestamp,
            isAltered: try row.integer(12) == 1, changes: [])
    }
}

extension Change {
    /// Reads operation, table, row, kind, fields, lost fields and the original, in this order.
    init(row: any Row) throws {
        self.init(
            table: try row.text(1), rowID: try row.text(2), kind: try row.text(3), fields: row.fields(4) ?? .null,
            lost: row.fields(5), original: row.fields(6))
    }

    /// Creates a change from what the log has of it. One of a kind that there is not cannot be read.
    init(table: String, rowID: String, kind name: String, fields: JSON, lost: JSON? = nil, original: JSON? = nil) {
        let kind = Kind(rawValue: name) ?? .update
        var (before, after): (JSON?, JSON?) = (nil, nil)
        switch kind {
        case .update where Kind(rawValue: name) == nil:
            let reason: JSON = [
                Self.unreadable: .string("there is no kind '\(name)' of changes"), "text": .string(fields.text()),
            ]
            (before, after) = (reason, reason)
        case .insert: after = fields
        case .delete: before = fields
        case .update where fields[Self.unreadable] != nil: (before, after) = (fields, fields)
        case .update:
            func side(_ index: Int) -> JSON {
                .object(
                    (fields.members ?? []).map { member in
                        guard let pair = member.value.array, pair.count == 2 else {
                            return .init(Self.unreadable, .string("\(member.key) is no pair of values"))
                        }
                        return .init(member.key, pair[index])
                    })
            }
            (before, after) = (side(0), side(1))
        }
        self.init(table: table, rowID: rowID, kind: kind, before: before, after: after, lost: lost, original: original)
    }

    /// The fields as one object, as the log keeps them.
    var fields: JSON {
        switch kind {
        case .insert: return after ?? .object([])
        case .delete: return before ?? .object([])
        case .update:
            return .object((after?.members ?? []).map { .init($0.key, [before?[$0.key] ?? .null, $0.value]) })
        }
    }
}

extension Row {
    /// Logged fields. What cannot be read, because an edit by hand wrote JSON that is none, is told in their place, so that
    /// it stops nobody from reading the rest.
    func fields(_ column: Int) -> JSON? {
        do {
            guard let fields = try optionalJSON(column) else { return nil }
            // The other database could not hold it.
            if fields.containsNUL { return [Change.unreadable: "they hold a NUL character"] }
            guard fields.members == nil else { return fields }
            return [Change.unreadable: "they are no object"]
        } catch {
            let text = (try? jsonText(column)) ?? ""
            return [Change.unreadable: .string("\(error)"), "text": .string(text)]
        }
    }
}

extension Change {
    /// The field of a change whose fields cannot be read; its value says why. What was there is beside it, as `text`.
    static let unreadable = "?"

    /// Whether the change can be followed and taken back.
    var isReadable: Bool { before?[Self.unreadable] == nil && after?[Self.unreadable] == nil }
}
