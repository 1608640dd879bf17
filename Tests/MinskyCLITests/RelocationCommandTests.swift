import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("upgrade, migrate")
struct RelocationCommandTests {
    /// A workspace in a file, with a schema to go to.
    private final class Movable {
        let minsky: Minsky
        let url: String
        var schema: String { minsky.schema }

        init() throws {
            minsky = try Minsky(.sqlite)
            url = try TestStorage.postgresURL()
        }

        deinit { _ = try? psql("DROP SCHEMA IF EXISTS \(schema) CASCADE") }

        @discardableResult
        func psql(_ sql: String) throws -> String {
            try Process.output("psql", [url, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql])
        }

        func sqlite(_ sql: String) throws -> String {
            try Process.output("sqlite3", [minsky.workspace + "/tasks.db", sql])
        }

        var upgrade: [String] { ["upgrade", "to-postgres", "--db-url", url, "--schema", schema] }
        var rollback: [String] { ["migrate", "rollback"] }

        var titles: [String] {
            get throws {
                (try minsky.json("list", "--all").array ?? []).compactMap { $0["title"]?.string }.sorted()
            }
        }

        /// How many of the two stores are open to writers; asked of the databases, not of the program.
        var openStores: Int {
            get throws {
                let phases = ["active", "copying", "following"]
                var count = phases.contains(try sqlite("SELECT phase FROM store_state").trimmed) ? 1 : 0
                let isThere = try psql("SELECT to_regclass('\(schema).store_state') IS NOT NULL").trimmed == "t"
                if isThere, phases.contains(try psql("SELECT phase FROM \(schema).store_state").trimmed) { count += 1 }
                return count
            }
        }
    }

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
        #expect(status.members?.map(\.key) == ["phase", "database", "schema", "startedAt", "backup"])
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

    @Test func aServerThatIsNotThereIsToldWithoutAPassword() throws {
        let movable = try Movable()
        let result = try movable.minsky.run(
            "upgrade", "to-postgres", "--db-url", "postgresql://ada@localhost:1/x")
        #expect(result.exitCode == 6)
        let refused = try movable.minsky.run(
            "upgrade", "to-postgres", "--db-url", "postgresql://ada:secret@localhost:1/x")
        #expect(refused.exitCode == 2 || refused.exitCode == 6)
        for schema in ["n\nl", "\u{202E}x"] {
            let result = try movable.minsky.start(
                ["upgrade", "to-postgres", "--db-url", movable.url, "--schema", schema]
            ).wait()
            #expect(result.exitCode == 2, "what is no setting could not be written down")
        }
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
            if try movable.minsky.json("migrate", "status")["phase"]?.string == (round == 0 ? "local" : "postgres") {
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
            let isLocal = try movable.minsky.json("migrate", "status")["phase"]?.string == "local"
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

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

extension Minsky {
    /// The whole id of a task.
    fileprivate func fullID(_ short: String) throws -> String {
        try #require(try json("show", short)["id"]?.string)
    }
}
