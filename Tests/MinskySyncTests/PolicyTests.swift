import Foundation
import MinskyModel
import MinskySQL
import Synchronization
import TestSupport
import Testing

@testable import MinskyStore

/// A store and its upstream, in one process.
final class SyncedPair {
    let upstream: Store
    let store: Store
    /// Everything that was sent to the upstream.
    let wire: WiredDatabase
    private let storages: [TestStorage]
    private var count = 0
    static let start = Timestamp(microseconds: 1_790_000_000_000_000)

    init(_ kind: TestDatabase) throws {
        storages = [try kind.make(), try TestDatabase.sqliteMemory.make()]
        wire = WiredDatabase(try storages[0].open())
        upstream = try Store(
            creatingIn: wire, identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "upstream00000000"),
            now: Self.start)
        let database = try storages[1].open()
        try Replica.clone(
            upstream, at: Simulation.place, into: database, replicaID: "replica000000000", now: Self.start)
        store = try Store(opening: database)
    }

    var replica: Replica { Replica(store, upstream: upstream) }

    func context(_ command: String = "test") -> OperationContext {
        count += 1
        var random = SeededGenerator(seed: UInt64(count))
        return OperationContext(
            id: Identifier.random(using: &random), actor: "ada", command: command,
            now: Self.start.adding(seconds: count))
    }

    /// Adds a task, with a note and a call of a model.
    @discardableResult
    func add(_ title: String, to store: Store, note: String? = nil, call: String? = nil) throws -> String {
        let operation = context()
        var random = SeededGenerator(seed: UInt64(count) + 10_000)
        let ids = (0..<3).map { _ in Identifier.random(using: &random) }
        try store.perform(operation) { session in
            try session.insert(
                TaskItem(
                    id: ids[0], title: title, rank: Rank.between(nil, nil), createdAt: operation.now, createdBy: "ada"))
            if let note {
                try session.writer.execute(
                    """
                    INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                    VALUES (\(ids[1]), \(ids[0]), \(note), 'ada', \(operation.now), \(operation.now))
                    """)
            }
            if let call {
                try session.writer.execute(
                    """
                    INSERT INTO ai_calls (id, actor, purpose, provider, model, started_at, milliseconds, outcome)
                    VALUES (\(ids[2]), 'ada', 'test', 'x', \(call), \(operation.now), 1, 'ok')
                    """)
            }
        }
        return ids[0]
    }

    func texts(_ sql: SQL, _ store: Store) throws -> [String] {
        try store.database.read { try $0.rows(sql) { try $0.text(0) } }
    }
}

/// A database that keeps the bytes of every statement and value that it is given.
final class WiredDatabase: Database {
    let base: any Database
    private let sent = Mutex("")
    private let count = Mutex(0)
    private let isWriting = Mutex<Set<UInt>>([])
    /// Called with every statement.
    let whenAsked = Mutex<(@Sendable () -> Void)?>(nil)
    /// Set by who finds that a transaction elsewhere waits for this database.
    let isWaitedFor = Mutex(false)

    init(_ base: any Database) { self.base = base }

    /// Whether a text has been sent.
    func hasSeen(_ text: String) -> Bool { sent.withLock { $0.contains(text) } }

    /// How many statements, and rows that were loaded, have been sent.
    var statements: Int { count.withLock { $0 } }

    /// Whether the calling thread is in a writing transaction.
    var isWrittenHere: Bool { isWriting.withLock { $0.contains(Self.thread) } }

    private static var thread: UInt { UInt(bitPattern: pthread_self().hashValue) }

    var dialect: Dialect { base.dialect }
    var schemaName: String? { base.schemaName }
    var place: String? { base.place }

    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
        try base.read { try body(WiredReader(base: $0, note: note)) }
    }
    func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result {
        isWriting.withLock { _ = $0.insert(Self.thread) }
        defer { isWriting.withLock { _ = $0.remove(Self.thread) } }
        return try base.write { try body(WiredWriter(base: $0, note: note)) }
    }
    func signal() throws -> any ChangeSignal { try base.signal() }
    func interrupt() { base.interrupt() }

    private func note(_ text: String) {
        whenAsked.withLock { $0 }?()
        count.withLock { $0 += 1 }
        sent.withLock { $0 += text + "\n" }
    }
}

private struct WiredReader: Reader {
    let base: any Reader
    let note: (String) -> Void
    var dialect: Dialect { base.dialect }
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        note("\(sql.text(for: dialect)) \(sql.values)")
        try base.query(sql, each: each)
    }
}

