import MinskyModel
import MinskySQL

extension Replica {
    /// Replaces what is here by what the upstream has, in one transaction.
    ///
    /// It is how a replica goes on whose upstream has no longer the changes that it lacks, or that has nothing in common with
    /// it any more. Tables that are not pulled stay as they are.
    /// - Parameter keepsWaiting: Whether what waits to be pushed is laid over it; otherwise it is gone.
    /// - Returns: The values of the upstream that no store can hold, by field, table and id: they are left out.
    /// - Throws: `StoreError` with code `.foreign`, `.moved`, `.newerSchema`; `SQLError`.
    @discardableResult
    public func takeSnapshot(
        keepsWaiting: Bool, _ progress: (String, Int) throws -> Void = { _, _ in }
    ) throws -> [String] {
        var leftOut: [String] = []
        try upstream.number()
        try upstream.database.read { there in
            try requireUpstream(there)
            let version = try there.first("SELECT max(version) FROM schema_migrations") { Int(try $0.integer(0)) } ?? 0
            guard version == store.schema.version else {
                throw StoreError.newerSchema(installed: version, known: store.schema.version)
            }
            try Care.taking { care in
                try store.database.write { writer in
                    leftOut = []
                    try take(
                        there, writer, keepsWaiting: keepsWaiting, &care, passingOver: { leftOut.append($0) }, progress)
                }
            }
        }
        return leftOut
    }

    private func take(
        _ there: any Reader, _ writer: any Writer, keepsWaiting: Bool, _ care: inout Care,
        passingOver passOver: (String) -> Void, _ progress: (String, Int) throws -> Void
    ) throws {
        try writer.lockTables(store.schema)
        try writer.arrangeWaiting()
        let session = ReadSession(reader: writer, schema: store.schema)
        let unpulled = try writer.policies().unpulled(store.schema)
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
            for copy in TableCopy.all(store.schema).reversed() where !unpulled.contains(copy.table.name) {
                try writer.execute("DELETE FROM \(unsafeRaw: copy.table.name)")
            }
            try withoutActuallyEscaping(passOver) { passOver in
                try StoreCopy(schema: store.schema).fill(
                    writer, from: there, excluding: unpulled, passingOver: passOver, progress)
            }
            try writer.numberOn(store.schema)
            let known = Set(
                try writer.rows("SELECT id FROM operations WHERE id IN (\(writer.listed(waiting.map(\.id))))") {
                    try $0.text(0)
                })
            let left = waiting.filter { !known.contains($0.id) }
            try writer.append(try left.map { try $0.asIntended() })
            let plan = try Rebase(session, bringing: left)
            try plan.layOver(try plan.rows(writer, store.schema), except: [], &care)
        }
        let floor = try there.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0
        try writer.execute(
            """
            UPDATE store_state SET base = (SELECT coalesce(max(sequence), 0) FROM operations), floor = \(floor)
            """)
        try writer.execute("UPDATE sync_state SET needs_snapshot = 0")
    }
}
