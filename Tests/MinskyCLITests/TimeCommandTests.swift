import MinskyModel
import TestSupport
import Testing

@Suite("Times that were worked, on both databases")
struct TimeCommandTests {
    private let ada = ["MINSKY_ACTOR": "ada"]
    private let bob = ["MINSKY_ACTOR": "bob"]

    private func entries(_ minsky: Minsky, _ arguments: String...) throws -> [JSON] {
        let sheet = try JSON(parsing: try minsky.ok(["timesheet", "--json"] + arguments).output)
        return (sheet["groups"]?.array ?? []).flatMap { $0["entries"]?.array ?? [] }
    }

    private func running(_ minsky: Minsky) throws -> [String?] {
        try entries(minsky).filter { $0["running"] == true }.map { $0["actor"]?.string }
    }

    @Test(arguments: Storage.allCases)
    func startAndStopTakeTheTime(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("start", id, environment: ada)
        #expect(try minsky.run("start", id, environment: ada).errors.contains("Nothing changed"))
        #expect(try running(minsky) == ["ada"], "it is not begun twice")
        try minsky.ok("start", id, environment: bob)
        #expect(try running(minsky).count == 2)
        #expect(try minsky.json("stop", environment: ada)[0]?["status"] == "doing", "bob goes on")
        #expect(try running(minsky) == ["bob"])
        #expect(try minsky.json("stop", id, environment: bob)[0]?["status"] == "todo")
        #expect(try running(minsky).isEmpty)
        #expect(try entries(minsky).count == 2)
        #expect(try minsky.failure("stop", environment: bob).exitCode == 3)
        #expect(try minsky.run("stop", id, environment: bob).errors.contains("nobody works on"))
        try minsky.ok("start", id, environment: bob)
        let other = try minsky.run("stop", id, environment: ada)
        #expect(other.exitCode == 0 && other.errors.contains("it is bob who does"))
    }

    /// Where times only come from the upstream, a task is put back all the same.
    @Test func whoMayNotTakeTimeStopsTheTask() throws {
        let pair = try SyncPair(.sqlite)
        let id = try pair.ada.add("A")
        try pair.ada.ok("start", id, environment: ada)
        try pair.ada.ok("sync")
        try pair.grace.ok("sync")
        try pair.grace.ok("sync", "policy", "time_entries", "pull")
        #expect(try pair.grace.json("stop", id, environment: ada)[0]?["status"] == "todo")
    }

    /// What is measured or noted beside something else is told of its task.
    @Test(arguments: Storage.allCases)
    func historyTellsOfTimesAlsoWhenTheyAreGone(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Task")
        try minsky.ok("track", id, "1h", "--on", "2026-01-05", environment: ada)
        try minsky.ok("undo", environment: ada)
        let gone = try minsky.ok("history", id)
        #expect(gone.contains("1h tracked") && gone.contains("1h no longer tracked"))
        try minsky.ok("start", id, environment: bob)
        try minsky.ok("start", id, environment: ada)
        try minsky.ok("stop", id, environment: ada)
        for text in [try minsky.ok("history", "--limit", "1"), try minsky.ok("undo", "--list", environment: ada)] {
            #expect(text.contains("Task: time ended"), "\(text)")
        }
        #expect(try minsky.ok("history", id).contains("time begun"))
        let stopped = try #require(try minsky.json("history", "--limit", "2").array?.first?["operationId"]?.string)
        let refused = try minsky.failure("undo", "--operation", stopped)
        #expect(refused.message.contains("a time of 'Task' has been changed since"), "\(refused.message)")
        #expect(try minsky.ok("undo", environment: ada).contains("Task: time goes on"))
        #expect(try minsky.json("show", id)["running"] == ["ada", "bob"])
        #expect(try minsky.ok("show", id).contains("goes on: ada, bob"))
    }

