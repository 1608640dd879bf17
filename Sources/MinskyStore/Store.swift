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
        guard installed.version <= schema.version || installed.oldestReader <= schema.version else {
            throw StoreError.newerSchema(installed: installed.version, known: schema.version)
        }
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
        try migrateIfDue(now: operation.now)
        return try committing(operation.id) { keep in
            try database.write { writer in
                let session = WriteSession(writer: writer, schema: schema, operation: operation)
                let number = try session.begin(place: database.place)
                let result = try body(session)
                try session.end(number)
                keep(result)
                return result
            }
        }
    }

    /// Brings the store to this program's schema and triggers, unless a newer program has been here.
    /// - Throws: `SQLError`.
    public func migrateIfDue(now: Timestamp) throws {
        guard Migrator.isDue(installed, schema), try Migrator.isDue(InstalledStore(reading: database), schema) else {
            return
        }
        try Migrator(schema: schema, database: database).migrate(creatingWith: nil, now: now)
    }
}
