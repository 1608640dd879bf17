import MinskyModel
import TestSupport
import Testing

@Suite("Task commands, on both databases")
struct TaskCommandTests {
    @Test(arguments: Storage.allCases)
    func addStoresEveryField(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (first, parent) = (try minsky.add("First"), try minsky.add("Parent"))
        let task = try minsky.json(
            "add", "Write", "the", "report", "-d", "In full", "-p", "high", "--due", "2026-12-01", "-e", "1h30m",
            "--complexity", "7", "--assignee", "grace", "-t", "docs", "--tag", "+urgent", "--depends-on", first,
            "--parent", parent)
        #expect(task["title"] == "Write the report")
        #expect(task["description"] == "In full")
        #expect(task["status"] == "todo")
        #expect(task["priority"] == "high")
        #expect(task["dueAt"] == "2026-12-01T23:59:59.000000Z")
        #expect(task["estimateMinutes"] == 90)
        #expect(task["complexity"] == 7)
        #expect(task["assignee"] == "grace")
        #expect(task["tags"] == ["docs", "urgent"])
        #expect(task["dependsOn"] == [.string(first)])
        #expect(task["parentId"] == .string(parent))
        let id = try #require(task["id"]?.string)
        var shown = try #require(try minsky.json("show", id).members)
        #expect(shown.popLast() == .init("running", []))
        #expect(shown.popLast() == .init("trackedSeconds", 0))
        #expect(shown.popLast() == .init("links", []))
        #expect(shown.popLast() == .init("notes", []))
        #expect(shown.popLast() == .init("subtasks", []))
        #expect(JSON.object(shown) == task)
    }

    @Test(arguments: Storage.allCases)
    func editChangesAndClearsFields(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let other = try minsky.add("Other")
        let id = try minsky.add(
            "A", "-d", "words", "-p", "low", "--due", "2026-12-01", "-e", "2h", "-t", "x", "-t", "y")
        let edited = try minsky.json(
            "tasks", "edit", id, "--title", "B", "--priority", "p0", "--untag", "x", "--tag", "z", "--depends-on",
            other,
            "--clear", "due", "--clear", "description")
        #expect(edited["title"] == "B")
        #expect(edited["priority"] == "critical")
        #expect(edited["tags"] == ["y", "z"])
        #expect(edited["dependsOn"] == [.string(other)])
        #expect(edited["dueAt"] == .null)
        #expect(edited["description"] == .null)
        #expect(edited["estimateMinutes"] == 120)
        #expect(try minsky.json("tasks", "edit", id, "--no-depends-on", other)["dependsOn"] == [])
    }

    @Test(arguments: Storage.allCases)
    func aTaskGoesThroughItsStatuses(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        func status(_ command: [String]) throws -> JSON? {
            try JSON(parsing: try minsky.ok(command + [id, "--json"]).output)[0]?["status"]
        }
        #expect(try status(["start"]) == "doing")
        #expect(try status(["done"]) == "done")
        #expect(try minsky.json("show", id)["completedAt"]?.string != nil)
        #expect(try status(["tasks", "reopen"]) == "todo")
        #expect(try minsky.json("show", id)["completedAt"] == .null)
        #expect(try status(["tasks", "drop"]) == "dropped")
    }

    @Test(arguments: Storage.allCases)
    func severalTasksAreFinishedInOneOperation(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let ids = [try minsky.add("A"), try minsky.add("B")]
        #expect(try minsky.ok("done", "--quiet", ids[0], ids[1], ids[0]).split(separator: "\n").map(String.init) == ids)
        try minsky.ok("undo")
        #expect(try minsky.json("list").titles == ["A", "B"])
    }

    @Test(arguments: Storage.allCases)
    func whenOneIdIsWrongNothingChanges(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        #expect(try minsky.failure("done", id, "zzzz").exitCode == 3)
        #expect(try minsky.json("show", id)["status"] == "todo")
    }

    @Test(arguments: Storage.allCases)
    func aDeletedTreeComesBackWithUndo(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let parent = try minsky.add("Parent")
        let child = try minsky.add("Child", "--parent", parent, "-t", "kept")
        #expect(try minsky.json("tasks", "delete", parent).titles == ["Parent", "Child"])
        #expect(try minsky.json("list", "--all") == [])
        #expect(try minsky.failure("show", child).exitCode == 3)
        let undone = try minsky.json("undo")
        #expect(undone["changes"]?.array?.count == 2)
        #expect(try minsky.json("list").titles == ["Parent", "Child"])
        #expect(try minsky.json("show", child)["tags"] == ["kept"])
    }

