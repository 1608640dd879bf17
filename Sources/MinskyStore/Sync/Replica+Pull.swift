import MinskyModel
import MinskySQL

extension Replica {
    /// Brings what the upstream has and this store does not.
    /// - Returns: How many operations of others came.
    /// - Throws: `StoreError` with code `.foreign`; `.moved`; `.diverged` when the upstream does not have what was pulled from it
    ///   before; `.newerSchema` when what comes next was written by a newer minsky; `SQLError`. What came before is there.
    public func pull() throws -> Int {
        let (cursor, isLacking) = try store.database.read { (try Cursor($0), try $0.needsSnapshot()) }
        var progress = Progress(cursor: cursor, isLacking: isLacking)
        while true {
            do {
                var replica = self
                if progress.singly > 0 { replica.batch = 1 }
                if try replica.step(&progress) { return progress.pulled }
                progress.singly = max(0, progress.singly - 1)
            } catch let error where error.isOfContents {
                _ = try? progress.ahead?.value()
                progress.ahead = nil
                // What comes before it is taken, and what cannot be is named.
                guard progress.singly == 0, batch > 1 else { throw try unreadable(after: progress.cursor, error) }
                progress.singly = batch
            }
        }
    }

    /// How far a pull has come.
    private struct Progress {
        var cursor: Cursor
        /// Whether rows are missing here that no operation brings.
        var isLacking: Bool
        var pulled = 0
        /// Whether the upstream has not been asked yet to number what it has; where many write, there is always more, which
        /// the next pull brings.
        var mayNumber = true
        /// How many operations are taken one by one from here on.
        var singly = 0
        /// What comes next, fetched while something is written.
        var ahead: Ahead<Answer>?
    }

    /// Takes what comes next, and tells whether it was the last.
    private func step(_ progress: inout Progress) throws -> Bool {
        let answer: Answer
        if progress.isLacking {
            answer = .folded
        } else if let ahead = progress.ahead {
            progress.ahead = nil
            answer = try ahead.value()
        } else {
            answer = try next(after: progress.cursor, numbering: progress.mayNumber)
        }
        switch answer {
        case .nothing: return true
        case .unnumbered:
            progress.mayNumber = false
            try upstream.number()
            return false
        case .folded:
            // The changes that are missing here are not there any more.
            try Self.requireReferences(of: upstream)
            try takeSnapshot(keepsWaiting: true)
            let reached = try store.database.read { try Cursor($0) }
            progress.pulled += Int(reached.sequence - progress.cursor.sequence)
            (progress.cursor, progress.isLacking) = (reached, false)
            return false
        case .page(let page):
            if !page.isLast, progress.singly == 0 {
                progress.ahead = Ahead { [mayNumber = progress.mayNumber] in
                    try next(after: page.cursor, numbering: mayNumber)
                }
            }
            progress.pulled += try take(page, after: progress.cursor)
            progress.cursor = page.cursor
            return page.isLast
        }
    }

    /// The error for an operation of the upstream that no store of this schema can hold.
    private func unreadable(after cursor: Cursor, _ error: any Error) throws -> StoreError {
        let next = cursor.sequence + 1
        let id = try upstream.database.read {
            try $0.first("SELECT id FROM operations WHERE sequence = \(next)") { try $0.text(0) }
        }
        guard let id else {
            return StoreError(
                .corrupt, "what the upstream has after operation \(cursor.sequence) cannot be taken: \(error)")
        }
        return StoreError(.corrupt, "operation \(id) of the upstream, number \(next) there, cannot be taken: \(error)")
    }

    /// What the upstream has for a replica.
    private enum Answer: Sendable {
        case nothing
        /// Operations that have no place in its order yet.
        case unnumbered
        /// Operations whose changes are gone.
        case folded
        case page(Page)
    }

    /// Operations of the upstream, with what goes with them.
    private struct Page: Sendable {
        let operations: [LoggedOperation]
        /// Where they end.
        let cursor: Cursor
        /// Whether there are no more.
        let isLast: Bool
        /// Rows as they are at the upstream by now, of which the log does not tell what became of them.
        var rows: [RowKey: RowFields?] = [:]
        var vectors: TravellingVectors
    }

