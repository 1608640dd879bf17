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
    private let busyTimeout: Double

    public var dialect: Dialect { .sqlite }

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
        }
        let queue = try SQLError.mapping { () throws -> DatabaseQueue in
            guard let path else { return try DatabaseQueue(configuration: configuration) }
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        self.queue = queue
        self.busyTimeout = busyTimeout
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

    public func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try transaction(.deferred, body)
    }

    @discardableResult
    public func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try transaction(.immediate, body)
    }

    private func transaction<Result>(
        _ kind: GRDB.Database.TransactionKind, _ body: (any Connection) throws -> Result
    ) throws -> Result {
        try SQLError.mapping {
            try queue.inDatabase { database in
                var result: Result?
                try database.inTransaction(kind) {
                    result = try body(SQLiteConnection(database: database))
                    return .commit
                }
                guard let result else { throw SQLError(kind: .other, message: "the transaction returned nothing") }
                return result
            }
        }
    }
}

struct SQLiteConnection: Connection {
    let database: GRDB.Database

    var dialect: Dialect { .sqlite }

    func query(_ sql: MinskySQL.SQL, each: (any MinskySQL.Row) throws -> Void) throws {
        try SQLError.mapping {
            let statement = try prepare(sql)
            let cursor = try GRDB.Row.fetchCursor(statement)
            let row = SQLiteRow(statement: statement.sqliteStatement)
            while try cursor.next() != nil { try each(row) }
        }
    }

    func execute(_ sql: MinskySQL.SQL) throws -> Int {
        try SQLError.mapping {
            try prepare(sql).execute()
            return database.changesCount
        }
    }

    func executeScript(_ sql: String) throws {
        try SQLError.mapping { try database.execute(sql: sql) }
    }

    private func prepare(_ sql: MinskySQL.SQL) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql.text(for: .sqlite))
        try statement.setArguments(StatementArguments(sql.values.map(Self.databaseValue)))
        return statement
    }

    private static func databaseValue(_ value: SQLValue) throws -> DatabaseValue {
        switch value {
        case .null: return .null
        case .integer(let value): return value.databaseValue
        case .text(let text):
            guard !text.utf8.contains(0) else { throw SQLError.textWithNUL }
            return text.databaseValue
        case .blob(let bytes): return bytes.withUnsafeBytes { Data($0) }.databaseValue
        case .timestamp(let timestamp): return try timestamp.storable().iso8601.databaseValue
        case .json(let json): return try json.storedText().databaseValue
        }
    }
}

/// The row a statement stands on, read from SQLite itself: GRDB would have it turn a value of another type into a number
/// or a text rather than refuse.
struct SQLiteRow: MinskySQL.Row {
    let statement: OpaquePointer

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    func integer(_ column: Int) throws -> Int64 {
        try require(SQLITE_INTEGER, column)
        return sqlite3_column_int64(statement, Int32(column))
    }

    func text(_ column: Int) throws -> String {
        try require(SQLITE_TEXT, column)
        guard let start = sqlite3_column_text(statement, Int32(column)) else {
            throw SQLError(kind: .storage, message: "not enough memory")
        }
        return String(decoding: UnsafeBufferPointer(start: start, count: count(column)), as: UTF8.self)
    }

    func jsonText(_ column: Int) throws -> String { try text(column) }

    func blob(_ column: Int) throws -> [UInt8] {
        try require(SQLITE_BLOB, column)
        let start = sqlite3_column_blob(statement, Int32(column))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count(column)))
    }

    func timestamp(_ column: Int) throws -> Timestamp {
        guard let timestamp = Timestamp(iso8601: try text(column)) else {
            throw SQLError(kind: .corrupt, message: "a stored time is not ISO 8601")
        }
        return timestamp
    }

    private func count(_ column: Int) -> Int { Int(sqlite3_column_bytes(statement, Int32(column))) }

    private func require(_ type: Int32, _ column: Int) throws {
        guard sqlite3_column_type(statement, Int32(column)) == type else {
            throw SQLError(kind: .corrupt, message: "column \(column) holds no value of the expected type")
        }
    }
}
