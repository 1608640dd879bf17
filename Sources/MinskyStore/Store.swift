// MinskyStore: the schema, its migrations, the queries, the change log and undo. The same on every database.
//
// May import MinskySQL, MinskyModel and swift-crypto. Never knows which driver is underneath; where the dialects differ it
// asks `Dialect`, in the files named after it. Folders, each of which knows only those before it: Schema, Capture, Log,
// Tasks; what is in none of them puts them together.

import MinskyModel
import MinskySQL

/// A workspace's tasks and the log of their changes, in one database.
public struct Store: Sendable {
    public let database: any Database
    /// The schema this program writes; the store's own may be older or newer.
    public let schema: Schema
    /// What the store said of itself when it was opened.
    public let installed: InstalledStore
    /// Called with the store as it is before its schema is migrated, when it holds anything; what it throws keeps the store
    /// as it is.
    public var beforeMigrating: (@Sendable (Store) throws -> Void)?

    /// Opens the store in a database, and changes nothing.
    ///
    /// A store with an older schema is read as it is; the first operation migrates it. One with a newer schema is read and
    /// written as long as that schema allows this program's version.
    /// - Throws: `StoreError` with code `.notInitialized` when there is no store, `.newerSchema` when a newer minsky made
    ///   it and this one can no longer read it; `SQLError`.
    public init(opening database: any Database, schema: Schema = .current) throws {
        guard let installed = try InstalledStore(reading: database) else {
            throw StoreError(.notInitialized, "the database holds no minsky store")
        }
        try self.init(database: database, schema: schema, installed: installed)
    }

    /// Makes the store in a database, or opens and migrates the one that is there.
    /// - Parameters:
    ///   - identity: The ids a new store gets.
    ///   - now: The moment noted as that of its creation.
    /// - Throws: `StoreError` with code `.newerSchema`, or `.foreign` when the database holds something else; `SQLError`.
    public init(
        creatingIn database: any Database, schema: Schema = .current, identity: StoreIdentity, now: Timestamp
    ) throws {
        let found = try InstalledStore(reading: database)
        if found == nil || Migrator.isDue(found, schema) {
            try Migrator(schema: schema, database: database).migrate(creatingWith: identity, now: now)
        }
        try self.init(opening: database, schema: schema)
    }

    private init(database: any Database, schema: Schema, installed: InstalledStore) throws {
        try Self.requireReadable(version: installed.version, oldestReader: installed.oldestReader, by: schema)
        self.database = database
        self.schema = schema
        self.installed = installed
    }

    /// Runs a body that only reads, with one consistent view.
    /// - Throws: `SQLError`, or what the body throws.
    public func read<Result>(_ body: (ReadSession) throws -> Result) throws -> Result {
        let readable = schema.at(version: installed.version)
        return try database.read { try body(ReadSession(reader: $0, schema: readable)) }
    }

    /// Runs one operation: everything the body writes is committed together, logged under the operation's id and actor,
    /// and taken back together by undo. When the body throws, nothing is written. An older schema is migrated first.
    ///
    /// The body may run more than once (`Database.write`), but takes effect once: when the connection is lost while the
    /// commit is awaited, the log tells whether it took place.
    /// - Throws: `SQLError`, or what the body throws.
    @discardableResult
    public func perform<Result>(_ operation: OperationContext, _ body: (WriteSession) throws -> Result) throws
        -> Result
    {
        try perform(operation, choosing: { _ in nil }, { session, _ in try body(session) })
    }

    /// Runs an operation that may take back another one.
    /// - Parameter choose: Finds the one to take back, within the same transaction.
    func perform<Result>(
        _ operation: OperationContext, choosing choose: (WriteSession) throws -> LoggedOperation?,
        _ body: (WriteSession, LoggedOperation?) throws -> Result
    ) throws -> Result {
        try migrateIfDue(now: operation.now)
        do {
            return try commit(operation, choosing: choose, body)
        } catch let error as SQLError where error.kind == .constraint {
            // What a fence says is for shells.
            guard try InstalledStore(reading: database)?.phase.isOpen == false else { throw error }
            throw StoreError.moved
        }
    }

    private func commit<Result>(
        _ operation: OperationContext, choosing choose: (WriteSession) throws -> LoggedOperation?,
        _ body: (WriteSession, LoggedOperation?) throws -> Result
    ) throws -> Result {
        func isThere() throws -> Bool { try wasCommitted(operation: operation.id) }
        return try committing("operation \(operation.id)", asking: isThere) { keep in
            try database.write { writer in
                let session = WriteSession(writer: writer, schema: schema, operation: operation)
                let reverted = try choose(session)
                let found = try session.begin(place: database.place, reverting: reverted?.id)
                // A newer program may have migrated the store since it was opened.
                try Self.requireReadable(version: found.version, oldestReader: found.oldestReader, by: schema)
                guard StorePhase(rawValue: found.phase)?.isOpen == true else { throw StoreError.moved }
                let result = try body(session, reverted)
                if found.hasOpenConflicts { try session.settleConflicts() }
                try session.end()
                keep(result)
                return result
            }
        }
    }

    private static func requireReadable(version: Int, oldestReader: Int, by schema: Schema) throws {
        guard version <= schema.version || oldestReader <= schema.version else {
            throw StoreError.newerSchema(installed: version, known: schema.version)
        }
    }

    /// Brings the store to this program's schema and triggers, unless a newer program has been here.
    ///
    /// Who may not change the schema goes on with older triggers, which log as well.
    /// - Throws: `StoreError` with code `.migrationNeeded` when somebody else has to migrate it first; `SQLError`.
    public func migrateIfDue(now: Timestamp) throws {
        guard Migrator.isDue(installed, schema), let found = try InstalledStore(reading: database),
            Migrator.isDue(found, schema)
        else { return }
        if let owner = try database.read({ try $0.ownerElsewhere() }) {
            guard found.version < schema.version else { return }
            throw StoreError(
                .migrationNeeded,
                "the store has schema version \(found.version), and this minsky writes version \(schema.version); its owner, "
                    + "\(owner), has to write with this minsky first")
        }
        if found.version < schema.version, try holdsOperations() { try beforeMigrating?(self) }
        try Migrator(schema: schema, database: database).migrate(creatingWith: nil, now: now)
    }
}
