import MinskyModel
import MinskySQL

/// How far a store's log had come at a moment: another one when anything has been done since, or another log was put there.
public struct LogExtent: Sendable, Hashable {
    let replicaID: String
    /// Counted, since the highest number says nothing of an operation that drew a lower one and was committed later.
    let operations: Int64

    fileprivate init?(_ reader: any Reader) throws {
        let found = try reader.first("SELECT replica_id, (SELECT count(*) FROM operations) FROM store_state") {
            (try $0.text(0), try $0.integer(1))
        }
        guard let found else { return nil }
        (replicaID, operations) = found
    }
}

extension Store {
    /// Replaces everything the store holds by what an image holds, in one transaction: everybody else sees the old or the
    /// new. The store becomes another replica, since what it told others before may be undone by that; a move of the
    /// workspace to another database that has not fenced it yet is given up.
    ///
    /// An image of an older schema is taken in as far as it goes; what it did not know is empty.
    /// - Parameters:
    ///   - image: A database that `StoreImage.init(reading:schema:)` has looked at.
    ///   - replicaID: The replica's new id.
    ///   - expected: How far the log had come when what there is was backed up; when it has gone on, nothing is replaced.
    ///   - progress: Told the rows of a table that have been brought so far.
    /// - Throws: `StoreError` with code `.conflict` when the store holds the tasks of another workspace, or more than expected,
    ///   `.moved` when the workspace has gone elsewhere or is about to, `.newerSchema`, `.outcomeUnknown`; `SQLError`.
    public func replace(
        with image: any Database, replicaID: String, now: Timestamp, expecting expected: LogExtent? = nil,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws {
        try migrateIfDue(now: now)
        try image.read { reader in
            let saved = try Self.savedStore(reader)
            func isThere() throws -> Bool { try isReplica(replicaID) }
            try committing("the restored store", asking: isThere) { keep in
                try database.write { writer in
                    try replace(by: reader, of: saved, writer, replicaID: replicaID, expecting: expected, progress)
                    keep(())
                }
            }
        }
    }

    private func replace(
        by reader: any Reader, of saved: InstalledStore, _ writer: any Writer, replicaID: String,
        expecting expected: LogExtent?, _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws {
        try writer.takeTime()
        try writer.lockTables(schema)
        guard let found = try InstalledStore(reader: writer) else {
            throw StoreError(.notInitialized, "the database holds no minsky store")
        }
        if let expected, try LogExtent(writer) != expected {
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
                    place = coalesce(\(database.place), place), base = NULL, phase = 'active'
                WHERE phase IN ('active', 'copying', 'following')
                """) == 1
        guard isOpen else { throw StoreError.moved }
        try writer.withoutLogging {
            for copy in TableCopy.all(schema).reversed() {
                try writer.execute("DELETE FROM \(unsafeRaw: copy.table.name)")
            }
            try StoreCopy(schema: schema.at(version: saved.version)).fill(writer, from: reader, progress)
        }
        try writer.numberOn(schema)
        try writer.learnContents(schema)
        try writer.noteFloor(of: reader)
    }

    /// Whether the store has an id; a transaction that is giving it one is waited for.
    private func isReplica(_ id: String) throws -> Bool {
        try database.write { writer in
            try writer.first("SELECT replica_id FROM store_state\(writer.dialect.rowLock)") { try $0.text(0) } == id
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
                try $0.noteFloor(of: reader)
            }
        }
    }

    /// How far the log has come.
    /// - Throws: `SQLError`.
    public func logExtent() throws -> LogExtent? { try database.read { try LogExtent($0) } }

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

extension Writer {
    /// Notes from where on the log that was brought is complete.
    func noteFloor(of reader: any Reader) throws {
        let floor = try reader.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0
        try execute("UPDATE store_state SET floor = \(floor)")
    }
}

extension Reader {
    fileprivate func holdsOperations() throws -> Bool {
        try first("SELECT number FROM operations LIMIT 1") { try $0.integer(0) } != nil
    }
}
