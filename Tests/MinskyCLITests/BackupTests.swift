import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("minsky backup")
struct BackupTests {
    private static let keys = ["path", "bytes", "createdAt", "schemaVersion", "tables", "workspace", "reason"]

    @Test(arguments: Storage.allCases)
    func whatWasThereComesBackWithItsHistory(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--tag", "x")
        try minsky.ok("start", id)
        let history = try minsky.json("history")
        let made = try minsky.json("backup", "create")
        #expect(made.keys == Self.keys)
        let path = try #require(made["path"]?.string)
        #expect(path.hasPrefix(minsky.workspace + "/backups/"))
        #expect(try minsky.mode(path) == 0o600)
        #expect(made["tables"]?.array?.allSatisfy { $0.keys == ["table", "rows", "hash"] } == true)
        #expect(made["bytes"]?.integer == (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64))
        #expect(try minsky.json("backup", "list") == .array([made]))
        #expect(try minsky.json("backup", "verify", path) == made)

        try minsky.ok("tasks", "delete", id)
        _ = try minsky.add("B")
        let restored = try minsky.json("backup", "restore", path, "--yes")
        #expect(restored.keys == ["path", "createdAt", "schemaVersion", "database", "tables", "backup", "movedAside"])
        #expect(try minsky.json("list").titles == ["A"])
        #expect(try minsky.json("history") == history)
        #expect(try minsky.run("doctor").exitCode == 0)
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["status"] == "todo", "undo goes on where it was")

