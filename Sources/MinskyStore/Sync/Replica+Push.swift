import MinskyModel
import MinskySQL

extension Replica {
    /// Brings the operations that wait to the upstream, in the order in which they were made.
    /// - Returns: How many the upstream took, and how many conflicts there were.
    /// - Throws: `StoreError` with code `.foreign`, `.moved`, `.newerSchema` when the upstream does not know the schema of an
    ///   operation; `SQLError`. What was taken before is taken.
    public func push() throws -> (operations: Int, conflicts: Int) {
        var done = (operations: 0, conflicts: 0)
        var batch = try waiting(after: 0)
        try passOver(before: batch.operations.first?.number)
        var last: LoggedOperation?
        while let newest = batch.operations.last {
            // Read while the upstream has this.
            let next = Ahead { [number = newest.number] in try self.waiting(after: number) }
            do {
                let taken = try deliver(batch.operations[...], from: batch.sender, after: last?.id)
                done = (done.operations + taken.operations, done.conflicts + taken.conflicts)
                last = newest
                batch = try next.value()
            } catch is IsCopy {
                _ = try next.value()
                try store.database.write { try $0.becomeAnotherReplica() }
                batch = try waiting(after: last?.number ?? 0)
            }
        }
        return done
    }

    /// Notes which operations have nothing to push, so that the next push does not look at each of them again. In PostgreSQL
    /// one with a lower number may be committed yet.
    /// - Parameter first: The first that has, or nil when none has.
    private func passOver(before first: Int64?) throws {
        guard store.database.dialect == .sqlite else { return }
        let newest = try store.database.read { reader -> Int64? in
            guard try !reader.policies().unpushed(store.schema).isEmpty else { return nil }
            let limit: SQL = first.map { "number < \($0)" } ?? reader.isWhole
            return try reader.first(
                """
                SELECT max(number) FROM operations WHERE sequence IS NULL
                    AND number > (SELECT passed FROM sync_state) AND \(limit)
                """
            ) { try $0.optionalInteger(0) } ?? nil
        }
        guard let newest else { return }
        try store.database.write { try $0.execute("UPDATE sync_state SET passed = \(newest)") }
    }

    /// Operations that wait to be pushed, as they were meant, and who brings them.
    private struct Batch: Sendable {
        let operations: [LoggedOperation]
        let sender: Sender
    }

    /// A replica, and how far it has followed its upstream.
    private struct Sender: Sendable {
        let replicaID: String
        let cursor: Cursor

        init(_ reader: any Reader) throws {
            replicaID = try reader.first("SELECT replica_id FROM store_state") { try $0.text(0) } ?? ""
            cursor = try Cursor(reader)
        }
    }

    /// The next operations to push.
    private func waiting(after last: Int64) throws -> Batch {
        let found = try store.read { session -> Batch? in
            guard try session.reader.misplaced().isEmpty else { return nil }
            let found = try session.operations(
                where: "\(session.reader.isWaiting(store.schema)) AND number > \(last) AND \(session.reader.isWhole)",
                orderedBy: "number", changes: batch)
            let unpushed = try session.policies().unpushed(store.schema)
            // An upstream that does not know the later ones yet takes the earlier ones.
            let operations = found.prefix { $0.schemaVersion <= found[0].schemaVersion }
                .map { $0.asIntended().leaving(out: unpushed) }
            return Batch(operations: operations, sender: try Sender(session.reader))
        }
        if let found { return found }
        try store.database.write { try $0.arrangeWaiting() }
        return try waiting(after: last)
    }

    /// The upstream has operations of this replica that it does not know itself.
    private struct IsCopy: Error {}

    /// After how many changes the database begins to write.
    private static let piece = 500
    /// How many operations are looked at change by change when they do not fit together.
    private static let few = 16

    /// Brings operations to the upstream.
    func send(_ operations: [LoggedOperation]) throws -> (operations: Int, conflicts: Int) {
        try deliver(operations[...], from: try store.database.read { try Sender($0) }, after: nil)
    }

    /// Brings operations to the upstream, in one transaction, or in several where they do not fit: then only those near the
    /// one that does not are looked at change by change.
    /// - Parameter former: The last operation that has just been brought.
    private func deliver(_ operations: ArraySlice<LoggedOperation>, from sender: Sender, after former: String?) throws
        -> (operations: Int, conflicts: Int)
    {
        func take(_ care: inout Care) throws -> (operations: Int, conflicts: Int) {
            try upstream.database.write { try self.take(Array(operations), from: sender, after: former, $0, &care) }
        }
        guard operations.count > Self.few else { return try Care.taking(take) }
        do {
            var none = Care()
            return try take(&none)
        } catch  where Care.isNeeded(after: error) {
            let middle = operations.startIndex + operations.count / 2
            let first = try deliver(operations[..<middle], from: sender, after: former)
            let second = try deliver(operations[middle...], from: sender, after: operations[middle - 1].id)
            return (first.operations + second.operations, first.conflicts + second.conflicts)
        }
    }

    private func take(
        _ operations: [LoggedOperation], from sender: Sender, after former: String?, _ writer: any Writer,
        _ care: inout Care
    ) throws -> (operations: Int, conflicts: Int) {
        try writer.holdOpen()
        let state = try requireUpstream(writer, at: sender.cursor.sequence)
        try sender.cursor.require(state)
        let known = try known(operations, from: sender, after: former, writer)
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
        var (conflicts, untold) = (0, 0)
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
                untold += operation.changes.count
                if untold >= Self.piece {
                    // The database writes what there is while the rest is decided about.
                    try rows.write(isAwaited: false)
                    untold = 0
                }
                return taken
            }
            try rows.write(isAwaited: false)
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
        _ operations: [LoggedOperation], from sender: Sender, after former: String?, _ writer: any Writer
    ) throws -> Set<String> {
        let since: SQL =
            former.map { "(SELECT number FROM operations WHERE id = \($0))" } ?? """
                (SELECT min(number) FROM operations WHERE sequence > \(sender.cursor.sequence) OR sequence IS NULL)
                """
        let found = try writer.rows(
            """
            SELECT id, 0 FROM operations WHERE id IN (\(writer.listed(operations.map(\.id))))
            UNION ALL SELECT id, 1 FROM (
                SELECT id FROM operations WHERE replica_id = \(sender.replicaID) AND number >= \(since)
                ORDER BY number DESC LIMIT 1) AS newest
            """
        ) { (id: try $0.text(0), isNewest: try $0.integer(1) == 1) }
        let known = Set(found.filter { !$0.isNewest }.map(\.id))
        if let newest = found.first(where: \.isNewest)?.id, newest != former, !known.contains(newest) {
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
            sequence IS NULL AND number > coalesce((SELECT passed FROM sync_state), 0) AND EXISTS (SELECT 1 FROM changes
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
            (command IS NOT 'sql' OR recorded_at NOT BETWEEN \(unsafeRaw: Capture.sqliteMoment) AND '9999-12-31T'
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
        // An operation may be large; but nobody is kept waiting by who stands still. Rows are found by their keys, however few
        // there are: a plan that reads the whole table instead is made for a disk that turns.
        try executeLater(
            "SELECT set_config('statement_timeout', '0', true), set_config('random_page_cost', '1.1', true)")
        try executeLater("LOCK TABLE actors IN ROW EXCLUSIVE MODE")
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
