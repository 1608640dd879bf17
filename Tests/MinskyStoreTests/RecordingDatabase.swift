import MinskyModel
import MinskySQL
import MinskyStore

/// A database that keeps the statements it is given.
struct RecordingDatabase: Database {
    let base: any Database
    let statements = Shared<[SQL]>([])

    init(_ base: any Database) { self.base = base }

    var dialect: Dialect { base.dialect }
    var schemaName: String? { base.schemaName }
    var place: String? { base.place }

    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        try base.read { try body(RecordingReader(base: $0, statements: statements)) }
    }

    func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        try base.write { try body(RecordingWriter(base: $0, statements: statements)) }
    }

    func signal() throws -> any ChangeSignal { try base.signal() }
    func interrupt() { base.interrupt() }
}

private struct RecordingReader: Reader {
    let base: any Reader
    let statements: Shared<[SQL]>

    var dialect: Dialect { base.dialect }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        statements.update { $0.append(sql) }
        try base.query(sql, each: each)
    }
}

private struct RecordingWriter: Writer {
    let base: any Writer
    let statements: Shared<[SQL]>

    var dialect: Dialect { base.dialect }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        statements.update { $0.append(sql) }
        try base.query(sql, each: each)
    }

    func execute(_ sql: SQL) throws -> Int {
        statements.update { $0.append(sql) }
        return try base.execute(sql)
    }

    func executeScript(_ sql: String) throws { try base.executeScript(sql) }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        statements.update { $0.append(SQL(unsafeRaw: "COPY \(table)")) }
        return try base.load(into: table, columns: columns, rows: rows)
    }
}
