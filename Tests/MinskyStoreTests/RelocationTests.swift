import MinskyModel
import MinskyPostgres
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

@Suite("Relocation")
struct RelocationTests {
    private static let ways: [(TestDatabase, TestDatabase)] = [
        (.sqliteFile, .postgres), (.postgres, .sqliteFile), (.sqliteFile, .sqliteFile), (.postgres, .postgres),
    ]

    @Test(arguments: ways)
    func everythingGoesAlong(from: TestDatabase, to: TestDatabase) throws {
        let pair = try RelocationPair(from, to)
        let before = try StoreState(pair.here)
        #expect(before.log.count >= 6 && before.vectors.count == 1)
        let result = try pair.run()
        let there = try Store(opening: pair.there)
        #expect(try StoreState(there) == before, "rows, vectors, sequences, ids, clocks")
        #expect(try there.captureProblems().isEmpty)
        #expect(there.installed.workspaceID == pair.here.installed.workspaceID)
        #expect(result.tables.first { $0.table == "tasks" }?.rows == 3)
        #expect(result.operations == before.log.count)

        // The log goes on where it was, and undo reaches back across the move.
        let undone = try there.undo(before.log.last.map { .operation($0.id) } ?? .last, as: pair.source.operation()) {
            undone, _ in undone
        }
        #expect(undone.command == "sql")
        #expect(try there.read { try $0.tasks() }.map(\.title).sorted() == ["A “quoted” ' \\ 🙂", "B", "C"])
        let last = try #require(try there.operations(after: 0).last)
        #expect(last.sequence == Int64(before.log.count + 1))
        #expect(last.hlc > (before.log.map(\.hlc).max() ?? last.hlc))
    }

    @Test(arguments: ways)
    func nobodyWritesWhereTheWorkspaceIsNot(from: TestDatabase, to: TestDatabase) throws {
        let pair = try RelocationPair(from, to)
        try pair.run()
        let before = try StoreState(pair.here)
        #expect(code { try pair.source.add("late") } == .moved)
        let tasks = pair.source.storage.table("tasks")
        for statement in ["UPDATE \(tasks) SET title = 'x'", "DELETE FROM \(tasks)"] {
            let error = #expect(throws: ProcessFailure.self) { try pair.source.storage.runShell(statement) }
            #expect("\(try #require(error))".contains("the target's place"), "a shell is told where the workspace is")
        }
        #expect(try StoreState(pair.here) == before)
        #expect(try pair.here.captureProblems().isEmpty, "a fence is nothing wrong")
        try pair.here.restoreCapture()
        #expect(throws: ProcessFailure.self) { try pair.source.storage.runShell("DELETE FROM \(tasks)") }
    }

    /// Back again with what was done meanwhile, and there once more.
    @Test(arguments: ways)
    func thereAndBackAndThereAgain(from: TestDatabase, to: TestDatabase) throws {
        let pair = try RelocationPair(from, to)
        for round in 1...3 {
            try pair.run("move\(round)")
            try pair.turn()
            for number in 0..<3 {
                try pair.here.perform(pair.source.operation()) { session in
                    var task = TaskItem(
                        id: pair.source.newID(), title: "\(round).\(number)", rank: "k\(number + 1)",
                        createdAt: session.operation.now)
                    task.tags = ["round"]
                    try session.insert(task)
                    let other = try #require(try session.tasks().first)
                    var changed = other
                    changed.title += "!"
                    changed.tags = []
                    changed.externalRef = nil
                    try session.update(other, to: changed)
                }
            }
            try pair.here.undo(as: pair.source.operation()) { _, _ in }
            let before = try StoreState(pair.here)
            let result = try pair.run("back\(round)")
            #expect(result.operations == 4)
            try pair.turn()
            #expect(try StoreState(pair.here) == before)
            #expect(try pair.here.captureProblems().isEmpty)
        }
    }

    /// People go on working until the fence.
    @Test(arguments: [(TestDatabase.sqliteFile, TestDatabase.postgres), (.postgres, .sqliteFile)])
    func whatIsWrittenMeanwhileGoesAlong(from: TestDatabase, to: TestDatabase) throws {
        let pair = try RelocationPair(from, to)
        let other = try pair.other()
        var written = 0
        try pair.run { step in
            if [.fencing, .draining, .committing, .committed].contains(step) { return }
            try other.perform(pair.source.operation()) { session in
                for task in try session.tasks() {
                    var changed = task
                    changed.title = "\(written)"
                    changed.tags = ["tag\(written)"]
                    try session.update(task, to: changed)
                }
                try session.insert(
                    TaskItem(id: pair.source.newID(), title: "new", rank: "i", createdAt: session.operation.now))
            }
            written += 1
        }
        #expect(written > 8)
        let there = try Store(opening: pair.there)
        #expect(try StoreState(there) == StoreState(pair.here))
        #expect(try there.read { try $0.tasks() }.count == 3 + written)
    }