private struct WiredWriter: Writer {
    let base: any Writer
    let note: (String) -> Void
    var dialect: Dialect { base.dialect }
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        note("\(sql.text(for: dialect)) \(sql.values)")
        try base.query(sql, each: each)
    }
    func execute(_ sql: SQL) throws -> Int {
        note("\(sql.text(for: dialect)) \(sql.values)")
        return try base.execute(sql)
    }
    func executeLater(_ sql: SQL) throws {
        note("\(sql.text(for: dialect)) \(sql.values)")
        try base.executeLater(sql)
    }
    func executeScript(_ sql: String) throws {
        note(sql)
        try base.executeScript(sql)
    }
    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        var all: [[SQLValue]] = []
        try rows { all.append($0) }
        for values in all { note("\(values)") }
        return try base.load(into: table, columns: columns) { add in
            for values in all { try add(values) }
        }
    }
}

/// Which way tables go.
struct PolicyTests {
    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func whatIsIsolatedIsInNoByteThatIsSent(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        #expect(try !pair.store.setPolicy(.isolated, of: "notes", as: pair.context("sync policy")))
        try pair.add("Public", to: pair.store, note: "secret thought")
        try pair.store.perform(pair.context("private-command")) { session in
            try session.writer.execute("UPDATE notes SET body = 'secret again'")
        }
        let result = try pair.replica.sync()
        #expect(result.pushed == 1, "an operation of which nothing is pushed is not pushed itself")
        #expect(pair.wire.hasSeen("Public"))
        #expect(!pair.wire.hasSeen("secret") && !pair.wire.hasSeen("private-command"))
        #expect(try pair.store.read { try $0.syncState() }?.waiting == 0)
        #expect(try pair.texts("SELECT body FROM notes", pair.store) == ["secret again"])
        #expect(try pair.replica.sync() == Replica.Result())

        // When it may go, all of it goes, as one operation.
        #expect(try pair.store.setPolicy(.both, of: "notes", as: pair.context("sync policy")))
        try pair.replica.takeSnapshot(keepsWaiting: true)
        _ = try pair.replica.sync()
        #expect(try pair.texts("SELECT body FROM notes", pair.upstream) == ["secret again"])
        #expect(try pair.texts("SELECT body FROM notes", pair.store) == ["secret again"])
        #expect(try pair.replica.sync() == Replica.Result())
    }

    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func callsOfModelsGoOneWayOnly(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        try pair.add("Here", to: pair.store, call: "model of mine")
        try pair.add("There", to: pair.upstream, call: "model of theirs")
        _ = try pair.replica.sync()
        #expect(
            try pair.texts("SELECT model FROM ai_calls ORDER BY model", pair.upstream) == [
                "model of mine", "model of theirs",
            ])
        #expect(try pair.texts("SELECT model FROM ai_calls", pair.store) == ["model of mine"])
        #expect(try pair.texts("SELECT title FROM tasks ORDER BY title", pair.store) == ["Here", "There"])
        try pair.replica.takeSnapshot(keepsWaiting: true)
        #expect(try pair.texts("SELECT model FROM ai_calls", pair.store) == ["model of mine"])
        #expect(try pair.replica.sync() == Replica.Result())
    }

    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func whatIsOnlyPulledIsRefused(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        _ = try pair.store.setPolicy(.pull, of: "notes", as: pair.context("sync policy"))
        #expect(throws: SQLError.self) { try pair.add("Here", to: pair.store, note: "x") }
        try pair.add("There", to: pair.upstream, note: "from there")
        _ = try pair.replica.sync()
        #expect(try pair.texts("SELECT body FROM notes", pair.store) == ["from there"])
        #expect(try pair.store.captureProblems().isEmpty)
        _ = try pair.store.setPolicy(.both, of: "notes", as: pair.context("sync policy"))
        try pair.add("Here", to: pair.store, note: "x")
        #expect(throws: StoreError.self) {
            try pair.store.setPolicy(.isolated, of: "tasks", as: pair.context("sync policy"))
        }
    }

    /// What old operations changed is removed once every replica has it; one that was away begins with a copy.
    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func compactionLosesNoTaskAndNoEdit(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        let id = try pair.add("One", to: pair.upstream)
        _ = try pair.replica.sync()
        try pair.replica.introduce(as: "ada")
        try pair.add("Two", to: pair.upstream)
        try pair.add("Three", to: pair.upstream)
        let later = Timestamp(microseconds: 4_000_000_000_000_000)
        let kept = try pair.upstream.compact(before: later, now: pair.context().now)
        #expect(kept.floor <= 2, "the replica lacks the rest")
        try pair.store.perform(pair.context()) { session in
            try session.writer.execute("UPDATE tasks SET title = 'Mine' WHERE id = \(id)")
        }
        // Away for longer than anybody waits.
        let done = try pair.upstream.compact(
            before: later, now: later)
        #expect(done.floor > kept.floor && done.changes > 0)
        #expect(try pair.upstream.compact(before: later, now: pair.context().now).changes == 0)
        _ = try pair.replica.sync()
        for store in [pair.store, pair.upstream] {
            #expect(try pair.texts("SELECT title FROM tasks ORDER BY title", store) == ["Mine", "Three", "Two"])
        }
        #expect(try pair.replica.sync() == Replica.Result())
        #expect(try pair.store.floor() == done.floor)
    }
}
