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

    @Test(arguments: Storage.allCases)
    func undoSaysInWordsWhatItDid(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Fix the roof", "--assignee", "ada")
        try minsky.ok("tasks", "edit", id, "-p", "low")
        try minsky.ok("start", id)
        try minsky.ok("tasks", "delete", id)
        func undo() throws -> [String] {
            let lines = try minsky.run("undo").lines
            #expect(lines[0].contains(/^Took back [a-z]+, \d{4}-\d\d-\d\d \d\d:\d\d$/))
            return [String(lines[0].dropFirst(10).prefix { $0 != "," })]
                + lines.dropFirst().map { String($0.dropFirst(8)) }
        }
        #expect(try undo() == ["delete", "Fix the roof: brought back, time goes on"])
        #expect(try undo() == ["start", "Fix the roof: status: doing → todo"])
        #expect(try undo() == ["edit", "Fix the roof: priority: low → nothing"])
        #expect(try undo() == ["add", "Fix the roof: removed again"])
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
                "  created", "  priority: nothing → low", "  tag x added", "  waits for \(other.prefix(4)) (Other)",
                "  moved among its siblings", "  deleted",
            ])
        let who = lines.filter { !$0.hasPrefix("  ") }.map { $0.split(separator: " ")[2] }
        #expect(who == ["grace", "alan", "alan", "alan"])
    }

    @Test(arguments: Storage.allCases)
    func historyHasNeitherColumnsNorIdsNorMicroseconds(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let parent = try minsky.add("Parent")
        let id = try minsky.add("A", "--due", "2100-01-02 14:00", "-e", "90m", "--assignee", "ada")
        try minsky.ok("start", id)
        try minsky.ok("done", id)
        try minsky.ok(
            "tasks", "edit", id, "--due", "2100-01-03 15:00", "-e", "2h", "-d", String(repeating: "long ", count: 50))
        try minsky.ok("tasks", "move", id, "--under", parent)
        let what = try minsky.run("history", id).lines.filter { $0.hasPrefix("  ") }
        #expect(
            what == [
                "  created", "  status: todo → doing", "  status: doing → done", "  description changed",
                "  due: 2100-01-02 14:00 → 2100-01-03 15:00", "  estimate: 1h30m → 2h",
                "  moved under \(parent.prefix(4)) (Parent)",
            ])
    }

    @Test(arguments: Storage.allCases)
    func withoutAnIdHistoryIsTheWorkspaces(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let ada = ["MINSKY_ACTOR": "ada"]
        let a = try minsky.add("A", "-t", "x", environment: ada)
        let b = try minsky.add("B", environment: ada)
        try minsky.ok("done", a, b, environment: ["MINSKY_ACTOR": "grace"])
        let lines = try minsky.run("history").lines
        #expect(
            lines.filter { $0.hasPrefix("  ") } == [
                "  \(a.prefix(4))  A: created, tag x added", "  \(b.prefix(4))  B: created",
                "  \(a.prefix(4))  A: status: todo → done", "  \(b.prefix(4))  B: status: todo → done",
            ])
        #expect(lines.filter { !$0.hasPrefix("  ") }.map { $0.split(separator: " ")[2] } == ["ada", "ada", "grace"])
        let newest = try #require(try minsky.json("tasks", "history", "--limit", "1").array)
        #expect(Set(newest.map { $0["actor"] }) == ["grace"])
        #expect(try minsky.ok("history", "-q").lines.count == 3)
        #expect(try minsky.failure("history", "--limit", "0").exitCode == 2)
    }

    @Test(arguments: Storage.allCases)
    func theNewestTwentyAreShown(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        for number in 1...20 { try minsky.ok("tasks", "edit", id, "--title", "A\(number)") }
        let result = try minsky.run("history", "--quiet")
        #expect(result.lines.count == 20)
        #expect(try minsky.run("history").errors == "--limit 100 shows more.\n")
        #expect(try minsky.run("history", id).lines.count == 42)
        #expect(try minsky.ok("history").hasSuffix("A20: title: A19 → A20\n"))
    }

    @Test(arguments: Storage.allCases)
    func anOperationIsNamedByTheBeginningOfItsId(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("start", id)
        let heading = try #require(try minsky.run("history", id).lines.last { !$0.hasPrefix("  ") })
        let shown = String(try #require(heading.split(separator: " ").last))
        #expect(shown.count == 8)
        try minsky.ok("undo", "--operation", shown)
        #expect(try minsky.json("show", id)["status"] == "todo")
        #expect(try minsky.failure("undo", "--operation", "0").exitCode == 3)
    }

    @Test(arguments: Storage.allCases)
    func anUndoThatIsStuckSaysByWhatAndWhatToDo(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (ada, grace) = (["MINSKY_ACTOR": "ada"], ["MINSKY_ACTOR": "grace"])
        let id = try minsky.add("Fix the roof", environment: grace)
        try minsky.ok("tasks", "edit", id, "-p", "low", environment: ada)
        try minsky.ok("tasks", "edit", id, "-p", "high", environment: grace)
        let failure = try minsky.failure("undo", environment: ada)
        #expect(failure.exitCode == 4)
        #expect(
            failure.message.contains("the field priority of 'Fix the roof' has been changed since, by grace, edit "))
        let operation = try #require(try minsky.json("history").array?.last?["operationId"]?.string)
        let hint = try #require(failure.hint)
        #expect(hint.hasPrefix("minsky undo --operation \(operation.prefix(8)) takes that back first"))
        try minsky.ok("undo", "--operation", String(operation.prefix(8)), environment: ada)
        try minsky.ok("undo", environment: ada)
        #expect(try minsky.json("show", id)["priority"] == .null)
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
        #expect(history[3]["rowId"] == .string(id + "/x"))
        #expect(history.compactMap { $0["sequence"]?.integer } == [1, 2, 3, 4])
        let operation = try #require(history[1]["operationId"]?.string)
        #expect(history[1]["command"] == "sql")
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
