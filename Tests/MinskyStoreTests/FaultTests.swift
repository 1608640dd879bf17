import Foundation
import MinskyModel
import MinskySQL
import MinskySQLite
import MinskyStore
import TestSupport
import Testing

/// A `sqlite3` shell that does what it is told until it is killed.
private final class Shell {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ path: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sqlite3", path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Sends SQL and waits until the shell has printed a line that ends with a word.
    func run(_ sql: String, until word: String) {
        let handle = input.fileHandleForWriting
        // A script may be larger than what a pipe holds, and the shell may be killed before it has read it.
        let writer = Thread { try? handle.write(contentsOf: Data((sql + "\n").utf8)) }
        signal(SIGPIPE, SIG_IGN)
        writer.start()
        var seen = ""
        while !seen.contains(word + "\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return }
            seen += String(decoding: data, as: UTF8.self)
        }
    }

    func kill() {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit { if process.isRunning { kill() } }
}

@Suite("When something breaks: SQLite", .serialized, .timeLimit(.minutes(10)))
struct SQLiteFaultTests {
    private func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int).flatMap { $0 } ?? 0
    }

    @Test(arguments: ["journal", "wal"])
    func aProcessKilledInsideATransactionLeavesNothingOfIt(mode: String) throws {
        let fixture = try StoreFixture(.sqliteFile)
        if mode == "wal" { try (fixture.store.database as? SQLiteDatabase)?.enableWriteAheadLog() }
        try fixture.add("Kept") { $0.tags = ["x"] }
        let before = try RowImages(reading: fixture.store)
        let shell = try Shell(fixture.storage.location)
        // A cache of one page has the changes written to the file long before they are committed.
        shell.run(
            """
            PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            INSERT INTO tasks (id, title, description, created_at, updated_at) SELECT printf('%016d', i), 'Lost',
                hex(zeroblob(500)), '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z' FROM n;
            SELECT 'written';
            """, until: "written")
        #expect(size("\(fixture.storage.location)-\(mode)") > 0)
        #expect(
            size(fixture.storage.location) + size(fixture.storage.location + "-wal") > 1_000_000, "it is on the disk")
        shell.kill()

        let store = try fixture.reopened()
        #expect(try RowImages(reading: store) == before)
        #expect(try fixture.disagreements(store).isEmpty)
        #expect(try fixture.storage.runShell("PRAGMA integrity_check") == "ok\n")
        try fixture.add("After")
        #expect(try fixture.disagreements(store).isEmpty)
    }

    @Test(arguments: ["journal", "wal"], [1, 50, 300])
    func aProcessKilledBetweenManySmallWritesLeavesWholeOnes(mode: String, after count: Int) throws {
        let fixture = try StoreFixture(.sqliteFile)
        if mode == "wal" { try (fixture.store.database as? SQLiteDatabase)?.enableWriteAheadLog() }
        let shell = try Shell(fixture.storage.location)
        let script = (1...2000).map { number in
            """
            BEGIN; INSERT INTO tasks (id, title, created_at, updated_at) VALUES (printf('%016d', \(number)), 'A',
                '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z');
            INSERT INTO task_tags VALUES (printf('%016d', \(number)), 'x', '2026-01-01T00:00:00.000000Z'); COMMIT;
            SELECT 'n\(number)';
            """
        }
        shell.run("PRAGMA synchronous = OFF;\n" + script.joined(separator: "\n"), until: "n\(count)")
        shell.kill()

        let tasks = try fixture.all()
        #expect((count..<2000).contains(tasks.count), "it was killed in the middle, and what it said it wrote is there")
        #expect(tasks.allSatisfy { $0.tags == ["x"] })
        #expect(try fixture.disagreements().isEmpty)
        #expect(try fixture.storage.runShell("PRAGMA integrity_check") == "ok\n")
    }

    @Test func aWriterThatWaitsTooLongIsToldSo() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        let other = try Store(
            opening: SQLiteDatabase(path: fixture.storage.location, busyTimeout: 0.05))
        try fixture.store.perform(fixture.operation()) { session in
            let error = #expect(throws: SQLError.self) {
                try other.perform(fixture.operation()) { try $0.rename(task.id, to: "B") }
            }
            #expect(error?.kind == .busy)
        }
        try other.perform(fixture.operation()) { try $0.rename(task.id, to: "C") }
        #expect(try fixture.all().map(\.title) == ["C"])
    }

    /// Everything may be read in a file that may not be written.
    @Test func aReadOnlyFileIsReadAndNotWritten() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        let store = try Store(
            opening: SQLiteDatabase(path: "file:\(fixture.storage.location)?mode=ro"))
        #expect(try store.read { try $0.tasks() } == [task])
        #expect(try store.changes().count == 2)
        let error = #expect(throws: SQLError.self) {
            try store.perform(fixture.operation()) { try $0.rename(task.id, to: "B") }
        }
        #expect(error?.kind == .permission)
        #expect(try fixture.all() == [task])
    }

    @Test func aFullDiskIsReportedAndNothingIsLost() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        let database = fixture.store.database
        let pages = try database.read { try $0.first("PRAGMA page_count") { try $0.integer(0) } }
        _ = try database.write {
            try $0.rows("PRAGMA max_page_count = \(unsafeRaw: "\((pages ?? 0) + 2)")") { try $0.integer(0) }
        }
        let error = #expect(throws: SQLError.self) {
            try fixture.add(String(repeating: "x", count: 100_000)) { $0.tags = ["x"] }
        }
        #expect(error?.kind == .storage)
        #expect(try fixture.all() == [task])
        #expect(try fixture.disagreements().isEmpty)
        #expect(try fixture.storage.runShell("PRAGMA integrity_check") == "ok\n")

        _ = try database.write { try $0.rows("PRAGMA max_page_count = 1000000") { try $0.integer(0) } }
        try fixture.add("B") { $0.tags = ["x"] }
        #expect(try fixture.all().map(\.title) == ["A", "B"])
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func aDamagedFileIsCalledCorrupt() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let ids = try fixture.addTasks(500)
        let path = fixture.storage.location
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in bytes.indices where index >= 4096 * 5 { bytes[index] = 0xA5 }
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: SQLError.self) {
            let store = try Store(opening: SQLiteDatabase(path: path))
            _ = try store.read { session in try ids.map { try session.task($0) } }
        }
        #expect(error?.kind == .corrupt)
    }

    @Test(arguments: ["/tmp", "/nonexistent/tasks.db"])
    func aPathThatCanBeNoDatabaseIsRefused(path: String) throws {
        let error = #expect(throws: SQLError.self) { try SQLiteDatabase(path: path) }
        #expect(error?.kind == .permission)
    }
}

