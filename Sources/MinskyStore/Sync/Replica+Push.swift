import MinskyModel
import MinskySQL

extension Replica {
    /// Brings the operations that wait to the upstream, in the order in which they were made.
    /// - Returns: How many the upstream took, and how many conflicts there were.
    /// - Throws: `StoreError` with code `.foreign`, `.moved`, `.newerSchema` when the upstream does not know the schema of an
    ///   operation; `SQLError`. What was taken before is taken.
    public func push() throws -> (operations: Int, conflicts: Int) {
        var (operations, conflicts) = (0, 0)
        var last: Int64 = 0
        while true {
            let page = try store.read { session in
                try session.reader.misplaced().isEmpty
                    ? (
                        try session.operations(
                            where:
                                "\(session.reader.isWaiting(store.schema)) AND number > \(last) AND \(session.reader.isWhole)",
                            orderedBy: "number", changes: batch),
                        try session.policies().unpushed(store.schema)
                    ) : nil
            }
            guard let (found, unpushed) = page else {
                try store.database.write { try $0.arrangeWaiting() }
                continue
            }
            // An upstream that does not know the later ones yet takes the earlier ones.
            let waiting = found.prefix { $0.schemaVersion <= found[0].schemaVersion }
            guard let newest = waiting.last else { return (operations, conflicts) }
            do {
                let taken = try send(waiting.map { try $0.asIntended().leaving(out: unpushed) })
                operations += taken.operations
                conflicts += taken.conflicts
                last = newest.number
            } catch is IsCopy {
                try store.database.write { try $0.becomeAnotherReplica() }
            }
        }
    }

    /// The upstream has operations of this replica that it does not know itself.
    private struct IsCopy: Error {}

    /// One transaction of the upstream.
    func send(_ operations: [LoggedOperation]) throws -> (operations: Int, conflicts: Int) {
        let (cursor, own) = try store.database.read { reader in
            (try Cursor(reader), try reader.first("SELECT replica_id FROM store_state") { try $0.text(0) } ?? "")
        }
        return try Care.taking { care in
            try upstream.database.write { try take(operations, after: cursor, by: own, $0, &care) }
        }
    }

    private func take(
        _ operations: [LoggedOperation], after cursor: Cursor, by own: String, _ writer: any Writer, _ care: inout Care
    ) throws -> (operations: Int, conflicts: Int) {
        try writer.holdOpen()
        let state = try requireUpstream(writer, at: cursor.sequence)
        try cursor.require(state)
        let known = try known(operations, after: cursor, by: own, writer)
        let new = operations.filter { !known.contains($0.id) }
        guard !new.isEmpty else { return (0, 0) }
        let version = state.version
        if let unknown = new.first(where: { $0.schemaVersion > version }) {
            throw StoreError(
                .migrationNeeded,
                "the upstream has schema version \(version), and an edit of \(unknown.actor)'s was made with version "
                    + "\(unknown.schemaVersion); its owner has to write there with this minsky first")
        }
        // An edit may bring a row back, or move it, whatever it says.
        if new.contains(where: { $0.changes.contains { ["tasks", "task_dependencies"].contains($0.table) } }) {
            try writer.lockGraph()
        }
        let now = state.now
        let rows = WorkingRows(writer, store.schema.at(version: version))
        let merger = Merger(
            rows, others: OtherEdits(writer, besides: new, floor: state.floor),
            strategies: try writer.strategies(), now: now, care: care)
        try merger.prepare(new)
        if !care.isNeeded { try rows.requireFreeReferences(new) }
        var vectors = TravellingVectors(of: new.flatMap(\.changes).map { RowKey($0) })
        try vectors.collect(from: writer)
        try vectors.collect(from: store)
        var conflicts = 0
        // PostgreSQL gives them out when its log is read.
        var next = writer.dialect == .sqlite ? state.head + 1 : nil
        let decided = try writer.withoutLogging {
            let decided = try new.map { operation in
                care.current = operation.id
                let outcome = try merger.merge(operation)
                conflicts += outcome.conflicts.count
                var taken = operation
                taken.hlc = min(taken.hlc, HybridTimestamp(milliseconds: now.microseconds / 1000 + 60_000))
                taken.changes = outcome.changes.filter { $0.lost != nil || !$0.isEmpty }
                for conflict in outcome.conflicts {
                    let key = RowKey("conflicts", conflict.id)
                    rows[key] = conflict.row
                    taken.changes.append(
                        Change(table: key.table, rowID: key.id, kind: .insert, before: nil, after: conflict.row.json))
                }
                taken.isAltered = taken.changes != operation.changes || taken.hlc != operation.hlc
                taken.sequence = next
                next = next.map { $0 + 1 }
                if care.isNeeded { try rows.writeStanding(operation) }
                return taken
            }
            try rows.write()
            try vectors.settle(writer)
            return decided
        }
        if !care.isNeeded { try rows.requireNoCircles(new) }
        care.current = nil
        try writer.append(decided)
        return (new.count, conflicts)
    }