    @Test(arguments: Storage.allCases)
    func aTaskMovesInTheTree(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let ids = try ["A", "B", "C"].map { try minsky.add($0) }
        func titles(after place: String...) throws -> [String] {
            try minsky.ok(["tasks", "move", "--quiet"] + place)
            return try minsky.json("list").titles
        }
        #expect(try titles(after: ids[2], "--first") == ["C", "A", "B"])
        #expect(try titles(after: ids[2], "--after", ids[0]) == ["A", "C", "B"])
        #expect(try titles(after: ids[1], "--before", ids[0]) == ["B", "A", "C"])
        #expect(try titles(after: ids[1], "--last") == ["A", "C", "B"])
        #expect(try titles(after: ids[0], "--under", ids[1]) == ["C", "B", "A"])
        #expect(try minsky.json("show", ids[0])["parentId"] == .string(ids[1]))
        #expect(try titles(after: ids[0], "--top") == ["C", "B", "A"])
        #expect(try minsky.json("show", ids[0])["parentId"] == .null)
    }

    @Test(arguments: Storage.allCases)
    func listFilters(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let parent = try minsky.add("Parent", "-t", "db", "--assignee", "ada")
        try minsky.ok("add", "Child", "--parent", parent, "-t", "db", "-t", "sql")
        let done = try minsky.add("Done")
        try minsky.ok("done", done)
        #expect(try minsky.json("list").titles == ["Parent", "Child"])
        #expect(try minsky.json("list", "--all").titles == ["Parent", "Child", "Done"])
        #expect(try minsky.json("list", "--status", "done").titles == ["Done"])
        #expect(try minsky.json("list", "--all", "--status", "done").titles == ["Done"])
        #expect(try minsky.json("list", "-s", "done", "-s", "todo", "-t", "db", "-t", "sql").titles == ["Child"])
        #expect(try minsky.json("list", "--assignee", "ada").titles == ["Parent"])
        #expect(try minsky.json("list", "--under", parent).titles == ["Parent", "Child"])
    }

    @Test(arguments: Storage.allCases)
    func newTasksStandLastAmongTheirSiblings(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (one, two) = (try minsky.add("One"), try minsky.add("Two"))
        for number in 1...6 { try minsky.ok("add", "\(number)", "--parent", number % 2 == 0 ? two : one) }
        try minsky.ok("add", "Three")
        #expect(try minsky.json("list").titles == ["One", "1", "3", "5", "Two", "2", "4", "6", "Three"])
    }

