import MinskyModel
import MinskySQL

extension Replica {
    /// Brings what the upstream has and this store does not.
    /// - Returns: How many operations of others came.
    /// - Throws: `StoreError` with code `.foreign`; `.moved`; `.diverged` when the upstream does not have what was pulled from it
    ///   before; `.newerSchema` when what comes next was written by a newer minsky; `SQLError`. What came before is there.
    public func pull() throws -> Int {
        var pulled = 0
        var mayNumber = true
        while true {
            let cursor = try store.database.read { try Cursor($0) }
            let step: (pulled: Int, isLast: Bool)
            do {
                step = try pull(after: cursor, &mayNumber)
            } catch let error where error.isOfContents {
                // What comes before it is taken, and what cannot be is named.
                var one = self
                one.batch = 1
                do {
                    step = (try one.pull(after: cursor, &mayNumber).pulled, false)
                } catch let error where error.isOfContents {
                    throw try unreadable(after: cursor, error)
                }
            }
            pulled += step.pulled
            if step.isLast { return pulled }
        }
    }

    /// - Parameter mayNumber: Whether the upstream has not been asked yet to number what it has; where many write, there is always
    ///   more, which the next pull brings.
    private func pull(after cursor: Cursor, _ mayNumber: inout Bool) throws -> (pulled: Int, isLast: Bool) {
        switch try next(after: cursor, numbering: mayNumber) {
        case .nothing: return (0, true)
        case .unnumbered:
            mayNumber = false
            try upstream.number()
            return (0, false)
        case .folded:
            // The changes that are missing here are not there any more.
            try takeSnapshot(keepsWaiting: true)
            return (Int(try sequence() - cursor.sequence), false)
        case .operations(let page, let isLast):
            let pulled = try Care.taking { care in
                try store.database.write { try take(page, after: cursor, $0, &care) }
            }
            return (pulled, isLast)
        }
    }

    /// The error for an operation of the upstream that no store of this schema can hold.
    private func unreadable(after cursor: Cursor, _ error: any Error) throws -> StoreError {
        let next = cursor.sequence + 1
        let id = try upstream.database.read {
            try $0.first("SELECT id FROM operations WHERE sequence = \(next)") { try $0.text(0) }
        }
        return StoreError(
            .corrupt, "operation \(id ?? "") of the upstream, number \(next) there, cannot be taken: \(error)")
    }

    /// What the upstream has for a replica.
    private enum Answer {
        case nothing
        /// Operations that have no place in its order yet.
        case unnumbered
        /// Operations whose changes are gone.
        case folded
        case operations([LoggedOperation], isLast: Bool)
    }

    /// The next operations of the upstream.
    private func next(after cursor: Cursor, numbering mayNumber: Bool) throws -> Answer {
        if try store.read({ try $0.needsSnapshot() }) { return .folded }
        let answer = try upstream.database.read { reader -> Answer in
            let state = try requireUpstream(reader, at: cursor.sequence)
            try cursor.require(state)
            if mayNumber, state.isUnnumbered, reader.dialect == .postgres { return .unnumbered }
            if state.floor > cursor.sequence { return .folded }
            guard state.head > cursor.sequence else { return .nothing }
            let page = try ReadSession(reader: reader, schema: upstream.schema).operations(
                where: "sequence > \(cursor.sequence) AND \(reader.isWhole)", orderedBy: "sequence", changes: batch)
            guard !page.isEmpty else { return .nothing }
            return .operations(page, isLast: page.last?.sequence == state.head)
        }
        guard case .operations(let page, let isLast) = answer else { return answer }
        for (place, operation) in page.enumerated() where operation.sequence != cursor.sequence + Int64(place) + 1 {
            throw StoreError(.corrupt, "the upstream's log lacks operation \(cursor.sequence + Int64(place) + 1)")
        }
        let known = page.prefix { $0.schemaVersion <= store.schema.version }
        guard !known.isEmpty else {
            throw StoreError.newerSchema(installed: page[0].schemaVersion, known: store.schema.version)
        }
        return .operations(Array(known), isLast: isLast && known.count == page.count)
    }

    /// Takes operations of the upstream into rows and log, and lays what waits to be pushed over them, all in one
    /// transaction.
    private func take(
        _ received: [LoggedOperation], after cursor: Cursor, _ writer: any Writer, _ care: inout Care
    ) throws -> Int {
        var passedOver: Set<RowKey> = []
        let page = received.map { $0.asFar(as: store.schema, &passedOver) }
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
        let rows = WorkingRows(writer, store.schema)
        try plan.takeBack(on: rows)
        for (key, fields) in try upstream.rows(plan.unreadable) { rows[key] = fields }

        var vectors = TravellingVectors(of: plan.keys)
        try vectors.collect(from: upstream)
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
        // What the log does not tell is taken from the row as it is there by now, as far as that can be read.
        for key in passedOver {
            guard let found = try? upstream.rows([key])[key], let fields = found else { continue }
            rows[key] = fields
        }
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
    /// Whether the change can be followed in a schema: it can be read, and its fields are those of a table and fit there.
    func fits(_ schema: Schema) -> Bool {
        guard isReadable, let table = schema.table(self.table), table.isDomain else { return false }
        return [before, after].compactMap { $0?.members }.joined().allSatisfy { member in
            guard let column = table.column(member.key), column.isLogged, !member.value.containsNUL else {
                return false
            }
            return (try? column.value(fromLog: member.value, table: table.name)) != nil
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
