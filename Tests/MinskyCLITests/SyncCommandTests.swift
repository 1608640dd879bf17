import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("sync")
struct SyncCommandTests {
    @Test(arguments: Storage.allCases)
    func twoPeopleMeet(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        _ = try pair.ada.add("Report", "--tag", "x")
        let before = try pair.ada.json("list")
        #expect(before[0]?["sync"] == "pending")
        #expect(try pair.ada.json("history").array?.last?["sequence"] == .null)
        #expect(try pair.ada.ok("history").contains("not pushed yet"))
        let pushed = try pair.ada.json("sync")
        #expect(pushed.members?.map(\.key) == ["upstream", "pushed", "pulled", "conflicts"])
        #expect(pushed["pushed"] == 1 && pushed["pulled"] == 0 && pushed["conflicts"] == 0)
        #expect(try pair.ada.json("list")[0]?["sync"] == .null)
        let pulled = try pair.grace.json("sync")
        #expect(pulled["pushed"] == 0 && pulled["pulled"] == 1)
        #expect(try pair.grace.json("list")[0]?["tags"] == ["x"])

        let id = try pair.ada.id(of: "Report")
        try pair.ada.ok("tasks", "edit", id, "--title", "Annual report", environment: ["MINSKY_ACTOR": "ada"])
        try pair.grace.ok("tasks", "edit", id, "--title", "Final report", environment: ["MINSKY_ACTOR": "grace"])
        try pair.grace.ok("tasks", "edit", id, "--priority", "high", environment: ["MINSKY_ACTOR": "grace"])
        try pair.ada.ok("sync")
        #expect(try pair.grace.json("sync")["conflicts"] == 1)
        try pair.ada.ok("sync")
        for minsky in pair.both {
            #expect(try minsky.titles == ["Final report"], "the later edit")
            #expect(try minsky.json("show", id)["priority"] == "high")
            #expect(try minsky.json("sync", "conflicts") == [])
            let conflict = try #require(try minsky.json("sync", "conflicts", "--all")[0])
            #expect(conflict.members?.map(\.key) == ["id", "table", "rowId", "field", "kept", "lost", "state"])
            #expect(conflict["field"] == "title" && conflict["rowId"] == .string(id) && conflict["state"] == "resolved")
            #expect(conflict["kept"]?["value"] == "Final report" && conflict["kept"]?["actor"] == "grace")
            #expect(conflict["lost"]?["value"] == "Annual report" && conflict["lost"]?["actor"] == "ada")
            #expect(conflict["lost"]?.members?.map(\.key) == ["value", "actor", "at"])
        }
        let conflict = try #require(try pair.ada.json("sync", "conflicts", "--all")[0]?["id"]?.string)
        try pair.ada.ok("sync", "resolve", conflict, "--ours", environment: ["MINSKY_ACTOR": "ada"])
        try pair.ada.ok("sync")
        try pair.grace.ok("sync")
        #expect(try pair.grace.titles == ["Annual report"])
        try pair.grace.ok(
            "undo", "--operation", try #require(try pair.grace.json("history").array?.last?["operationId"]?.string))
        try pair.grace.ok("sync")
        try pair.ada.ok("sync")
        #expect(try pair.ada.titles == ["Final report"], "a resolution can be taken back")

        let status = try pair.ada.json("sync", "status")
        #expect(status.members?.map(\.key) == ["upstream", "ahead", "behind", "conflicts", "lastSync", "error"])
        #expect(
            status["ahead"] == 0 && status["behind"] == 0 && status["error"] == .null && status["lastSync"] != .null)
        #expect(try pair.ada.json("sync", "peers").array?.count == 2)
        for minsky in pair.both { #expect(try minsky.run("doctor").exitCode == 0) }
        try pair.ada.ok("sync", "disable")
        #expect(try pair.ada.run("sync").exitCode == 3)
        _ = try pair.ada.add("Alone")
        #expect(try pair.ada.json("history").array?.last?["sequence"] != .null)
        try pair.ada.ok(["sync", "enable", "--remote-db"] + pair.place)
        try pair.grace.ok("sync")
        #expect(try pair.grace.titles == ["Alone", "Final report"])
    }

    @Test func manualWaitsForSomebody() throws {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("sync", "strategy", "tasks", "manual")
        #expect(try pair.ada.run("sync", "strategy", "task", "manual").exitCode == 2)
        #expect(try pair.ada.run("sync", "strategy", "manul").errors.contains("manual"))
        _ = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        #expect(try pair.grace.json("sync", "strategy") == ["*": "merge_fields", "tasks": "manual"])
        let id = try pair.ada.id(of: "Report")
        for (minsky, name) in zip(pair.both, ["ada", "grace"]) {
            try minsky.ok("tasks", "edit", id, "--title", name, environment: ["MINSKY_ACTOR": name])
            try minsky.ok("sync")
        }
        try pair.ada.ok("sync")
        for minsky in pair.both {
            #expect(try minsky.titles == ["ada"])
            #expect(try minsky.json("list")[0]?["sync"] == "conflict")
            #expect(try minsky.json("sync", "status")["conflicts"] == 1)
            #expect(try minsky.json("sync", "conflicts")[0]?["state"] == "open")
        }
        let conflict = try #require(try pair.grace.json("sync", "conflicts")[0]?["id"]?.string)
        #expect(try pair.grace.run("sync", "resolve", conflict).exitCode == 2)
        #expect(try pair.grace.run("sync", "resolve", conflict, "--set", "priority=high").exitCode == 2)
        try pair.grace.ok("sync", "resolve", String(conflict.prefix(5)), "--set", "title=Both")
        for minsky in [pair.grace, pair.ada] { try minsky.ok("sync") }
        #expect(try pair.ada.titles == ["Both"])
        #expect(try pair.ada.json("sync", "conflicts") == [])
    }

    @Test(arguments: Storage.allCases)
    func whatIsElsewhereIsNotMixed(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        let other = try Minsky()
        try other.ok("init")
        _ = try other.add("Other")
        let refused = try other.start(["sync", "enable", "--remote-db"] + pair.place).wait()
        #expect(refused.exitCode == 6 && refused.errors.contains("another workspace"))
        #expect(try other.titles == ["Other"])
        let twice = try pair.grace.start(["init", "--clone"] + pair.place).wait()
        #expect(twice.exitCode == 6)
        // A store with an upstream is none.
        let nested = try other.start(["init", "--clone", pair.ada.folder], in: other.home).wait()
        #expect(nested.exitCode == 4, "\(nested.errors)")
        #expect(try other.run("sync", "enable", "--remote-db", "postgresql://a:secret@h/d").exitCode == 6)
        #expect(try other.run("sync", "enable", "--remote-db", other.folder).exitCode == 2)
        let shared = try other.run("sync", "enable", "--remote-db", other.home + "/Dropbox/upstream.db")
        #expect(shared.exitCode == 6 && shared.errors.contains("copies"))
    }

    @Test func anUpstreamThatWasSetBackIsRefused() throws {
        let pair = try SyncPair(.sqlite)
        _ = try pair.ada.add("One")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.atUpstream("PRAGMA wal_checkpoint(TRUNCATE)")
        let old = try Data(contentsOf: URL(fileURLWithPath: pair.place[0]))
        _ = try pair.ada.add("Two")
        for minsky in pair.both { try minsky.ok("sync") }
        for name in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: pair.place[0] + name) }
        try old.write(to: URL(fileURLWithPath: pair.place[0]))
        _ = try pair.grace.add("Three")
        let refused = try pair.grace.run("sync")
        #expect(refused.exitCode == 6 && refused.errors.contains("sync reset --from local"))
        #expect(try pair.grace.json("sync", "status")["error"] != .null)
        #expect(try pair.grace.titles == ["One", "Three", "Two"])
        try pair.grace.ok("sync", "reset", "--from", "local")
        try pair.ada.ok("sync", "reset", "--from", "local")
        for minsky in pair.both { #expect(try minsky.titles == ["One", "Three", "Two"]) }
        #expect(try pair.atUpstream("SELECT count(*), max(sequence), count(DISTINCT id) FROM operations") == "3|3|3\n")

        _ = try pair.ada.add("Four")
        let reset = try pair.ada.run("sync", "reset", "--from", "upstream", "--yes")
        #expect(reset.exitCode == 0 && reset.errors.contains("What was here"))
        #expect(try pair.ada.titles == ["One", "Three", "Two"])
        let backup = try #require(try pair.ada.json("backup", "list")[0]?["path"]?.string)
        try pair.ada.ok("sync", "disable")
        try pair.ada.ok("backup", "restore", backup)
        #expect(try pair.ada.titles == ["Four", "One", "Three", "Two"])
    }

