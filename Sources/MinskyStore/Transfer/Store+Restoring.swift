import MinskyModel
import MinskySQL

extension Store {
    /// Replaces everything the store holds by what an image holds, in one transaction: everybody else sees the old or the
    /// new. The store becomes another replica, since what it told others before may be undone by that.
    ///
    /// An image of an older schema is taken in as far as it goes; what it did not know is empty.
    /// - Parameters:
    ///   - image: A database that `StoreImage.init(reading:schema:)` has looked at.
    ///   - replicaID: The replica's new id.
    ///   - expected: The number of the last operation that has been backed up; when there is a later one, nothing is replaced.
    ///   - progress: Told the rows of a table that have been brought so far.
    /// - Throws: `StoreError` with code `.conflict` when the store holds the tasks of another workspace, `.moved` when the
    ///   workspace is being moved elsewhere or has gone, `.newerSchema`; `SQLError`.
    public func replace(
        with image: any Database, replicaID: String, now: Timestamp, expecting expected: Int64? = nil,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws {
        try migrateIfDue(now: now)
        try image.read { reader in
            let saved = try Self.savedStore(reader)
            try database.write { writer in
                try writer.lockTables(schema)
                guard let found = try InstalledStore(reader: writer) else {
                    throw StoreError(.notInitialized, "the database holds no minsky store")
                }
                let last = try writer.first("SELECT max(number) FROM operations") { try $0.optionalInteger(0) } ?? nil
                if let expected, expected != last ?? 0 {
                    throw StoreError(.conflict, "something has been done since the backup of what is there was made")
                }
                guard found.version == schema.version else {
                    throw StoreError.newerSchema(installed: found.version, known: schema.version)
                }
                guard try found.workspaceID == saved.workspaceID || !writer.holdsOperations() else {
                    throw StoreError(.conflict, "the store holds the tasks of another workspace than the backup")
                }
                let isOpen =
                    try writer.execute(
                        """
                        UPDATE store_state SET workspace_id = \(saved.workspaceID), replica_id = \(replicaID),
                            place = coalesce(\(database.place), place), base = NULL
                        WHERE phase = 'active'
                        """) == 1
                guard isOpen else { throw StoreError.moved }
                try writer.withoutLogging {
                    for copy in TableCopy.all(schema).reversed() {
                        try writer.execute("DELETE FROM \(unsafeRaw: copy.table.name)")
                    }
                    try StoreCopy(schema: schema.at(version: saved.version)).fill(writer, from: reader, progress)
                }
                try writer.numberOn(schema)
            }
        }
    }

    /// Makes a store of what an image holds in an empty database, in one transaction.
    /// - Parameters:
    ///   - image: A database that `StoreImage.init(reading:schema:)` has looked at.
    ///   - replicaID: The id of the new replica.
    ///   - progress: Told the rows of a table that have been brought so far.
    /// - Throws: `StoreError` with code `.foreign` when the database is not empty; `SQLError`.
    public static func make(
        in database: any Database, schema: Schema = .current, from image: any Database, replicaID: String,
        now: Timestamp, _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws {
        try image.read { reader in
            let saved = try savedStore(reader)
            let identity = StoreIdentity(workspaceID: saved.workspaceID, replicaID: replicaID)
            try Migrator(schema: schema, database: database).create(identity, now: now) { writer in
                try StoreCopy(schema: schema.at(version: saved.version)).fill(writer, from: reader, progress)
            } thereafter: {
                try $0.numberOn(schema)
            }
        }
    }

    /// The number of the last operation; 0 when there is none.
    public func lastOperation() throws -> Int64 {
        try database.read { reader in
            try reader.first("SELECT coalesce(max(number), 0) FROM operations") { try $0.integer(0) } ?? 0
        }
    }

    /// Whether anything has ever been done in the store.
    /// - Throws: `SQLError`.
    public func holdsOperations() throws -> Bool { try database.read { try $0.holdsOperations() } }

    private static func savedStore(_ reader: any Reader) throws -> InstalledStore {
        guard let saved = try InstalledStore(reader: reader) else {
            throw StoreError(.corrupt, "the backup holds no store")
        }
        return saved
    }
}

extension Reader {
    fileprivate func holdsOperations() throws -> Bool {
        try first("SELECT number FROM operations LIMIT 1") { try $0.integer(0) } != nil
    }
}
