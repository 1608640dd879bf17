import MinskyModel
import MinskySQL
import Synchronization
import TestSupport
import Testing

@testable import MinskyStore

/// How operations travel: many at once, and no further than has to be together.
struct SyncBatchTests {
    private func update(_ pair: SyncedPair, _ store: Store, _ id: String, _ title: String) throws {
        try store.perform(pair.context()) { session in
            try session.writer.execute("UPDATE tasks SET title = \(title) WHERE id = \(id)")
        }
    }

    /// Only what is near the edit that the upstream refuses is looked at change by change.
    @Test func oneEditThatIsRefusedDoesNotSlowTheOthers() throws {
        let pair = try SyncedPair(.postgres)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        for number in 0..<300 {
            try update(pair, pair.store, id, "title \(number)")
            guard number == 150 else { continue }
            try pair.store.database.write { writer in
                try writer.executeScript("PRAGMA ignore_check_constraints = ON")
                try writer.execute("UPDATE tasks SET complexity = 99 WHERE id = \(id)")
                try writer.executeScript("PRAGMA ignore_check_constraints = OFF")
            }
        }
        let before = pair.wire.statements
        let pushed = try pair.replica.push()
        #expect(pushed.operations == 301)
        #expect(pushed.conflicts == 1)
        // The operations and their changes are 602 rows.
        #expect(pair.wire.statements - before < 1200, "\(pair.wire.statements - before)")
        #expect(try pair.texts("SELECT title FROM tasks", pair.upstream) == ["title 299"])
        _ = try pair.replica.sync()
        #expect(try pair.texts("SELECT title FROM tasks WHERE complexity IS NULL", pair.store) == ["title 299"])
    }

    /// A batch is bounded by what it takes in memory, too.
    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func largeChangesTravelInSmallBatches(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        let id = try pair.add("Report", to: pair.upstream)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<3 {
            let text = (0..<20_000).map { _ in Identifier.random(using: &random) }.joined()
            try pair.upstream.perform(pair.context()) { session in
                try session.writer.execute("UPDATE tasks SET description = \(text) WHERE id = \(id)")
            }
        }
        for number in 0..<3 { try update(pair, pair.upstream, id, "title \(number)") }
        let last = try pair.upstream.read { session in
            try session.operations(where: "1 = 1", orderedBy: "number", changes: .max).map(\.number)
        }
        func batch(_ first: Int64) throws -> Int {
            try pair.upstream.read { session in
                try session.operations(where: "number >= \(first)", orderedBy: "number", changes: 50).count
            }
        }
        #expect(try batch(last[last.count - 6]) == 1, "but one at least")
        #expect(try batch(last[last.count - 3]) == 3)
    }

