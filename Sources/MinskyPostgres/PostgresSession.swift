import CLibPQ
import Foundation
import MinskyModel
import MinskySQL
import Synchronization

/// The libpq connection itself; used by one transaction at a time.
final class PostgresSession: Writer {
    let pq: minsky_pq
    let connection: OpaquePointer
    private let url: String
    private let cancellation: Mutex<Cancellation?>
    /// What was sent and has not been answered yet, in this order: statements, and nil for the end of a transaction.
    var owed: [String?] = []
    /// Whether rows of a statement are still arriving, so that no other may be sent.
    var isStreaming = false

    var dialect: Dialect { .postgres }

    /// Whether the connection is not usable any more.
    var isLost: Bool { pq.PQstatus(connection) != CONNECTION_OK }

    /// Whether a pooler stands between: the server then calls its process by another number than the one that was told when
    /// the connection was made.
    /// - Throws: `SQLError`.
    func isPooled() throws -> Bool {
        try first("SELECT pg_backend_pid()") { try $0.integer(0) } != Int64(pq.PQbackendPID(connection))
    }

    /// Connects.
    /// - Throws: `SQLError` of kind `.connection` or `.permission`.
    init(url: String) throws {
        self.url = url
        var problem: UnsafePointer<CChar>?
        guard let functions = minsky_pq_load(&problem) else {
            let reason = problem.map { String(cString: $0) } ?? "unknown reason"
            throw SQLError(
                kind: .connection, message: "PostgreSQL needs the library libpq, which could not be loaded: \(reason)")
        }
        pq = functions.pointee
        // What stands before the URL is a default, which the URL may override.
        let parameters = [
            ("connect_timeout", "10"), ("fallback_application_name", "minsky"), ("keepalives_idle", "30"),
            ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"), ("dbname", url),
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
        cancellation = Mutex(Cancellation(functions.pointee, opened))
    }

    deinit {
        cancellation.withLock { $0 = nil }
        pq.PQfinish(connection)
    }

    /// Ends the statement that is running, if any; called from any thread.
    func cancel() { cancellation.withLock { $0?.send() } }

    // MARK: Transactions

    /// Whether the server has ended the connection while it was idle. Its last words come before the end.
    private var hasEnded: Bool { (0..<2).contains { _ in pq.PQconsumeInput(connection) != 1 } || isLost }

    /// Begins a transaction, without waiting for the server to have done so.
    /// - Parameters:
    ///   - statement: The statement that begins it.
    ///   - settings: What holds within it.
    func begin(_ statement: String, _ settings: SQL) throws {
        // Whoever stands between gives the connection to others when a transaction ends: nothing is sent before that is known.
        // What became of one that has only read is of no interest.
        try? settle()
        if hasEnded { try reconnect() }
        func send() throws {
            try executeLater(SQL(unsafeRaw: statement))
            try executeLater(settings)
        }
        do { try send() } catch let error as SQLError where error.kind == .connection {
            // The server may have closed an idle connection; nothing has happened in this transaction yet.
            try reconnect()
            try send()
        }
    }

    /// Ends a transaction that has only read, without waiting for the server to have done so.
    func end() throws {
        try executeLater("COMMIT")
        guard pq.PQpipelineSync(connection) == 1 else { throw failure(nil, sql: "COMMIT") }
        owed.append(nil)
    }

    /// Commits, and tells those who listen to a channel on the same way to the server.
    ///
    /// The notification is a transaction of its own: one that writes and notifies would hold a lock that all others of its
    /// kind need until its data is on disk.
    func commit(notifying channel: String) throws {
        try settle()
        let script = "COMMIT; NOTIFY \(Self.quotedIdentifier(channel))"
        var answers: [OpaquePointer] = []
        defer { for answer in answers { pq.PQclear(answer) } }
        if pq.PQsendQuery(connection, script) == 1 {
            while let answer = pq.PQgetResult(connection) { answers.append(answer) }
        }
        // What became of the notification is not what the transaction is about.
        guard let first = answers.first, pq.PQresultStatus(first) == PGRES_COMMAND_OK else {
            let error = failure(answers.first, sql: "COMMIT")
            guard error.kind == .connection else { throw error }
            throw SQLError(
                kind: .connection, nativeCode: error.nativeCode, message: error.message, sql: error.sql,
                isOutcomeUnknown: true)
        }
        guard String(pointer: pq.PQcmdStatus(first)) == "COMMIT" else {
            throw SQLError(kind: .other, message: "the transaction had failed and was rolled back")
        }
    }

    func rollback() {
        try? settle()
        guard !isLost, pq.PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        pq.PQclear(pq.PQexec(connection, "ROLLBACK"))
    }

    private func reconnect() throws {
        cancellation.withLock { $0 = nil }
        owed = []
        pq.PQreset(connection)
        guard !isLost else { throw Self.connectionFailure(pq, connection, url) }
        minsky_pq_silence(connection)
        cancellation.withLock { $0 = Cancellation(pq, connection) }
    }

    // MARK: Statements

    func executeScript(_ sql: String) throws {
        try requireNoStream()
        try settle()
        pq.PQclear(try checked(pq.PQexec(connection, sql), sql: sql))
    }

    func execute(_ sql: SQL) throws -> Int {
        try requireNoStream()
        let text = sql.text(for: .postgres)
        try send(sql, text)
        var count = 0
        try takeResults(ofLast: text, oneByOne: false) { count = Int(String(pointer: pq.PQcmdTuples($0))) ?? 0 }
        return count
    }

    /// Calls a body with the values of a statement in the form in which libpq takes them.
    func withParameters<Result>(
        _ sql: SQL,
        _ body: (Int32, [Oid], UnsafePointer<UnsafePointer<CChar>?>?, [Int32], [Int32]) -> Result
    ) throws -> Result {
        let parameters = try sql.values.map(PostgresParameter.init)
        return Self.withPointers(parameters.map(\.bytes)) { pointers in
            body(
                Int32(parameters.count), parameters.map(\.type), pointers,
                parameters.map { Int32(max(0, ($0.bytes?.count ?? 0) - 1)) }, parameters.map { $0.isBinary ? 1 : 0 })
        }
    }

    func requireNoStream() throws {
        guard !isStreaming else {
            throw SQLError(kind: .other, message: "a statement cannot be run while the rows of another one arrive")
        }
    }

    /// A result that is no failure.
    /// - Throws: `SQLError`; the result is cleared then.
    func checked(_ result: OpaquePointer?, sql: String) throws -> OpaquePointer {
        let status = pq.PQresultStatus(result)
        let isGood = [PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN, PGRES_SINGLE_TUPLE].contains(status)
        if let result, isGood { return result }
        defer { pq.PQclear(result) }
        throw failure(result, sql: sql)
    }

    /// The error that a result, or the state of the connection when there is none, stands for.
    func failure(_ result: OpaquePointer?, sql: String) -> SQLError {
        let sqlState = pq.PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let primary = pq.PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
        let words = primary ?? (sqlState == nil ? String(pointer: pq.PQerrorMessage(connection)).firstLine : "")
        return SQLError(
            kind: sqlState.map(SQLError.kind) ?? (isLost ? .connection : .other), nativeCode: sqlState,
            message: Self.hidingPassword(in: words, pq, connection, url), sql: sql)
    }

    /// A message without the password that was sent, wherever that came from: a server may repeat it.
    private static func hidingPassword(
        in message: String, _ pq: minsky_pq, _ connection: OpaquePointer, _ url: String
    ) -> String {
        ConnectionAddress(url).hidden(in: message, with: [String(pointer: pq.PQpass(connection))])
    }

    private static func connectionFailure(_ pq: minsky_pq, _ connection: OpaquePointer, _ url: String) -> SQLError {
        let message = hidingPassword(
            in: String(pointer: pq.PQerrorMessage(connection)).firstLine, pq, connection, url)
        let refused = [
            "authentication failed", "no password supplied", "does not exist", "permission denied", "pg_hba.conf",
        ]
        return SQLError(kind: refused.contains { message.contains($0) } ? .permission : .connection, message: message)
    }

    /// A name as SQL, whatever it holds.
    static func quotedIdentifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    // MARK: C strings

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

/// What is needed to cancel a connection's statement from another thread.
private struct Cancellation: ~Copyable, @unchecked Sendable {
    private let pq: minsky_pq
    private let handle: OpaquePointer?

    init(_ pq: minsky_pq, _ connection: OpaquePointer) {
        self.pq = pq
        handle = pq.PQgetCancel(connection)
    }

    deinit { pq.PQfreeCancel(handle) }

    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = pq.PQcancel(handle, &message, Int32(message.count))
    }
}

extension String {
    /// A C string, or nothing for a null pointer.
    init(pointer: UnsafePointer<CChar>?) {
        self = pointer.map { String(cString: $0) } ?? ""
    }

    fileprivate var firstLine: String {
        split(whereSeparator: \.isNewline).first.map(String.init) ?? "the connection was lost"
    }
}
