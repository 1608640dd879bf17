import Foundation
import MinskyModel
import MinskySQL
import MinskySQLite
import MinskyStore
import TestSupport
import Testing

@Suite("Several processes and threads on one SQLite file", .serialized, .timeLimit(.minutes(10)))
struct SQLiteConcurrencyTests {
    /// With the write-ahead log, as `minsky init` makes it, and without, as a file that was copied may be.
    private func fixture(writeAhead: Bool) throws -> StoreFixture {
        let fixture = try StoreFixture(.sqliteFile)
        if writeAhead { try (fixture.store.database as? SQLiteDatabase)?.enableWriteAheadLog() }
        return fixture
    }

    @Test(arguments: [true, false])
    func eightWritersAndFourReadersLoseNothing(writeAhead: Bool) throws {
        let (writers, transactions) = (8, 20)
        let fixture = try fixture(writeAhead: writeAhead)
        let ids = try fixture.addTasks(10)
        let running = Shared(writers)
        let errors = inThreads(writers + 4) { index in
            let store = try fixture.reopened()
            if index < writers {
                defer { running.update { $0 -= 1 } }
                var random = RandomValues(seed: UInt64(index))
                for number in 0..<transactions {
                    let operation = OperationContext(
                        id: "w\(index)-\(number)", actor: "w\(index)", command: "test", now: StoreFixture.start)
                    try store.perform(operation) { session in
                        for id in Set([random.pick(ids), random.pick(ids)]) { try session.rename(id, to: operation.id) }
                    }
                }
            } else {
                var known: [LoggedChange] = []
                while running.value > 0 {
                    let changes = try store.changes()
                    #expect(changes.starts(with: known), "what was read once stays as it was")
                    known = changes
                    _ = try store.read { try $0.tasks() }
                }
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        let operations = try fixture.store.changes().filter {
            $0.table == "tasks" && $0.actor != "ada"
        }
        #expect(Set(operations.map(\.operationID)).count == writers * transactions)
        #expect(try fixture.disagreements().isEmpty)
    }

    /// A transaction that reads before it writes must not find that another one was faster.
    @Test(arguments: [true, false])
    func whatATransactionHasReadStaysTrueUntilItHasWritten(writeAhead: Bool) throws {
        let (writers, transactions) = (4, 12)
        let fixture = try fixture(writeAhead: writeAhead)
        let task = try fixture.add("A") { $0.estimateMinutes = 1 }
        let errors = inThreads(writers) { _ in
            let database = try fixture.reopened().database
            for _ in 0..<transactions {
                try database.write { connection in
                    let minutes = try connection.first("SELECT estimate_minutes FROM tasks") { try $0.integer(0) }
                    try connection.execute(
                        "UPDATE tasks SET estimate_minutes = \((minutes ?? 0) + 1) WHERE id = \(task.id)")
                }
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(try fixture.all().map(\.estimateMinutes) == [1 + writers * transactions])
        #expect(try fixture.disagreements().isEmpty)
    }

    /// SQLite itself refuses this at once, however long it is told to wait.
    @Test func turningTheWriteAheadLogOnWaitsForAWriter() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let file = try #require(try fixture.storage.open() as? SQLiteDatabase)
        let writing = MeetingPoint(2)
        let errors = inThreads(2) { index in
            guard index == 0 else {
                writing.meet()
                return try file.enableWriteAheadLog()
            }
            try fixture.store.perform(fixture.operation()) { _ in
                writing.meet()
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(try fixture.storage.runShell("PRAGMA journal_mode") == "wal\n")
    }

    /// Real processes: four shells next to our own writer.
    @Test(arguments: [true, false])
    func shellsThatWriteBesideUsLoseNothing(writeAhead: Bool) throws {
        let (shells, edits) = (4, 20)
        let fixture = try fixture(writeAhead: writeAhead)
        let path = fixture.storage.location
        let start = MeetingPoint(shells + 1)
        let errors = inThreads(shells + 1) { index in
            start.meet()
            guard index < shells else {
                let store = try fixture.reopened()
                for number in 0..<edits {
                    try store.perform(
                        OperationContext(id: "us-\(number)", actor: "us", command: "test", now: StoreFixture.start)
                    ) {
                        session in
                        let id = fixture.newID()
                        try session.insert(TaskItem(id: id, title: "us", rank: "i", createdAt: StoreFixture.start))
                    }
                }
                return
            }
            var script = ".bail on\n.timeout 10000\n"
            for number in 0..<edits {
                let id = StoreFixture.id(100_000 + index * 1000 + number)
                script += """
                    INSERT INTO tasks (id, title, created_at, updated_at)
                    VALUES ('\(id)', 'shell', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z');
                    UPDATE tasks SET title = 'shell \(index)' WHERE id = '\(id)';

                    """
            }
            let result = try Process.run("sqlite3", [path], input: script)
            #expect(result.exitCode == 0)
            #expect(result.errors.isEmpty, "\(result.errors)")
        }
        #expect(errors.isEmpty, "\(errors)")
        let changes = try fixture.store.changes().filter { $0.table == "tasks" }
        #expect(changes.filter { $0.actor == "us" }.count == edits)
        #expect(changes.filter { $0.actor == "sql" && $0.kind == .insert }.count == shells * edits)
        #expect(changes.filter { $0.actor == "sql" && $0.kind == .update }.count == shells * edits)
        #expect(try fixture.all().count == (shells + 1) * edits)
        #expect(try fixture.disagreements().isEmpty)
    }
}
