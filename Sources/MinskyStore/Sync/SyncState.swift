import MinskyModel
import MinskySQL

/// What a store knows of its upstream without asking it.
public struct SyncState: Sendable, Hashable {
    public let upstream: DatabasePlace
    /// Whether the store has joined the upstream; a store that was restored has to join it again.
    public let isJoined: Bool
    /// Operations that wait to be pushed.
    public let waiting: Int
    /// The last sequence of the upstream that is here.
    public let sequence: Int64
    /// The last sequence the upstream was seen to have.
    public let head: Int64?
    public let syncedAt: Timestamp?
    public let error: String?
    public let failures: Int
    public let retryAt: Timestamp?
}

extension Reader {
    /// Whether rows of the upstream are missing here that no operation brings.
    func needsSnapshot() throws -> Bool {
        try first("SELECT needs_snapshot FROM sync_state") { try $0.integer(0) == 1 } ?? false
    }
}

extension StoreSession {
    /// What the store knows of its upstream, or nil when it has none.
    public func syncState() throws -> SyncState? {
        let base = try reader.base()
        return try reader.first(
            """
            SELECT upstream, upstream_schema, synced_at, head, error, failures, retry_at,
                (SELECT count(*) FROM operations WHERE \(reader.isWaiting(schema))),
                (SELECT max(sequence) FROM operations)
            FROM sync_state
            """
        ) { row in
            SyncState(
                upstream: DatabasePlace(url: try row.text(0), schema: try row.optionalText(1)), isJoined: base != nil,
                waiting: base == nil ? 0 : Int(try row.integer(7)), sequence: try row.optionalInteger(8) ?? 0,
                head: try row.optionalInteger(3), syncedAt: try row.optionalTimestamp(2),
                error: try row.optionalText(4), failures: Int(try row.integer(5)), retryAt: try row.optionalTimestamp(6)
            )
        }
    }

    /// The tasks that have edits which wait to be pushed, and those that have an open conflict.
    public func unsettledTasks() throws -> (waiting: Set<String>, inConflict: Set<String>) {
        func ids(_ query: SQL) throws -> Set<String> {
            Set(try reader.rows(query) { String(try $0.text(0).unicodeScalars.prefix { $0 != "/" }) })
        }
        let tables: SQL = "table_name IN ('tasks', 'task_tags', 'task_dependencies')"
        let inConflict = try ids("SELECT row_id FROM conflicts WHERE state = 'open' AND \(tables)")
        guard try reader.base() != nil else { return ([], inConflict) }
        return (
            try ids(
                """
                SELECT DISTINCT row_id FROM changes
                WHERE operation IN (SELECT number FROM operations WHERE \(reader.isWaiting(schema))) AND \(tables)
                """), inConflict
        )
    }
}

extension Store {
    /// Notes that the store and its upstream have met.
    /// - Parameter head: The upstream's last sequence.
    public func noteSync(head: Int64?, now: Timestamp) throws {
        try database.write {
            try $0.execute(
                """
                UPDATE sync_state SET synced_at = \(now), head = \(head), error = NULL, failures = 0, retry_at = NULL
                """)
        }
    }

    /// Notes that they could not; the next attempt in the background comes later each time, up to an hour.
    public func noteSyncFailure(_ message: String, now: Timestamp) throws {
        try database.write { writer in
            let noted = try writer.first("SELECT failures FROM sync_state") { Int(try $0.integer(0)) } ?? 0
            let failures = min(max(noted, 0), 1_000_000)
            let pause = min(3600, 5 << min(failures, 10))
            try writer.execute(
                """
                UPDATE sync_state SET error = \(message), failures = \(failures + 1), retry_at = \(now.adding(seconds: pause))
                """)
        }
    }
}

/// A replica that has a store as its upstream.
public struct SyncPeer: Sendable, Hashable {
    public let replicaID: String
    /// Who synced there last.
    public let name: String
    /// The machine it was done on, where that is known.
    public let host: String?
    /// The last sequence that it has.
    public let sequence: Int64
    public let seenAt: Timestamp
    /// How many operations it lacks.
    public let behind: Int
    /// Whether another one has come after it in the same folder of the same machine, as after a restore.
    public let isReplaced: Bool
}

extension StoreSession {
    /// The replicas that have this store as their upstream, the latest first.
    public func peers() throws -> [SyncPeer] {
        try reader.rows(
            """
            SELECT replica_id, name, host, sequence, seen_at,
                (SELECT count(*) FROM operations WHERE operations.sequence > p.sequence),
                (SELECT count(*) FROM sync_peers AS later
                    WHERE later.host = p.host AND later.place = p.place AND later.seen_at > p.seen_at)
            FROM sync_peers AS p ORDER BY seen_at DESC, replica_id
            """
        ) {
            SyncPeer(
                replicaID: try $0.text(0), name: try $0.text(1), host: try $0.optionalText(2),
                sequence: try $0.integer(3), seenAt: try $0.timestamp(4), behind: Int(try $0.integer(5)),
                isReplaced: try $0.integer(6) > 0)
        }
    }
}

extension Replica {
    /// Tells the upstream how far this replica has come.
    /// - Parameters:
    ///   - name: Who syncs.
    ///   - host: The machine this is.
    ///   - place: What tells the workspace's folder from others of that machine.
    public func introduce(as name: String, on host: String? = nil, in place: String? = nil) throws {
        guard let own = try InstalledStore(reading: store.database)?.replicaID else { return }
        let sequence = try sequence()
        try upstream.database.write { writer in
            // By the clock of the upstream, which also says who was away for too long.
            let now = SQL(unsafeRaw: writer.dialect == .sqlite ? Capture.sqliteMoment : "transaction_timestamp()")
            try writer.execute(
                """
                INSERT INTO sync_peers (replica_id, name, host, place, sequence, seen_at)
                SELECT \(own), \(name), \(host), \(place), \(sequence), \(now) FROM store_state
                WHERE workspace_id = \(store.installed.workspaceID)
                ON CONFLICT (replica_id) DO UPDATE SET name = excluded.name, host = excluded.host,
                    place = excluded.place, sequence = excluded.sequence, seen_at = excluded.seen_at
                """)
        }
    }

    /// Has the upstream forget a replica: when it comes back, it begins with a copy of what there is.
    /// - Returns: Whether there was one of that id.
    public func forget(_ replicaID: String) throws -> Bool {
        try upstream.database.write { try $0.execute("DELETE FROM sync_peers WHERE replica_id = \(replicaID)") == 1 }
    }

    /// What the upstream says of itself, asked without changing anything there.
    /// - Throws: as `pull`.
    public func look() throws -> (version: Int, behind: Int, now: Timestamp) {
        let cursor = try store.database.read { try Cursor($0) }
        let state = try upstream.database.read { try requireUpstream($0, at: cursor.sequence) }
        try cursor.require(state)
        return (state.version, Int(max(0, state.head - cursor.sequence)), state.now)
    }

    /// How many operations the upstream has that are not here.
    /// - Throws: as `pull`.
    public func behind() throws -> Int {
        try upstream.number()
        let there = try upstream.database.read { try requireUpstream($0).head }
        return Int(max(0, there - (try store.database.read { try Cursor($0).sequence })))
    }

    /// The upstream's last sequence that is here.
    public func sequence() throws -> Int64 { try store.database.read { try Cursor($0).sequence } }
}
