import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Tasks that come again, on both databases")
struct RecurrenceCommandTests {
    private func open(_ minsky: Minsky) throws -> [JSON] { try minsky.json("list").array ?? [] }

    @Test(arguments: Storage.allCases)
    func whatIsDoneComesAgain(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let other = try minsky.add("Other")
        let closed = try minsky.add("Closed")
        let parent = try minsky.add("Home")
        let id = try minsky.add(
            "Water", "--due", "2100-01-29T17:00:00Z", "--wait", "2100-01-27T17:00:00Z", "--scheduled",
            "2100-01-28T17:00:00Z", "--every", "2 weeks", "-p", "high", "-t", "plants", "-e", "30m", "-d", "All",
            "--project", "garden", "--assignee", "grace", "--parent", parent, "--depends-on", other, "--depends-on",
            closed)
        let first = try minsky.json("show", id)
        #expect(first["recurrence"] == "every 2 weeks from 2100-01-29 17:00:00 in UTC")
        try minsky.ok("note", id, "Not", "this")
        try minsky.ok("done", closed)
        let ended = try minsky.json("done", id)
        #expect(ended.titles == ["Water", "Water"])
        #expect(ended[0]?["status"] == "done")
        let next = try #require(ended[1])
        #expect(next["status"] == "todo")
        for (key, value) in [
            ("dueAt", "2100-02-12T17:00:00.000000Z"), ("waitUntil", "2100-02-10T17:00:00.000000Z"),
            ("scheduledAt", "2100-02-11T17:00:00.000000Z"), ("priority", "high"), ("description", "All"),
            ("project", "garden"), ("assignee", "grace"), ("parentId", parent),
        ] { #expect(next[key]?.string == value, "\(key)") }
        #expect(next["tags"] == ["plants"])
        #expect(next["estimateMinutes"]?.integer == 30)
        #expect(next["dependsOn"] == [.string(other)], "what is closed is waited for no more")
        #expect(next["recurrence"] == first["recurrence"])
        let nextID = try #require(next["id"]?.string)
        #expect(try minsky.json("show", nextID)["notes"] == [])
        #expect(try minsky.json("done", id).array?.count == 1, "done again, it changes nothing")
        #expect(try minsky.json("list", "recurrence:weeks", "--all").array?.count == 2)
    }

    /// In `TZ`, POSIX counts westwards, and the database of zones has no such name.
    @Test func aZoneThatTwoReadDifferentlyHasNoName() throws {
        let minsky = try Minsky(.sqlite)
        for zone in ["GMT+3", "UTC-2", "<+03>-3"] {
            let refused = try minsky.failure("add", "A", "--every", "week", environment: ["TZ": zone])
            #expect(refused.message.contains("the local zone is none of the time zone database"), "\(zone)")
        }
        let berlin = try minsky.json("add", "A", "--every", "week", environment: ["TZ": "Europe/Berlin"])
        #expect(berlin["recurrence"]?.string?.hasSuffix(" in Europe/Berlin") == true)
        try minsky.write("Weekly rec:+1w due:2100-01-01\n", to: minsky.folder + "/todo.txt")
        let imported = try minsky.run("import", "todotxt", "todo.txt", environment: ["TZ": "GMT+3"])
        #expect(imported.exitCode == 0 && (imported.output + imported.errors).contains("time zone database"))
        #expect(try minsky.json("list", "title:Weekly")[0]?["recurrence"] == .null)
    }

    @Test(arguments: Storage.allCases)
    func undoTakesTheNextOneAway(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--every", "day", "-t", "x")
        let next = try #require(try minsky.json("done", id)[1]?["id"]?.string)
        try minsky.ok("undo")
        #expect(try open(minsky).map { $0["id"]?.string } == [id])
        #expect(try minsky.json("done", id)[1]?["id"]?.string == next, "it is the same one that comes back")
        #expect(try minsky.json("show", next)["tags"] == ["x"])
        #expect(try open(minsky).map { $0["id"]?.string } == [next])
        try minsky.ok("edit", next, "--title", "B")
        try minsky.ok("undo")
        try minsky.ok("tasks", "reopen", id)
        #expect(try minsky.json("done", id).array?.count == 2)
        #expect(try open(minsky).count == 1, "ended twice, it comes once")
    }

    @Test(arguments: Storage.allCases)
    func partsComeAgainWithIt(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Review", "--every", "week", "--due", "2100-01-01T12:00:00Z")
        let one = try minsky.add("One", "--parent", id, "--due", "2100-01-01T09:00:00Z")
        let two = try minsky.add("Two", "--parent", one, "--depends-on", try minsky.add("Zero", "--parent", id))
        let dropped = try minsky.add("Three", "--parent", id)
        try minsky.ok("done", two)
        try minsky.ok("tasks", "drop", dropped)
        let next = try #require(try minsky.json("done", id)[1]?["id"]?.string)
        let parts = try minsky.json("list", "--under", next, "--all")
        #expect(parts.titles == ["Review", "One", "Two", "Zero"])
        #expect((parts.array ?? []).allSatisfy { $0["status"] == "todo" })
        #expect(parts[1]?["dueAt"] == "2100-01-08T09:00:00.000000Z")
        #expect(parts[2]?["dependsOn"] == .array([parts[3]?["id"] ?? .null]))
        try minsky.ok("undo")
        try minsky.ok("done", id)
        #expect(try minsky.json("list", "--under", next, "--all").titles == ["Review", "One", "Two", "Zero"])
    }

    @Test(arguments: Storage.allCases)
    func skipMovesOnToTheNextOne(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Bins", "--due", "2026-01-02T12:00:00Z", "--every", "every friday until 2026-01-16")
        let once = try minsky.add("Once")
        #expect(try minsky.failure("skip", once).exitCode == 4)
        let second = try minsky.json("skip", id)
        #expect(second[0]?["dueAt"] == "2026-01-09T12:00:00.000000Z")
        #expect(try minsky.json("show", id)["status"] == "dropped")
        #expect(try minsky.failure("skip", id).exitCode == 4)
        let third = try minsky.json("tasks", "skip", try #require(second[0]?["id"]?.string))
        #expect(try minsky.json("skip", try #require(third[0]?["id"]?.string)) == [], "it was the last one")
        let daily = try minsky.add("Daily", "--due", "5 days ago", "--every", "day")
        let now = try minsky.json("skip", "--past", daily)
        let due = try #require(now[0]?["dueAt"]?.string.flatMap { Timestamp(iso8601: $0) })
        #expect(due.microseconds > Int64(Date().timeIntervalSince1970 * 1_000_000))
        #expect(try minsky.json("list", "title:Daily", "--all").array?.count == 6)
    }

    @Test(arguments: Storage.allCases)
    func onTimeTheNextIsMadeWhenSomebodyAsks(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Rent", "--due", "2 days ago", "--every", "day")
        _ = try minsky.add("After", "--due", "2 days ago", "--every", "2 days after done")
        #expect(try open(minsky).count == 2, "by itself a series has one open task")
        let made = try minsky.json("recur")
        #expect(made.titles == ["Rent", "Rent"])
        #expect(try minsky.json("recur") == [])
        let next = try minsky.json("done", id)
        #expect(next[1]?["id"] == made[0]?["id"])
        #expect(try open(minsky).count == 3)
    }

    @Test(arguments: Storage.allCases)
    func aSeriesIsChangedAndEnded(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--due", "2100-01-01T12:00:00Z", "--every", "week")
        #expect(try minsky.run("edit", id, "--every", "week").errors.contains("Nothing changed"))
        try minsky.ok("edit", id, "--due", "2100-01-04T12:00:00Z")
        #expect(try minsky.json("done", id)[1]?["dueAt"] == "2100-01-08T12:00:00.000000Z", "one was put off, not all")
        try minsky.ok("undo")
        try minsky.ok("edit", id, "--every", "month on the last friday")
        let next = try minsky.json("done", id)
        #expect(next[1]?["dueAt"] == "2100-01-29T12:00:00.000000Z")
        let last = try #require(next[1]?["id"]?.string)
        try minsky.ok("edit", last, "--clear", "every")
        #expect(try minsky.json("done", last).array?.count == 1)
    }

    @Test(arguments: Storage.allCases)
    func itIsSaidInWords(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--due", "2100-01-01T12:00:00Z", "--every", "every other week")
        let table = try minsky.ok("list")
        #expect(table.contains("RECURRENCE") && table.contains("every 2 weeks") && !table.contains("UTC"))
        #expect(try minsky.ok("show", id).contains("recurrence  every 2 weeks\n"))
        #expect(try minsky.ok("history", id).contains("created"))
        try minsky.ok("edit", id, "--every", "day")
        let history = try minsky.ok("history", id)
        #expect(history.contains("recurrence: every 2 weeks → every day"))
        #expect(!history.contains("series"))
        let done = try minsky.ok("done", id)
        #expect(done.contains("Next ") && done.contains("A (2100-01-02)"))
    }

    @Test func aPhraseThatIsNoneIsShownWithItsPlace() throws {
        let minsky = try Minsky(.sqlite)
        let wrong = try minsky.failure("add", "A", "--every", "2nd tuesday")
        #expect(wrong.exitCode == 2)
        #expect(wrong.hint?.contains("every 2nd tuesday") == true && wrong.hint?.contains("^^^") == true)
        #expect(try minsky.failure("add", "A", "--every", "").exitCode == 2)
        #expect(try minsky.failure("add", "A", "--every", "day until 2020-01-01").exitCode == 2)
    }

    @Test func theZoneIsThatOfWhoBeganTheSeries() throws {
        let minsky = try Minsky(.sqlite)
        let berlin = ["TZ": "Europe/Berlin"]
        let id = try minsky.add("A", "--due", "2026-10-20 17:00", "--every", "week", environment: berlin)
        let first = try minsky.json("show", id)
        #expect(first["recurrence"] == "every week from 2026-10-20 17:00:00 in Europe/Berlin")
        #expect(first["dueAt"] == "2026-10-20T15:00:00.000000Z")
        let next = try minsky.json("done", id)
        #expect(next[1]?["dueAt"] == "2026-10-27T16:00:00.000000Z", "the clocks were set back, elsewhere as well")
        #expect(try minsky.failure("add", "B", "--every", "day", environment: ["TZ": "<-03>3"]).exitCode == 1)
    }

    /// Of several processes that end one task, one does, and its next one comes once.
    @Test(arguments: Storage.allCases)
    func severalProcessesMakeOne(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--every", "day", "--due", "yesterday")
        let processes =
            try (0..<4).map { try minsky.start([$0 % 2 == 0 ? "done" : "skip", id, "--json"]) }
            + [try minsky.start(["recur", "--json"])]
        let results = try processes.map { try $0.wait() }
        #expect(results.allSatisfy { [0, 4].contains($0.exitCode) }, "\(results.map(\.errors))")
        #expect(try minsky.json("list", "--all").array?.count == 2)
    }
}