    /// A replica that was set back to an old copy of its file gets what it lacks, and goes on as another replica.
    @Test(arguments: Storage.allCases)
    func aReplicaThatWasSetBackCatchesUp(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        let file = pair.ada.workspace + "/tasks.db"
        _ = try Process.output("sqlite3", [file, "PRAGMA wal_checkpoint(TRUNCATE)"])
        let old = try Data(contentsOf: URL(fileURLWithPath: file))
        _ = try pair.ada.add("One")
        try pair.ada.ok("sync")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        for name in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + name) }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: old)
        try handle.close()
        let id = try Process.output("sqlite3", [file, "SELECT replica_id FROM store_state"])
        _ = try pair.ada.add("Two")
        try pair.ada.ok("sync")
        #expect(try pair.ada.titles == ["One", "Two"])
        #expect(try Process.output("sqlite3", [file, "SELECT replica_id FROM store_state"]) != id)
        try pair.grace.ok("sync")
        #expect(try pair.grace.titles == ["One", "Two"])
    }

    @Test func commandsGoOnWithoutTheUpstream() throws {
        let proxy = try PostgresProxy()
        let pair = try SyncPair(.postgres, url: proxy.url)
        proxy.close()
        _ = try pair.ada.add("Offline")
        #expect(try pair.ada.titles == ["Offline"])
        #expect(try pair.ada.run("sync").exitCode == 5)
        let status = try pair.ada.json("sync", "status")
        #expect(status["ahead"] == 1 && status["behind"] == .null && status["error"] != .null)
        #expect(try pair.ada.ok("sync", "status").contains("Next try"))
    }

    /// A command that wrote does not wait for the sync that it starts.
    @Test func commandsThatWroteSyncByThemselves() throws {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("config", "unset", "sync.auto")
        _ = try pair.ada.add("One")
        _ = try pair.ada.add("Two")
        for _ in 0..<200 {
            if try pair.atUpstream("SELECT count(*) FROM tasks") == "2\n" { break }
            usleep(50_000)
        }
        #expect(try pair.atUpstream("SELECT count(*) FROM tasks") == "2\n")
        for _ in 0..<200 {
            if try pair.ada.json("sync", "status")["ahead"] == 0 { break }
            usleep(50_000)
        }
        #expect(try pair.ada.json("sync", "status")["ahead"] == 0)
    }

    @Test(arguments: Storage.allCases)
    func watchTellsWhatComesAndGoes(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        let watch = try pair.ada.start(["sync", "watch", "--json"])
        #expect(watch.hasSaid("\"pulled\":0"), "in step")
        _ = try pair.grace.add("Theirs")
        try pair.grace.ok("sync")
        #expect(watch.hasSaid("\"pulled\":1"))
        _ = try pair.ada.add("Ours")
        #expect(watch.hasSaid("\"pushed\":1"))
        watch.terminate()
        let ended = try watch.wait()
        #expect(ended.exitCode == 0)
        try pair.grace.ok("sync")
        #expect(try pair.grace.titles == ["Ours", "Theirs"])
    }

    @Test func whatIsOnlyPulledIsNotChangedHere() throws {
        let pair = try SyncPair(.sqlite)
        let policies = try pair.ada.json("sync", "policy", "notes", "pull")
        #expect(policies["notes"] == "pull" && policies["ai_calls"] == "push" && policies["tasks"] == "both")
        let insert = """
            INSERT INTO notes (id, body, author, created_at, updated_at) VALUES ('0123456789abcdef', 'x', 'me',
                '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z')
            """
        #expect(throws: ProcessFailure.self) {
            try Process.output("sqlite3", [pair.ada.workspace + "/tasks.db", insert])
        }
        try pair.atUpstream(insert)
        try pair.ada.ok("sync")
        #expect(try Process.output("sqlite3", [pair.ada.workspace + "/tasks.db", "SELECT body FROM notes"]) == "x\n")
        #expect(try pair.ada.run("sync", "policy", "tasks", "isolated").exitCode == 4)
        #expect(try pair.ada.run("sync", "policy", "conflicts", "push").exitCode == 4)
        #expect(try pair.ada.run("doctor").exitCode == 0)
    }

    /// Two replicas that write and sync, and are killed at any moment: nothing is lost, nothing is doubled.
    @Test(arguments: Storage.allCases)
    func killedWhileBothWrite(upstream: Storage) throws {
        let rounds = (Int(ProcessInfo.processInfo.environment["MINSKY_KILLS"] ?? "") ?? 20) / 2
        let pair = try SyncPair(upstream, url: upstream == .postgres ? try TestStorage.poolerURL() : nil)
        var expected: [String] = []
        for round in 0..<rounds {
            let syncs = try pair.both.map { try $0.start(["sync"]) }
            let writers = try pair.both.enumerated().map { place, minsky in
                try minsky.start(["add", "round \(round) of \(place)"])
            }
            usleep(.random(in: 0...150_000))
            for process in syncs { process.destroy() }
            for (place, writer) in writers.enumerated() {
                let written = try writer.wait()
                #expect(written.exitCode == 0, "\(written.errors)")
                if written.exitCode == 0 { expected.append("round \(round) of \(place)") }
            }
        }
        for _ in 0..<2 { for minsky in pair.both { try minsky.ok("sync") } }
        for minsky in pair.both {
            #expect(try minsky.titles == expected.sorted())
            #expect(try minsky.run("doctor").exitCode == 0)
        }
        let counts = try pair.atUpstream("SELECT count(*), max(sequence), count(DISTINCT id) FROM operations")
        let numbers = counts.split(whereSeparator: { "|\n".contains($0) })
        #expect(numbers.count == 3 && Set(numbers).count == 1, "\(counts)")
    }

    /// Edits by hand, here and there, reach each other.
    @Test(arguments: Storage.allCases)
    func editsByHandMeet(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        _ = try pair.ada.add("Report")
        try pair.ada.ok("sync")
        try pair.grace.ok("sync")
        try pair.atUpstream("UPDATE tasks SET priority = 'high'")
        _ = try Process.output(
            "sqlite3", [pair.grace.workspace + "/tasks.db", "UPDATE tasks SET description = 'by hand'"])
        for minsky in [pair.grace, pair.ada] { try minsky.ok("sync") }
        for minsky in pair.both {
            let task = try minsky.json("list")[0]
            #expect(task?["priority"] == "high" && task?["description"] == "by hand")
        }
    }

    @Test(arguments: Storage.allCases, [true, false])
    func undoTakesBackWhatStandsLastInTheHistory(upstream: Storage, isPushed: Bool) throws {
        let pair = try SyncPair(upstream)
        let actor = ["MINSKY_ACTOR": "ada"]
        _ = try pair.ada.add("Earlier, elsewhere", environment: actor)
        _ = try pair.grace.add("Later, here", environment: actor)
        try pair.ada.ok("sync")
        try pair.grace.ok(isPushed ? ["sync"] : ["sync", "--pull"])
        #expect(Set(try pair.grace.titles) == ["Earlier, elsewhere", "Later, here"])
        try pair.grace.ok(["undo"], environment: actor)
        #expect(try pair.grace.titles == ["Earlier, elsewhere"])
        try pair.grace.ok(["redo"], environment: actor)
        try pair.grace.ok(["undo"], environment: actor)
        try pair.grace.ok(["undo"], environment: actor)
        #expect(try pair.grace.titles == [])
    }
}
