import MinskyModel
import TestSupport
import Testing

@Suite("The documented JSON, on both databases")
struct JSONShapeTests {
    static let taskKeys = [
        "id", "title", "description", "status", "priority", "parentId", "tags", "dependsOn", "estimateMinutes",
        "complexity", "assignee", "project", "dueAt", "waitUntil", "scheduledAt", "untilAt", "recurrence", "createdAt",
        "createdBy", "updatedAt", "startedAt", "completedAt",
        "externalRef", "metadata", "blocked", "blocks", "subtaskCount", "openSubtaskCount", "blockedBy",
        "sync",
    ]

    @Test(arguments: Storage.allCases)
    func aTaskHasTheseKeysInThisOrder(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let task = try minsky.json("add", "A")
        #expect(task.keys == Self.taskKeys)
        let id = try #require(task["id"]?.string)
        #expect(Identifier.prefix(id) == id && id.count == Identifier.length)
        for key in [
            "description", "priority", "parentId", "estimateMinutes", "complexity", "assignee", "dueAt", "startedAt",
            "completedAt", "project", "waitUntil", "scheduledAt", "untilAt", "recurrence",
        ] {
            #expect(task[key] == .null)
        }
        #expect(task["externalRef"] == .null)
        #expect(task["metadata"] == .object([]))
        #expect(task["tags"] == [])
        #expect(task["dependsOn"] == [])
        #expect(task["blocked"] == false)
        #expect(task["blocks"] == [])
        #expect(task["createdBy"]?.string != nil)
        let created = try #require(task["createdAt"]?.string)
        #expect(Timestamp(iso8601: created)?.iso8601 == created)
        #expect(task["updatedAt"] == task["createdAt"])
    }

