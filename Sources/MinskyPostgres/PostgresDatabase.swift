// MinskyPostgres: the PostgreSQL driver, over libpq, which is loaded on first use.
//
// May import MinskySQL, MinskyModel and CLibPQ. Knows nothing of tasks.

import CLibPQ
import Foundation
import MinskyModel
import MinskySQL

/// One connection to a PostgreSQL database, with one schema of it as the place where names are looked up.
///
/// All settings are made inside each transaction, so it works behind a pooler that hands out connections by transaction.
public final class PostgresDatabase: MinskySQL.Database, @unchecked Sendable {
    /// The most times a transaction is run again after a collision with another one.
    private static let retries = 10
    /// How long to wait, in seconds, before a transaction is run again whose connection was lost before it was to be
    /// committed: each time once, and long enough together for a server to be started again.
    private static let pauses = [0, 0.2, 1, 3]

    private let gate = TransactionGate()
    private let session: PostgresSession
    private let schema: String
    private let settings: SQL
    /// The settings of a transaction that holds locks: one that is stopped in the middle must not keep others waiting.
    private let writeSettings: SQL
    private let url: String

    public var dialect: Dialect { .postgres }
    public var schemaName: String? { schema }
    /// A schema has a number of its own in each database it is restored to; the store asks the server for it.
    public var place: String? { nil }

    /// Connects to a server.
    /// - Parameters:
    ///   - url: A libpq connection URL, `postgresql://user@host/database`. A password may also come from `PGPASSWORD`
    ///     or the password file.
    ///   - schema: The schema that holds the workspace. It need not exist yet.
    ///   - lockTimeout: Seconds to wait for a lock that another transaction holds.
    ///   - statementTimeout: Seconds after which the server ends a statement, and a writing transaction in which nothing is
    ///     asked of it; who needs longer sets that within the transaction.
    /// - Throws: `SQLError` of kind `.connection` or `.permission`.
    public init(url: String, schema: String, lockTimeout: Int = 10, statementTimeout: Int = 60) throws {
        session = try PostgresSession(url: url)
        self.url = url
        self.schema = schema
        let settings: [(name: String, value: String)] = [
            ("search_path", "\(PostgresSession.quotedIdentifier(schema)), pg_temp"),
            ("lock_timeout", "\(lockTimeout)s"),
            ("statement_timeout", "\(statementTimeout)s"), ("jit", "off"),
        ]
        func query(_ settings: [(name: String, value: String)]) -> SQL {
            "SELECT \(SQL.joined(settings.map { "set_config(\($0.name), \($0.value), true)" }, separator: ", "))"
        }
        self.settings = query(settings)
        writeSettings = query(settings + [("idle_in_transaction_session_timeout", "\(statementTimeout)s")])
    }

    public func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        try retrying {
            do {
                return try transaction(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", settings, notifying: nil, body)
            } catch let error as SQLError where error.isOutcomeUnknown {
                // What has only been read has no outcome.
                throw SQLError(
                    kind: error.kind, nativeCode: error.nativeCode, message: error.message, sql: error.sql)
            }
        }
    }

    @discardableResult
    public func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        try retrying {
            try transaction("BEGIN ISOLATION LEVEL READ COMMITTED", writeSettings, notifying: schema, body)
        }
    }

    /// Listens; or asks once a second where a pooler, which gives a connection to somebody else after each transaction, stands
    /// in between.
    public func signal() throws -> any ChangeSignal {
        let session = try PostgresSession(url: url)
        return try session.isPooled() ? PostgresPolling(session) : PostgresSignal(session, channel: schema)
    }

    public func interrupt() { session.cancel() }

    private func retrying<Result>(_ body: () throws -> Result) throws -> Result {
        var collisions = 0
        var losses = 0
        while true {
            do {
                return try body()
            } catch let error as SQLError where error.isRetryable && collisions < Self.retries {
                collisions += 1
                Thread.sleep(forTimeInterval: Double.random(in: 0...0.01) * Double(1 << min(collisions, 6)))
            } catch let error as SQLError
                where error.kind == .connection && !error.isOutcomeUnknown && session.isLost
                && losses < Self.pauses.count
            {
                // Nothing was committed, and the next transaction connects again.
                Thread.sleep(forTimeInterval: Self.pauses[losses])
                losses += 1
            }
        }
    }

    private func transaction<Result>(
        _ begin: String, _ settings: SQL, notifying channel: String?, _ body: (PostgresSession) throws -> Result
    ) throws -> Result {
        try gate.enter {
            do {
                try session.begin(begin, settings)
                let result = try body(session)
                if let channel { try session.commit(notifying: channel) } else { try session.end() }
                return result
            } catch {
                session.rollback()
                throw error
            }
        }
    }
}
