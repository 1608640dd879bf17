import Foundation
import MinskyModel
import MinskySQL
import MinskyStore
import Synchronization
import TestSupport
import Testing

/// Reads the log by what PostgreSQL gives out when a row is written, as one does with a plain `bigserial`: the control
/// that shows that these tests can fail.
private struct PositionPuller {
    let store: Store
    private(set) var cursor: Int64 = 0
    private(set) var seen: [Int64] = []

    init(_ store: Store) { self.store = store }

    mutating func pull() throws {
        let found = try store.database.read { [cursor] connection in
            try connection.rows("SELECT number FROM operations WHERE number > \(cursor) ORDER BY number") {
                try $0.integer(0)
            }
        }
        seen += found
        cursor = found.last ?? cursor
    }
}

/// Reads the log by sequence, as sync does.
private struct SequencePuller {
    let store: Store
    private(set) var seen: [LoggedOperation] = []

    init(_ store: Store) { self.store = store }

    mutating func pull() throws {
        while true {
            let found = try store.operations(after: seen.last?.sequence ?? 0, limit: 100)
            seen += found
            if found.isEmpty { return }
        }
    }
}

@Suite("Several writers on PostgreSQL", .serialized, .timeLimit(.minutes(10)))
struct PostgresConcurrencyTests {
    /// What a writer throws to have its transaction rolled back.
    private struct Rollback: Error {}

    @Test func aPositionGivenOutEarlyAndCommittedLateIsMissedByPositionButNotBySequence() throws {
        let fixture = try StoreFixture(.postgres)
        let ids = try fixture.addTasks(2)
        let other = try fixture.reopened()
        var byPosition = PositionPuller(try fixture.reopened())
        var bySequence = SequencePuller(try fixture.reopened())
        try byPosition.pull()
        try bySequence.pull()
        #expect(byPosition.seen.count == bySequence.seen.count)

        try fixture.store.perform(fixture.operation("slow")) { session in
            try session.rename(ids[0], to: "slow")
            try other.perform(fixture.operation("fast")) { try $0.rename(ids[1], to: "fast") }
            try byPosition.pull()
            try bySequence.pull()
            #expect(bySequence.seen.last?.actor == "fast", "an open transaction holds nobody up")
        }
        try byPosition.pull()
        try bySequence.pull()
        let log = try fixture.store.operations(after: 0)
        #expect(bySequence.seen == log)
        #expect(log.suffix(2).map(\.actor) == ["fast", "slow"])
        let missed = Set(log.map(\.number)).subtracting(byPosition.seen)
        let late = log.filter { $0.actor == "slow" }.map(\.number)
        #expect(missed == Set(late), "the control misses exactly what was committed late")
    }

    /// An operation that begins first, waits for a row and commits last comes last, or what it wrote over would seem newer.
    @Test func ofTwoTransactionsThatChangedOneRowTheLaterOneIsNumberedLater() throws {
        let fixture = try StoreFixture(.postgres)
        let ids = try fixture.addTasks(2)
        let other = try fixture.reopened()
        try fixture.store.perform(fixture.operation("long")) { session in
            try session.rename(ids[0], to: "long")
            try other.perform(fixture.operation("short")) { try $0.rename(ids[1], to: "short") }
            try session.rename(ids[1], to: "long")
        }
        let log = try fixture.store.operations(after: 0).suffix(2)
        #expect(log.map(\.actor) == ["short", "long"])
        #expect(log.first.map(\.number) ?? 0 > log.last.map(\.number) ?? 0, "the other way round by their own numbers")
        #expect(try fixture.disagreements().isEmpty)
    }