    @Test func sinceAfterUntilIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        let refused = try minsky.failure("timesheet", "--since", "2026-01-10", "--until", "2026-01-05")
        #expect(refused.exitCode == 2)
        #expect(refused.message == "'2026-01-10' (2026-01-10 00:00) is after '2026-01-05' (2026-01-06 00:00)")
        #expect(try minsky.failure("timesheet", "--since", "tomorrow").exitCode == 2)
        let id = try minsky.add("A")
        let weekday = try minsky.json("track", id, "1m", "--on", "monday 14:00")
        #expect(weekday["startedAt"]?.string?.contains("T14:00:00") == true)
        try minsky.ok("track", id, "1m", "--on", "23:58")
        try minsky.ok("track", id, "1m", "--on", "dec 31")
        #expect(try minsky.json("timesheet", "--since", "dec 31", "--until", "tomorrow")["seconds"]?.integer == 180)
    }

    /// What is tracked without its beginning lies beside what is there; what overlaps counts once.
    @Test func whatIsTrackedTwiceIsNotLost() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        try minsky.ok("track", id, "1h", "--on", "2026-01-05")
        let second = try minsky.json("track", id, "30m", "--on", "2026-01-05")
        #expect(second["startedAt"] == "2026-01-05T10:00:00.000000Z")
        let long = try minsky.json("track", id, "14h", "--on", "2026-01-05")
        #expect(long["endedAt"] == "2026-01-05T09:00:00.000000Z", "before it, where it does not fit behind")
        let third = try minsky.run("track", id, "30m", "--on", "2026-01-05 10:15")
        #expect(third.errors.contains("You have 15m of it on this task already"))
        let sheet = try minsky.json("timesheet", "--since", "2026-01-01", "--until", "2026-01-31")
        #expect(sheet["seconds"] == 56_700)
        try minsky.ok("track", id, "30m")
        try minsky.ok("track", id, "20m")
        #expect(try minsky.json("show", id)["trackedSeconds"]?.integer == (60 + 30 + 15 + 14 * 60 + 50) * 60)
        #expect(try minsky.ok("track", id, "90", "--on", "2026-01-07").contains("(1h30m, 2026-01-07 09:00 to 10:30)"))
    }

    @Test(arguments: Storage.allCases)
    func whatEndsATaskEndsItsTimes(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for command in ["done", "drop", "reopen", "delete"] {
            let id = try minsky.add("A")
            try minsky.ok("start", id, environment: ada)
            try minsky.ok("tasks", command, id, environment: bob)
            #expect(try running(minsky).isEmpty, "\(command)")
        }
        let id = try minsky.add("B")
        try minsky.ok("claim", id, environment: ada)
        #expect(try running(minsky) == ["ada"], "who claims a task works on it")
        try minsky.ok("undo", environment: ada)
        #expect(try running(minsky).isEmpty)
        try minsky.ok("start", id, environment: ada)
        try minsky.ok("done", id, environment: ada)
        try minsky.ok("undo", environment: ada)
        #expect(try running(minsky) == ["ada"], "undone, the work goes on")
    }

    @Test(arguments: Storage.allCases)
    func timesAreAddedByHandAndSummedUp(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let web = try minsky.add("Web", "--project", "web")
        let home = try minsky.add("Home")
        try minsky.ok("tasks", "track", web, "1h30m", "--on", "2026-01-05", environment: ada)
        try minsky.ok("track", web, "45m", "--on", "2026-01-06 22:00", environment: bob)
        let late = try minsky.json("track", home, "2h", "--on", "2026-01-06 23:00", environment: ada)
        #expect(late["startedAt"] == "2026-01-06T23:00:00.000000Z")
        func sums(_ by: String, _ more: String...) throws -> [String] {
            let sheet = try JSON(
                parsing: try minsky.ok(
                    ["timesheet", "--json", "--since", "2026-01-01", "--until", "2026-01-31", "--by", by] + more
                ).output)
            return (sheet["groups"]?.array ?? []).map {
                "\($0["name"]?.string ?? "-") \(($0["seconds"]?.integer ?? 0) / 60)"
            }
        }
        #expect(try sums("day") == ["2026-01-05 90", "2026-01-06 105", "2026-01-07 60"], "midnight parts it")
        #expect(try sums("task") == ["\(web) 135", "\(home) 120"])
        #expect(try sums("project") == ["web 135", "- 120"])
        #expect(try sums("actor") == ["ada 210", "bob 45"])
        #expect(try sums("day", "project:web") == ["2026-01-05 90", "2026-01-06 45"])
        let text = try minsky.run("timesheet", "--since", "2026-01-01", "--until", "2026-01-31").lines
        #expect(text[0].hasPrefix("Mon 2026-01-05") && text[0].hasSuffix("1h30m"))
        #expect(text.last?.hasPrefix("Total") == true && text.last?.hasSuffix("4h15m") == true)
        #expect(try minsky.ok("show", web).contains("Web"))
        #expect(try minsky.ok("history", web).contains("1h30m tracked"))
        #expect(try minsky.failure("track", web, "2h", "--on", "tomorrow").exitCode == 2)
        #expect(try minsky.failure("track", web, "much").exitCode == 2)
        try minsky.ok("undo", environment: ada)
        #expect(try sums("actor") == ["ada 90", "bob 45"])
    }

    /// Days are those of the zone of whoever asks.
    @Test func daysAreLocal() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        try minsky.ok("track", id, "1h", "--on", "2026-01-06T22:30:00Z")
        let berlin = try minsky.json(
            "timesheet", "--since", "2026-01-01", "--until", "2026-01-31", environment: ["TZ": "Europe/Berlin"])
        #expect(berlin["groups"]?.array?.map { $0["name"]?.string } == ["2026-01-06", "2026-01-07"])
    }

    @Test func aRunningTimeHasAMark() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("start", try minsky.add("A"))
        let lines = try minsky.run("timesheet", environment: ["COLUMNS": "40"]).lines
        #expect(lines[0].hasSuffix("*") && lines.last == "* goes on")
        #expect(lines.allSatisfy { $0.count <= 40 })
    }
}