    /// What never leaves a store is not looked at with every push.
    @Test func operationsWithNothingToPushArePassedOver() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        _ = try pair.store.setPolicy(.isolated, of: "task_tags", as: pair.context())
        func passed() throws -> [String] { try pair.texts("SELECT '' || passed FROM sync_state", pair.store) }
        func tag(_ name: String) throws {
            try pair.store.perform(pair.context()) { session in
                try session.writer.execute(
                    "INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(id), \(name), \(session.operation.now))"
                )
            }
        }
        for number in 0..<3 { try tag("before \(number)") }
        let tagged = try pair.texts("SELECT '' || max(number) FROM operations", pair.store)
        try update(pair, pair.store, id, "title")
        try tag("after")
        #expect(try pair.replica.push().operations == 1)
        #expect(try passed() == tagged, "what was pushed is not acknowledged yet")
        #expect(try pair.replica.sync().pushed == 0)
        #expect(try passed() == pair.texts("SELECT '' || max(number) FROM operations", pair.store))
        #expect(try pair.store.read { try $0.syncState() }?.waiting == 0)
        _ = try pair.store.setPolicy(.both, of: "task_tags", as: pair.context())
        #expect(try pair.replica.sync().pushed > 0)
        #expect(try pair.texts("SELECT tag FROM task_tags", pair.upstream).count == 4)
    }

    /// Others can write while the upstream is waited for.
    @Test func noTransactionHereWaitsForTheUpstream() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        let local = WiredDatabase(pair.store.database)
        let replica = Replica(try Store(opening: local), upstream: pair.upstream)
        // A row whose former value nobody can read, and one with a vector that goes beside it.
        try pair.store.database.write { writer in
            try writer.execute("UPDATE tasks SET metadata = \(#"{"a":1,"a":2}"#) WHERE id = \(id)")
        }
        try pair.upstream.perform(pair.context()) { session in
            try session.writer.execute(
                """
                INSERT INTO embeddings (owner_id, owner_table, model, dims, content_hash, vector, created_at)
                VALUES (\(id), 'tasks', 'm', 1, 'h', \(SQLValue.blob([0, 0, 0, 0])), \(session.operation.now))
                """)
        }
        try update(pair, pair.upstream, id, "theirs")
        let wire = pair.wire
        wire.whenAsked.withLock {
            $0 = { if local.isWrittenHere { wire.isWaitedFor.withLock { $0 = true } } }
        }
        #expect(try replica.pull() == 2)
        #expect(!wire.isWaitedFor.withLock { $0 })
        #expect(
            try pair.texts("SELECT title FROM tasks", pair.store) == [
                "theirs"
            ])
        #expect(try pair.texts("SELECT hex(vector) FROM embeddings", pair.store) == ["00000000"])
    }

    /// Nor does one while the whole store is copied.
    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func aSnapshotIsReadBeforeAnythingHereIsLocked(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        try pair.add("Added here", to: pair.store)
        let local = WiredDatabase(pair.store.database)
        let replica = Replica(try Store(opening: local), upstream: pair.upstream)
        try update(pair, pair.upstream, id, "theirs \u{1F600}")
        try pair.upstream.perform(pair.context()) { session in
            try session.writer.execute(
                """
                INSERT INTO embeddings (owner_id, owner_table, model, dims, content_hash, vector, created_at)
                VALUES (\(id), 'tasks', 'm', 1, 'h', \(SQLValue.blob([0, 0, 128, 63])), \(session.operation.now))
                """)
        }
        let wire = pair.wire
        wire.whenAsked.withLock {
            $0 = { if local.isWrittenHere { wire.isWaitedFor.withLock { $0 = true } } }
        }
        #expect(try replica.takeSnapshot(keepsWaiting: true) == [])
        #expect(!wire.isWaitedFor.withLock { $0 })
        #expect(
            try pair.texts("SELECT title FROM tasks ORDER BY title", pair.store) == ["Added here", "theirs \u{1F600}"])
        #expect(try pair.texts("SELECT hex(vector) FROM embeddings", pair.store) == ["0000803F"])
        _ = try pair.replica.sync()
        #expect(try pair.replica.sync() == Replica.Result())
        #expect(try pair.texts("SELECT title FROM tasks ORDER BY title", pair.upstream).count == 2)
    }

    /// What was asked for when a snapshot was fetched is what has to be wanted when it is taken.
    @Test func aSnapshotOfAnotherMomentIsNotTaken() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        try update(pair, pair.upstream, id, "theirs")
        let (store, context) = (pair.store, pair.context())
        pair.wire.whenAsked.withLock { $0 = { _ = try? store.setPolicy(.isolated, of: "notes", as: context) } }
        #expect {
            try pair.replica.takeSnapshot(keepsWaiting: true)
        } throws: { ($0 as? StoreError)?.code == .conflict }
        #expect(try pair.texts("SELECT title FROM tasks", pair.store) == ["Report"])
        pair.wire.whenAsked.withLock { $0 = nil }
        try pair.replica.takeSnapshot(keepsWaiting: true)
        #expect(try pair.texts("SELECT title FROM tasks", pair.store) == ["theirs"])
    }

    /// What comes next is fetched while something is written, and nothing is taken twice or left out.
    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func manyBatchesComeInTheirOrder(kind: TestDatabase) throws {
        let pair = try SyncedPair(kind)
        let id = try pair.add("Report", to: pair.upstream)
        var replica = pair.replica
        replica.batch = 3
        _ = try replica.sync()
        for number in 0..<20 { try update(pair, pair.upstream, id, "theirs \(number)") }
        #expect(try replica.pull() == 20)
        for number in 0..<20 { try update(pair, pair.store, id, "ours \(number)") }
        #expect(try replica.push().operations == 20)
        _ = try replica.pull()
        #expect(try pair.texts("SELECT title FROM tasks", pair.upstream) == ["ours 19"])
        #expect(try replica.sync() == Replica.Result())
        let sequences = try pair.store.database.read { reader in
            try reader.rows("SELECT sequence FROM operations ORDER BY sequence") { try $0.integer(0) }
        }
        #expect(sequences == Array(1...Int64(sequences.count)))
    }
}