    @Test(arguments: Storage.allCases)
    func idsMayBeShortenedAndMistyped(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "10abcdefghjkmnpq", title: "A")
        #expect(try minsky.json("show", "10ab")["title"] == "A")
        #expect(try minsky.json("show", "IOAB")["title"] == "A", "i is read as 1, o as 0")
        #expect(try minsky.json("show", "10abcdefghjkmnpq")["title"] == "A")
        #expect(try minsky.failure("show", "10a").exitCode == 3)
    }

    @Test(arguments: Storage.allCases)
    func humanOutputUsesShortIds(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Fix the roof")
        let short = String(id.prefix(4))
        #expect(try minsky.ok("start", id, environment: ["MINSKY_ACTOR": "ada"]) == "Started \(short)  Fix the roof\n")
        #expect(try minsky.ok("list") == "ID    TASK              ASSIGNEE\n\(short)  [>] Fix the roof  ada\n")
        #expect(try minsky.ok("tasks", "edit", short, "--title", "Roof") == "Changed \(short)  Roof\n")
        #expect(try minsky.ok("done", short) == "Done \(short)  Roof\n")
    }

    @Test(arguments: Storage.allCases)
    func whoStartsATaskOfNobodyTakesIt(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (free, taken) = (try minsky.add("Free"), try minsky.add("Taken", "--assignee", "grace"))
        let started = try minsky.json("start", free, taken, environment: ["MINSKY_ACTOR": "ada"])
        #expect(started[0]?["assignee"] == "ada")
        #expect(started[1]?["assignee"] == "grace")
        try minsky.ok("tasks", "edit", free, "--clear", "assignee")
        try minsky.ok("start", free, environment: ["MINSKY_ACTOR": "bob"])
        #expect(try minsky.json("show", free)["assignee"] == .null, "it was started before")
    }

    @Test(arguments: Storage.allCases)
    func projectAndDatesAreSetAndEmptied(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add(
            "A", "--project", " web.api ", "--wait", "2100-01-01", "--scheduled", "2100-01-02", "--until", "2100-01-03")
        let task = try minsky.json("show", id)
        #expect(task["project"] == "web.api")
        // A day is over when something ends with it, and begins when something begins with it.
        #expect(task["waitUntil"] == "2100-01-01T00:00:00.000000Z")
        #expect(task["scheduledAt"] == "2100-01-02T00:00:00.000000Z")
        #expect(task["untilAt"] == "2100-01-03T23:59:59.000000Z")
        #expect(
            try minsky.json("add", "E", "--wait", "eoy")["waitUntil"]?.string?.hasSuffix("-12-31T23:59:59.000000Z")
                == true)
        let today = try minsky.add("Today", "--scheduled", "today", "--wait", "today")
        #expect(try minsky.json("ready").array?.contains { $0["id"]?.string == today } == true)
        try minsky.ok(
            "tasks", "edit", id, "--clear", "project", "--clear", "wait", "--clear", "scheduled", "--clear", "until")
        let emptied = try minsky.json("show", id)
        for key in ["project", "waitUntil", "scheduledAt", "untilAt"] { #expect(emptied[key] == .null) }
        for project in ["", " ", "web.", ".web", "web..api"] {
            #expect(try minsky.failure("tasks", "edit", id, "--project", project).exitCode == 2)
        }
    }

    @Test(arguments: Storage.allCases)
    func listDrawsTheTreeWithEveryColumn(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "Release")
        try minsky.ok("tasks", "edit", "aaaa", "-p", "high", "--due", "2100-01-02", "-e", "1h30m", "--complexity", "10")
        try minsky.insert(id: "bbbb000000000000", title: "Test")
        try minsky.ok("tasks", "move", "bbbb", "--under", "aaaa")
        try minsky.insert(id: "cccc000000000000", title: "Ship")
        try minsky.ok("tasks", "move", "cccc", "--under", "aaaa")
        try minsky.ok("tasks", "edit", "cccc", "--depends-on", "bbbb")
        try minsky.ok("start", "bbbb", environment: ["MINSKY_ACTOR": "ada"])
        let output = try minsky.ok("list")
        #expect(
            output == """
                ID    TASK         PRIORITY  DUE           EST  CX  ASSIGNEE
                aaaa  [ ] Release  high      2100-01-02  1h30m  10
                bbbb  ├─ [>] Test                                   ada
                cccc  └─ [.] Ship

                """)
    }

    @Test(arguments: Storage.allCases)
    func showTellsEverything(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "Before")
        try minsky.insert(id: "bbbb000000000000", title: "Big")
        try minsky.ok(
            "tasks", "edit", "bbbb", "-d", "One line.\nAnother.", "-p", "low", "--due", "2100-01-02 14:00", "-e", "2d",
            "--complexity", "3", "--assignee", "grace", "-t", "db", "--depends-on", "aaaa")
        try minsky.insert(id: "cccc000000000000", title: "Part")
        try minsky.ok("tasks", "move", "cccc", "--under", "bbbb")
        try minsky.insert(id: "dddd000000000000", title: "After")
        try minsky.ok("tasks", "edit", "dddd", "--depends-on", "bbbb")
        let output = try minsky.ok("show", "bbbb")
        #expect(
            output == """
                Big
                id          bbbb000000000000
                status      todo, waiting for other tasks
                priority    low
                due         2100-01-02 14:00 (2100-01-02)
                estimate    16h
                complexity  3 of 10
                tags        db
                assignee    grace
                depends on  aaaa  Before
                blocks      dddd  After
                created     2026-11-01 00:00

                One line.
                Another.

                ID    TASK
                cccc  [ ] Part

                """)
    }

    @Test(arguments: Storage.allCases)
    func showTellsWhetherWhatATaskWaitsForIsDone(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for id in ["aaaa", "bbbb", "cccc"] { try minsky.insert(id: id + "000000000000", title: id.uppercased()) }
        try minsky.ok("tasks", "edit", "bbbb", "--depends-on", "aaaa")
        try minsky.ok("tasks", "edit", "cccc", "--depends-on", "bbbb")
        #expect(try minsky.json("show", "aaaa")["blocks"] == ["bbbb000000000000"])
        #expect(try minsky.json("show", "bbbb")["blocked"] == true)
        try minsky.ok("done", "aaaa")
        let sheet = try minsky.run("show", "bbbb").lines
        #expect(sheet.contains("depends on  aaaa  AAAA (done)"))
        #expect(sheet.contains("blocks      cccc  CCCC"))
        #expect(sheet.contains("status      todo"))
        #expect(try minsky.json("show", "aaaa")["blocks"] == [], "what is done blocks nothing")
        #expect(try minsky.json("show", "bbbb")["blocked"] == false)
    }

    @Test(arguments: Storage.allCases)
    func aTaskCountsItsSubtasks(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let parent = try minsky.add("Parent")
        let ids = try ["A", "B", "C"].map { try minsky.add($0, "--parent", parent) }
        try minsky.ok("add", "Below", "--parent", ids[0])
        try minsky.ok("done", ids[1])
        try minsky.ok("tasks", "delete", ids[2])
        let task = try minsky.json("list", "--all")[0]
        #expect(task?["subtaskCount"] == 2)
        #expect(task?["openSubtaskCount"] == 1)
        #expect(try minsky.json("start", ids[1])[0]?["subtaskCount"] == 0)
    }

    @Test(arguments: Storage.allCases)
    func twoSpellingsOfOneLetterAreTwoTags(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Caf\u{e9}", "--tag", "\u{e9}", "--tag", "e\u{301}")
        func tags() throws -> [[UInt8]] {
            (try minsky.json("show", id)["tags"].flatMap(\.array) ?? []).map { Array(($0.string ?? "").utf8) }
        }
        let (composed, decomposed) = (Array("\u{e9}".utf8), Array("e\u{301}".utf8))
        #expect(try tags() == [decomposed, composed])
        try minsky.ok("edit", id, "--title", "Cafe\u{301}")
        #expect(try tags() == [decomposed, composed])
        #expect(try minsky.sql("SELECT count(*) FROM tasks WHERE title = 'Cafe\u{301}'") == "1")
        try minsky.ok("edit", id, "--untag", "\u{e9}", "--tag", "x")
        #expect(try tags() == [decomposed, Array("x".utf8)])
    }

    @Test(arguments: Storage.allCases)
    func anAssigneeHasANameOfSomeLength(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", "--assignee", String(repeating: "é", count: 200))
        for name in ["", " ", String(repeating: "x", count: 201), String(repeating: "x", count: 3000)] {
            #expect(try minsky.failure("edit", id, "--assignee", name).exitCode == 2)
        }
        #expect(throws: (any Error).self) { try minsky.sql("UPDATE tasks SET assignee = ''") }
    }

    @Test(arguments: Storage.allCases)
    func showAndHistoryMeanTheSameTask(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "abcd000000000001", title: "Deleted")
        try minsky.insert(id: "abcd000000000002", title: "Live")
        try minsky.ok("tasks", "delete", "abcd000000000001")
        #expect(try minsky.json("show", "abcd")["title"] == "Live")
        #expect(try minsky.json("tasks", "history", "abcd")[0]?["rowId"] == "abcd000000000002")
        try minsky.ok("tasks", "delete", "abcd000000000002")
        #expect(try minsky.failure("tasks", "history", "abcd").code == "ambiguous")
        #expect(try minsky.failure("show", "abcd").code == "ambiguous")
        let failure = try minsky.failure("show", "abcd000000000001")
        #expect(failure.message == "task abcd000000000001 is deleted")
        #expect(failure.hint?.contains("minsky tasks history abcd000000000001") == true)
    }

    @Test(arguments: Storage.allCases)
    func datesAreLocal(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let west = ["TZ": "EST5"]
        let task = try minsky.json("add", "A", "--due", "2100-12-01", environment: west)
        #expect(task["dueAt"] == "2100-12-02T04:59:59.000000Z")
        #expect(try minsky.ok("list", environment: west).contains("2100-12-01"))
        #expect(try minsky.ok("list").contains("2100-12-02"))
    }

}
