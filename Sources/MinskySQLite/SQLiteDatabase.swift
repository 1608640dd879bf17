// MinskySQLite: the SQLite driver, over GRDB.
//
// May import MinskySQL, MinskyModel and GRDB. Knows nothing of tasks.

import Foundation
import GRDB
import GRDBSQLite
import MinskyModel
import MinskySQL

/// A SQLite file, or a database in memory, opened for one process.
///
/// Writing transactions begin as `IMMEDIATE`, so they wait for another writer at their start and never fail half-way.
public struct SQLiteDatabase: MinskySQL.Database {
    private let queue: DatabaseQueue
    private let gate = TransactionGate()
    private let path: String?
    private let busyTimeout: Double

    public var dialect: Dialect { .sqlite }
    public var schemaName: String? { nil }

    /// Opens a database file, which is made when there is none.
    /// - Parameters:
    ///   - path: The file's path, or nil for a database in memory.
    ///   - busyTimeout: Seconds to wait for another process's write.
    /// - Throws: `SQLError`.
    public init(path: String?, busyTimeout: Double = 10) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            // Without this, REPLACE removes rows behind the change log's back.
            try database.execute(sql: "PRAGMA recursive_triggers = ON")
            // Kilobytes, taken only when they are needed: an import touches pages all over the indexes, again and again.
            try database.execute(sql: "PRAGMA cache_size = -32000")
            // What SQLite keeps to take a statement back goes to a file otherwise, page by page, as soon as one statement has
            // touched more than a few: 200,000 writes for an import of 10,000 tasks.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        queue = try SQLError.mapping { () throws -> DatabaseQueue in
            guard let path else { return try DatabaseQueue(configuration: configuration) }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        self.path = path
        self.busyTimeout = busyTimeout
    }

    /// The machine's id and the file's number on it: a copy has another number, and so has the same file elsewhere.
    public var place: String? {
        guard let path else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let machine = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
        return machine.prefix(while: \.isHexDigit) + "/" + String(status.st_ino)
    }

    /// Turns on write-ahead logging, which the file then keeps; readers no longer wait for writers.
    /// - Throws: `SQLError`.
    public func enableWriteAheadLog() throws {
        // When two connections do this at once, SQLite does not wait but refuses one of them.
        let end = Date(timeIntervalSinceNow: busyTimeout)
        while true {
            do {
                return try SQLError.mapping {
                    try queue.inDatabase { database in
                        _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                    }
                }
            } catch let error as SQLError where error.kind == .busy && Date() < end {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    public func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        try transaction(.deferred) { try body($0) }
    }

    @discardableResult
    public func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        try transaction(.immediate) { try body($0) }
    }

    public func signal() throws -> any ChangeSignal {
        guard let path else { throw SQLError(kind: .other, message: "a database in memory has no other writers") }
        return try SQLiteSignal(path: path)
    }

    public func interrupt() { queue.interrupt() }

    private func transaction<Result>(
        _ kind: GRDB.Database.TransactionKind, _ body: (SQLiteConnection) throws -> Result
    ) throws -> Result {
        try gate.enter {
            try SQLError.mapping {
                try queue.inDatabase { database in
                    var result: Result?
                    try database.inTransaction(kind) {
                        result = try body(SQLiteConnection(database: database))
                        return .commit
                    }
                    guard let result else {
                        throw SQLError(kind: .other, message: "the transaction returned nothing")
                    }
                    return result
                }
            }
        }
    }
}

/// A transaction in progress.
struct SQLiteConnection: Writer {
    let database: GRDB.Database

    var dialect: Dialect { .sqlite }

    func query(_ sql: MinskySQL.SQL, each: (any MinskySQL.Row) throws -> Void) throws {
        try SQLError.mapping {
            try running(sql.text(for: .sqlite)) { statement in
                try statement.bind(sql.values)
                let row = SQLiteRow(statement: statement.handle)
                while try statement.step() { try each(row) }
            }
        }
    }

    func execute(_ sql: MinskySQL.SQL) throws -> Int {
        try SQLError.mapping {
            try running(sql.text(for: .sqlite)) { statement in
                try statement.bind(sql.values)
                while try statement.step() {}
                return database.changesCount
            }
        }
    }

    func execute(_ sql: MinskySQL.SQL, forEach lists: [[SQLValue]]) throws {
        try SQLError.mapping {
            try running(sql.text(for: .sqlite)) { statement in
                for values in lists {
                    try statement.bind(values)
                    while try statement.step() {}
                    sqlite3_reset(statement.handle)
                }
            }
        }
    }

    func executeScript(_ sql: String) throws {
        try SQLError.mapping { try database.execute(sql: sql) }
    }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        try SQLError.mapping {
            let places = (1...max(1, columns.count)).map { "?\($0)" }.joined(separator: ", ")
            let text = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
            return try running(text) { statement in
                var count = 0
                try rows { values in
                    guard values.count == columns.count else {
                        throw SQLError(
                            kind: .other, message: "a row has \(values.count) values for \(columns.count) columns")
                    }
                    try statement.bind(values)
                    while try statement.step() {}
                    sqlite3_reset(statement.handle)
                    count += 1
                }
                return count
            }
        }
    }

    /// Prepares a statement, or takes one that was prepared before, which is left as it was found.
    private func running<Result>(_ text: String, _ body: (RunningStatement) throws -> Result) throws -> Result {
        // Bound and run by SQLite itself, which takes half the time that GRDB takes.
        let statement = RunningStatement(
            handle: try database.cachedStatement(sql: text).sqliteStatement, text: text)
        sqlite3_reset(statement.handle)
        defer {
            sqlite3_reset(statement.handle)
            sqlite3_clear_bindings(statement.handle)
        }
        return try body(statement)
    }
}

/// A prepared statement.
private struct RunningStatement {
    let handle: OpaquePointer
    let text: String

    /// Goes on to the next row, and tells whether there is one.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let connection = sqlite3_db_handle(handle)
            let message = sqlite3_errmsg(connection).map { String(cString: $0) }
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code & 0xFF == code ? sqlite3_extended_errcode(connection) : code),
                message: message, sql: text)
        }
    }

    func bind(_ values: [SQLValue]) throws {
        for (place, value) in values.enumerated() { try Self.bind(value, to: Int32(place + 1), of: handle) }
    }

    /// Binds a value, of which SQLite makes a copy.
    private static func bind(_ value: SQLValue, to place: Int32, of statement: OpaquePointer) throws {
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        func bind(_ text: String) throws -> Int32 {
            guard !text.holdsNUL else { throw SQLError.textWithNUL }
            // A C string, so that an empty text is not taken for null.
            return text.withCString { sqlite3_bind_text(statement, place, $0, Int32(text.utf8.count), copied) }
        }
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, place)
            case .integer(let number): sqlite3_bind_int64(statement, place, number)
            case .text(let text), .storedJSON(let text): try bind(text)
            case .rawText(let bytes):
                bytes.withUnsafeBytes {
                    sqlite3_bind_text(
                        statement, place, $0.assumingMemoryBound(to: CChar.self).baseAddress, Int32($0.count), copied)
                }
            case .timestamp(let moment): try bind(moment.storable().iso8601)
            case .json(let json): try bind(json.storedText())
            case .texts(let texts): try bind(JSON.array(texts.map { $0.map(JSON.string) ?? .null }).storedText())
            // Without bytes there is no address, which stands for null.
            case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(statement, place, 0)
            case .blob(let bytes):
                bytes.withUnsafeBytes { sqlite3_bind_blob(statement, place, $0.baseAddress, Int32($0.count), copied) }
            }
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}
