import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// What may come between two stores at the worst of moments.
@Suite("When something breaks: relocation", .timeLimit(.minutes(10)))
struct RelocationFaultTests {
    private func phase(_ database: any Database) throws -> StorePhase? {
        try InstalledStore(reading: database)?.phase
    }

    /// A way to a pair's target that a test can disturb; its connections bear the schema's name.
    private func target(_ pair: RelocationPair, by proxy: PostgresProxy) throws -> any Database {
        try PostgresDatabase(
            url: proxy.url + "&application_name=" + pair.target.location, schema: pair.target.location)
    }

    /// The same workspace moved elsewhere by somebody else.
    private func another(_ pair: RelocationPair, to target: any Database) throws -> Relocation {
        Relocation(
            id: "another", from: try pair.other(), at: DatabasePlace(url: "the source", schema: nil), to: target,
            at: DatabasePlace(url: "elsewhere", schema: nil), backup: nil, replicaID: "replica333333333",
            now: StoreFixture.start)
    }

    /// The connection is lost, and the commit that opens the target arrives at the server only when the target is being asked
    /// what became of it. Who asks waits for it: otherwise both stores would be open.
    @Test func aLastCommitThatArrivesLateIsWaitedFor() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let proxy = try PostgresProxy()
        defer { proxy.close() }
        let storage = pair.target
        let isOver = Shared(false)
        let releasing = Thread {
            let waiting =
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND application_name = '\(storage.location)'
                """
            while !isOver.value, (try? storage.runShell(waiting)) == "0\n" {}
            proxy.release()
        }
        let relocation = pair.relocation(to: try target(pair, by: proxy))
        defer { isOver.update { $0 = true } }
        _ = try? relocation.run { step in
            guard step == .committing else { return }
            proxy.cutHolding("COMMIT;")
            releasing.start()
        }
        isOver.update { $0 = true }
        // The commit has come to its end when nobody holds the row any more.
        try pair.there.write { try $0.query("SELECT 1 FROM store_state FOR UPDATE") { _ in } }
        #expect(try phase(pair.there) == .active)
        #expect(try phase(pair.here.database) == .fenced)
        #expect(code { try pair.source.add("late") } == .moved)
    }

    /// The connection is lost before the commit that opens the target, which never arrives.
    @Test func aLastCommitThatNeverArrivesIsTakenBack() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let proxy = try PostgresProxy()
        defer { proxy.close() }
        let storage = pair.target
        let relocation = pair.relocation(to: try target(pair, by: proxy))
        let error = #expect(throws: SQLError.self) {
            try relocation.run { step in
                guard step == .committing else { return }
                proxy.cutHolding("COMMIT;")
                // What the server gets is another connection's end, never the commit.
                Thread {
                    Thread.sleep(forTimeInterval: 0.3)
                    _ = try? storage.runShell(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE state = 'idle in transaction' AND application_name = '\(storage.location)'
                        """)
                    proxy.release()
                }.start()
            }
        }
        #expect(error?.isOutcomeUnknown == true)
        #expect(try phase(pair.there) == .abandoned)
        #expect(try phase(pair.here.database) == .active)
        try pair.source.add("goes on")
        try pair.run("again")
    }

    /// After the last commit nobody answers any more: then nobody writes, until the target says where the workspace is.
    @Test(arguments: [false, true])
    func whoCannotAskOpensNothing(isCommitted: Bool) throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        let proxy = try PostgresProxy()
        let relocation = pair.relocation(to: try target(pair, by: proxy))
        let error = #expect(throws: StoreError.self) {
            try relocation.run { step in
                guard step == .committing else { return }
                if isCommitted { proxy.cutAfter("COMMIT;") } else { proxy.cutHolding("BEGIN") }
                proxy.close()
            }
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(try phase(pair.here.database) == .fenced)
        #expect(code { try pair.source.add("nowhere") } == .moved)
        proxy.release()
        #expect(try Relocation.settle(pair.here, target: pair.there) == isCommitted)
        #expect(try phase(pair.here.database) == (isCommitted ? .moved : .active))
        #expect(try phase(pair.there) == (isCommitted ? .active : .abandoned))
    }

    /// Somebody on another machine, who has another lock, moves the workspace elsewhere meanwhile: the later one wins, as long
    /// as the fence is not up, and the first one opens nothing and takes nothing back.
    @Test(arguments: [
        (TestDatabase.sqliteFile, 0), (.sqliteFile, 1), (.sqliteFile, 2), (.sqliteFile, 3), (.sqliteFile, 4),
        (.postgres, 0),
        (.postgres, 2), (.postgres, 4),
    ])
    func whoIsOvertakenStops(from: TestDatabase, moment: Int) throws {
        let pair = try RelocationPair(from, from == .postgres ? .sqliteFile : .postgres)
        let before = try StoreState(pair.here)
        let elsewhere = try from.make()
        let second = try elsewhere.open()
        let other = try another(pair, to: second)
        var isOvertaken = false
        let error = #expect(throws: StoreError.self) {
            try pair.run { step in
                let isNow =
                    switch (step, moment) {
                    case (.preparing, 0), (.indexing, 1), (.following, 2), (.comparing, 3), (.fencing, 4): true
                    default: false
                    }
                guard isNow, !isOvertaken else { return }
                isOvertaken = true
                _ = try other.run { _ in }
                try other.finish()
            }
        }
        #expect(isOvertaken)
        #expect(error?.code == .conflict)
        #expect(try phase(pair.here.database) == .moved)
        #expect(try phase(second) == .active)
        #expect(try phase(pair.there)?.isOpen != true)
        #expect(try StoreState(Store(opening: second)) == before)
    }

    /// Who comes when the fence is up is told, and whoever raised it gets to the end.
    @Test(arguments: TestDatabase.shared)
    func whoComesTooLateIsTold(from: TestDatabase) throws {
        let pair = try RelocationPair(from, from == .postgres ? .sqliteFile : .postgres)
        let elsewhere = try from.make()
        let other = try another(pair, to: try elsewhere.open())
        var told = 0
        try pair.run { step in
            guard step == .draining || step == .committing else { return }
            #expect(code { _ = try other.run { _ in } } == .moved)
            told += 1
        }
        #expect(told == 2)
        #expect(try phase(pair.there) == .active)
        #expect(try phase(elsewhere.open()) == nil)
    }

    /// A newer program has been at the source, before the move or during it: what this one does not know would stay behind.
    @Test(arguments: TestDatabase.shared, [false, true])
    func aNewerSourceIsLeftAlone(from: TestDatabase, isMeanwhile: Bool) throws {
        let pair = try RelocationPair(from, from == .postgres ? .sqliteFile : .postgres)
        let migrate = {
            try Store(opening: try pair.source.storage.open(), schema: MigrationTests.next)
                .migrateIfDue(now: StoreFixture.start)
        }
        if !isMeanwhile { try migrate() }
        let found = code {
            try pair.run { if isMeanwhile, $0 == .fencing { try migrate() } }
        }
        #expect(found == .newerSchema)
        #expect(try phase(pair.here.database) == .active)
        #expect(try phase(pair.there)?.isOpen != true)
        try pair.source.add("still here")
    }

    /// A newer program has been at the target since the workspace left it.
    @Test(arguments: TestDatabase.shared)
    func aNewerTargetIsLeftAlone(from: TestDatabase) throws {
        let pair = try RelocationPair(from, from == .postgres ? .sqliteFile : .postgres)
        try pair.run()
        try pair.turn()
        try Store(opening: pair.there, schema: MigrationTests.next).migrateIfDue(now: StoreFixture.start)
        #expect(code { try pair.run("back") } == .newerSchema)
        #expect(try phase(pair.here.database) == .active)
        #expect(try phase(pair.there) == .moved)
        #expect(try InstalledStore(reading: pair.there)?.relocation == "move1")
    }

    /// Whoever was stopped between the last commit and the note that the workspace has gone leaves a place to come back to.
    @Test(arguments: TestDatabase.shared)
    func aPlaceThatWasLeftWithoutANoteIsTakenUp(from: TestDatabase) throws {
        let pair = try RelocationPair(from, from == .postgres ? .sqliteFile : .postgres)
        _ = try pair.relocation().run { _ in }
        #expect(try phase(pair.here.database) == .fenced)
        try pair.turn()
        let before = try StoreState(pair.here)
        // Not by somebody it was not left for.
        let elsewhere = Relocation(
            id: "elsewhere", from: pair.here, at: DatabasePlace(url: "elsewhere", schema: nil), to: pair.there,
            at: DatabasePlace(url: "the source", schema: nil), backup: nil, replicaID: "replica222222222",
            now: StoreFixture.start)
        #expect(code { _ = try elsewhere.run { _ in } } == .conflict)
        #expect(try phase(pair.there) == .fenced)
        let back = Relocation(
            id: "back", from: pair.here, at: DatabasePlace(url: "the target's place", schema: nil), to: pair.there,
            at: DatabasePlace(url: "the source", schema: nil), backup: nil, replicaID: "replica222222222",
            now: StoreFixture.start)
        _ = try back.run { _ in }
        try back.finish()
        #expect(try phase(pair.here.database) == .moved)
        #expect(try StoreState(Store(opening: pair.there)) == before)
    }

    /// A number that has been drawn is not given out again, even when no row has it.
    @Test func numbersThatWereDrawnStayDrawn() throws {
        let pair = try RelocationPair(.sqliteFile, .postgres)
        try pair.run()
        try pair.turn()
        let sequences = ["operations', 'number", "changes', 'position"].map {
            "pg_get_serial_sequence('\(pair.target.location).\($0)')"
        }
        for sequence in sequences {
            _ = try pair.target.runShell("SELECT nextval(\(sequence)) FROM generate_series(1, 5000)")
        }
        let drawn = try sequences.map { try pair.target.runShell("SELECT pg_sequence_last_value(\($0))") }
        try pair.run("back")
        try pair.turn()
        try pair.run("again")
        #expect(try sequences.map { try pair.target.runShell("SELECT pg_sequence_last_value(\($0))") } == drawn)
        try pair.turn()
        let last = try pair.here.operations(after: 0).last?.number ?? 0
        try pair.here.perform(pair.source.operation()) { session in
            try session.insert(
                TaskItem(id: pair.source.newID(), title: "n", rank: "i", createdAt: session.operation.now))
        }
        #expect(try pair.here.operations(after: 0).last?.number ?? 0 > max(last, 5000))
    }

    /// The connection to the source is lost when the target has been filled: that is not done a second time.
    @Test func aSourceThatIsLostAfterTheTargetWasFilledIsReadOn() throws {
        let name = "lost_\(UInt64.random(in: 0...UInt64.max))"
        let pair = try RelocationPair(.postgres, .sqliteFile, connectionName: name)
        let before = try StoreState(pair.here)
        let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '\(name)'"
        let result = try pair.run { if $0 == .indexing { _ = try pair.source.storage.runShell(end) } }
        #expect(result.operations == before.log.count)
        #expect(try StoreState(Store(opening: pair.there)) == before)
    }

    /// The server ends sessions again and again, at any moment: what is moved in the end is whole, and nothing is said to be
    /// different that is not.
    @Test(
        arguments: [(TestDatabase.sqliteFile, TestDatabase.postgres), (.postgres, .sqliteFile)],
        0..<4)
    func sessionsMayEndAtAnyMoment(ways: (TestDatabase, TestDatabase), round: Int) throws {
        let name = "ended_\(UInt64.random(in: 0...UInt64.max))"
        let pair = try RelocationPair(ways.0, ways.1, connectionName: name)
        // More than is sent at once, so that a connection may be lost in the middle of a table.
        _ = try pair.source.addTasks(500)
        for number in 0..<30 {
            try pair.source.add("Task \(number)") { $0.tags = ["t\(number)"] }
        }
        let isOver = Shared(false)
        let url = try TestStorage.postgresURL()
        let ending = Thread {
            guard let admin = try? PostgresDatabase(url: url, schema: "public") else { return }
            while !isOver.value {
                Thread.sleep(forTimeInterval: .random(in: 0.01...0.3))
                try? admin.write {
                    try $0.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \(name)"
                    ) { _ in }
                }
            }
        }
        ending.start()
        defer { isOver.update { $0 = true } }
        func end() {
            isOver.update { $0 = true }
            while !ending.isFinished { Thread.sleep(forTimeInterval: 0.01) }
        }
        for attempt in 0..<40 {
            do {
                try pair.run("move\(attempt)") { step in
                    if case .following = step { _ = try? pair.source.add("Meanwhile") }
                }
                break
            } catch let error as SQLError where error.kind == .connection {
                _ = try? Relocation.settle(pair.here, target: pair.there)
            } catch let error as StoreError where error.code == .outcomeUnknown {
                _ = try? Relocation.settle(pair.here, target: pair.there)
            }
            if (try? phase(pair.there)) == .active { break }
        }
        end()
        // Each connection is lost once more, perhaps, when it is used next.
        _ = (try? phase(pair.here.database), try? phase(pair.there))
        #expect(try phase(pair.there) == .active)
        #expect(try StoreState(Store(opening: pair.there)) == StoreState(pair.here))
    }
}
