import Foundation
import MinskyModel
import TestSupport
import Testing

/// What people meet around a sync: what doctor and peers say, typing errors, folders that were moved, values nobody can read.
@Suite("sync: what is said around it")
struct SyncCareTests {
    private static func check(_ minsky: Minsky, _ name: String) throws -> JSON {
        let result = try minsky.run("doctor", "--json")
        return try #require(try JSON(parsing: result.output).array?.first { $0["check"] == .string(name) })
    }

    // MARK: doctor

    @Test(arguments: Storage.allCases)
    func doctorLooksAtTheUpstream(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        try pair.ada.ok("sync")
        let checks = try #require(try pair.ada.json("doctor").array)
        for name in ["upstream", "sync", "clock"] {
            let found = try #require(checks.first { $0["check"] == .string(name) })
            #expect(found["status"] == "ok", "\(found)")
        }
        _ = try pair.grace.add("Theirs")
        try pair.grace.ok("sync")
        _ = try pair.ada.add("Ours")
        #expect(try Self.check(pair.ada, "upstream")["detail"]?.string?.hasSuffix("1 to be pulled") == true)
        #expect(try Self.check(pair.ada, "sync")["detail"]?.string?.contains("1 to be pushed") == true)
        #expect(try pair.ada.json("sync", "status")["ahead"] == 1, "doctor changes nothing")
        // Another workspace in its place.
        try pair.atUpstream("UPDATE store_state SET workspace_id = 'anotherworkspace'")
        #expect(try Self.check(pair.ada, "upstream")["status"] == "failed")
    }

    @Test func doctorTellsWhatFailedAndWhatIsOpen() throws {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("sync", "strategy", "manual")
        let task = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.bothEdit(["tasks", "edit", task, "--title", "A"], ["tasks", "edit", task, "--title", "B"])
        let open = try Self.check(pair.ada, "sync")
        #expect(open["status"] == "warning" && open["detail"]?.string?.hasSuffix("1 conflict is open") == true)
        #expect(open["remedy"]?.string?.contains("minsky sync conflicts") == true)
        let away = pair.place[0] + ".away"
        try FileManager.default.moveItem(atPath: pair.place[0], toPath: away)
        _ = try pair.ada.run("sync")
        let upstream = try Self.check(pair.ada, "upstream")
        #expect(upstream["status"] == "warning", "offline is nothing wrong")
        let failed = try Self.check(pair.ada, "sync")
        #expect(failed["status"] == "warning" && failed["detail"]?.string?.contains("failed 1 times since") == true)
        try pair.ada.sql("UPDATE sync_state SET synced_at = '2020-01-01T00:00:00.000000Z', error = NULL")
        _ = try pair.ada.add("More")
        #expect(try Self.check(pair.ada, "sync")["status"] == "warning", "edits have waited for long")
        #expect(try pair.ada.run("doctor").exitCode == 0)
    }

    // MARK: peers

