// MinskySQL: SQL text, the values that go with it, rows, and the protocol the two drivers fulfil. Nothing else.
//
// May import MinskyModel.

/// Which SQL a database speaks. Places where the two differ are few, and each asks this.
public enum Dialect: Sendable {
    case sqlite, postgres
}

/// An open database: one connection that runs one transaction at a time and blocks the calling thread.
///
/// Transactions are never nested: one that begins within another of the same thread is refused with an `SQLError`.
public protocol Database: Sendable {
    var dialect: Dialect { get }

    /// The schema in which names are looked up, or nil where there are none.
    var schemaName: String? { get }

    /// What tells this place from others that a copy of the database may be brought to, or nil when nothing does: for a
    /// file, the machine and the file's number on it.
    var place: String? { get }

    /// Runs a body that only reads, in one transaction with one consistent view.
    /// - Throws: `SQLError`, or what the body throws.
    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result

    /// Runs a body in one writing transaction: all of it is committed, or, when it throws, nothing.
    ///
    /// The body runs again from the start when the database asks for a retry (`SQLError.isRetryable`), so it must not
    /// do anything outside the database.
    /// - Throws: `SQLError`, or what the body throws. An error whose `isOutcomeUnknown` is true leaves open whether the
    ///   transaction was committed.
    @discardableResult func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result

    /// Begins to listen for changes, also those of other processes, on a connection of its own.
    /// - Throws: `SQLError`.
    func signal() throws -> any ChangeSignal

    /// Ends the statement that is running, if any, with an `SQLError` of kind `.interrupted`. May be called from any thread.
    func interrupt()
}

/// Tells that a database may have been changed.
public protocol ChangeSignal: AnyObject {
    /// Waits until a change has been committed since the last call, or since the signal was made, or a time has passed.
    /// - Parameter seconds: The longest time to wait.
    /// - Returns: Whether there may have been a change.
    /// - Throws: `SQLError` when the connection is lost; a new signal is needed then, and a look at what was missed.
    func wait(seconds: Double) throws -> Bool
}

/// A database inside a transaction. Valid only while the body it was passed to runs.
public protocol Reader {
    var dialect: Dialect { get }

    /// Runs a statement and passes each row of its answer to a closure, as it arrives; the row is valid only within that
    /// call, and no other statement may be run until the last row has been passed.
    /// - Throws: `SQLError`, or what the closure throws.
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws
}

/// A database inside a writing transaction.
public protocol Writer: Reader {
    /// Runs a statement and returns how many rows it changed.
    /// - Throws: `SQLError`.
    @discardableResult func execute(_ sql: SQL) throws -> Int

    /// Runs a statement whose answer is of no interest, and need not wait until it has been run: what it throws may be thrown by
    /// the next statement, or when the transaction is committed.
    /// - Throws: `SQLError`.
    func executeLater(_ sql: SQL) throws

    /// Runs a statement once for each list of values, which take the place of its own.
    /// - Throws: `SQLError`.
    func execute(_ sql: SQL, forEach lists: [[SQLValue]]) throws

    /// Runs several statements without parameters, separated by semicolons.
    /// - Throws: `SQLError`.
    func executeScript(_ sql: String) throws

    /// Inserts many rows the fastest way the database knows.
    /// - Parameters:
    ///   - table: The table, as SQL.
    ///   - columns: The columns' names, as SQL.
    ///   - rows: Called once; calls its argument with the values of each row, in the order of the columns. Nothing else may
    ///     be done in the transaction meanwhile.
    /// - Returns: How many rows were inserted.
    /// - Throws: `SQLError`, or what the closure throws.
    @discardableResult
    func load(into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void) throws
        -> Int
}

extension Writer {
    public func executeLater(_ sql: SQL) throws { try execute(sql) }

    public func execute(_ sql: SQL, forEach lists: [[SQLValue]]) throws {
        for values in lists { try execute(sql.with(values: values)) }
    }
}

extension Reader {
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
