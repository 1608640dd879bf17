// MinskySQLite: the SQLite driver, over GRDB.
//
// May import MinskySQL, MinskyModel and GRDB. Knows nothing of tasks.

import Foundation
import GRDB
import MinskyModel
import MinskySQL

/// A SQLite file, or a database in memory, opened for one process.
///
/// Writing transactions begin as `IMMEDIATE`, so they wait for another writer at their start and never fail half-way.
public struct SQLiteDatabase: MinskySQL.Database {
    private let queue: DatabaseQueue
    private let busyTimeout: Double

    public var dialect: Dialect { .sqlite }

    /// Opens a database file, which is made when there is none unless it must exist.
    /// - Parameters:
    ///   - path: The file's path, or nil for a database in memory.
    ///   - busyTimeout: Seconds to wait for another process's write.
    ///   - mustExist: Whether a missing file is an error.
    /// - Throws: `SQLError`.
    public init(path: String?, busyTimeout: Double = 10, mustExist: Bool = false) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            // Without this, REPLACE removes rows behind the change log's back.
            try database.execute(sql: "PRAGMA recursive_triggers = ON")
        }
        let queue = try SQLError.mapping { () throws -> DatabaseQueue in
            guard let path else { return try DatabaseQueue(configuration: configuration) }
            if mustExist, !FileProbe.exists(path) {
                throw SQLError(kind: .connection, message: "there is no database at \(path)")
            }
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
            let cursor = try GRDB.Row.fetchCursor(prepare(sql))
            while let row = try cursor.next() { try each(SQLiteRow(row: row)) }
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

struct SQLiteRow: MinskySQL.Row {
    let row: GRDB.Row

    func isNull(_ column: Int) -> Bool { row.hasNull(atIndex: column) }

    func integer(_ column: Int) throws -> Int64 {
        guard case .int64(let value) = storage(column) else { throw mismatch(column) }
        return value
    }

    func text(_ column: Int) throws -> String {
        guard case .string(let text) = storage(column) else { throw mismatch(column) }
        return text
    }

    func jsonText(_ column: Int) throws -> String { try text(column) }

    func blob(_ column: Int) throws -> [UInt8] {
        guard case .blob(let data) = storage(column) else { throw mismatch(column) }
        return Array(data)
    }

    func timestamp(_ column: Int) throws -> Timestamp {
        guard let timestamp = Timestamp(iso8601: try text(column)) else {
            throw SQLError(kind: .corrupt, message: "a stored time is not ISO 8601")
        }
        return timestamp
    }

    /// The value as it is stored: SQLite itself would turn a text into the number 0 rather than refuse.
    private func storage(_ column: Int) -> DatabaseValue.Storage { (row[column] as DatabaseValue).storage }

    private func mismatch(_ column: Int) -> SQLError {
        SQLError(kind: .corrupt, message: "column \(column) holds no value of the expected type")
    }
}