    /// Eight writers, of whom some dawdle, some give up and some hold their transaction open, and pullers beside them.
    @Test func nothingIsMissedWhileEightWritersCommit() throws {
        let (writers, transactions) = (8, 250)
        let fixture = try StoreFixture(.postgres)
        let ids = try fixture.addTasks(24)
        let committed = Shared<[String: Int]>([:])
        let running = Shared(writers)
        let pulled = Shared<[LoggedOperation]>([])
        let positions = Shared<[Int64]>([])
        let errors = inThreads(writers + 2) { index in
            switch index {
            case writers:
                var puller = SequencePuller(try fixture.reopened())
                while running.value > 0 { try puller.pull() }
                try puller.pull()
                pulled.update { $0 = puller.seen }
            case writers + 1:
                var puller = PositionPuller(try fixture.reopened())
                while running.value > 0 { try puller.pull() }
                try puller.pull()
                positions.update { $0 = puller.seen }
            default:
                defer { running.update { $0 -= 1 } }
                let done = try Self.write(transactions, writer: index, to: ids, fixture)
                committed.update { $0.merge(done) { $1 } }
            }
        }
        #expect(errors.isEmpty, "no error, deadlocks included, reaches a caller: \(errors)")

        let log = try fixture.store.operations(after: 0, limit: 1_000_000)
        #expect(pulled.value.map(\.sequence) == (0..<log.count).map { Int64($0 + 1) }, "dense from 1, each once")
        #expect(pulled.value == log, "what was pulled while they wrote is what the log says in the end")
        let renames = log.flattened.filter { $0.table == "tasks" && $0.actor.hasPrefix("writer") }
        let counts = Dictionary(grouping: renames, by: \.operationID).mapValues(\.count)
        #expect(counts == committed.value, "each committed row once, no row that was rolled back")
        #expect(try fixture.disagreements().isEmpty, "the changes of one row follow one another")

        let late = zip(log, log.dropFirst()).filter { $0.number > $1.number }.count
        #expect(late > 0, "some changes were committed out of the order of their positions")
        let missed = Set(log.map(\.number)).subtracting(positions.value).count
        #expect(missed > 0, "the control, polling beside it, missed some")
    }

    /// Runs one writer's transactions and returns how many rows each committed operation changed.
    private static func write(
        _ transactions: Int, writer: Int, to ids: [String], _ fixture: StoreFixture
    ) throws -> [String: Int] {
        let store = try fixture.impatient()
        var random = RandomValues(seed: UInt64(writer))
        var committed: [String: Int] = [:]
        for number in 0..<transactions {
            let operation = OperationContext(
                id: "w\(writer)-\(number)", actor: "writer\(writer)", command: "test",
                now: StoreFixture.start.adding(seconds: number))
            let first = random.pick(ids)
            let rows = random.chance(50) ? [first] : [first, random.pick(ids.filter { $0 != first })]
            let (gaveUp, pause) = (random.chance(10), random.chance(5) ? random.number(5...40) : random.number(0...2))
            do {
                try store.perform(operation) { session in
                    for id in rows {
                        try session.rename(id, to: "\(operation.id)")
                        Thread.sleep(forTimeInterval: Double(pause) / 1000)
                    }
                    if gaveUp { throw Rollback() }
                }
                committed[operation.id] = rows.count
            } catch is Rollback {}
        }
        return committed
    }