    @Test(arguments: Storage.allCases)
    func everyTaskCommandAnswersWithTasks(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        #expect(try minsky.json("tasks", "edit", id, "-p", "low").keys == Self.taskKeys)
        #expect(try minsky.json("tasks", "move", id, "--first").keys == Self.taskKeys)
        #expect(try minsky.json("list")[0]?.keys == Self.taskKeys)
        #expect(
            try minsky.json("show", id).keys == Self.taskKeys + [
                "subtasks", "notes", "links", "trackedSeconds", "running",
            ])
        for command in ["start", "done", "reopen", "drop", "delete"] {
            #expect(try minsky.json("tasks", command, id)[0]?.keys == Self.taskKeys)
        }
    }

    @Test(arguments: Storage.allCases)
    func aChangeHasTheseKeysInThisOrder(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A", environment: ["MINSKY_ACTOR": "grace"])
        try minsky.ok("tasks", "edit", id, "--title", "B")
        let keys = [
            "sequence", "operationId", "actor", "at", "table", "rowId", "kind", "before", "after", "role",
            "command", "reverts", "lost",
        ]
        let history = try #require(try minsky.json("tasks", "history", id).array)
        #expect(history.map(\.keys) == [keys, keys])
        #expect(history[0]["actor"] == "grace")
        #expect(history[0]["kind"] == "insert")
        #expect(history[0]["before"] == .null)
        #expect(history[0]["after"]?["title"] == "A")
        #expect(history[1]["table"] == "tasks")
        #expect(history[1]["rowId"] == .string(id))
        #expect(history[1]["before"]?["title"] == "A")
        #expect(history[1]["after"]?["title"] == "B")
        let undone = try minsky.json("undo")
        #expect(undone.keys == ["operationId", "undoOperationId", "actor", "changes", "command"])
        #expect(undone["operationId"] == history[1]["operationId"])
        #expect(undone["changes"]?[0]?.keys == keys)
    }

    @Test(arguments: Storage.allCases)
    func aBreakdownHasTheseKeysInThisOrder(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let answer = try minsky.json("tasks", "decompose", "Build user authentication")
        #expect(
            answer.keys == [
                "parent", "subtasks", "provider", "model", "usage", "leftOut", "candidates", "warnings", "isNewParent",
            ])
        #expect(answer["parent"]?.keys == Self.taskKeys)
        #expect(answer["subtasks"]?[0]?.keys == Self.taskKeys)
        #expect(answer["provider"] == "builtin")
        #expect(answer["model"] == "playbook:authentication")
        #expect(answer["usage"] == .null)
    }

    @Test func playbooksHaveTheseKeys() throws {
        let minsky = try Minsky(.sqlite)
        let keys = ["name", "title", "summary", "isOwn", "stepCount"]
        #expect(try minsky.json("playbooks")[0]?.keys == keys)
        let playbook = try minsky.json("playbooks", "show", "bug")
        #expect(playbook.keys == keys + ["steps"])
        #expect(
            playbook["steps"]?[0]?.keys
                == ["title", "description", "estimateMinutes", "complexity", "after", "when", "isEachItem"])
        #expect(playbook["stepCount"]?.integer == playbook["steps"]?.array.map { Int64($0.count) })
    }

    @Test func settingsHaveTheseKeys() throws {
        let minsky = try Minsky(.sqlite)
        let expected: JSON = ["key": "ai.provider", "value": "builtin", "source": "default"]
        #expect(try minsky.json("config", "get", "ai.provider") == expected)
        #expect(try minsky.json("config", "list")[0] == expected)
        #expect(try minsky.json("config", "set", "ai.provider", "builtin").keys == expected.keys)
        #expect(try minsky.json("config", "unset", "ai.provider") == expected)
        #expect(try minsky.json("config", "path").keys == ["workspace", "user", "secrets"])
    }

    @Test(arguments: Storage.allCases)
    func theStateOfThingsHasTheseKeys(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let service = ["provider", "baseUrl", "model", "keySource", "problem"]
        let status = try minsky.json("ai", "status")
        #expect(status.keys == ["chat", "embedding", "playbooks"])
        #expect(status["chat"]?.keys == service)
        #expect(status["embedding"]?.keys == service)
        let test = try minsky.json("ai", "test")
        #expect(test.keys == ["chat", "embedding"])
        #expect(test["chat"]?.keys == ["provider", "model", "milliseconds", "detail"])
        #expect(try minsky.json("doctor")[0]?.keys == ["check", "status", "detail", "remedy"])
    }

    @Test(arguments: Storage.allCases)
    func quietPrintsIdsOnly(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        for command in [
            ["list"], ["show", id], ["tasks", "edit", id, "-p", "low"], ["start", id], ["tasks", "delete", id],
        ] {
            let result = try minsky.ok(command + ["--quiet"])
            #expect(result.output == id + "\n")
            #expect(result.errors == "")
        }
        #expect(try minsky.ok("undo", "-q") == id + "\n")
        let history = try #require(try minsky.json("tasks", "history", id).array)
        let operations = history.compactMap { $0["operationId"]?.string }
        #expect(Set(operations).count == 5)
        // An operation may have changed several rows: start begins a time as well.
        let once = operations.enumerated().filter { $0 == 0 || operations[$0 - 1] != $1 }.map(\.element)
        #expect(try minsky.ok("tasks", "history", id, "-q").split(separator: "\n").map(String.init) == once)
    }

    @Test(arguments: Storage.allCases)
    func quietDecomposePrintsTheIdsOfWhatItMade(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let printed = try minsky.ok("tasks", "decompose", "-q", "Fix the login bug").split(separator: "\n").map(
            String.init)
        #expect(try minsky.ok("list", "-q").split(separator: "\n").map(String.init) == printed)
        #expect(try minsky.ok("tasks", "decompose", "-q", "--dry-run", "Plan a party") == "")
    }

    @Test(arguments: Storage.allCases)
    func anEmptyAnswerIsAnEmptyListAndAHint(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let result = try minsky.run("list")
        #expect(result.output == "")
        #expect(result.errors == "Nothing to do. minsky add \"…\" adds a task.\n")
        #expect(try minsky.run("list", "--all").errors == "No task matches.\n")
    }
}
