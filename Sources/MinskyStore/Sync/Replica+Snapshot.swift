import MinskyModel
import MinskySQL

extension Replica {
    /// Replaces what is here by what the upstream has, in one transaction.
    ///
    /// It is how a replica goes on whose upstream has no longer the changes that it lacks, or that has nothing in common with
    /// it any more. Tables that are not pulled stay as they are.
    /// - Parameter keepsWaiting: Whether what waits to be pushed is laid over it; otherwise it is gone.
    /// - Returns: The values of the upstream that no store can hold, by field, table and id: they are left out.
    /// - Throws: `StoreError` with code `.foreign`, `.moved`, `.newerSchema`, `.conflict` when the store was synced meanwhile;
    ///   `SQLError`.
    @discardableResult
    public func takeSnapshot(
        keepsWaiting: Bool, _ progress: (String, Int) throws -> Void = { _, _ in }
    ) throws -> [String] {
        let standing = try store.database.read { try Standing($0, store.schema) }
        // The upstream may be far away and have much: all of it is here before anybody is kept waiting.
        let snapshot = try fetch(for: standing, progress)
        try Care.taking { care in
            try store.database.write { try take(snapshot, for: standing, $0, keepsWaiting: keepsWaiting, &care) }
        }
        return snapshot.leftOut
    }

    /// What is asked of the upstream depends on this.
    private struct Standing: Equatable {
        let cursor: Cursor
        /// Tables that are not pulled.
        let unpulled: Set<String>

        init(_ reader: any Reader, _ schema: Schema) throws {
            cursor = try Cursor(reader)
            unpulled = try reader.policies().unpulled(schema)
        }
    }

    /// What an upstream held at one moment.
    private struct Snapshot {
        let rows: RowSpool
        /// The sequence up to which its log has no changes any more.
        let floor: Int64
        let leftOut: [String]
    }

    private func fetch(for standing: Standing, _ progress: (String, Int) throws -> Void) throws -> Snapshot {
        try upstream.number()
        return try upstream.database.read { there in
            let state = try requireUpstream(there)
            guard state.version == store.schema.version else {
                throw StoreError.newerSchema(installed: state.version, known: store.schema.version)
            }
            var leftOut: [String] = []
            let rows = try StoreCopy(schema: store.schema).spool(
                from: there, excluding: standing.unpulled, passingOver: { leftOut.append($0) }, progress)
            return Snapshot(rows: rows, floor: state.floor, leftOut: leftOut)
        }
    }

    private func take(
        _ snapshot: Snapshot, for standing: Standing, _ writer: any Writer, keepsWaiting: Bool, _ care: inout Care
    ) throws {
        try writer.lockTables(store.schema)
        try writer.arrangeWaiting()
        let session = ReadSession(reader: writer, schema: store.schema)
        guard try Standing(writer, store.schema) == standing else {
            throw StoreError(.conflict, "another sync of this store is in progress")
        }
        var waiting = try session.operations(where: "sequence IS NULL", orderedBy: "number", changes: .max)
        if !keepsWaiting {
            // What never leaves this store is nobody else's.
            let stays = try writer.policies().unpushed(store.schema)
            waiting = waiting.map { operation in
                var copy = operation
                copy.changes.removeAll { !stays.contains($0.table) }
                return copy
            }.filter { !$0.changes.isEmpty }
        }
        try writer.withoutLogging {
            for copy in TableCopy.all(store.schema).reversed() where !standing.unpulled.contains(copy.table.name) {
                try writer.execute("DELETE FROM \(unsafeRaw: copy.table.name)")
            }
            try StoreCopy(schema: store.schema).fill(writer, from: snapshot.rows, excluding: standing.unpulled)
            try writer.numberOn(store.schema)
            let known = Set(
                try writer.rows("SELECT id FROM operations WHERE id IN (\(writer.listed(waiting.map(\.id))))") {
                    try $0.text(0)
                })
            let left = waiting.filter { !known.contains($0.id) }
            try writer.append(left.map { $0.asIntended() })
            let plan = try Rebase(session, bringing: left)
            try plan.layOver(try plan.rows(writer, store.schema), except: [], &care)
        }
        try writer.execute(
            """
            UPDATE store_state SET base = (SELECT coalesce(max(sequence), 0) FROM operations), floor = \(snapshot.floor)
            """)
        try writer.execute("UPDATE sync_state SET needs_snapshot = 0")
    }
}