    @Test(arguments: Storage.allCases)
    func peersAreKnownByNameHostAndWhatTheyLack(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        for (minsky, name) in zip(pair.both, ["ada", "grace"]) {
            _ = try minsky.add("Of \(name)")
            try minsky.ok(["sync"], environment: ["MINSKY_ACTOR": name])
        }
        let peers = try pair.ada.json("sync", "peers")
        let ada = try #require(peers.array?.first { $0["name"] == "ada" })
        #expect(ada.keys == ["id", "name", "sequence", "lastSync", "host", "behind", "replaced"])
        #expect(ada["behind"] == 1 && ada["replaced"] == false && ada["host"]?.string?.isEmpty == false)
        let shown = try pair.ada.ok("sync", "peers")
        #expect(shown.contains("ada on \(ada["host"]?.string ?? "?"), 1 behind"), "\(shown)")
        // Another replica in the same folder, as after a restore.
        try pair.atUpstream(
            """
            INSERT INTO sync_peers (replica_id, name, host, place, sequence, seen_at)
            SELECT 'old' || replica_id, name, host, place, 0, \(upstream == .sqlite ? "'2020-01-01T00:00:00.000000Z'" : "'2020-01-01Z'")
            FROM sync_peers WHERE name = 'ada'
            """)
        #expect(try pair.ada.ok("sync", "peers").contains("replaced by a later one of that folder"))
        #expect(try pair.ada.json("sync", "peers").array?.filter { $0["replaced"] == true }.count == 1)
        let unknown = try pair.ada.failure("sync", "peers", "forget", "zzzz")
        #expect(unknown.exitCode == 3)
        #expect(try pair.ada.failure("sync", "peers", "forget", "").exitCode == 3)
        let rest = try pair.ada.json("sync", "peers", "forget", "old")
        #expect(rest.array?.count == 2)
        let id = try #require(ada["id"]?.string)
        try pair.atUpstream(
            """
            INSERT INTO sync_peers (replica_id, name, sequence, seen_at) VALUES ('\(id)x', 'x', 0,
                \(upstream == .sqlite ? "'2020-01-01T00:00:00.000000Z'" : "'2020-01-01Z'"))
            """)
        let several = try pair.ada.failure("sync", "peers", "forget", String(id.prefix(8)))
        #expect(several.exitCode == 2 && several.hint?.contains(id + "x") == true)
    }

    // MARK: Typing

    @Test(arguments: [
        (["push"], "minsky sync --push"), (["pull"], "minsky sync --pull"), (["fetch"], "minsky sync --pull"),
        (["statu"], "minsky sync status"), (["conflict"], "minsky sync conflicts"),
    ])
    func whatWasMeantIsSaid(words: [String], meant: String) throws {
        let minsky = try Minsky(.sqlite)
        let refused = try minsky.run("sync", words[0])
        #expect(refused.exitCode == 2 && refused.errors.contains("Did you mean \(meant)?"), "\(refused.errors)")
    }

    // MARK: watch

