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

    private let lock = NSLock()
    private let session: PostgresSession
    private let settings: String

    public var dialect: Dialect { .postgres }

    /// Connects to a server.
    /// - Parameters:
    ///   - url: A libpq connection URL, `postgresql://user@host/database`. A password may also come from `PGPASSWORD`
    ///     or the password file.
    ///   - schema: The schema that holds the workspace. It need not exist yet.
    ///   - lockTimeout: Seconds to wait for a lock that another transaction holds.
    /// - Throws: `SQLError` of kind `.connection` or `.permission`.
    public init(url: String, schema: String, lockTimeout: Int = 10) throws {
        session = try PostgresSession(url: url)
        let quoted = "\"" + schema.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        settings = "SET LOCAL search_path TO \(quoted), public; SET LOCAL lock_timeout = '\(lockTimeout)s'"
    }

    public func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    @discardableResult
    public func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        var attempt = 0
        while true {
            do {
                return try transaction("BEGIN ISOLATION LEVEL READ COMMITTED", body)
            } catch let error as SQLError where error.isRetryable && attempt < Self.retries {
                attempt += 1
                Thread.sleep(forTimeInterval: Double.random(in: 0...0.01) * Double(1 << min(attempt, 6)))
            }
        }
    }

    private func transaction<Result>(_ begin: String, _ body: (any Connection) throws -> Result) throws -> Result {
        lock.lock()
        defer { lock.unlock() }
        try session.begin("\(begin); \(settings)")
        do {
            let result = try body(session)
            try session.commit()
            return result
        } catch {
            session.rollback()
            throw error
        }
    }
}

/// The libpq connection itself; used by one transaction at a time.
final class PostgresSession: Connection {
    let pq: minsky_pq
    private let connection: OpaquePointer
    private let url: String

    var dialect: Dialect { .postgres }

    init(url: String) throws {
        self.url = url
        var problem: UnsafePointer<CChar>?
        guard let functions = minsky_pq_load(&problem) else {
            let reason = problem.map { String(cString: $0) } ?? "unknown reason"
            throw SQLError(
                kind: .connection, message: "PostgreSQL needs the library libpq, which could not be loaded: \(reason)")
        }
        pq = functions.pointee
        let parameters = [
            ("connect_timeout", "10"), ("fallback_application_name", "minsky"), ("dbname", url),
            ("client_encoding", "UTF8"),
        ]
        let opened = Self.withCStrings(parameters.map(\.0)) { keywords in
            Self.withCStrings(parameters.map(\.1)) { values in
                functions.pointee.PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let opened else { throw SQLError(kind: .storage, message: "not enough memory for a connection") }
        guard functions.pointee.PQstatus(opened) == CONNECTION_OK else {
            defer { functions.pointee.PQfinish(opened) }
            throw Self.connectionFailure(functions.pointee, opened, url)
        }
        minsky_pq_silence(opened)
        connection = opened
    }

    deinit { pq.PQfinish(connection) }

    func begin(_ script: String) throws {
        do {
            try executeScript(script)
        } catch let error as SQLError where error.kind == .connection {
            // The server may have closed an idle connection; nothing has happened in this transaction yet.
            pq.PQreset(connection)
            guard pq.PQstatus(connection) == CONNECTION_OK else { throw Self.connectionFailure(pq, connection, url) }
            minsky_pq_silence(connection)
            try executeScript(script)
        } catch {
            rollback()
            throw error
        }
    }

    func commit() throws {
        let result = try checked(pq.PQexec(connection, "COMMIT"), sql: "COMMIT")
        defer { pq.PQclear(result) }
        guard String(pointer: pq.PQcmdStatus(result)) == "COMMIT" else {
            throw SQLError(kind: .other, message: "the transaction had failed and was rolled back")
        }
    }

    func rollback() {
        guard pq.PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        pq.PQclear(pq.PQexec(connection, "ROLLBACK"))
    }

    func executeScript(_ sql: String) throws {
        pq.PQclear(try checked(pq.PQexec(connection, sql), sql: sql))
    }

    func execute(_ sql: SQL) throws -> Int {
        let result = try run(sql)
        defer { pq.PQclear(result) }
        return Int(String(pointer: pq.PQcmdTuples(result))) ?? 0
    }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        let result = try run(sql)
        defer { pq.PQclear(result) }
        for index in 0..<pq.PQntuples(result) {
            try each(PostgresRow(pq: pq, result: result, index: index))
        }
    }

    private func run(_ sql: SQL) throws -> OpaquePointer {
        let text = sql.text(for: .postgres)
        let parameters = try sql.values.map(PostgresParameter.init)
        let result = Self.withPointers(parameters.map(\.bytes)) { pointers in
            pq.PQexecParams(
                connection, text, Int32(parameters.count), parameters.map(\.type), pointers,
                parameters.map { Int32(max(0, ($0.bytes?.count ?? 0) - 1)) }, parameters.map { $0.isBinary ? 1 : 0 }, 1)
        }
        return try checked(result, sql: text)
    }

    private func checked(_ result: OpaquePointer?, sql: String) throws -> OpaquePointer {
        let status = pq.PQresultStatus(result)
        if let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return result }
        defer { pq.PQclear(result) }
        let sqlState = pq.PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let primary = pq.PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
        guard let sqlState else {
            throw SQLError(
                kind: .connection, message: primary ?? String(pointer: pq.PQerrorMessage(connection)).firstLine,
                sql: sql)
        }
        throw SQLError(
            kind: SQLError.kind(ofSQLState: sqlState), nativeCode: sqlState, message: primary ?? "", sql: sql)
    }

    private static func connectionFailure(_ pq: minsky_pq, _ connection: OpaquePointer, _ url: String) -> SQLError {
        let message = ConnectionSecrets(url: url).hidden(in: String(pointer: pq.PQerrorMessage(connection)).firstLine)
        let refused = [
            "authentication failed", "no password supplied", "does not exist", "permission denied", "pg_hba.conf",
        ]
        return SQLError(kind: refused.contains { message.contains($0) } ? .permission : .connection, message: message)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        withPointers(strings.map { Array($0.utf8) + [0] }, body)
    }

    /// Calls a body with pointers to byte arrays, nil where an array is nil, followed by a terminating nil.
    private static func withPointers<Result>(
        _ arrays: [[UInt8]?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let flat = arrays.reduce(into: [UInt8]()) { $0 += $1 ?? [] } + [0]
        return flat.withUnsafeBytes { bytes in
            let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            var offset = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for array in arrays {
                pointers.append(array == nil ? nil : base.map { $0 + offset })
                offset += array?.count ?? 0
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}

extension String {
    /// A C string, or nothing for a null pointer.
    fileprivate init(pointer: UnsafePointer<CChar>?) {
        self = pointer.map { String(cString: $0) } ?? ""
    }

    fileprivate var firstLine: String {
        split(whereSeparator: \.isNewline).first.map(String.init) ?? "the connection was lost"
    }
}