    /// The next operations of the upstream.
    private func next(after cursor: Cursor, numbering mayNumber: Bool) throws -> Answer {
        try upstream.database.read { reader -> Answer in
            let state = try requireUpstream(reader, at: cursor.sequence)
            try cursor.require(state)
            if mayNumber, state.isUnnumbered, reader.dialect == .postgres { return .unnumbered }
            if state.floor > cursor.sequence { return .folded }
            guard state.head > cursor.sequence else { return .nothing }
            let session = ReadSession(reader: reader, schema: upstream.schema)
            let found = try session.operations(
                where: "sequence > \(cursor.sequence) AND \(reader.isWhole)", orderedBy: "sequence", changes: batch)
            guard !found.isEmpty else { return .nothing }
            for (place, operation) in found.enumerated() where operation.sequence != cursor.sequence + Int64(place) + 1
            {
                throw StoreError(.corrupt, "the upstream's log lacks operation \(cursor.sequence + Int64(place) + 1)")
            }
            let known = found.prefix { $0.schemaVersion <= store.schema.version }
            guard let last = known.last, let sequence = last.sequence else {
                throw StoreError.newerSchema(installed: found[0].schemaVersion, known: store.schema.version)
            }
            var passedOver: Set<RowKey> = []
            let operations = known.map { $0.asFar(as: store.schema, &passedOver) }
            var vectors = TravellingVectors(of: operations.lazy.flatMap(\.changes).map { RowKey($0) })
            try vectors.collect(from: reader)
            var page = Page(
                operations: operations, cursor: Cursor(sequence: sequence, operation: last.id),
                isLast: known.count == found.count && sequence == state.head, vectors: vectors)
            // A row that is kept when it is deleted is not gone for good.
            let schema = store.schema.at(version: min(state.version, store.schema.version))
            page.rows = try ReadSession(reader: reader, schema: schema).rows(passedOver)
                .filter { key, fields in fields != nil || schema.table(key.table)?.keepsDeletedRows == false }
            return .page(page)
        }
    }

    /// Rows of the upstream are needed that have not been fetched.
    private struct Lacking: Error {
        let rows: Set<RowKey>
    }

    /// Takes operations of the upstream into rows and log, and lays what waits to be pushed over them, all in one
    /// transaction, in which the upstream is not waited for.
    /// - Returns: How many are of others.
    private func take(_ page: Page, after cursor: Cursor) throws -> Int {
        var there: [RowKey: RowFields?] = [:]
        while true {
            do {
                return try Care.taking { care in
                    try store.database.write { try take(page, after: cursor, there, $0, &care) }
                }
            } catch let lacking as Lacking {
                there.merge(try upstream.rows(lacking.rows)) { _, later in later }
            }
        }
    }

