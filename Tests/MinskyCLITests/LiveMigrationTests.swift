import Foundation
import MinskyModel
import TestSupport
import Testing

/// A migration step by step: real processes, and the databases asked by their own shells.
@Suite("migrate start, wait, cutover, abort")
struct LiveMigrationTests {
    @Test func stepByStepWhileOthersWork() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        let started = try minsky.json(movable.start)
        #expect(
            started.members?.map(\.key) == [
                "phase", "database", "schema", "startedAt", "backup", "target", "lag", "running",
            ])
        #expect(started["phase"] == "following")
        #expect(started["lag"] == 0)
        #expect(started["running"] == false)
        #expect(started["backup"]?.string == minsky.workspace + "/pre-migration-backup.db")
        #expect(try movable.openStores == 1)
        #expect(throws: ProcessFailure.self) { try movable.psql("UPDATE \(movable.schema).tasks SET title = 'x'") }

        let second = try minsky.add("Second")
        try minsky.ok("done", second)
        let behind = try minsky.json("migrate", "status")
        #expect(behind["lag"] == 2)
        #expect(behind["startedAt"] == started["startedAt"])
        #expect(try minsky.ok("migrate", "status").contains("2 operations are left to bring, begun "))
        #expect(try minsky.json("migrate", "wait")["lag"] == 0)
        #expect(try movable.psql("SELECT count(*) FROM \(movable.schema).tasks") == "2\n")
        #expect(
            try minsky.json("migrate", "status")["startedAt"] == started["startedAt"], "since when, not since the wait")

        _ = try minsky.add("Third")
        let moved = try minsky.json("migrate", "cutover")
        #expect(moved["schema"]?.string == movable.schema)
        #expect(moved["backup"] == started["backup"], "the workspace as it was when it began")
        #expect(try minsky.json("migrate", "status")["phase"] == "postgres")
        #expect(try movable.openStores == 1)
        _ = try minsky.add("Fourth")
        let all = ["First", "Fourth", "Second", "Third"]
        #expect(try movable.titles == all)
        let shell = try minsky.shell("sqlite3 .minsky/tasks.db \"UPDATE tasks SET title = 'x'\"")
        #expect(shell.exitCode != 0)
        #expect(shell.errors.contains(movable.schema), "a shell is told where the tasks are")

        try minsky.ok("migrate", "rollback")
        #expect(try movable.titles == all)
        try minsky.ok("undo")
        #expect(try movable.titles == ["First", "Second", "Third"])
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    /// Afterwards the file holds what it held, byte for byte in every table but the one that says what goes on.
    @Test(arguments: ["start", "wait", "a server that is away"])
    func abortLeavesTheFileAsItWas(after step: String) throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        func dump() throws -> String {
            try movable.sqlite(".dump").split(separator: "\n").filter { !$0.contains("INSERT INTO store_state") }
                .joined(separator: "\n")
        }
        try minsky.ok(movable.start)
        _ = try minsky.add("Second")
        let before = try dump()
        if step == "wait" { try minsky.ok("migrate", "wait") }
        if step == "a server that is away" {
            let away = "postgresql:///postgres?host=/nowhere&user=postgres"
            let notes = minsky.workspace + "/relocation.json"
            let peer = try movable.sqlite("SELECT peer FROM store_state").trimmed
            try minsky.write(Array(try minsky.text(notes).replacingOccurrences(of: peer, with: away).utf8), to: notes)
            _ = try movable.sqlite("UPDATE store_state SET peer = '\(away)'")
            #expect(try minsky.json("migrate", "status")["lag"] == .null)
            #expect(try minsky.run("migrate", "wait").exitCode == 6)
            #expect(try minsky.json("migrate", "status")["phase"] == "following")
        }
        let aborted = try minsky.json("migrate", "abort")
        #expect(aborted["phase"] == "local")
        #expect(try dump() == before)
        #expect(try movable.sqlite("SELECT phase FROM store_state") == "active\n")
        if step != "a server that is away" {
            #expect(try movable.psql("SELECT phase FROM \(movable.schema).store_state") == "abandoned\n")
        }
        for command in ["wait", "cutover", "abort"] {
            let refused = try minsky.failure("migrate", command)
            #expect(refused.exitCode == 4)
            #expect(refused.hint?.contains("minsky migrate start") == true)
        }
        _ = try minsky.add("Third")
        #expect(try minsky.json(movable.start)["lag"] == 0, "what is there is taken up")
        try minsky.ok("migrate", "cutover")
        #expect(try movable.titles == ["First", "Second", "Third"])
        #expect(try movable.openStores == 1)
    }

    /// So that a late commit finds the target given up; the target's row is held meanwhile, to look at both.
    @Test func theTargetIsClosedFirst() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.start)
        let row = "\(movable.schema).store_state"
        let holder = try ChildProcess(
            "/usr/bin/env",
            [
                "psql", movable.url, "-AtqX", "-c", "BEGIN", "-c", "SELECT phase FROM \(row) FOR UPDATE", "-c",
                "SELECT pg_sleep(60) FROM \(row)",
            ], environment: ProcessInfo.processInfo.environment, folder: minsky.folder)
        #expect(holder.hasSaid("filling"))
        let abort = try minsky.start(["migrate", "abort"])
        var isWaiting = false
        for _ in 0..<1000 where !isWaiting {
            usleep(5000)
            isWaiting =
                try movable.psql(
                    """
                    SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
                    WHERE NOT l.granted AND a.query LIKE '%abandoned%'
                    """) != "0\n"
        }
        #expect(isWaiting)
        #expect(try movable.sqlite("SELECT phase FROM store_state") == "following\n")
        try movable.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60) FROM \(row)'")
        holder.destroy()
        #expect(try abort.wait().exitCode == 0)
        #expect(try movable.sqlite("SELECT phase FROM store_state") == "active\n")
        #expect(try movable.psql("SELECT phase FROM \(row)") == "abandoned\n")
    }

    /// A row of the store leads nobody to a server that the workspace was not sent to from here.
    @Test func aRowAloneLeadsNobodyElsewhere() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.start)
        _ = try movable.sqlite("UPDATE store_state SET peer_schema = 'elsewhere'")
        for command in ["wait", "cutover"] {
            let refused = try minsky.failure("migrate", command)
            #expect(refused.exitCode == 6)
            #expect(refused.hint?.contains("minsky migrate abort") == true)
        }
        #expect(try minsky.json("migrate", "status")["lag"] == .null)
        try minsky.ok("migrate", "abort")
        #expect(try minsky.json("migrate", "status")["phase"] == "local")
    }

    /// Killed at each step of each command; whatever comes next works, and the migration gets to its end.
    @Test(arguments: [
        ("start", ["checking", "backup", "schema", "copying", "indexing", "following"]),
        ("wait", ["checking", "schema", "following"]),
        (
            "cutover",
            ["checking", "following", "comparing", "fencing", "draining", "committing", "committed", "switching"]
        ),
        ("upgrade", ["following", "comparing", "fencing", "committing", "committed"]),
    ])
    func killedAtAnyStep(command: String, steps: [String]) throws {
        let movable = try Movable()
        let minsky = movable.minsky
        var expected = ["First"]
        _ = try minsky.add("First")
        for step in steps {
            if command != "start" { try minsky.ok(movable.start) }
            _ = try minsky.add("before \(step)")
            let arguments =
                switch command {
                case "start": movable.start
                case "upgrade": movable.upgrade + ["--live"]
                default: ["migrate", command]
                }
            let process = try minsky.start(arguments + ["--progress", "json", "--yes"])
            #expect(process.hasTold("{\"step\":\"\(step)\""), "\(command) has the step \(step)")
            process.destroy()
            #expect(try movable.openStores <= 1, "\(step)")
            _ = try minsky.add("after \(step)")
            expected += ["before \(step)", "after \(step)"]
            #expect(try movable.titles == expected.sorted(), "\(step)")
            #expect(try movable.openStores == 1, "\(step)")
            if try minsky.json("migrate", "status")["phase"] != "postgres" {
                try minsky.ok(movable.start)
                try minsky.ok("migrate", "wait")
                try minsky.ok("migrate", "cutover")
            }
            #expect(try movable.titles == expected.sorted(), "\(step)")
            try minsky.ok("migrate", "rollback")
            #expect(try movable.titles == expected.sorted(), "\(step)")
            // A copy that is there is taken up, and has no such steps.
            if command == "start" { try movable.psql("DROP SCHEMA \(movable.schema) CASCADE") }
        }
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    /// Writers that know nothing of it while it goes all the way, step by step: none is refused and nothing is lost.
    @Test(arguments: [false, true])
    func whileOthersWrite(atOnce: Bool) async throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        let writers = (0..<2).map { writer in
            Task.detached { () -> [String] in
                var written: [String] = []
                for number in 0..<25 {
                    let title = "writer \(writer) \(number)"
                    let result = try minsky.run("add", title)
                    #expect(result.exitCode == 0, "\(result.errors)")
                    written.append(title)
                }
                return written
            }
        }
        if atOnce {
            try minsky.ok(movable.upgrade + ["--live"])
        } else {
            try minsky.ok(movable.start)
            try minsky.ok("migrate", "wait")
            try minsky.ok("migrate", "cutover")
        }
        var expected = ["First"]
        for writer in writers { expected += try await writer.value }
        #expect(try movable.titles == expected.sorted())
        #expect(try movable.openStores == 1)
        try minsky.ok("migrate", "rollback")
        #expect(try movable.titles == expected.sorted())
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func onlyOneAtATime() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.start)
        let lock = open(minsky.workspace + "/relocation.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        for command in [
            ["migrate", "wait"], ["migrate", "cutover"], ["migrate", "abort"], movable.start, movable.upgrade,
        ] {
            let refused = try minsky.start(command + ["--json"]).wait()
            #expect(refused.exitCode == 5, "\(command): \(refused.errors)")
        }
        #expect(try minsky.json("migrate", "status")["running"] == true)
        _ = try minsky.add("Second")
        close(lock)
        let elsewhere = try minsky.start(["upgrade", "to-postgres", "--db-url", movable.url, "--schema", "elsewhere"])
            .wait()
        #expect(elsewhere.exitCode == 6)
        #expect(elsewhere.errors.contains("minsky migrate abort"))
        // An ordinary upgrade to the same place takes it up.
        let upgrade = try minsky.start(movable.upgrade).wait()
        #expect(upgrade.exitCode == 0)
        #expect(upgrade.errors.contains("Continuing what is there"))
        #expect(try movable.titles == ["First", "Second"])
    }

    /// The log is compared with the copy's, and is left alone meanwhile; neither gets the workspace an upstream.
    @Test func whatWouldSpoilTheCopyIsRefused() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        _ = try minsky.add("Second")
        try minsky.ok(movable.start)
        #expect(try minsky.failure("compact", "--days", "0").exitCode == 4)
        let upstream = minsky.scratch.path + "/upstream.db"
        let refused = try minsky.failure("sync", "enable", "--remote-db", upstream)
        #expect(refused.exitCode == 6)
        #expect(refused.hint?.contains("minsky migrate abort") == true)
        #expect(!minsky.exists(upstream))
        try minsky.ok("config", "set", "sync.url", upstream)
        #expect(try minsky.run("sync").exitCode != 0)
        #expect(try movable.sqlite("SELECT count(*) FROM sync_state") == "0\n")
        try minsky.ok("config", "unset", "sync.url")
        try minsky.ok("migrate", "abort")
        try minsky.ok("compact", "--days", "0")
        try minsky.ok("sync", "enable", "--remote-db", upstream)
        for command in [movable.upgrade, movable.start] {
            let refused = try minsky.start(command).wait()
            #expect(refused.exitCode == 6)
            #expect(refused.errors.contains("minsky sync disable"))
        }
        #expect(try minsky.json("migrate", "status")["phase"] == "local")
        // An upstream that is there already is not joined by setting where it is, either.
        try minsky.ok("sync", "disable")
        try minsky.ok(movable.start)
        try minsky.ok("config", "set", "sync.url", upstream)
        let joined = try minsky.failure("sync")
        #expect(joined.exitCode == 6)
        #expect(joined.hint?.contains("minsky migrate abort") == true)
        #expect(try movable.sqlite("SELECT count(*) FROM sync_state") == "0\n")
    }

    /// Replicas would find the store closed that they sync with: whoever closes it is told who they are.
    @Test func replicasAreNotLeftBehindUnnoticed() throws {
        let movable = try Movable(isAlone: true)
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let grace = try Minsky()
        try grace.ok("init", "--clone", movable.url, "--schema", movable.schema)
        try grace.ok("sync")
        try movable.psql("UPDATE \(movable.schema).sync_peers SET name = E'Grace\\n– forged'")
        let refused = try minsky.failure("migrate", "rollback")
        #expect(refused.exitCode == 6)
        #expect(refused.hint?.contains("Grace – forged (") == true)
        #expect(refused.hint?.contains("--leave-peers") == true)
        // The replica itself has an upstream.
        let clone = try grace.failure(
            "upgrade", "to-postgres", "--db-url", movable.url, "--schema", movable.schema + "_2")
        #expect(clone.exitCode == 6)
        #expect(clone.hint?.contains("minsky sync disable") == true)
        #expect(try movable.openStores == 1)
        try minsky.ok("migrate", "rollback", "--leave-peers")
        #expect(try movable.titles == ["First"])
        // One that has not been seen for a month is not waited for.
        try minsky.ok(movable.upgrade)
        try movable.psql("UPDATE \(movable.schema).sync_peers SET seen_at = '2020-01-01T00:00:00Z'")
        try minsky.ok("migrate", "rollback")
    }
}

extension Movable {
    fileprivate var start: [String] { ["migrate", "start", "--db-url", url, "--schema", schema] }
}

extension Minsky {
    fileprivate func json(_ arguments: [String]) throws -> JSON {
        try JSON(parsing: try ok(arguments + ["--json"]).output)
    }
}
