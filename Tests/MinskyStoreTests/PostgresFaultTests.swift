import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("When something breaks: PostgreSQL", .timeLimit(.minutes(10)))
struct PostgresFaultTests {
    private func backend(_ connection: any Reader) throws -> Int64 {
        try #require(try connection.first("SELECT pg_backend_pid()") { try $0.integer(0) })
    }

    /// Ends a backend, as a restart of the server does, and waits until it is gone.
    private func terminate(_ backend: Int64) throws {
        let admin = try PostgresDatabase(url: TestStorage.postgresURL(), schema: "public")
        try admin.write { try $0.query("SELECT pg_terminate_backend(\(backend)::int)") { _ in } }
        while try admin.read({ connection in
            try connection.first("SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend)") { try $0.integer(0) }
        }) != 0 {}
    }

    @Test func aConnectionLostBetweenTransactionsIsMadeAgain() throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        for title in ["B", "C"] {
            try terminate(try fixture.store.read { try backend($0.reader) })
            try fixture.add(title)
            try terminate(try fixture.store.read { try backend($0.reader) })
            #expect(try fixture.all().last?.title == title)
        }
        #expect(try fixture.disagreements().isEmpty)
    }

    /// The server ends the connection within a transaction: nothing of it was committed, so it is run again and stored once.
    @Test(arguments: [false, true])
    func aConnectionLostInsideATransactionLosesAndDoublesNothing(losesItAtCommit: Bool) throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("A")
        var runs = 0
        try fixture.store.perform(fixture.operation()) { session in
            runs += 1
            try session.rename(task.id, to: "B")
            if runs == 1 { try terminate(try backend(session.writer)) }
            if !losesItAtCommit { _ = try session.tasks() }
        }
        #expect(runs == 2)
        #expect(try fixture.all().map(\.title) == ["B"])
        #expect(try fixture.store.changes().filter { $0.after?["title"] == "B" }.count == 1)
        #expect(try fixture.disagreements().isEmpty)
    }

    /// Whoever only reads waits for no commit: what was read is there, and the next transaction connects again.
    @Test func aConnectionLostAtTheEndOfReadingIsMadeAgain() throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        var runs = 0
        let titles = try fixture.store.read { session in
            runs += 1
            let titles = try session.tasks().map(\.title)
            if runs == 1 { try terminate(try backend(session.reader)) }
            return titles
        }
        #expect(titles == ["A"])
        #expect(runs == 1)
        #expect(try fixture.all().map(\.title) == ["A"])
    }

    /// A server that cannot be kept up: the error comes at last, and nothing is stored.
    @Test func aConnectionThatIsLostAgainAndAgainIsReported() throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("A")
        let error = #expect(throws: SQLError.self) {
            try fixture.store.perform(fixture.operation()) { session in
                try session.rename(task.id, to: "B")
                try terminate(try backend(session.writer))
                _ = try session.tasks()
            }
        }
        #expect(error?.kind == .connection)
        #expect(try fixture.all() == [task])
    }

    /// As a server that is started anew: for a moment nobody gets in.
    @Test func aServerThatIsAwayForAMomentIsWaitedFor() throws {
        let storage = try TestDatabase.postgres.make()
        _ = try storage.runShell("CREATE DATABASE \(storage.location)")
        defer { _ = try? storage.runShell("DROP DATABASE \(storage.location) WITH (FORCE)") }
        let url = try TestStorage.postgresURL().replacing("/postgres?", with: "/\(storage.location)?")
        let database = try PostgresDatabase(url: url, schema: "public")
        var runs = 0
        let found = try database.write { writer in
            runs += 1
            if runs == 1 {
                _ = try storage.runShell("ALTER DATABASE \(storage.location) ALLOW_CONNECTIONS false")
                try terminate(try backend(writer))
                Thread {
                    Thread.sleep(forTimeInterval: 0.7)
                    _ = try? storage.runShell("ALTER DATABASE \(storage.location) ALLOW_CONNECTIONS true")
                }.start()
            }
            return try writer.first("SELECT 1") { try $0.integer(0) }
        }
        #expect(found == 1)
        #expect(runs == 2)
    }

    /// What the server asks to have run again is run again, and once it succeeds nothing is doubled.
    @Test(arguments: ["40001", "40P01"])
    func aCollisionIsRunAgain(state: String) throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("A")
        var runs = 0
        try fixture.store.perform(fixture.operation()) { session in
            runs += 1
            try session.rename(task.id, to: "B")
            if runs < 4 {
                try session.writer.executeScript("DO $$ BEGIN RAISE 'collision' USING ERRCODE = '\(state)'; END $$")
            }
        }
        #expect(runs == 4)
        #expect(try fixture.store.changes().filter { $0.after?["title"] == "B" }.count == 1)
    }

    /// Limits that an administrator has set end a connection as a restart does.
    @Test(arguments: ["idle_session_timeout", "idle_in_transaction_session_timeout"])
    func aConnectionThatWasIdleForTooLongIsMadeAgain(limit: String) throws {
        let storage = try TestDatabase.postgres.make()
        let url = try TestStorage.postgresURL() + "&options=-c%20idle_session_timeout%3D50ms"
        let database = try PostgresDatabase(url: url, schema: storage.location)
        var runs = 0
        for _ in 0..<2 {
            try database.write { writer in
                runs += 1
                if limit != "idle_session_timeout", runs == 1 {
                    try writer.executeScript("SET LOCAL \(limit) = '50ms'")
                    Thread.sleep(forTimeInterval: 0.3)
                }
                #expect(try writer.first("SELECT 1") { try $0.integer(0) } == 1)
            }
            if limit == "idle_session_timeout" { Thread.sleep(forTimeInterval: 0.3) }
        }
        #expect(runs == (limit == "idle_session_timeout" ? 2 : 3))
    }

    @Test func aStatementThatTakesTooLongIsEnded() throws {
        let storage = try TestDatabase.postgres.make()
        let database = try PostgresDatabase(
            url: TestStorage.postgresURL(), schema: storage.location, statementTimeout: 1)
        let error = #expect(throws: SQLError.self) {
            try database.read { try $0.query("SELECT pg_sleep(60)") { _ in } }
        }
        #expect(error?.kind == .interrupted)
        #expect(error?.message.contains("statement timeout") == true)
        #expect(try database.read { try $0.first("SELECT 1") { try $0.integer(0) } } == 1)
    }

    /// The limits are minsky's own, whatever a provider has set for a role; a migration, which has to be whole, has none.
    @Test func aTransactionBringsItsOwnLimits() throws {
        let url = try TestStorage.postgresURL() + "&options=-c%20statement_timeout%3D200ms"
        let fixture = try StoreFixture(.postgres)
        let store = try Store(opening: PostgresDatabase(url: url, schema: fixture.storage.location))
        try store.perform(fixture.operation()) { session in
            try session.writer.query("SELECT pg_sleep(0.5)") { _ in }
            let found = try session.writer.first(
                """
                SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('idle_in_transaction_session_timeout')
                """
            ) { [try $0.text(0), try $0.text(1), try $0.text(2)] }
            #expect(found == ["1min", "10s", "1min"])
        }
        let schema = Schema(
            migrations: Schema.current.migrations + [
                SchemaMigration(
                    version: Schema.current.version + 1, title: "slow",
                    steps: [.statement(sqlite: nil, postgres: "SELECT pg_sleep(1.5)")])
            ])
        let short = try PostgresDatabase(
            url: TestStorage.postgresURL(), schema: fixture.storage.location, statementTimeout: 1)
        try Store(opening: short, schema: schema).migrateIfDue(now: StoreFixture.start)
        #expect(try Store(opening: short, schema: schema).installed.version == schema.version)
    }

    @Test func aWriterThatWaitsTooLongIsToldSo() throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("A")
        let other = try Store(
            opening: PostgresDatabase(url: TestStorage.postgresURL(), schema: fixture.storage.location, lockTimeout: 1))
        try fixture.store.perform(fixture.operation()) { session in
            try session.rename(task.id, to: "B")
            let error = #expect(throws: SQLError.self) {
                try other.perform(fixture.operation()) { try $0.rename(task.id, to: "C") }
            }
            #expect(error?.kind == .busy)
            #expect(try other.read { try $0.tasks() } == [task], "readers never wait")
        }
        try other.perform(fixture.operation()) { try $0.rename(task.id, to: "D") }
        #expect(try fixture.all().map(\.title) == ["D"])
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func aRoleThatMayOnlyReadIsToldSo() throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("A")
        let (schema, role) = (fixture.storage.location, "reader_\(fixture.storage.location)")
        _ = try fixture.storage.runShell(
            """
            CREATE ROLE \(role) LOGIN PASSWORD 'canary'; GRANT USAGE ON SCHEMA \(schema) TO \(role);
            GRANT SELECT ON ALL TABLES IN SCHEMA \(schema) TO \(role)
            """)
        defer { _ = try? fixture.storage.runShell("DROP OWNED BY \(role); DROP ROLE \(role)") }
        let url = try TestStorage.postgresURL().replacingOccurrences(
            of: "user=postgres", with: "user=\(role)&password=canary")
        let store = try Store(opening: PostgresDatabase(url: url, schema: schema))
        #expect(try store.read { try $0.tasks() } == [task])
        let error = #expect(throws: SQLError.self) {
            try store.perform(fixture.operation()) { try $0.rename(task.id, to: "B") }
        }
        #expect(error?.kind == .permission)
        #expect(try fixture.all() == [task])
    }

    @Test(arguments: [
        ("postgresql://ada:CANARY@127.0.0.1:1/db", SQLError.Kind.connection),
        ("postgresql://ada:CANARY@host.invalid/db", .connection),
        ("postgresql:///SOCKET?user=ada&password=CANARY&host=/nonexistent", .connection),
        ("postgresql:///nosuchdatabase?FOLDER&user=postgres&password=CANARY", .permission),
        ("postgresql:///postgres?FOLDER&user=nosuchrole&password=CANARY", .permission),
        // A password that should have been written with percent signs; libpq reads parts of it as something else.
        ("postgresql://ada:CAN%CANARY@127.0.0.1:1/db", .connection),
        ("postgresql://ada:CAN@CANARY@127.0.0.1:1/db", .connection),
        ("postgresql://ada:CANARY/CAN@127.0.0.1:1/db", .connection),
        ("postgresql://ada:CANARY@[::1/db", .connection),
        ("postgresql://ada:CANARY[CAN@127.0.0.1:1/db", .connection),
        ("postgresql://ada:CAN\"CANARY@[::1/db", .connection),
        ("postgresql://ada:CAN%40CANARY@[::1/db", .connection),
        ("postgresql://ada:CAN%22%40CANARY@127.0.0.1:x/db", .connection),
        ("postgresql://ada@127.0.0.1:1/db?password=CAN%CANARY", .connection),
        ("postgresql://ada@127.0.0.1:1/db?password=CANARY=CANARY", .connection),
        ("postgresql://ada:CANARY", .connection),
    ])
    func aServerThatCannotBeReachedIsReportedWithoutThePassword(url: String, kind: SQLError.Kind) throws {
        let place = try "host=\(TestStorage.postgresFolder())&port=\(TestStorage.postgresPort())"
        let url = url.replacingOccurrences(of: "FOLDER", with: place)
        let error = #expect(throws: SQLError.self) { try PostgresDatabase(url: url, schema: "minsky") }
        #expect(error?.kind == kind)
        #expect(error?.message.isEmpty == false)
        for text in ["\(error, default: "")", String(reflecting: error)] {
            #expect(!text.contains("CAN"), "\(text)")
        }
    }

    @Test func aMessageStillNamesWhatIsNotSecret() throws {
        let error = #expect(throws: SQLError.self) {
            try PostgresDatabase(url: "postgresql://ada:CANARY@127.0.0.1:1/db", schema: "minsky")
        }
        #expect(error?.message.contains("\"127.0.0.1\", port 1") == true)
        let server = try TestStorage.postgresURL()
        let wrong = #expect(throws: SQLError.self) {
            try PostgresDatabase(
                url: server.replacingOccurrences(of: "user=postgres", with: "user=nosuchrole&password=nosuchrole"),
                schema: "minsky")
        }
        #expect(wrong?.message.contains("\"nosuchrole\"") == true, "what stands in the URL anyway is no secret")
    }
}
