import MinskyModel
import MinskySQL
import Synchronization

/// What stands for a process that is killed, or a connection that is cut.
struct Crash: Error {}

/// A database whose user stops in the middle of a writing transaction, or right after it was committed.
final class FaultyDatabase: Database {
    let base: any Database
    /// Statements until the crash; nil for none.
    private let left = Mutex<Int?>(nil)

    init(_ base: any Database) { self.base = base }

    /// Has the user stop before some statement from now on; when the transaction has fewer, after it was committed.
    func crash(after statements: Int?) { left.withLock { $0 = statements } }

    var dialect: Dialect { base.dialect }
    var schemaName: String? { base.schemaName }
    var place: String? { base.place }

    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result { try base.read(body) }

    func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        let result = try base.write { try body(FaultyWriter(base: $0, tick: tick)) }
        // The answer to the commit is lost.
        let isDue = left.withLock { left in
            defer { left = nil }
            return left != nil
        }
        if isDue { throw Crash() }
        return result
    }

    func signal() throws -> any ChangeSignal { try base.signal() }
    func interrupt() { base.interrupt() }

    private func tick() throws {
        let isDue = left.withLock { left in
            guard let count = left else { return false }
            left = count > 0 ? count - 1 : nil
            return count == 0
        }
        if isDue { throw Crash() }
    }
}

private struct FaultyWriter: Writer {
    let base: any Writer
    let tick: () throws -> Void

    var dialect: Dialect { base.dialect }

    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        try tick()
        try base.query(sql, each: each)
    }

    func execute(_ sql: SQL) throws -> Int {
        try tick()
        return try base.execute(sql)
    }

    func executeLater(_ sql: SQL) throws {
        try tick()
        try base.executeLater(sql)
    }

    func executeScript(_ sql: String) throws {
        try tick()
        try base.executeScript(sql)
    }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        try tick()
        return try base.load(into: table, columns: columns, rows: rows)
    }
}
