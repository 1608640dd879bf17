// MinskySQL: SQL text, the values that go with it, rows, and the protocol the two drivers fulfil. Nothing else.
//
// May import MinskyModel.

import MinskyModel

/// Which SQL a database speaks. Places where the two differ are few, and each asks this.
public enum Dialect: Sendable {
    case sqlite, postgres
}

/// An open database: one connection that runs one transaction at a time and blocks the calling thread.
public protocol Database: Sendable {
    var dialect: Dialect { get }

    /// Runs a body that only reads, in one transaction with one consistent view.
    /// - Throws: `SQLError`, or what the body throws.
    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result

    /// Runs a body in one writing transaction: all of it is committed, or, when it throws, nothing.
    ///
    /// The body runs again from the start when the database asks for a retry (`SQLError.isRetryable`), so it must not
    /// do anything outside the database.
    /// - Throws: `SQLError`, or what the body throws.
    @discardableResult func write<Result>(_ body: (any Connection) throws -> Result) throws -> Result
}

/// A database inside a transaction. Valid only while the body it was passed to runs.
public protocol Connection {
    var dialect: Dialect { get }

    /// Runs a statement and passes each row of its answer to a closure; the row is valid only within that call.
    /// - Throws: `SQLError`, or what the closure throws.
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws

    /// Runs a statement and returns how many rows it changed.
    /// - Throws: `SQLError`.
    @discardableResult func execute(_ sql: SQL) throws -> Int

    /// Runs several statements without parameters, separated by semicolons.
    /// - Throws: `SQLError`.
    func executeScript(_ sql: String) throws
}

extension Connection {
    /// Runs a statement and decodes every row of its answer.
    public func rows<Value>(_ sql: SQL, as decode: (any Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try query(sql) { values.append(try decode($0)) }
        return values
    }

    /// Runs a statement and decodes the first row of its answer, or returns nil when there is none.
    public func first<Value>(_ sql: SQL, as decode: (any Row) throws -> Value) throws -> Value? {
        try rows(sql, as: decode).first
    }
}

/// One row of an answer; columns are counted from 0.
///
/// Every accessor throws an `SQLError` of kind `.corrupt` when the column holds another type of value, null included
/// where the result is not optional.
public protocol Row {
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) throws -> Int64
    func text(_ column: Int) throws -> String
    func blob(_ column: Int) throws -> [UInt8]
    func timestamp(_ column: Int) throws -> Timestamp
    func jsonText(_ column: Int) throws -> String
}

extension Row {
    public func optionalInteger(_ column: Int) throws -> Int64? { isNull(column) ? nil : try integer(column) }
    public func optionalText(_ column: Int) throws -> String? { isNull(column) ? nil : try text(column) }
    public func optionalTimestamp(_ column: Int) throws -> Timestamp? { isNull(column) ? nil : try timestamp(column) }

    /// A column of JSON, parsed and in canonical form: PostgreSQL orders members in another way than SQLite.
    public func json(_ column: Int) throws -> JSON {
        let text = try jsonText(column)
        if text == "{}" { return .object([]) }
        do {
            return try JSON(parsing: text).canonical
        } catch {
            throw SQLError(kind: .corrupt, message: "a stored JSON value cannot be read: \(error)")
        }
    }

    public func optionalJSON(_ column: Int) throws -> JSON? { isNull(column) ? nil : try json(column) }
}