@Suite("When something breaks: both databases", .timeLimit(.minutes(10)))
struct SharedFaultTests {
    /// One canary for each field that holds what a person wrote.
    @Test(arguments: TestDatabase.allCases)
    func anErrorNamesTheStatementButNoValue(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let refusals: [(inout TaskItem) -> Void] = [
            { $0.complexity = 4711 }, { $0.parentID = "canary0000000000" }, { $0.title = "canary\0" },
            { $0.metadata = ["canary": "a\0"] }, { $0.id = "canary" },
        ]
        for refusal in refusals {
            let error = #expect(throws: (any Error).self) {
                try fixture.store.database.write { connection in
                    var task = TaskItem(
                        id: fixture.newID(), title: "canary", rank: "canary", createdAt: StoreFixture.start)
                    refusal(&task)
                    try connection.execute(
                        """
                        INSERT INTO tasks (id, title, parent_id, rank, complexity, metadata, created_at, updated_at)
                        VALUES (\(task.id), \(task.title), \(task.parentID), \(task.rank), \(task.complexity),
                            \(task.metadata), \(task.createdAt), \(task.updatedAt))
                        """)
                }
            }
            let sqlError = try #require(error as? SQLError)
            #expect(sqlError.kind == .constraint)
            for text in [
                sqlError.description, sqlError.message, sqlError.sql ?? "", "\(sqlError)", String(reflecting: sqlError),
            ] {
                #expect(!text.contains("canary") && !text.contains("4711"), "\(text)")
            }
        }
    }

    @Test(arguments: [TestDatabase.sqliteMemory, .postgres])
    func aColumnOfAnotherTypeIsRefusedNotConverted(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        let (text, integer): (SQL, SQL) = ("SELECT 'x'", "SELECT 7")
        let real: SQL = kind == .postgres ? "SELECT 1.5::float8" : "SELECT 1.5"
        let blob: SQL = kind == .postgres ? "SELECT '\\x6162'::bytea" : "SELECT x'6162'"
        let wrong: [(SQL, (any Row) throws -> Void)] = [
            (text, { _ = try $0.integer(0) }), (real, { _ = try $0.integer(0) }), (blob, { _ = try $0.integer(0) }),
            (integer, { _ = try $0.text(0) }), (real, { _ = try $0.text(0) }), (blob, { _ = try $0.text(0) }),
            (text, { _ = try $0.blob(0) }), (integer, { _ = try $0.blob(0) }), (integer, { _ = try $0.timestamp(0) }),
            (text, { _ = try $0.timestamp(0) }), (integer, { _ = try $0.jsonText(0) }),
            (blob, { _ = try $0.jsonText(0) }),
            ("SELECT NULL", { _ = try $0.text(0) }), ("SELECT NULL", { _ = try $0.integer(0) }),
            ("SELECT NULL", { _ = try $0.blob(0) }), ("SELECT NULL", { _ = try $0.timestamp(0) }),
        ]
        for (index, (sql, read)) in wrong.enumerated() {
            let error = #expect(throws: SQLError.self, "\(index): \(sql.text(for: .sqlite))") {
                try database.read { try $0.query(sql, each: read) }
            }
            #expect(error?.kind == .corrupt)
        }
        let right = try database.read { connection in
            (
                try connection.first(text) { try $0.text(0) }, try connection.first(integer) { try $0.integer(0) },
                try connection.first(blob) { try $0.blob(0) }
            )
        }
        #expect(right == ("x", 7, [0x61, 0x62]))
    }
}
