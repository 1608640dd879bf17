import MinskySQL

extension Store {
    /// Removes from this store, log included, what the upstream has by now of the tables that are there alone. What waits to
    /// be pushed stays until it is there.
    /// - Throws: `SQLError`.
    public func releaseShared() throws {
        let shared = try database.read { try $0.policies() }.shared(schema)
        guard !shared.isEmpty else { return }
        let isRelease = try database.read { reader in try shared.contains { try reader.holdsReleasable($0) } }
        guard isRelease else { return }
        try database.write { writer in
            guard try writer.base() != nil else { return }
            try writer.lockTables(schema)
            try writer.withoutLogging {
                for table in shared {
                    try writer.execute(
                        """
                        DELETE FROM \(unsafeRaw: table.name)
                        WHERE \(unsafeRaw: table.key[0]) NOT IN (\(Self.waitingRows(table)))
                        """)
                }
            }
            for table in shared {
                try writer.execute(
                    """
                    DELETE FROM changes WHERE table_name = \(table.name)
                        AND operation IN (SELECT number FROM operations WHERE sequence IS NOT NULL)
                    """)
            }
        }
    }

    fileprivate static func waitingRows(_ table: Table) -> SQL {
        """
        SELECT row_id FROM changes WHERE table_name = \(table.name)
            AND operation IN (SELECT number FROM operations WHERE sequence IS NULL)
        """
    }
}

extension Reader {
    /// Whether a table has rows, or the log changes of them, that do not wait to be pushed.
    fileprivate func holdsReleasable(_ table: Table) throws -> Bool {
        try first(
            """
            SELECT 1 FROM \(unsafeRaw: table.name)
            WHERE \(unsafeRaw: table.key[0]) NOT IN (\(Store.waitingRows(table))) LIMIT 1
            """
        ) { try $0.integer(0) } != nil
    }
}
