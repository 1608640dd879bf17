import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import MinskyStore
import TestSupport
import Testing

@Suite("What a database can do, on every one", .serialized, .timeLimit(.minutes(10)))
struct DatabaseTests {
    @Test(arguments: TestDatabase.allCases)
    func aTransactionWithinATransactionIsRefused(kind: TestDatabase) throws {
        let database = try kind.make().open()
        let error = #expect(throws: SQLError.self) { try database.read { _ in try database.write { _ in } } }
        #expect(error?.kind == .other)
        #expect(try database.read { try $0.first("SELECT 1") { try $0.integer(0) } } == 1, "and the connection goes on")
    }

    /// Kept in a file, what SQLite needs to take a statement back is most of what an import writes.
    @Test func whatIsTemporaryStaysInMemory() throws {
        let database = try TestDatabase.sqliteFile.make().open()
        #expect(try database.read { try $0.first("PRAGMA temp_store") { try $0.integer(0) } } == 2)
    }

    @Test(arguments: TestDatabase.allCases)
    func rowsAreLoadedInBulk(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        if kind == .postgres { _ = try storage.runShell("CREATE SCHEMA \(storage.location)") }
        let (text, time, json, blob) =
            kind == .postgres ? ("text", "timestamptz", "jsonb", "bytea") : ("TEXT", "TEXT", "TEXT", "BLOB")
        let moment = Timestamp(microseconds: 1_790_000_000_123_456)
        try database.write { writer in
            try writer.executeScript("CREATE TABLE t (n bigint, s \(text), at \(time), j \(json), b \(blob))")
            let count = try writer.load(into: "t", columns: ["n", "s", "at", "j", "b"]) { add in
                try add([.integer(.min), .text("é\n\\N"), .timestamp(moment), .json(["k": [1.50]]), .blob([0, 255])])
                for number in 0..<5000 { try add([.integer(Int64(number)), .null, .null, .null, .null]) }
            }
            #expect(count == 5001)
        }
        let row = try database.read { reader in
            try reader.first("SELECT n, s, at, j, b FROM t WHERE s IS NOT NULL") { row -> [SQLValue] in
                [
                    .integer(try row.integer(0)), .text(try row.text(1)), .timestamp(try row.timestamp(2)),
                    .json(try row.json(3)), .blob(try row.blob(4)),
                ]
            }
        }
        #expect(
            row == [.integer(.min), .text("é\n\\N"), .timestamp(moment), .json(["k": [1.50]]), .blob([0, 255])])
        #expect(try database.read { try $0.first("SELECT count(*), count(s) FROM t") { try $0.integer(0) } } == 5001)
    }

    /// A driver that keeps prepared statements may find one where it ended.
    @Test(arguments: TestDatabase.allCases)
    func aLoadFollowsAStatementOfTheSameText(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        try database.write { writer in
            try writer.executeScript("CREATE TABLE t (n bigint)")
            for number in 1...2 { try writer.execute("INSERT INTO t (n) VALUES (\(number))") }
            try writer.load(into: "t", columns: ["n"]) { try $0([.integer(3)]) }
            try writer.execute("INSERT INTO t (n) VALUES (\(4))")
        }
        let found = try database.read { try $0.rows("SELECT n FROM t ORDER BY n") { try $0.integer(0) } }
        #expect(found == [1, 2, 3, 4], "in \(storage.location)")
    }

    /// What need not be waited for is run in its order.
    @Test(arguments: TestDatabase.allCases)
    func whatIsRunLaterIsRunInItsOrder(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        let found = try database.write { writer in
            try writer.executeScript("CREATE TABLE later (n bigint)")
            // Its rows come one by one, those of what is run later need not.
            try writer.query("SELECT 1") { _ in }
            try writer.executeLater("SELECT 1 UNION ALL SELECT 2")
            for number in 1...3 {
                try writer.executeLater("INSERT INTO later SELECT \(number) + (SELECT count(*) FROM later)")
            }
            try writer.load(into: "later", columns: ["n"]) { try $0([.integer(7)]) }
            try writer.executeLater("DELETE FROM later WHERE n = 3")
            #expect(try writer.execute("DELETE FROM later WHERE n IN (3, 5)") == 1)
            try writer.executeLater("INSERT INTO later VALUES (9)")
            return try writer.rows("SELECT n FROM later ORDER BY n") { try $0.integer(0) }
        }
        #expect(found == [1, 7, 9], "in \(storage.location)")
        #expect(try database.read { try $0.first("SELECT 1") { try $0.integer(0) } } == 1)
    }

    @Test(arguments: TestDatabase.allCases)
    func whatFailsLaterIsTold(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let database = fixture.store.database
        let next: [(any Writer) throws -> Void] = [
            { _ in }, { try $0.query("SELECT 1") { _ in } }, { _ = try $0.execute("DELETE FROM sync_peers") },
            { try $0.executeScript("DELETE FROM sync_peers") },
            { _ = try $0.load(into: "sync_peers", columns: ["replica_id"]) { _ in } },
        ]
        for statement in next {
            let error = #expect(throws: SQLError.self) {
                try database.write { writer in
                    try writer.executeLater(
                        "INSERT INTO actors (id, kind, created_at) VALUES ('a', 'ghost', '2026-01-01T00:00:00.000000Z')"
                    )
                    try statement(writer)
                }
            }
            #expect(error?.kind == .constraint)
            #expect(try fixture.store.changes().isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func textsTravelAsOneValue(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        func back(_ texts: [String?]) throws -> [String?] {
            let value = SQLValue.texts(texts)
            return try database.read { reader in
                try reader.rows(kind == .postgres ? "SELECT unnest(\(value))" : "SELECT value FROM json_each(\(value))")
                {
                    try $0.optionalText(0)
                }
            }
        }
        for texts in [[], ["a", nil, "", "NULL", "é\"\\,{}\n"], [nil]] { #expect(try back(texts) == texts) }
        let error = #expect(throws: SQLError.self) { try back(["a\0b"]) }
        #expect(error?.kind == .constraint, "in \(storage.location)")
    }

    @Test(arguments: TestDatabase.allCases)
    func aLoadThatFailsLeavesNothing(kind: TestDatabase) throws {
        struct Stop: Error {}
        let fixture = try StoreFixture(kind)
        let values: [[SQLValue]] = [[.text("a"), .text("person")], [.text("a"), .text("person")]]
        for rows in [values, [[.text("b")]], [[.text("c\0"), .text("person")]]] {
            #expect(throws: SQLError.self) {
                try fixture.store.database.write { writer in
                    try writer.load(into: "actors", columns: ["id", "kind"]) { add in for row in rows { try add(row) } }
                }
            }
        }
        #expect(throws: Stop.self) {
            try fixture.store.database.write { writer in
                try writer.load(into: "actors", columns: ["id"]) { _ in throw Stop() }
            }
        }
        #expect(try fixture.store.changes().isEmpty)
    }

    /// Rows arrive while they are read; the memory they take does not grow with their number.
    @Test func rowsOfPostgresAreStreamed() throws {
        let database = try TestDatabase.postgres.make().open()
        var count = 0
        struct Enough: Error {}
        let error = #expect(throws: SQLError.self) {
            try database.read { reader in
                try reader.query("SELECT n FROM generate_series(1, 10) AS n") { _ in
                    count += 1
                    try reader.query("SELECT 1") { _ in }
                }
            }
        }
        #expect(error?.message.contains("rows of another one") == true)
        #expect(count == 1)
        // An error in the middle of the rows: those before it have been passed on.
        count = 0
        #expect(throws: SQLError.self) {
            try database.read {
                try $0.query("SELECT 1 / (3 - n) FROM generate_series(1, 10) AS n") { _ in count += 1 }
            }
        }
        #expect(count == 2)
        #expect(throws: Enough.self) {
            try database.read { try $0.query("SELECT n FROM generate_series(1, 100000) AS n") { _ in throw Enough() } }
        }
        #expect(try database.read { try $0.first("SELECT 1") { try $0.integer(0) } } == 1)
    }

    @Test(arguments: TestDatabase.allCases)
    func aRunningStatementIsInterruptedFromAnotherThread(kind: TestDatabase) throws {
        let database = try kind.make().open()
        let endless: SQL =
            kind == .postgres
            ? "SELECT pg_sleep(60)::text"
            : "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let isDone = Shared(false)
        let errors = inThreads(2) { index in
            if index == 0 {
                defer { isDone.update { $0 = true } }
                try database.read { try $0.query(endless) { _ in } }
            } else {
                while !isDone.value {
                    database.interrupt()
                    Thread.sleep(forTimeInterval: 0.02)
                }
            }
        }
        #expect(errors.map { ($0 as? SQLError)?.kind } == [.interrupted])
        #expect(try database.read { try $0.first("SELECT 1") { try $0.integer(0) } } == 1)
    }

    @Test(arguments: TestDatabase.shared)
    func aSignalTellsOfACommitElsewhere(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let signal = try fixture.reopened().database.signal()
        #expect(try !signal.wait(seconds: 0.05))
        try fixture.add("A")
        #expect(try signal.wait(seconds: 5))
        #expect(try !signal.wait(seconds: 0.05), "each commit is told once")
        #expect(throws: (any Error).self) {
            try fixture.store.perform(fixture.operation()) { _ in throw StoreError(.conflict, "no") }
        }
        #expect(try !signal.wait(seconds: 0.05), "what was rolled back is not told")
    }
}