    private func take(
        _ fetched: Page, after cursor: Cursor, _ there: [RowKey: RowFields?], _ writer: any Writer, _ care: inout Care
    ) throws -> Int {
        let page = fetched.operations
        // What is read here, nobody changes until it is written.
        try writer.lockTables(store.schema)
        try writer.arrangeWaiting()
        guard try Cursor(writer) == cursor, let newest = page.last?.sequence else {
            throw StoreError(.conflict, "another sync of this store is in progress")
        }
        let session = ReadSession(reader: writer, schema: store.schema)
        let numbers = Dictionary(
            try writer.rows(
                """
                SELECT id, number FROM operations
                WHERE id IN (\(writer.listed(page.map(\.id)))) AND sequence IS NULL
                """
            ) { (try $0.text(0), try $0.integer(1)) }
        ) { first, _ in first }
        try recogniseCopy(page.filter { numbers[$0.id] == nil }, writer)

        // What others did, and what became of one's own where that is not what it was here.
        let laidOver = Set(
            try writer.rows(
                """
                SELECT DISTINCT operation FROM changes WHERE original IS NOT NULL
                    AND operation IN (\(writer.listed(Array(numbers.values))))
                """
            ) { try $0.integer(0) })
        let policies = try writer.policies()
        let unpulled = policies.unpulled(store.schema)
        let foreign = page.filter { numbers[$0.id] == nil }.map { $0.leaving(out: unpulled) }
        let replaced = page.filter { operation in
            numbers[operation.id].map { operation.isAltered || laidOver.contains($0) } ?? false
        }
        let plan = try Rebase(session, bringing: foreign + replaced, isWhole: care.isNeeded)
        let lacking = plan.unreadable.subtracting(there.keys)
        guard lacking.isEmpty else { throw Lacking(rows: lacking) }
        let rows = WorkingRows(writer, store.schema)
        try plan.takeBack(on: rows)
        try rows.take(there.filter { plan.unreadable.contains($0.key) })

        var vectors = fetched.vectors
        vectors.add(plan.keys)
        try vectors.collect(from: writer)

        try writer.append(foreign)
        for operation in page {
            guard let number = numbers[operation.id] else { continue }
            try writer.execute(
                """
                UPDATE operations SET sequence = \(operation.sequence), hlc = \(operation.hlc.rawValue),
                    replica_id = \(operation.replicaID), altered = \(operation.isAltered ? 1 : 0) WHERE number = \(number)
                """)
        }
        let unpushed = policies.unpushed(store.schema)
        for operation in replaced {
            guard let number = numbers[operation.id] else { continue }
            // What was not pushed stays as it is.
            let isPushed: SQL = unpushed.isEmpty ? "1 = 1" : "table_name NOT IN (\(list: unpushed.sorted()))"
            try writer.execute("DELETE FROM changes WHERE operation = \(number) AND \(isPushed)")
            try writer.appendChanges(of: [(number, operation.changes)])
        }
        let brought = Dictionary((foreign + replaced).map { ($0.id, $0.changes) }) { first, _ in first }
        for operation in page {
            for change in brought[operation.id] ?? plan.changes(of: operation.id) where change.isReadable {
                let key = RowKey(change)
                rows[key] = RowFields.apply(change, to: rows[key])
            }
            guard brought[operation.id] != nil else { continue }
            for change in plan.changes(of: operation.id) where unpushed.contains(change.table) {
                let key = RowKey(change)
                rows[key] = RowFields.apply(change, to: rows[key])
            }
        }
        // What the log does not tell is taken from the row as it is there by now.
        try rows.take(fetched.rows)
        try writer.withoutLogging {
            try rows.write()
            try plan.layOver(rows, except: Set(page.map(\.id)), &care)
            try vectors.settle(writer)
        }
        try writer.execute("UPDATE store_state SET base = \(newest)")
        return foreign.count
    }

    /// A store that gets operations from its upstream that it has made itself and does not know is a copy, or was restored: it
    /// goes on as another replica.
    private func recogniseCopy(_ unknown: [LoggedOperation], _ writer: any Writer) throws {
        let own = try writer.first("SELECT replica_id FROM store_state") { try $0.text(0) }
        if unknown.contains(where: { $0.replicaID == own }) { try writer.becomeAnotherReplica() }
    }
}

extension Error {
    /// Whether the error is about what was read, and not about reading it.
    fileprivate var isOfContents: Bool {
        if let error = self as? StoreError { return error.code == .corrupt }
        return [.constraint, .corrupt].contains((self as? SQLError)?.kind)
    }
}

extension Change {
    /// Whether the change can be followed in a schema: it can be read, is of a kind that the table knows, and its fields fit
    /// there.
    func fits(_ schema: Schema) -> Bool {
        guard let table = schema.table(self.table) else { return false }
        if kind == .delete, table.keepsDeletedRows { return false }
        if kind != .insert, table.isAppendOnly { return false }
        return hasFields(of: schema)
    }

    /// Whether the fields can be read, and are those of a table and fit there.
    func hasFields(of schema: Schema) -> Bool {
        guard isReadable, let table = schema.table(self.table), table.isDomain else { return false }
        return [before, after].compactMap { $0?.members }.joined().allSatisfy { member in
            guard let column = table.column(member.key), column.isLogged,
                let value = try? column.value(fromLog: member.value, table: table.name)
            else { return false }
            return (try? value.requireStorable()) != nil
        }
    }
}

extension LoggedOperation {
    /// The operation as it can be kept here: of what no store of this schema can hold, the log says so.
    /// - Parameter passedOver: Gets the rows that are concerned.
    fileprivate func asFar(as schema: Schema, _ passedOver: inout Set<RowKey>) -> LoggedOperation {
        guard schemaVersion <= schema.version else { return self }
        var copy = self
        copy.changes = changes.map { change in
            guard !change.fits(schema) else { return change }
            if schema.table(change.table)?.isDomain == true { passedOver.insert(RowKey(change)) }
            let reason: JSON = [Change.unreadable: "the upstream has what no store can hold"]
            return Change(table: change.table, rowID: change.rowID, kind: .update, before: reason, after: reason)
        }
        return copy
    }
}
