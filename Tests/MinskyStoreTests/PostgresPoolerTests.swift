import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskyStore
import TestSupport
import Testing

/// pgbouncer in transaction mode with three connections to the server: whoever keeps something in a session, or takes what
/// somebody else has kept there, is found out.
@Suite("PostgreSQL behind a pooler", .serialized, .timeLimit(.minutes(10)))
struct PostgresPoolerTests {
    @Test func aStoreIsMadeReadWrittenAndTakenBack() throws {
        let fixture = try StoreFixture(.postgres, isPooled: true)
        let task = try fixture.add("A") { $0.tags = ["x"] }
        try fixture.edit(task.id) { $0.title = "B" }
        try fixture.undo()
        #expect(try fixture.all().map(\.title) == ["A"])
        #expect(try fixture.store.operations(after: 0).map(\.sequence) == [1, 2, 3])
        #expect(try fixture.disagreements().isEmpty)
    }

    /// More clients than connections, in two schemas at once: no client ever sees the other schema, and the log is dense.
    @Test func writersOfTwoWorkspacesShareItsConnections() throws {
        let fixtures = try (0..<2).map { _ in try StoreFixture(.postgres, isPooled: true) }
        let ids = try fixtures.map { try $0.addTasks(4) }
        let errors = inThreads(8) { index in
            let fixture = fixtures[index % 2]
            let store = try fixture.reopened()
            for round in 0..<25 {
                try store.perform(fixture.operation("writer\(index)")) { session in
                    try session.rename(ids[index % 2][round % 4], to: "\(index % 2): \(index), \(round)")
                }
                _ = try store.operations(after: 0, limit: 1000)
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        for (index, fixture) in fixtures.enumerated() {
            let log = try fixture.store.operations(after: 0, limit: 1000)
            #expect(log.map(\.sequence) == (0..<101).map { Int64($0 + 1) })
            #expect(try fixture.all().allSatisfy { $0.title.hasPrefix("\(index): ") })
            #expect(try fixture.disagreements().isEmpty)
        }
    }

    @Test func transactionsThatCrossAreBothAppliedOnce() throws {
        let fixture = try StoreFixture(.postgres, isPooled: true)
        let ids = try fixture.addTasks(2)
        let stores = try (0..<2).map { _ in try fixture.reopened() }
        let meeting = MeetingPoint(2)
        let runs = Shared(0)
        let errors = inThreads(2) { index in
            var isFirst = true
            try stores[index].perform(fixture.operation("w\(index)")) { session in
                runs.update { $0 += 1 }
                try session.rename(ids[index], to: "w\(index)")
                if isFirst { meeting.meet() }
                isFirst = false
                try session.rename(ids[1 - index], to: "w\(index)")
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(runs.value == 3, "one of them ran again after the deadlock")
        #expect(try fixture.store.changes().filter { $0.actor.hasPrefix("w") && $0.table == "tasks" }.count == 4)
        #expect(try fixture.disagreements().isEmpty)
    }

    /// What one transaction has set must be nobody else's on the connection that it leaves behind.
    @Test func nothingOfATransactionStaysOnTheConnection() throws {
        let fixture = try StoreFixture(.postgres, isPooled: true)
        try fixture.add("A")
        let shown = try Process.output(
            "psql",
            [
                try TestStorage.poolerURL(), "-AtqX", "-c", "SHOW search_path", "-c", "SHOW lock_timeout", "-c",
                "SHOW statement_timeout", "-c", "SELECT current_setting('minsky.actor', true)", "-c",
                "SELECT count(*) FROM pg_prepared_statements",
            ])
        #expect(shown == "\"$user\", public\n0\n0\n\n0\n")
    }

    @Test func aConnectionLostInsideATransactionLosesAndDoublesNothing() throws {
        let fixture = try StoreFixture(.postgres, isPooled: true)
        let task = try fixture.add("A")
        var runs = 0
        try fixture.store.perform(fixture.operation()) { session in
            runs += 1
            try session.rename(task.id, to: "B")
            if runs == 1 {
                let backend = try session.writer.first("SELECT pg_backend_pid()") { try $0.integer(0) }
                _ = try fixture.storage.runShell("SELECT pg_terminate_backend(\(try #require(backend)))")
            }
            _ = try session.tasks()
        }
        #expect(runs == 2)
        #expect(try fixture.store.changes().filter { $0.after?["title"] == "B" }.count == 1)
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func aRunningStatementIsInterrupted() throws {
        let database = try TestDatabase.postgres.make(isPooled: true).open()
        let isDone = Shared(false)
        let errors = inThreads(2) { index in
            if index == 0 {
                defer { isDone.update { $0 = true } }
                try database.read { try $0.query("SELECT pg_sleep(60)::text") { _ in } }
            } else {
                while !isDone.value {
                    database.interrupt()
                    Thread.sleep(forTimeInterval: 0.02)
                }
            }
        }
        #expect(errors.map { ($0 as? SQLError)?.kind } == [.interrupted])
    }

    /// Notifications go to a session, which the pooler gives to somebody else: the database is asked instead.
    @Test func aSignalTellsOfACommitElsewhereAllTheSame() throws {
        let fixture = try StoreFixture(.postgres, isPooled: true)
        // Other tests of the server's are told, too: it asks for any transaction.
        for _ in 0..<3 {
            let signal = try fixture.reopened().database.signal()
            try fixture.add("A")
            #expect(try signal.wait(seconds: 20))
        }
        let listening = try fixture.storage.runShell(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"\(fixture.storage.location)%'")
        #expect(listening == "0\n")
    }
}