    @Test func twoTransactionsThatCrossAreBothAppliedOnce() throws {
        let fixture = try StoreFixture(.postgres)
        let ids = try fixture.addTasks(2)
        let attempts = Shared(0)
        let rounds = 5
        for round in 0..<rounds {
            let meeting = MeetingPoint(2)
            let errors = inThreads(2) { index in
                let operation = fixture.operation("w\(index)")
                let isFirst = Mutex(true)
                try fixture.impatient().perform(operation) { session in
                    attempts.update { $0 += 1 }
                    try session.rename(ids[index], to: "\(round) \(operation.id)")
                    if isFirst.withLock({ swap(&$0, false) }) { meeting.meet() }
                    try session.rename(ids[1 - index], to: "\(round) \(operation.id)")
                }
            }
            #expect(errors.isEmpty, "\(errors)")
        }
        #expect(attempts.value > 2 * rounds, "they did cross, and one had to run again")
        let renames = try fixture.store.changes().filter { $0.actor.hasPrefix("w") && $0.table == "tasks" }
        let counts = Dictionary(grouping: renames, by: \.operationID).mapValues { Set($0.map(\.rowID)).count }
        #expect(renames.count == 4 * rounds)
        #expect(counts.count == 2 * rounds)
        #expect(counts.values.allSatisfy { $0 == 2 })
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func twoHalvesOfACircleAreNeverBothCommitted() throws {
        let fixture = try StoreFixture(.postgres)
        let stores = try (0..<2).map { _ in try fixture.impatient() }
        for round in 0..<40 {
            let ids = try fixture.addTasks(2)
            let start = MeetingPoint(2)
            let errors = inThreads(2) { index in
                start.meet()
                try stores[index].perform(fixture.operation("w\(index)")) { session in
                    let old = try session.task(ids[index])
                    var new = old
                    if round % 2 == 0 { new.dependsOn = [ids[1 - index]] } else { new.parentID = ids[1 - index] }
                    try session.update(old, to: new)
                }
            }
            #expect(errors.count == 1)
            #expect((errors.first as? StoreError)?.code == .conflict)
        }
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func aTaskIsNeverLeftUnderOneThatIsDeletedMeanwhile() throws {
        let fixture = try StoreFixture(.postgres)
        let stores = try (0..<2).map { _ in try fixture.impatient() }
        for _ in 0..<20 {
            let parent = try fixture.add("Parent")
            let start = MeetingPoint(2)
            let errors = inThreads(2) { index in
                start.meet()
                try stores[index].perform(fixture.operation("w\(index)")) { session in
                    if index == 0 {
                        _ = try session.delete(parent.id)
                    } else {
                        var child = TaskItem(
                            id: fixture.newID(), title: "Child", rank: "i", createdAt: session.operation.now)
                        child.parentID = parent.id
                        try session.insert(child)
                    }
                }
            }
            // Either the child came too late, or it was deleted with its parent.
            #expect(errors.allSatisfy { ($0 as? StoreError)?.code == .notFound }, "\(errors)")
            #expect(try fixture.all().isEmpty)
        }
    }

    /// A task that neither stands under another nor waits for one cannot close a circle.
    @Test func anOpenTransactionThatAddsATaskHoldsNobodyElseUp() throws {
        let fixture = try StoreFixture(.postgres)
        let other = try fixture.impatient(lockTimeout: 1)
        try fixture.store.perform(fixture.operation()) { session in
            try session.insert(TaskItem(id: fixture.newID(), title: "A", rank: "i", createdAt: StoreFixture.start))
            try other.perform(fixture.operation("other")) {
                try $0.insert(TaskItem(id: fixture.newID(), title: "B", rank: "i", createdAt: StoreFixture.start))
            }
        }
        #expect(Set(try fixture.all().map(\.title)) == ["A", "B"])
    }

    @Test func severalReadersNumberTheLogTogether() throws {
        let fixture = try StoreFixture(.postgres)
        let ids = try fixture.addTasks(200)
        let start = MeetingPoint(6)
        let logs = Shared<[[LoggedOperation]]>([])
        let errors = inThreads(6) { index in
            let store = try fixture.reopened()
            start.meet()
            for id in ids[(index * 20)..<(index * 20 + 20)] {
                try store.perform(fixture.operation("w\(index)")) { try $0.rename(id, to: "\(index)") }
                _ = try store.operations(after: 0, limit: 1)
            }
            let log = try store.operations(after: 0)
            logs.update { $0.append(log) }
        }
        #expect(errors.isEmpty, "\(errors)")
        let log = try fixture.store.operations(after: 0)
        #expect(log.map(\.sequence) == (0..<log.count).map { Int64($0 + 1) })
        #expect(logs.value.allSatisfy { log.starts(with: $0) }, "what one reader has seen never changes")
    }
}

/// Stores a value and returns the one that was there.
private func swap<Value>(_ place: inout Value, _ value: Value) -> Value {
    let old = place
    place = value
    return old
}
