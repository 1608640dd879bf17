import MinskyModel
import MinskySQL
import Synchronization

/// The statements that a database was given, in their order.
public final class RecordedStatements: Sendable {
    private let kept = Mutex<[SQL]>([])

    public var value: [SQL] { kept.withLock { $0 } }

    fileprivate func append(_ statement: SQL) { kept.withLock { $0.append(statement) } }
}

/// A database that keeps the statements it is given.
public struct RecordingDatabase: Database {
    let base: any Database
    public let statements = RecordedStatements()

    public init(_ base: any Database) { self.base = base }

    public var dialect: Dialect { base.dialect }
    public var schemaName: String? { base.schemaName }
    public var place: String? { base.place }

    public func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        try base.read { try body(RecordingReader(base: $0, statements: statements)) }
    }

    public func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        try base.write { try body(RecordingWriter(base: $0, statements: statements)) }
    }

    public func signal() throws -> any ChangeSignal { try base.signal() }
    public func interrupt() { base.interrupt() }
}

private struct RecordingReader: Reader {
    let base: any Reader
    let statements: RecordedStatements

    var dialect: Dialect { base.dialect }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        statements.append(sql)
        try base.query(sql, each: each)
    }
}

private struct RecordingWriter: Writer {
    let base: any Writer
    let statements: RecordedStatements

    var dialect: Dialect { base.dialect }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        statements.append(sql)
        try base.query(sql, each: each)
    }

    func execute(_ sql: SQL) throws -> Int {
        statements.append(sql)
        return try base.execute(sql)
    }

    func executeScript(_ sql: String) throws { try base.executeScript(sql) }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        statements.append(SQL(unsafeRaw: "COPY \(table)"))
        return try base.load(into: table, columns: columns, rows: rows)
    }
}