    private struct Stopped: Error {}

    /// Whatever fails before the last step, the workspace is where it was, and the next attempt succeeds.
    @Test(arguments: [(TestDatabase.sqliteFile, TestDatabase.postgres), (.postgres, .sqliteFile)])
    func whoFailsLeavesTheWorkspaceWhereItWas(from: TestDatabase, to: TestDatabase) throws {
        var steps = 0
        try RelocationPair(from, to).run { _ in steps += 1 }
        #expect(steps > 20)
        for number in 0..<(steps - 1) {
            let pair = try RelocationPair(from, to)
            var step = 0
            #expect(throws: Stopped.self, "step \(number)") {
                try pair.run("move\(number)") { _ in
                    if step == number { throw Stopped() }
                    step += 1
                }
            }
            try pair.source.add("\(number)")
            if let there = try? Store(opening: pair.there) {
                #expect(!there.installed.phase.isOpen)
                #expect(code { try there.perform(pair.source.operation()) { _ in } } == .moved)
            }
            try pair.run("last")
            #expect(try StoreState(Store(opening: pair.there)) == StoreState(pair.here))
            #expect(try pair.here.read { try $0.tasks() }.count == 4)
        }
    }

    /// What a process that was killed leaves behind.
    @Test(arguments: [(TestDatabase.sqliteFile, TestDatabase.postgres), (.postgres, .sqliteFile)], [false, true])
    func whoIsKilledIsSettledByWhatTheTargetSays(ways: (TestDatabase, TestDatabase), isCommitted: Bool) throws {
        let pair = try RelocationPair(ways.0, ways.1)
        try pair.run()
        try pair.here.database.write { try $0.execute("UPDATE store_state SET phase = 'fenced'") }
        if !isCommitted { try pair.there.write { try $0.execute("UPDATE store_state SET phase = 'filling'") } }
        #expect(try Relocation.settle(pair.here, target: pair.there) == isCommitted)
        let (here, there) = (try Store(opening: pair.here.database), try Store(opening: pair.there))
        #expect(here.installed.phase == (isCommitted ? .moved : .active))
        #expect(there.installed.phase == (isCommitted ? .active : .abandoned))
        #expect(try Relocation.settle(here, target: pair.there) == isCommitted, "once more changes nothing")
        if isCommitted {
            #expect(code { try pair.source.add("late") } == .moved)
        } else {
            try pair.source.add("late")
            _ = try pair.source.storage.runShell("UPDATE \(pair.source.storage.table("tasks")) SET title = 'x'")
        }
    }

    /// A process that was thought dead does not open the target after the workspace has been given back to the source.
    @Test func whoCommitsTooLateIsRefused() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let error = #expect(throws: StoreError.self) {
            try pair.run { step in
                guard step == .committing else { return }
                let other = try pair.other()
                #expect(try !Relocation.settle(other, target: pair.target.open()))
                try other.perform(pair.source.operation()) { session in
                    try session.insert(
                        TaskItem(id: pair.source.newID(), title: "after", rank: "i", createdAt: session.operation.now))
                }
            }
        }
        #expect(error?.code == .conflict)
        #expect(try Store(opening: pair.there).installed.phase == .abandoned)
        #expect(try pair.source.all().contains { $0.title == "after" })
    }

    /// The answer to the last commit is lost: the target is asked.
    @Test func aLostAnswerToTheLastCommitIsLookedUp() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let proxy = try PostgresProxy()
        defer { proxy.close() }
        let relocation = Relocation(
            id: "move1", from: pair.here, at: DatabasePlace(url: "here", schema: nil),
            to: try PostgresDatabase(url: proxy.url, schema: pair.target.location),
            at: DatabasePlace(url: "there", schema: nil), backup: nil,
            replicaID: "replica222222222", now: StoreFixture.start)
        _ = try relocation.run { if $0 == .committing { proxy.cutAfter("COMMIT;") } }
        #expect(try Store(opening: pair.there).installed.phase == .active)
        #expect(code { try pair.source.add("late") } == .moved)
    }

    @Test func whatIsThereAlreadyIsNotTouched() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let schema = pair.target.location
        _ = try pair.target.runShell("CREATE SCHEMA \(schema); CREATE TABLE \(schema).mine (a int)")
        #expect(code { try pair.run() } == .foreign)
        _ = try pair.target.runShell("DROP TABLE \(schema).mine")
        let identity = StoreIdentity(workspaceID: "another000000000", replicaID: "r")
        _ = try Store(creatingIn: pair.there, identity: identity, now: StoreFixture.start)
        #expect(code { try pair.run() } == .foreign)
        #expect(try Store(opening: pair.there).installed.phase == .active)
        try pair.source.add("still here")
    }
}