    /// The ids of those operations that the upstream has.
    /// - Throws: `IsCopy` when the last one that it has of their maker is not known here.
    private func known(
        _ operations: [LoggedOperation], after cursor: Cursor, by own: String, _ writer: any Writer
    ) throws -> Set<String> {
        let found = try writer.rows(
            """
            SELECT id, 0 FROM operations WHERE id IN (\(writer.listed(operations.map(\.id))))
            UNION ALL SELECT id, 1 FROM (
                SELECT id FROM operations WHERE replica_id = \(own) AND number >=
                    (SELECT min(number) FROM operations WHERE sequence > \(cursor.sequence) OR sequence IS NULL)
                ORDER BY number DESC LIMIT 1) AS newest
            """
        ) { (id: try $0.text(0), isNewest: try $0.integer(1) == 1) }
        let known = Set(found.filter { !$0.isNewest }.map(\.id))
        if let newest = found.first(where: \.isNewest)?.id, !known.contains(newest) {
            let isHere = try store.database.read {
                try $0.first("SELECT 1 FROM operations WHERE id = \(newest)") { try $0.integer(0) }
            }
            guard isHere != nil else { throw IsCopy() }
        }
        return known
    }
}

extension Reader {
    /// The condition for an operation that waits to be pushed: it has changes of a table that is.
    func isWaiting(_ schema: Schema) throws -> SQL {
        let unpushed = try policies().unpushed(schema)
        guard !unpushed.isEmpty else { return "sequence IS NULL" }
        return """
            sequence IS NULL AND EXISTS (SELECT 1 FROM changes
                WHERE changes.operation = operations.number AND table_name NOT IN (\(list: unpushed.sorted())))
            """
    }
}

extension Reader {
    /// The condition for an operation that will not grow: in SQLite two statements by hand in one millisecond are one.
    var isWhole: SQL {
        switch dialect {
        case .sqlite:
            """
            (command IS NOT 'sql' OR recorded_at < \(unsafeRaw: Capture.sqliteMoment)
                OR number < (SELECT max(number) FROM operations))
            """
        case .postgres: "1 = 1"
        }
    }
}

extension Writer {
    /// Has the store go on under another id, with what waits to be pushed: it is a copy, or was restored.
    func becomeAnotherReplica() throws {
        var generator = SystemRandomNumberGenerator()
        let id = Identifier.random(using: &generator)
        try execute("UPDATE store_state SET replica_id = \(id)")
        try execute("UPDATE operations SET replica_id = \(id) WHERE sequence IS NULL")
    }
}

extension LoggedOperation {
    /// The operation without its changes of some tables.
    func leaving(out tables: Set<String>) -> LoggedOperation {
        guard !tables.isEmpty else { return self }
        var copy = self
        copy.changes.removeAll { tables.contains($0.table) }
        return copy
    }
}

extension Change {
    /// Whether it does nothing to the row.
    var isEmpty: Bool { kind == .update && (after?.members ?? []).isEmpty }
}

extension Writer {
    /// Keeps the store from being closed to writers until the transaction ends.
    fileprivate func holdOpen() throws {
        guard dialect == .postgres else { return }
        try executeScript(
            """
            SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
            LOCK TABLE actors IN ROW EXCLUSIVE MODE
            """)
    }

    /// The moment of the transaction by the clock of the database.
    func moment() throws -> Timestamp {
        let moment =
            switch dialect {
            case .sqlite: try first("SELECT \(unsafeRaw: Capture.sqliteMoment)") { try $0.timestamp(0) }
            case .postgres: try first("SELECT transaction_timestamp()") { try $0.timestamp(0) }
            }
        guard let moment else { throw StoreError(.corrupt, "the database does not tell the time") }
        return moment
    }
}