    /// The server is reached and does not answer: nothing but the signal ends that.
    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsTheWatchWhileTheUpstreamIsSilent(number: Int32) throws {
        let silent = try SilentServer()
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "sync.url", silent.url)
        let watch = try minsky.start(["sync", "watch"])
        #expect(silent.waitForClient())
        watch.send(number)
        #expect(try watch.wait().exitCode == 0)
    }

    // MARK: Where the upstream is

    @Test func anUpstreamBesideTheWorkspaceMovesWithIt() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "sync.auto", "off")
        try minsky.ok("sync", "enable", "--remote-db", minsky.folder + "/upstream.db")
        let text = try minsky.text(minsky.workspace + "/config.toml")
        #expect(text.contains("\"../upstream.db\"") && !text.contains(minsky.folder), "\(text)")
        let moved = minsky.scratch.path + "/elsewhere"
        try FileManager.default.moveItem(atPath: minsky.folder, toPath: moved)
        try FileManager.default.createDirectory(atPath: moved + "/below", withIntermediateDirectories: true)
        try minsky.ok(["add", "After the move"], in: moved)
        try minsky.ok(["sync"], in: moved + "/below")
        #expect(
            try Process.output("sqlite3", [moved + "/upstream.db", "SELECT title FROM tasks"]) == "After the move\n")
        let status = try minsky.json("sync", "status", in: moved)
        #expect(status["ahead"] == 0 && status["error"] == .null)
        #expect(status["upstream"]?.string?.hasSuffix("/elsewhere/upstream.db") == true)
        // One further away is named by its whole path.
        try minsky.ok(["sync", "disable"], in: moved)
        try minsky.ok(["sync", "enable", "--remote-db", "/tmp/minsky-far-\(getpid()).db"], in: moved)
        #expect(try minsky.text(moved + "/.minsky/config.toml").contains("\"/tmp/minsky-far-"))
        for ending in ["", "-wal", "-shm"] { unlink("/tmp/minsky-far-\(getpid()).db" + ending) }
    }

    @Test func anUpstreamThatHasMovedSaysWhereTo() throws {
        let movable = try Movable(isAlone: true)
        _ = try movable.minsky.add("First")
        let grace = try Minsky()
        try grace.ok("init", "--clone", movable.minsky.folder)
        try grace.ok("config", "set", "sync.auto", "off")
        try grace.ok("sync")
        try movable.minsky.ok(movable.upgrade + ["--leave-peers"])
        let refused = try grace.failure("sync")
        #expect(refused.exitCode == 6 && refused.message.contains("has moved to "), "\(refused.message)")
        let hint = try #require(refused.hint)
        #expect(hint.contains("minsky sync disable && minsky sync enable --remote-db "))
        _ = try grace.add("Meanwhile")
        // What is told can be typed.
        let commands = try #require(hint.firstRange(of: "minsky sync disable")).lowerBound
        let typed = String(hint[commands...]).replacing("minsky sync", with: "\"$minsky\" sync")
        let result = try grace.shell(typed)
        #expect(result.exitCode == 0, "\(result.errors)")
        try grace.ok("sync")
        #expect(try movable.minsky.json("list").titles.sorted() == ["First", "Meanwhile"])
    }

    @Test func aPasswordWrittenByHandIsNotShown() throws {
        let pair = try SyncPair(.sqlite)
        for url in ["postgresql://ada:canary@h/d", "host=h password=canary", "postgresql://h/d?password=canary"] {
            for words in [
                ["sync"], ["sync", "status"], ["sync", "status", "--json"], ["doctor"], ["sync", "disable"],
            ] {
                for schema in ["NULL", "'s'"] {
                    try pair.ada.sql("UPDATE sync_state SET upstream = '\(url)', upstream_schema = \(schema)")
                    let result = try pair.ada.start(words).wait()
                    let said = result.output + result.errors
                    #expect(!said.contains("canary"), "\(words): \(said)")
                }
            }
            try pair.ada.ok(["sync", "enable", "--remote-db"] + pair.place)
        }
    }

    // MARK: What nobody can read

    @Test func jsonThatNoStoreCanHoldStopsNoCopy() throws {
        let pair = try SyncPair(.postgres)
        let task = try pair.ada.add("Deep", "-p", "high")
        _ = try pair.ada.add("Plain")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.atUpstream(
            """
            UPDATE tasks SET metadata = ('{"a":' || repeat('[', 2000) || repeat(']', 2000) || '}')::jsonb WHERE id = '\(task)'
            """)
        try pair.grace.ok("sync")
        let other = try Minsky()
        let cloned = try other.start(["init", "--clone"] + pair.place).wait()
        #expect(cloned.exitCode == 0, "\(cloned.errors)")
        #expect(cloned.errors.contains("metadata of tasks \(task)"))
        #expect(try other.titles == ["Deep", "Plain"])
        #expect(try other.json("show", task)["priority"] == "high")
        #expect(try other.run("doctor").exitCode == 0)
        let reset = try pair.ada.run("sync", "reset", "--from", "upstream", "--yes")
        #expect(reset.exitCode == 0 && reset.errors.contains("metadata of tasks \(task)"), "\(reset.errors)")
        #expect(try pair.ada.titles == ["Deep", "Plain"])
        try other.ok("tasks", "edit", task, "--title", "Still edited")
        try other.ok("sync")
        #expect(try pair.atUpstream("SELECT title FROM tasks WHERE id = '\(task)'") == "Still edited\n")
    }
}

/// A server that accepts connections on a Unix socket and never says a word.
private final class SilentServer: @unchecked Sendable {
    private let folder: ScratchFolder
    private let listener: Int32
    private let accepted = DispatchSemaphore(value: 0)

    var url: String { "postgresql:///postgres?host=\(folder.path)&user=postgres&port=5432&connect_timeout=0" }

    init() throws {
        folder = try ScratchFolder()
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = folder.path + "/.s.PGSQL.5432"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 4) == 0 else { throw ProcessFailure("no socket at \(path)") }
        Thread { [listener, accepted] in
            while accept(listener, nil, nil) >= 0 { accepted.signal() }
        }.start()
    }

    func waitForClient() -> Bool { accepted.wait(timeout: .now() + .seconds(60)) == .success }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        folder.remove()
    }
}