        // What was replaced is there as well.
        let saved = try #require(restored["backup"]?.string)
        try minsky.ok("backup", "restore", saved)
        #expect(try minsky.json("list").titles == ["B"])
        #expect(try minsky.json("backup", "list").array?.map { $0["reason"] } == ["manual", "restore", "restore"])
    }

    @Test func aBackupOfOneDatabaseGoesIntoTheOther() throws {
        let (file, server) = (try Minsky(.sqlite), try Minsky(.postgres))
        _ = try file.add("A")
        let path = try #require(try file.json("backup", "create")["path"]?.string)
        // The server's workspace is empty: it becomes this one.
        try server.ok("backup", "restore", path)
        #expect(try server.json("list").titles == ["A"])
        #expect(try server.run("doctor").exitCode == 0)
        _ = try server.add("B")
        let back = try #require(try server.json("backup", "create")["path"]?.string)
        try file.ok("backup", "restore", back)
        #expect(try file.json("list").titles == ["A", "B"])
        #expect(try file.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func anotherWorkspacesIsRefused(storage: Storage) throws {
        let (mine, other) = (try Minsky(storage), try Minsky(.sqlite))
        _ = try mine.add("mine")
        _ = try other.add("A")
        // The workspaces of tests are copies of one; this one is not.
        try other.sql("UPDATE store_state SET workspace_id = '0123456789abcdef'")
        try other.write("", to: other.configuration)
        let path = try #require(try other.json("backup", "create")["path"]?.string)
        let failure = try mine.failure("backup", "restore", path)
        #expect(failure.exitCode == 6 && failure.message.contains("another workspace"))
        #expect(failure.hint?.contains("minsky init") == true)
        #expect(try mine.json("list").titles == ["mine"])
        #expect(!mine.exists(mine.workspace + "/backups"))
    }

    @Test func aNewWorkspaceTakesABackupAndItsId() throws {
        let (old, new) = (try Minsky(.sqlite), try Minsky())
        _ = try old.add("A")
        try old.sql("UPDATE store_state SET workspace_id = '0123456789abcdef'")
        try old.write("", to: old.configuration)
        let path = try #require(try old.json("backup", "create")["path"]?.string)
        try new.ok("init")
        #expect(try new.json("backup", "restore", path)["backup"] == .null)
        #expect(try new.json("list").titles == ["A"])
        #expect(try new.text(new.configuration).contains("0123456789abcdef"))
    }

    @Test(arguments: Storage.allCases)
    func whatOthersWriteMeanwhileIsWholeOrNotThere(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for number in 0..<5 { _ = try minsky.add("\(number)") }
        let writers = try (0..<2).map { writer in
            try minsky.shellStart(
                "i=0; while [ $i -lt 12 ]; do $minsky add -q --tag t\(writer) \"w\(writer) $i\" >/dev/null || exit 1; i=$((i+1)); done"
            )
        }
        var paths: [String] = []
        for _ in 0..<4 { paths.append(try #require(try minsky.json("backup", "create")["path"]?.string)) }
        for writer in writers { #expect(try writer.wait().exitCode == 0) }
        #expect(try minsky.count("tasks") == 29)
        for path in paths {
            try minsky.ok("backup", "verify", path)
            let made = try minsky.json("backup", "restore", path)
            let rows = Dictionary(
                uniqueKeysWithValues: (made["tables"]?.array ?? []).map {
                    ($0["table"]?.string ?? "", $0["rows"]?.integer ?? -1)
                })
            // Every task with its tag and its operation.
            #expect(rows["operations"] == rows["tasks"] && rows["task_tags"] == (rows["tasks"] ?? 0) - 5)
            #expect(try minsky.json("history", "--limit", "100").array?.count == Int(rows["changes"] ?? -1))
            #expect(try minsky.run("doctor").exitCode == 0)
        }
    }

    @Test(arguments: [
        "printf 'not a database' | dd of=.minsky/tasks.db conv=notrunc 2>/dev/null",
        ": > .minsky/tasks.db", "truncate -s 5000 .minsky/tasks.db", "truncate -s 100000 .minsky/tasks.db",
        "rm .minsky/tasks.db",
        "rm .minsky/tasks.db; sqlite3 .minsky/tasks.db 'CREATE TABLE other (x)'",
        "printf 'garbage' > .minsky/tasks.db", "head -c 50000 /dev/urandom > .minsky/tasks.db",
        "dd if=/dev/zero of=.minsky/tasks.db bs=4096 seek=1 count=30 conv=notrunc 2>/dev/null",
    ])
    func aDamagedFileIsFoundAndReplacedAndKept(damage: String) throws {
        let minsky = try Minsky(.sqlite)
        for number in 0..<30 { _ = try minsky.add("\(number) " + String(repeating: "x", count: 300)) }
        try minsky.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        #expect(try minsky.shell("rm -f .minsky/tasks.db-wal .minsky/tasks.db-shm; \(damage)").exitCode == 0)
        let isThere = minsky.exists(minsky.database)
        let bytes = isThere ? try Data(contentsOf: URL(fileURLWithPath: minsky.database)) : Data()
        let doctor = try minsky.run("doctor")
        #expect(doctor.exitCode == 1)
        #expect(doctor.output.contains("minsky backup restore \(path)"))
        let restored = try minsky.json("backup", "restore", path)
        #expect(try minsky.json("list").array?.count == 30)
        #expect(try minsky.run("doctor").exitCode == 0)
        if isThere {
            let aside = try #require(restored["movedAside"]?.string)
            #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == bytes)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: minsky.workspace)
        #expect(left.filter { $0.contains("restoring") } == [])
    }

    @Test func aSchemaThatIsGoneComesBack() throws {
        let minsky = try Minsky(.postgres)
        _ = try minsky.add("A")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        try minsky.sql("DROP SCHEMA \(minsky.schema) CASCADE")
        #expect(try minsky.run("doctor").output.contains("minsky backup restore \(path)"))
        #expect(try minsky.json("backup", "restore", path)["backup"] == .null)
        #expect(try minsky.json("list").titles == ["A"])
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func aPersonCanUnpackIt() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        #expect(try minsky.shell("rm .minsky/tasks.db*; tail -n +3 '\(path)' > .minsky/tasks.db").exitCode == 0)
        #expect(try minsky.json("list").titles == ["A"])
        #expect(try minsky.run("doctor").exitCode == 0)
        _ = try minsky.add("B")
        #expect(try minsky.sql("SELECT count(DISTINCT replica_id) FROM operations") == "2", "it is another replica")
    }

    @Test func withoutABackupDoctorSaysSo() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("garbage", to: minsky.database)
        let doctor = try minsky.run("doctor")
        #expect(doctor.exitCode == 1 && doctor.output.contains("There is no backup"))
    }

    @Test(arguments: Storage.allCases)
    func killedAtAnyMomentItIsTheOldOrTheNew(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for number in 0..<12 { _ = try minsky.add("old \(number)", "--tag", "t") }
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        for id in try minsky.ok("list", "-q").split(separator: "\n") {
            try minsky.ok("tasks", "edit", String(id), "--title", "new")
        }
        let all = Set(try minsky.json("list").titles)
        #expect(all == ["new"])
        for step in 0..<20 {
            let process = try minsky.start(["backup", "restore", path])
            usleep(UInt32(step * 12_000))
            process.send(SIGTERM)
            _ = try process.wait()
            let titles = try minsky.json("list").titles
            #expect(titles.count == 12)
            #expect(Set(titles) == all || titles.allSatisfy { $0.hasPrefix("old") })
            #expect(try minsky.run("doctor").exitCode == 0)
            for file in try minsky.json("backup", "list").array ?? [] {
                if let path = file["path"]?.string { #expect(try minsky.run("backup", "verify", path).exitCode == 0) }
            }
        }
        // What was killed on its way leaves pieces, which the next backup removes.
        try minsky.ok("backup", "create")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: minsky.workspace + "/backups").allSatisfy {
                $0.hasSuffix(".minsky-backup")
            })
    }

    @Test(arguments: Storage.allCases)
    func aFullDiskLeavesNoHalfFile(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for number in 0..<20 { _ = try minsky.add("\(number) " + String(repeating: "x", count: 500)) }
        let size = try #require(try minsky.json("backup", "create", minsky.home)["bytes"]?.integer)
        try minsky.ok("backup", "create")
        let folder = minsky.workspace + "/backups"
        let before = try FileManager.default.contentsOfDirectory(atPath: folder)
        // In units of 512 bytes: too small for the database, then for the backup of it.
        for limit in [100, 200, size / 512 - 8, size / 512] {
            let result = try minsky.shell("ulimit -f \(limit); exec $minsky backup create")
            #expect(result.exitCode == 1, "\(limit)")
            #expect(result.output == "" && result.errors.hasPrefix("error: "))
            #expect(result.errors.contains("full") || result.errors.contains("File too large"), "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == before)
        }
        try minsky.ok("backup", "create")
    }

    @Test func aRestoreOnAFullDiskChangesNothing() throws {
        let minsky = try Minsky(.sqlite)
        for number in 0..<20 { _ = try minsky.add("\(number) " + String(repeating: "x", count: 500)) }
        let made = try minsky.json("backup", "create")
        let (path, size) = (try #require(made["path"]?.string), try #require(made["bytes"]?.integer))
        _ = try minsky.add("mine")
        let titles = try minsky.json("list").titles
        let files = try minsky.files(below: minsky.workspace).count
        for limit in [8, size / 512 - 8] {
            let result = try minsky.shell("ulimit -f \(limit); exec $minsky backup restore '\(path)'")
            #expect(result.exitCode == 1, "\(limit)")
            #expect(result.output == "" && result.errors.hasPrefix("error: "))
            #expect(result.errors.contains("full") || result.errors.contains("File too large"), "\(result.errors)")
            #expect(try minsky.json("list").titles == titles)
        }
        #expect(try minsky.files(below: minsky.workspace).filter { !$0.hasSuffix(".lock") }.count <= files)
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func severalInOneSecondAllSucceed(storage: Storage) throws {
        let minsky = try Minsky(storage)
        _ = try minsky.add("A")
        let all = try (0..<8).map { _ in try minsky.start(["backup", "create", "-q"]) }.map { try $0.wait() }
        #expect(all.map(\.exitCode) == all.map { _ in 0 }, "\(all.map(\.errors))")
        let paths = all.flatMap(\.lines)
        #expect(Set(paths).count == 8)
        for path in paths { try minsky.ok("backup", "verify", path) }
        #expect(try minsky.json("backup", "list").array?.count == 8)
        // Of a name that somebody gave there is one.
        let named = try (0..<4).map { _ in try minsky.start(["backup", "create", "mine"]) }.map { try $0.wait() }
        #expect(named.filter { $0.exitCode == 0 }.count == 1)
    }

    @Test func manyAreMentionedAndStay() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "backup.keep", "1")
        for _ in 0..<2 { try minsky.ok("backup", "create") }
        let list = try minsky.run("backup", "list")
        #expect(list.lines.count == 2)
        #expect(list.errors.contains("minsky backup prune removes all but the newest 1."))
        try minsky.ok("backup", "prune")
        #expect(try minsky.run("backup", "list").errors == "")
    }

    /// A move that was killed before it closed anything leaves these phases; what is restored is the workspace again.
    @Test(arguments: Storage.allCases, ["copying", "following"])
    func aMoveThatWasKilledIsNotInTheWay(storage: Storage, phase: String) throws {
        let minsky = try Minsky(storage)
        _ = try minsky.add("A")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        _ = try minsky.add("B")
        try minsky.sql("UPDATE store_state SET phase = '\(phase)', relocation = 'x', peer = '/nowhere/tasks.db'")
        try minsky.ok("backup", "restore", path)
        #expect(try minsky.json("list").titles == ["A"])
        #expect(try minsky.sql("SELECT phase FROM store_state") == "active")
    }

    @Test func nothingIsRestoredWhileTheWorkspaceIsBeingMoved() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let path = try #require(try minsky.json("backup", "create")["path"]?.string)
        _ = try minsky.add("B")
        let descriptor = open(minsky.workspace + "/relocation.lock", O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        let failure = try minsky.failure("backup", "restore", path)
        #expect(failure.exitCode == 5 && failure.message.contains("being moved"))
        #expect(try minsky.json("list").titles == ["A", "B"])
        #expect(flock(descriptor, LOCK_UN) == 0)
        try minsky.ok("backup", "restore", path)
        #expect(try minsky.json("list").titles == ["A"])
    }

    @Test func whatPostgresCannotHoldIsNamed() throws {
        let (file, server) = (try Minsky(.sqlite), try Minsky(.postgres))
        let id = try file.add("A")
        try file.sql("UPDATE tasks SET description = CAST(x'41ff42' AS TEXT)")
        let path = try #require(try file.json("backup", "create")["path"]?.string)
        try file.ok("backup", "verify", path)
        let failure = try server.failure("backup", "restore", path)
        #expect(failure.exitCode == 6)
        let whole = try #require(try file.json("show", id)["id"]?.string)
        #expect(failure.hint?.contains("description of tasks \(whole): it holds bytes that are not UTF-8") == true)
        #expect(try server.json("list").titles == [])
        try file.ok("backup", "restore", path)
        #expect(try file.sql("SELECT hex(description) FROM tasks") == "41FF42")
    }

    @Test func whereNothingMayBeWrittenItSaysSo() throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("backup", "create", "/proc/backup")
        #expect(failure.exitCode == 1 && failure.message.contains("/proc/backup"))
        #expect(try minsky.failure("backup", "create", minsky.configuration).exitCode == 4)
        #expect(try minsky.failure("backup", "create", "no/such/folder/file").exitCode == 1)
        #expect(try minsky.failure("backup", "verify", "nothing").exitCode == 3)
        #expect(try minsky.failure("backup", "verify", minsky.configuration).exitCode == 1)
        #expect(try minsky.failure("backup", "restore", minsky.configuration).exitCode == 1)
        #expect(try minsky.failure("backup", "prune", "--keep", "0").exitCode == 2)
    }

    @Test func progressIsOneObjectALine() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let result = try minsky.ok(["backup", "create", "--json", "--progress", "json"])
        let steps = try result.errors.split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(steps.contains(["step": "copying", "table": "tasks", "rows": 1]))
        #expect(try minsky.run("backup", "create").errors.contains("copying") == false, "nobody watches")
    }

    @Test func itIsKeptOutOfVersionControl() throws {
        let minsky = try Minsky()
        try minsky.ok("init")
        try minsky.ok("backup", "create")
        let status = try minsky.shell("git init -q . && git status --porcelain -uall")
        #expect(!status.output.contains("backup"))
    }
}

extension Minsky {
    /// Starts a shell script in the workspace's folder, in which `$minsky` is the program.
    fileprivate func shellStart(_ script: String) throws -> ChildProcess {
        let variables = environment().merging(["minsky": try Self.binary.get()]) { $1 }
        return try ChildProcess("/bin/sh", ["-c", script], environment: variables, folder: folder)
    }
}
