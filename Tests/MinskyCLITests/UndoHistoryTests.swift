import MinskyModel
import TestSupport
import Testing

@Suite("Undo and history, on both databases")
struct UndoHistoryTests {
    @Test(arguments: Storage.allCases)
    func undoGoesBackStepByStep(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("tasks", "edit", id, "-p", "low", "-t", "x")
        try minsky.ok("start", id)
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["status"] == "todo")
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["priority"] == .null)
        #expect(try minsky.json("show", id)["tags"] == [])
        try minsky.ok("undo")
        #expect(try minsky.json("list", "--all") == [])
        #expect(try minsky.failure("undo").exitCode == 3)
    }

    @Test(arguments: Storage.allCases)
    func anUndoCanBeTakenBack(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("undo")
        let undo = try #require(try minsky.json("tasks", "history", id).array?.last?["operationId"]?.string)
        try minsky.ok("undo", "--operation", undo)
        #expect(try minsky.json("list").titles == ["A"])
    }

    @Test(arguments: Storage.allCases)
    func undoTakesBackOnesOwnOperationsOnly(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "Mine", environment: ["MINSKY_ACTOR": "ada"])
        try minsky.ok("add", "Theirs", environment: ["MINSKY_ACTOR": "grace"])
        let undone = try minsky.json("undo", environment: ["MINSKY_ACTOR": "ada"])
        #expect(undone["actor"] == "ada")
        #expect(try minsky.json("list").titles == ["Theirs"])
        let failure = try minsky.failure("undo", environment: ["MINSKY_ACTOR": "ada"])
        #expect(failure.message == "there is nothing of ada's to undo")
    }

    @Test func undoSaysInWordsWhatItDid() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("Fix the roof")
        try minsky.ok("tasks", "edit", id, "-p", "low")
        try minsky.ok("tasks", "delete", id)
        #expect(try minsky.ok("undo") == "Brought back: Fix the roof\n")
        #expect(try minsky.ok("undo") == "Changed back: Fix the roof\n")
        #expect(try minsky.ok("undo") == "Removed again: Fix the roof\n")
    }

    @Test(arguments: Storage.allCases)
    func historyTellsWhoDidWhat(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let other = try minsky.add("Other")
        let id = try minsky.add("A", environment: ["MINSKY_ACTOR": "grace"])
        try minsky.ok(
            "tasks", "edit", id, "-p", "low", "-t", "x", "--depends-on", other, environment: ["MINSKY_ACTOR": "alan"])
        try minsky.ok("tasks", "move", id, "--first", environment: ["MINSKY_ACTOR": "alan"])
        try minsky.ok("tasks", "delete", id, environment: ["MINSKY_ACTOR": "alan"])
        let lines = try minsky.run("tasks", "history", id).lines
        let what = lines.filter { $0.hasPrefix("  ") }
        #expect(
            what == [
                "  created: A", "  priority: nothing → low", "  tag x added", "  dependency on \(other) added",
                "  moved",
                "  deleted",
            ])
        let who = lines.filter { !$0.hasPrefix("  ") }.map { $0.split(separator: " ")[2] }
        #expect(who == ["grace", "alan", "alan", "alan"])
    }

    @Test(arguments: Storage.allCases)
    func editsByHandAppearInTheHistory(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.sql("UPDATE tasks SET title = 'B', estimate_minutes = 5 WHERE id = '\(id)'")
        try minsky.sql(
            "INSERT INTO task_tags (task_id, tag, created_at) VALUES ('\(id)', 'x', '2026-11-01T00:00:00.000000Z')")
        try minsky.sql("DELETE FROM task_tags WHERE task_id = '\(id)'")
        let history = try #require(try minsky.json("tasks", "history", id).array)
        #expect(history.map { $0["kind"] } == ["insert", "update", "insert", "delete"])
        #expect(history[1]["after"] == ["estimate_minutes": "5", "title": "B"])
        #expect(history[1]["before"] == ["estimate_minutes": .null, "title": "A"])
        #expect(history[1]["actor"] == (storage == .sqlite ? "sql" : "postgres"))
        #expect(history[3]["before"]?["tag"] == "x")
        #expect(history.compactMap { $0["sequence"]?.integer } == [2, 3, 4, 5], "after the row of the actor")
        let operation = try #require(history[1]["operationId"]?.string)
        #expect(operation.hasPrefix("sql-"))
        try minsky.ok("undo", "--operation", operation)
        #expect(try minsky.json("show", id)["title"] == "A")
    }

    /// What no command leaves behind, but an edit by hand or another program can.
    @Test(arguments: Storage.allCases)
    func aTaskUnderADeletedOneCanBeWorkedWith(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (parent, other) = (try minsky.add("Parent"), try minsky.add("Other"))
        let id = try minsky.add("Child", "--parent", parent)
        try minsky.sql("UPDATE tasks SET deleted_at = created_at WHERE id = '\(parent)'")
        #expect(try minsky.json("list").titles.sorted() == ["Child", "Other"])
        #expect(try minsky.json("show", id)["title"] == "Child")
        #expect(try !minsky.ok("show", id).contains("part of"))
        try minsky.ok("tasks", "edit", id, "-p", "low")
        try minsky.ok("tasks", "decompose", id)
        try minsky.ok("tasks", "move", id, "--after", other)
        #expect(try minsky.json("show", id)["parentId"] == .null)
    }

    @Test(arguments: Storage.allCases)
    func parentsInACircleCanBeListedAndPutRight(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (a, b) = (try minsky.add("A"), try minsky.add("B"))
        try minsky.sql("UPDATE tasks SET parent_id = '\(a)' WHERE id = '\(b)'")
        try minsky.sql("UPDATE tasks SET parent_id = '\(b)' WHERE id = '\(a)'")
        #expect(try minsky.json("list").titles.sorted() == ["A", "B"])
        try minsky.ok("show", a)
        try minsky.ok("tasks", "decompose", "--dry-run", a)
        try minsky.ok("tasks", "move", a, "--top")
        #expect(try minsky.json("list").titles == ["A", "B"])
    }

    @Test(arguments: Storage.allCases)
    func aTaskAddedByHandIsATask(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "By hand")
        #expect(try minsky.json("list")[0]?.keys == JSONShapeTests.taskKeys)
        #expect(try minsky.json("tasks", "history", "aaaa")[0]?["after"]?["title"] == "By hand")
        try minsky.ok("done", "aaaa")
    }
}
