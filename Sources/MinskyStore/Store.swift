// MinskyStore: the schema, its migrations, the queries, the change log and undo. The same on every database.
//
// May import MinskySQL and MinskyModel. Never knows which driver is underneath; where the dialects differ it asks
// `Dialect`.

import MinskyModel
import MinskySQL

/// A workspace's tasks and the log of their changes, in one database.
public struct Store: Sendable {
    public let database: any Database
    public let schema: Schema

    /// Opens the store in a database; an older schema is migrated first.
    /// - Throws: `StoreError` with code `.notInitialized` when there is no store, `.newerSchema` when a newer minsky
    ///   made it; `SQLError`.
    public init(opening database: any Database, schema: Schema = .current, now: Timestamp) throws {
        try self.init(database: database, schema: schema, creatingWith: nil, now: now)
    }

    /// Opens the store in a database, or makes it when there is none.
    /// - Parameters:
    ///   - replicaID: The id a new store gets.
    ///   - now: The moment noted as that of its creation.
    /// - Throws: `StoreError` with code `.newerSchema`; `SQLError`.
    public init(creatingIn database: any Database, schema: Schema = .current, replicaID: String, now: Timestamp) throws
    {
        try self.init(database: database, schema: schema, creatingWith: replicaID, now: now)
    }

    private init(database: any Database, schema: Schema, creatingWith replicaID: String?, now: Timestamp) throws {
        self.database = database
        self.schema = schema
        let migrator = Migrator(schema: schema, database: database)
        let installed = try migrator.installedVersion()
        if installed > schema.version { throw StoreError.newerSchema(installed: installed, known: schema.version) }
        if installed == 0, replicaID == nil { throw StoreError(.notInitialized, "the database holds no minsky store") }
        if installed < schema.version { try migrator.migrate(replicaID: replicaID ?? "", now: now) }
    }

    /// Runs a body that only reads, with one consistent view.
    /// - Throws: `SQLError`, or what the body throws.
    public func read<Result>(_ body: (ReadSession) throws -> Result) throws -> Result {
        try database.read { try body(ReadSession(connection: $0, schema: schema)) }
    }

    /// Runs one operation: everything the body writes is committed together, logged under the operation's id and actor,
    /// and taken back together by undo. When the body throws, nothing is written.
    ///
    /// The body may run more than once (`Database.write`).
    /// - Throws: `SQLError`, or what the body throws.
    @discardableResult
    public func perform<Result>(_ operation: OperationContext, _ body: (WriteSession) throws -> Result) throws -> Result
    {
        try database.write { connection in
            let session = WriteSession(connection: connection, schema: schema, operation: operation)
            try session.begin()
            let result = try body(session)
            try session.end()
            return result
        }
    }
}

/// One user action, before it is carried out.
public struct OperationContext: Sendable {
    public var id: String
    /// Who acts: the id of a row of `actors`, made when it is missing.
    public var actor: String
    /// Whether the actor is an agent rather than a person; noted when it is first seen.
    public var isAgent: Bool
    /// The moment written to the rows' own times.
    public var now: Timestamp
    /// The operation that this one takes back.
    public var reverts: String?

    /// Creates an operation.
    public init(id: String, actor: String, isAgent: Bool = false, now: Timestamp, reverts: String? = nil) {
        self.id = id
        self.actor = actor
        self.isAgent = isAgent
        self.now = now
        self.reverts = reverts
    }
}

/// What reading and writing have in common; queries are extensions of it.
public protocol StoreSession {
    var connection: any Connection { get }
    var schema: Schema { get }
}

/// A store inside a reading transaction. Valid only within the body it was passed to.
public struct ReadSession: StoreSession {
    public let connection: any Connection
    public let schema: Schema
}

/// A store inside one operation. Valid only within the body it was passed to.
public struct WriteSession: StoreSession {
    public let connection: any Connection
    public let schema: Schema
    public let operation: OperationContext

    /// Tells the triggers which operation the changes belong to, until the transaction ends.
    fileprivate func begin() throws {
        switch connection.dialect {
        case .sqlite:
            try connection.execute(
                """
                UPDATE operation_context
                SET operation_id = \(operation.id), actor = \(operation.actor), reverts = \(operation.reverts)
                """)
        case .postgres:
            try connection.query(
                """
                SELECT set_config('minsky.operation_id', \(operation.id), true),
                    set_config('minsky.actor', \(operation.actor), true),
                    set_config('minsky.reverts', \(operation.reverts ?? ""), true)
                """
            ) { _ in }
        }
        try connection.execute(
            """
            INSERT INTO actors (id, kind, created_at)
            VALUES (\(operation.actor), \(operation.isAgent ? "agent" : "person"), \(operation.now))
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// In SQLite the context is a row, so it is cleared in the same transaction and no other edit can inherit it.
    fileprivate func end() throws {
        guard connection.dialect == .sqlite else { return }
        try connection.execute("UPDATE operation_context SET operation_id = NULL, actor = NULL, reverts = NULL")
    }
}
