import MinskyModel
import MinskySQL

extension Replica {
    /// Has the store follow its upstream from where their logs part: what the upstream does not have waits to be pushed.
    /// - Parameters:
    ///   - place: The upstream, as it is noted.
    ///   - now: The moment since when.
    /// - Throws: `StoreError` with code `.foreign` when the upstream is of another workspace, `.moved`, `.conflict`; `SQLError`.
    public func join(at place: DatabasePlace, now: Timestamp) throws {
        try store.number()
        try upstream.number()
        let common = try commonSequence()
        try store.database.write { writer in
            try writer.waitForOperations()
            guard let found = try InstalledStore(reader: writer), found.phase.isOpen else { throw StoreError.moved }
            try writer.recogniseCopy(at: store.database.place)
            let folded = try writer.first(
                """
                SELECT count(*) FROM operations WHERE sequence > \(common)
                    AND sequence <= (SELECT floor FROM store_state)
                """
            ) { try $0.integer(0) }
            guard folded == 0 else {
                throw StoreError(
                    .diverged,
                    "the upstream lacks operations whose changes have been removed from the log here by minsky compact")
            }
            try writer.execute("UPDATE operations SET sequence = NULL WHERE sequence > \(common)")
            // What came after that is no longer what they had seen.
            try writer.execute(
                "UPDATE operations SET base = \(common) WHERE sequence IS NULL AND (base IS NULL OR base > \(common))")
            try writer.execute("UPDATE store_state SET base = \(common)")
            try writer.execute("DELETE FROM sync_state")
            try writer.noteUpstream(place, now: now)
        }
    }

    /// The last sequence up to which both logs are the same.
    private func commonSequence() throws -> Int64 {
        try upstream.database.read { there in
            try requireUpstream(there)
            return try store.database.read { here in
                func id(_ reader: any Reader, _ sequence: Int64) throws -> String? {
                    try reader.first("SELECT id FROM operations WHERE sequence = \(sequence)") { try $0.text(0) }
                }
                var (same, different) = (Int64(0), try min(Cursor(here).sequence, Cursor(there).sequence) + 1)
                while different - same > 1 {
                    let middle = same + (different - same) / 2
                    if try id(here, middle) == id(there, middle) { same = middle } else { different = middle }
                }
                // What was pushed, and never came back before the store left, is not here what it is there.
                func altered(_ reader: any Reader) throws -> [Int64] {
                    try reader.rows(
                        "SELECT sequence FROM operations WHERE altered = 1 AND sequence <= \(same) ORDER BY sequence"
                    ) { try $0.integer(0) }
                }
                let known = Set(try altered(here))
                return try altered(there).first { !known.contains($0) }.map { $0 - 1 } ?? same
            }
        }
    }

    /// Fills an empty database with what a store holds, as another store of the same workspace.
    /// - Parameters:
    ///   - replicaID: The id of the new store.
    ///   - excluded: Tables that are left out.
    ///   - passOver: Told each value that no store can hold, which is left out; without it such a value ends the copy.
    ///   - progress: Told the rows of a table that have been copied so far.
    ///   - thereafter: Does the rest in the same transaction.
    /// - Throws: `StoreError` with code `.foreign` when the database holds something; `SQLError`.
    public static func copy(
        _ source: Store, to target: any Database, replicaID: String, now: Timestamp,
        excluding excluded: Set<String> = [], passingOver passOver: ((String) -> Void)? = nil,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in },
        thereafter: (any Writer) throws -> Void = { _ in }
    ) throws {
        try source.number()
        let identity = StoreIdentity(workspaceID: source.installed.workspaceID, replicaID: replicaID)
        try source.database.read { reader in
            guard let found = try InstalledStore(reader: reader), found.phase.isOpen else { throw StoreError.moved }
            guard try reader.base() == nil else {
                throw StoreError(.conflict, "the store has an upstream itself, which is the one to be copied")
            }
            guard found.version == source.schema.version else {
                throw StoreError.newerSchema(installed: found.version, known: source.schema.version)
            }
            try Migrator(schema: source.schema, database: target).create(identity, now: now) { writer in
                try StoreCopy(schema: source.schema).fill(
                    writer, from: reader, excluding: excluded, passingOver: passOver, progress)
            } thereafter: { writer in
                try writer.numberOn(source.schema)
                let floor = try reader.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0
                try writer.execute("UPDATE store_state SET floor = \(floor)")
                if !excluded.isEmpty {
                    // What was done is nobody's business either where nothing of it goes along.
                    try writer.execute(
                        """
                        UPDATE operations SET command = NULL WHERE sequence > \(floor) AND NOT EXISTS (
                            SELECT 1 FROM changes WHERE changes.operation = operations.number)
                        """)
                }
                try thereafter(writer)
            }
        }
    }

    /// Makes a store in an empty database that has another one as its upstream.
    /// - Parameter place: The upstream, as it is noted.
    /// - Returns: The values of the upstream that no store can hold, by field, table and id: they are left out.
    /// - Throws: as `copy`.
    @discardableResult
    public static func clone(
        _ upstream: Store, at place: DatabasePlace, into target: any Database, replicaID: String, now: Timestamp,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws -> [String] {
        try requireReferences(of: upstream)
        var leftOut: [String] = []
        let excluded = SyncPolicies().unpulled(upstream.schema)
        try copy(
            upstream, to: target, replicaID: replicaID, now: now, excluding: excluded,
            passingOver: { leftOut.append($0) }, progress,
            thereafter: { writer in
                try writer.execute("UPDATE store_state SET base = (SELECT coalesce(max(sequence), 0) FROM operations)")
                try writer.noteUpstream(place, now: now)
            })
        return leftOut
    }
}

extension Store {
    /// Has the store be without an upstream: it gives out sequences itself from now on. Its tasks stay.
    /// - Throws: `SQLError`.
    public func leaveUpstream() throws {
        try database.write { writer in
            try writer.waitForOperations()
            try writer.arrangeWaiting()
            try writer.execute(
                """
                WITH placed AS (
                    SELECT number, row_number() OVER (ORDER BY number) AS place FROM operations WHERE sequence IS NULL
                ), head AS (SELECT coalesce(max(sequence), 0) AS last FROM operations)
                UPDATE operations SET sequence = head.last + placed.place FROM placed, head
                WHERE operations.number = placed.number
                """)
            try writer.execute("UPDATE store_state SET base = NULL")
            try writer.execute("DELETE FROM sync_state")
            // There is nobody left to ask for their rows.
            try writer.execute("DELETE FROM sync_policies WHERE policy = 'shared'")
        }
        try number()
    }
}

extension Writer {
    fileprivate func noteUpstream(_ place: DatabasePlace, now: Timestamp) throws {
        try execute(
            """
            INSERT INTO sync_state (id, upstream, upstream_schema, enabled_at)
            VALUES (1, \(place.url), \(place.schema), \(now))
            """)
    }
}
