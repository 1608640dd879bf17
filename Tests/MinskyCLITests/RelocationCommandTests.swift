import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("upgrade, migrate")
struct RelocationCommandTests {
    @Test func thereAndBack() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let first = try minsky.add("First", "--tag", "x")
        let moved = try JSON(parsing: try minsky.ok(movable.upgrade + ["--json"]).output)
        #expect(moved.members?.map(\.key) == ["database", "schema", "backup", "tables", "milliseconds"])
        #expect(moved["schema"]?.string == movable.schema)
        #expect(moved["backup"]?.string == minsky.workspace + "/pre-migration-backup.db")
        let tables = moved["tables"]?.array ?? []
        #expect(tables.contains(["table": "tasks", "rows": 1]))
        #expect(try movable.titles == ["First"])
        #expect(try movable.openStores == 1)
        let backup = try Process.output(
            "sqlite3", [minsky.workspace + "/pre-migration-backup.db", "SELECT title FROM tasks"])
        #expect(backup == "First\n")

        let status = try minsky.json("migrate", "status")
        #expect(
            status.members?.map(\.key) == [
                "phase", "database", "schema", "startedAt", "backup", "target", "lag", "running",
            ])
        #expect(status["phase"]?.string == "postgres")
        try minsky.ok("done", first)
        _ = try minsky.add("Second")
        try minsky.ok("undo")
        _ = try minsky.add("Third")
        #expect(try minsky.run("upgrade", "to-postgres", "--db-url", movable.url).exitCode == 4, "it is there already")

        let back = try minsky.json("migrate", "rollback")
        #expect(back.members?.map(\.key) == ["database", "tables", "changesBrought", "milliseconds"])
        #expect(back["changesBrought"] == 4)
        #expect(back["database"]?.string == minsky.workspace + "/tasks.db")
        #expect(try movable.titles == ["First", "Third"])
        #expect(try minsky.json("migrate", "status")["phase"]?.string == "local")
        #expect(try movable.openStores == 1)
        #expect(throws: ProcessFailure.self) { try movable.psql("UPDATE \(movable.schema).tasks SET title = 'x'") }
        #expect(try minsky.run("migrate", "rollback").exitCode == 4)

        try minsky.ok(movable.upgrade)
        #expect(try movable.titles == ["First", "Third"])
        #expect(try minsky.run("doctor").exitCode == 0)
        #expect(throws: ProcessFailure.self) { try movable.sqlite("UPDATE tasks SET title = 'x'") }

        // Each move was preceded by a backup of the whole workspace, which is like any other.
        let backups = try minsky.json("backup", "list").array ?? []
        #expect(backups.map { $0["reason"] } == ["upgrade", "rollback", "upgrade"])
        let paths = backups.compactMap { $0["path"]?.string }
        for path in paths { try minsky.ok("backup", "verify", path) }
        #expect(try minsky.json("migrate", "status")["backup"]?.string == minsky.workspace + "/pre-migration-backup.db")
        #expect(try minsky.mode(minsky.workspace + "/pre-migration-backup.db") == 0o600)
        try minsky.ok("backup", "restore", paths[0])
        #expect(try movable.titles == ["First"])
        try minsky.ok("backup", "restore", paths[1])
        #expect(try movable.titles == ["First", "Third"])
        #expect(try movable.openStores == 1)
    }

    /// Killed while it copies; what was there before is restored, and can be moved after that.
    @Test func aKilledUpgradeIsNotInTheWayOfARestore() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        _ = try minsky.add("Second")
        let process = try minsky.start(movable.upgrade + ["--progress", "json", "--yes"])
        _ = process.hasTold("{\"step\":\"copying\"")
        process.destroy()
        try minsky.ok("backup", "restore", path)
        #expect(try movable.titles == ["First"])
        #expect(try movable.openStores == 1)
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    /// What a closed store says of where the tasks are is held against what is there.
    @Test func doctorSeesThatThePeerIsFalse() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let configuration = try minsky.text(minsky.configuration)
        func finding() throws -> JSON? {
            try minsky.write(Array("".utf8), to: minsky.configuration)
            let result = try minsky.run("doctor", "--json")
            return try JSON(parsing: result.output).array?.first { $0["check"] == "place" }
        }
        let sound = try finding()
        #expect(sound?["status"] == "warning")
        #expect(sound?["detail"]?.string?.contains(movable.schema) == true)
        _ = try movable.sqlite("UPDATE store_state SET peer_schema = 'elsewhere'")
        let stranger = try finding()
        #expect(stranger?["status"] == "failed")
        #expect(stranger?["detail"]?.string?.contains("nobody has moved them there from here") == true)
        _ = try movable.sqlite("UPDATE store_state SET peer_schema = '\(movable.schema)'")
        try movable.psql("DROP SCHEMA \(movable.schema) CASCADE")
        let gone = try finding()
        #expect(gone?["status"] == "failed")
        #expect(gone?["detail"]?.string?.contains("are not there") == true)
        try minsky.write(configuration, to: minsky.configuration)
        #expect(try minsky.run("doctor").output.contains("minsky backup restore"))
    }

    /// All that is in the way is told at once, and nothing is touched.
    @Test func whatIsInTheWayIsToldAtOnce() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let id = try minsky.add("First")
        _ = try movable.sqlite(
            "UPDATE tasks SET description = CAST(x'41FF42' AS TEXT) WHERE id = '\(try minsky.fullID(id))'")
        try movable.psql("CREATE SCHEMA \(movable.schema); CREATE TABLE \(movable.schema).mine (a int)")
        let result = try minsky.start(movable.upgrade, environment: ["MINSKY_DATABASE_URL": "tasks.db"]).wait()
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("MINSKY_DATABASE_URL"))
        #expect(result.errors.contains("description of tasks \(try minsky.fullID(id))"))
        #expect(result.errors.contains("holds something else"))
        #expect(try minsky.start(movable.upgrade + ["--dry-run"]).wait().exitCode == 6)
        #expect(try minsky.json("migrate", "status")["phase"]?.string == "local")
        #expect(!minsky.exists(minsky.workspace + "/pre-migration-backup.db"))
        _ = try minsky.add("Second")
    }

    /// Rows that a superuser has changed behind the log's back are named, and brought by who asks for them.
    @Test func valuesThatEscapedTheLogAreTakenWhenAskedFor() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let id = try minsky.fullID(try minsky.add("First"))
        _ = try minsky.add("Second")
        try minsky.ok(movable.upgrade)
        try movable.psql(
            """
            SET session_replication_role = replica;
            UPDATE \(movable.schema).tasks SET title = 'Behind' WHERE id = '\(id)'
            """)
        let refused = try minsky.failure("migrate", "rollback")
        #expect(refused.exitCode == 4)
        #expect(refused.message.contains("tasks \(id)"))
        #expect(refused.hint?.contains("minsky migrate rollback --take-values") == true)
        #expect(try movable.openStores == 1)
        let process = try minsky.start(["migrate", "rollback", "--take-values", "--yes"])
        let taken = try process.wait()
        #expect(taken.exitCode == 0)
        #expect(taken.errors.contains("Taking values that the log does not tell: tasks \(id)\n"))
        #expect(try movable.titles == ["Behind", "Second"])
        let last = try #require(try minsky.json("history").array?.last)
        let operation = try #require(last["operationId"]?.string)
        #expect(
            try movable.sqlite("SELECT command FROM operations WHERE id = '\(operation)'") == "migrate rollback\n")
        try minsky.ok("undo", "--operation", operation)
        #expect(try movable.titles == ["First", "Second"])
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    /// What SQLite cannot hold is named while the workspace is open.
    @Test(arguments: [
        ["migrate", "rollback"], ["migrate", "rollback", "--take-values"], ["migrate", "rollback", "--dry-run"],
    ])
    func whatAFileCannotHoldIsNamedBeforeTheFence(command: [String]) throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let id = try minsky.fullID(try minsky.add("First"))
        try minsky.ok(movable.upgrade)
        let checks = try movable.psql(
            """
            SELECT 'ALTER TABLE \(movable.schema).tasks DROP CONSTRAINT ' || quote_ident(conname) || ';' FROM pg_constraint
            WHERE conrelid = '\(movable.schema).tasks'::regclass AND contype = 'c' AND conname LIKE '%due_at%'
            """)
        try movable.psql(
            """
            SET session_replication_role = replica; \(checks)
            UPDATE \(movable.schema).tasks SET due_at = 'infinity' WHERE id = '\(id)'
            """)
        let result = try minsky.start(command + ["--yes"]).wait()
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("due_at of tasks \(id)"))
        #expect(try movable.openStores == 1)
        _ = try minsky.add("Second")
    }

    @Test func aServerThatIsNotThereIsToldWithoutAPassword() throws {
        let movable = try Movable()
        let result = try movable.minsky.run(
            "upgrade", "to-postgres", "--db-url", "postgresql://ada@localhost:1/x")
        #expect(result.exitCode == 6)
        let refused = try movable.minsky.run(
            "upgrade", "to-postgres", "--db-url", "postgresql://ada:secret@localhost:1/x")
        #expect(refused.exitCode == 2 || refused.exitCode == 6)
        #expect(!refused.errors.contains("secret"))
    }

    @Test func twoAtOnceDoNotMeet() throws {
        let movable = try Movable()
        _ = try movable.minsky.add("First")
        let both = try (0..<2).map { _ in try movable.minsky.start(movable.upgrade) }
        let codes = try both.map { try $0.wait().exitCode }.sorted()
        #expect(codes == [0, 5] || codes == [0, 4], "one moves it, the other one is told: \(codes)")
        #expect(try movable.titles == ["First"])
        #expect(try movable.openStores == 1)
    }

    /// Killed at each of its steps, then whatever command comes next finds everything in one place.
    @Test(arguments: [
        "checking", "backup", "schema", "copying", "following", "comparing", "fencing", "draining", "committing",
        "committed", "switching",
    ])
    func killedAtAnyStep(step: String) throws {
        let movable = try Movable()
        var expected = ["First", "Second"]
        for title in expected { _ = try movable.minsky.add(title) }
        for (round, command) in [movable.upgrade, movable.rollback].enumerated() {
            let process = try movable.minsky.start(command + ["--progress", "json", "--yes"])
            // A step that a rollback does not have is one at which nothing is killed.
            _ = process.hasTold("{\"step\":\"\(step)\"")
            process.destroy()
            #expect(try movable.openStores <= 1, "\(step)")
            _ = try movable.minsky.add("after \(round)")
            expected.append("after \(round)")
            #expect(try movable.titles == expected.sorted(), "\(step)")
            #expect(try movable.openStores == 1, "\(step)")
            // The next attempt, if one is needed, gets there.
            if try (movable.minsky.json("migrate", "status")["phase"]?.string == "postgres") == (round == 1) {
                try movable.minsky.ok(command + ["--yes"])
            }
            #expect(try movable.titles == expected.sorted(), "\(step)")
        }
        #expect(try movable.minsky.run("doctor").exitCode == 0)
    }

    /// Killed at random moments, there and back, while another process writes: nothing is lost, nothing is doubled.
    @Test func killedAtRandomMoments() throws {
        let rounds = Int(ProcessInfo.processInfo.environment["MINSKY_KILLS"] ?? "") ?? 20
        let movable = try Movable()
        var expected = (0..<20).map { "task \($0)" }
        for title in expected { _ = try movable.minsky.add(title) }
        var kills = 0
        for round in 0..<rounds {
            let isLocal = try movable.minsky.json("migrate", "status")["phase"]?.string != "postgres"
            let process = try movable.minsky.start((isLocal ? movable.upgrade : movable.rollback) + ["--yes"])
            let writer = try movable.minsky.start(["add", "round \(round)"])
            usleep(.random(in: 0...600_000))
            process.destroy()
            kills += 1
            let written = try writer.wait()
            #expect(written.exitCode == 0 || written.exitCode == 5, "\(written.errors)")
            if written.exitCode == 0 { expected.append("round \(round)") }
            #expect(try movable.openStores <= 1)
            #expect(try movable.titles == expected.sorted(), "round \(round)")
            #expect(try movable.openStores == 1)
        }
        #expect(kills == rounds)
        #expect(try movable.minsky.run("doctor").exitCode == 0)
    }

    /// Without the server nobody knows where the workspace is, and nobody writes; when it is back, all goes on.
    @Test func whatTheServerAloneKnowsWaitsForIt() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        // As a process leaves it that was killed right after the last step.
        _ = try movable.sqlite("UPDATE store_state SET phase = 'fenced'")
        let configuration = try minsky.text(minsky.workspace + "/config.toml")
        try minsky.write(Array("".utf8), to: minsky.workspace + "/config.toml")
        let away = "postgresql:///postgres?host=/nowhere&user=postgres"
        let peer = try movable.sqlite("SELECT peer FROM store_state").trimmed
        _ = try movable.sqlite("UPDATE store_state SET peer = '\(away)'")
        let refused = try minsky.run("list")
        #expect(refused.exitCode == 6, "a row alone leads nobody to another server")
        let noted = try minsky.text(minsky.workspace + "/relocation.json")
        try minsky.write(
            Array(noted.replacingOccurrences(of: peer, with: away).utf8), to: minsky.workspace + "/relocation.json")
        for command in [["add", "lost"], ["list"]] {
            let result = try minsky.start(command).wait()
            #expect(result.exitCode == 5, "\(command)")
        }
        _ = try movable.sqlite("UPDATE store_state SET peer = '\(peer)'")
        try minsky.write(Array(noted.utf8), to: minsky.workspace + "/relocation.json")
        _ = try minsky.add("Second")
        #expect(try movable.titles == ["First", "Second"])
        let settled = try minsky.text(minsky.workspace + "/config.toml")
        #expect(settled.contains(movable.schema) && configuration.contains(movable.schema))
        #expect(try movable.sqlite("SELECT phase FROM store_state").trimmed == "moved")
    }
}
