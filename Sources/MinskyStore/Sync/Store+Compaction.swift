import MinskyModel
import MinskySQL

extension Store {
    /// What a compaction has removed.
    public struct Compaction: Sendable, Hashable {
        /// The changes that were removed.
        public let changes: Int
        /// The log is complete after this sequence.
        public let floor: Int64
    }

    /// A replica that has not synced for so long, in seconds, is not waited for: it begins with a copy when it comes back.
    public static let peerLifetime = 30 * 86400

    /// Removes from the log what old operations changed, where every replica has it: the operations themselves stay, so that
    /// nothing is taken twice, and so do all rows.
    /// - Parameter moment: Operations since then are left alone; so is the newest one.
    /// - Throws: `StoreError` with code `.moved`, `.conflict` while the workspace is copied elsewhere; `SQLError`.
    public func compact(before moment: Timestamp, now: Timestamp) throws -> Compaction {
        try number()
        return try database.write { writer in
            try writer.takeTime()
            guard let found = try InstalledStore(reader: writer), found.phase.isOpen else { throw StoreError.moved }
            // What a copy elsewhere has of the log is compared with what is here.
            guard found.phase == .active else {
                throw StoreError(
                    .conflict,
                    "the workspace is being moved to another database, log included; minsky migrate abort ends that")
            }
            let old = try writer.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0
            let alive = now.adding(seconds: -Self.peerLifetime)
            try writer.execute("DELETE FROM sync_peers WHERE seen_at < \(alive)")
            let floor =
                try writer.first(
                    """
                    SELECT min(sequence) FROM (
                        SELECT coalesce((SELECT min(sequence) - 1 FROM operations WHERE recorded_at >= \(moment)),
                        (SELECT max(sequence) FROM operations)) AS sequence
                        UNION ALL SELECT sequence FROM sync_peers
                        UNION ALL SELECT coalesce(max(sequence), 1) - 1 FROM operations) AS bounds
                    """
                ) { try $0.optionalInteger(0) } ?? nil
            guard let floor, floor > old else { return Compaction(changes: 0, floor: old) }
            let removed = try writer.execute(
                """
                DELETE FROM changes WHERE operation IN (
                    SELECT number FROM operations WHERE sequence > \(old) AND sequence <= \(floor))
                """)
            try writer.execute("UPDATE store_state SET floor = \(floor)")
            return Compaction(changes: removed, floor: floor)
        }
    }

    /// Whether operations before a moment have at least so many changes in the log.
    public func holdsChanges(before moment: Timestamp, atLeast count: Int) throws -> Bool {
        try database.read { reader in
            let found = try reader.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM changes WHERE operation IN (
                    SELECT number FROM operations
                    WHERE sequence > (SELECT floor FROM store_state) AND recorded_at < \(moment)) LIMIT \(count)) AS old
                """
            ) { try $0.integer(0) }
            return found ?? 0 >= count
        }
    }

    /// The sequence after which the log is complete; 0 when all of it is there.
    public func floor() throws -> Int64 {
        try database.read { try $0.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0 }
    }
}
