import MinskyModel
import TestSupport
import Testing

@Suite("Breaking a task down offline")
struct BuiltinPlannerTests {
    /// Proxies that lead nowhere: whoever asks the network fails.
    static let offline = [
        "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
    ]

    @Test(arguments: [
        ("Fix the crash when saving a file", "bug"), ("Migrate the database to PostgreSQL 18", "migration"),
        ("Write documentation for the API", "documentation"), ("Release version 2.0", "release"),
        ("Build user authentication", "authentication"), ("Refactor the billing module", "refactoring"),
        ("Add an index for orders by customer", "performance"),
    ])
    func theTitleChoosesThePlaybook(title: String, playbook: String) throws {
        let minsky = try Minsky(.sqlite)
        let answer = try minsky.json("tasks", "decompose", title, environment: Self.offline)
        #expect(answer["provider"] == "builtin")
        #expect(answer["model"] == .string("playbook:\(playbook)"))
        let subtasks = try #require(answer["subtasks"]?.array)
        #expect(subtasks.count >= 4)
        #expect(subtasks.allSatisfy { $0["estimateMinutes"]?.integer != nil && $0["complexity"]?.integer != nil })
        #expect(subtasks.contains { $0["dependsOn"] != [] })
        #expect(try minsky.json("list").titles == [title] + subtasks.compactMap { $0["title"]?.string })
    }

    @Test(arguments: Storage.allCases)
    func everythingIsStoredLocally(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let answer = try minsky.json("tasks", "decompose", "Fix the login bug", environment: Self.offline)
        let count = 1 + (answer["subtasks"]?.array?.count ?? 0)
        #expect(try minsky.sql("SELECT count(*), min(dims), max(dims) FROM embeddings") == "\(count)|256|256")
        #expect(try minsky.count("ai_calls") == 0, "no model was asked")
        try minsky.ok("undo")
        for table in ["task_dependencies", "embeddings"] { #expect(try minsky.count(table) == 0) }
        #expect(try minsky.json("list") == [])
    }

    @Test func theSubjectIsWovenIn() throws {
        let minsky = try Minsky(.sqlite)
        let titles = try minsky.json("tasks", "decompose", "Fix the login page")["subtasks"]?.titles ?? []
        #expect(titles.contains { $0.contains("login page") })
        #expect(titles.allSatisfy { !$0.contains("{") })
    }

    @Test(arguments: [1, 3, 5])
    func theNumberOfSubtasksCanBeChosen(count: Int) throws {
        let minsky = try Minsky(.sqlite)
        let answer = try minsky.json("tasks", "decompose", "Fix the login bug", "--count", "\(count)")
        #expect(answer["subtasks"]?.array?.count == count)
    }

    static let own = """
        # Bake bread

        For: bread, loaf, sourdough

        ## 1. Feed the starter
        Estimate: 10m
        Complexity: 1

        It bubbles.

        ## 2. Bake {subject}
        Estimate: 1h
        Complexity: 3
        After: 1

        It sounds hollow.
        """

    @Test func aWorkspacesOwnPlaybookIsUsed() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(Self.own, to: minsky.workspace + "/playbooks/own.md")
        let answer = try minsky.json("tasks", "decompose", "Make a loaf of bread")
        #expect(answer["model"] == "playbook:own")
        #expect(answer["subtasks"]?.titles == ["Feed the starter", "Bake “Make a loaf of bread”"])
        #expect(answer["subtasks"]?[1]?["dependsOn"] == [answer["subtasks"]?[0]?["id"] ?? .null])
        #expect(try minsky.json("ai", "status")["playbooks"]?.array?.contains("own") == true)
        #expect(try minsky.json("tasks", "decompose", "Fix the login bug")["model"] == "playbook:bug")
    }

    @Test func aPlaybookOfTheSameNameReplacesTheShippedOne() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(Self.own, to: minsky.workspace + "/playbooks/bug.md")
        #expect(try minsky.json("tasks", "decompose", "Bake bread")["model"] == "playbook:bug")
    }

    @Test(arguments: [
        (own.replacing("Estimate: 1h", with: "Estimate: soon"), 12), (own.replacing("After: 1", with: "After: 2"), 14),
        (own.replacing("## 2.", with: "## 3."), 11), (own.replacing("For: bread, loaf, sourdough", with: ""), 1),
        ("Just a note", 1), ("", 1),
    ])
    func aBadPlaybookNamesFileAndLineAndStoresNothing(text: String, line: Int) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(text, to: minsky.workspace + "/playbooks/own.md")
        let failure = try minsky.failure("tasks", "decompose", "Make a loaf of bread")
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains("own.md, line \(line): "))
        #expect(try minsky.count("tasks") == 0)
        let report = try minsky.run("doctor")
        #expect(report.exitCode == 1)
        #expect(report.output.contains("own.md, line \(line): "))
        #expect(!report.lines.contains { $0.hasPrefix("ok") && $0.contains("model") })
    }

    @Test func aSimilarEarlierBreakdownIsTakenOver() throws {
        let minsky = try Minsky(.sqlite)
        let parent = try minsky.add("Write and send the monthly newsletter for customers in March")
        let first = try minsky.add("Collect news for March", "--parent", parent, "-e", "30m", "--complexity", "2")
        try minsky.ok("add", "Ask for pictures", "--parent", parent, "--depends-on", first)
        try minsky.ok("add", "Send it", "--parent", parent, "--depends-on", first)
        let result = try minsky.ok([
            "tasks", "decompose", "Write and send the monthly newsletter for customers in April", "--json",
        ])
        let answer = try JSON(parsing: result.output)
        #expect(answer["provider"] == "builtin")
        #expect(answer["model"] == .string("earlier:\(parent)"))
        #expect(answer["subtasks"]?.titles.last == "Send it")
        #expect(answer["subtasks"]?[0]?["estimateMinutes"] == 30)
        #expect(answer["subtasks"]?[1]?["dependsOn"] == [answer["subtasks"]?[0]?["id"] ?? .null])
        #expect(
            try minsky.run("tasks", "decompose", "Write and send the monthly newsletter for customers in May").errors
                .hasPrefix(
                    "Taken over from the earlier breakdown of “Write and send the monthly newsletter "))
    }

    @Test func oneOfWhichMostWasDroppedIsNot() throws {
        let minsky = try Minsky(.sqlite)
        let parent = try minsky.add("Fix the login bug")
        let ids = try (1...6).map { try minsky.add("Step \($0)", "--parent", parent) }
        #expect(
            try minsky.json("tasks", "decompose", "Fix the login bug", "--count", "3", "--dry-run")["model"]
                == .string("earlier:\(parent)"))
        try minsky.ok(["tasks", "drop"] + ids.prefix(3))
        #expect(
            try minsky.json("tasks", "decompose", "Fix the login bug", "--count", "3", "--dry-run")["model"]
                == "playbook:bug")
    }

    @Test func aShortOneIsNotReusedWhenMoreIsWanted() throws {
        let minsky = try Minsky(.sqlite)
        #expect(
            try minsky.json("tasks", "decompose", "Fix the login bug", "--count", "2")["subtasks"]?.array?.count == 2)
        let answer = try minsky.json("tasks", "decompose", "Fix the login bug", "--count", "7")
        #expect(answer["subtasks"]?.array?.count == 7)
        #expect(answer["model"] == "playbook:bug")
    }

    @Test func aTaskThatHasEveryStepGetsNoneAgain() throws {
        let minsky = try Minsky(.sqlite)
        let id = try #require(try minsky.json("tasks", "decompose", "Fix the login bug")["parent"]?["id"]?.string)
        let before = try minsky.json("list")
        let failure = try minsky.failure("tasks", "decompose", id)
        #expect(failure.exitCode == 4)
        #expect(failure.code == "nothingNew")
        #expect(try minsky.json("list") == before)
    }

    @Test(arguments: Storage.allCases)
    func whenNoPlaybookFitsNothingIsStored(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let answer = try minsky.json("tasks", "decompose", "Build the SSO and the autocomplete")
        #expect(answer["parent"] == .null)
        #expect(answer["subtasks"] == [])
        #expect(answer["model"] == "none")
        let names = Set(answer["candidates"]?.array?.compactMap(\.string) ?? [])
        #expect(names.count <= 3 && names.isSuperset(of: ["authentication", "search"]))
        let id = try minsky.add("Buy milk")
        let existing = try minsky.json("tasks", "decompose", id)
        #expect(existing["parent"]?["id"] == .string(id))
        #expect(existing["candidates"] == [])
        #expect(try minsky.count("tasks") == 1)
    }

    @Test func peopleAreToldWhatToTypeWhenNoneFits() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("tasks", "decompose", "Build the SSO and the autocomplete")
        #expect(result.exitCode == 0)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("No playbook fits, and nothing was stored."))
        for words in [
            "--playbook authentication ", "--playbook search ", "--playbook frame ", "--yes", "minsky playbooks",
        ] {
            #expect(result.errors.contains(words))
        }
        #expect(try minsky.run("tasks", "decompose", "Buy milk", "--quiet").errors == "")
    }

    @Test func thePlaybookCanBeChosen() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("Buy milk")
        let answer = try minsky.json("tasks", "decompose", id, "--playbook", "frame")
        #expect(answer["model"] == "playbook:frame")
        #expect((3...5).contains(answer["subtasks"]?.array?.count ?? 0))
        #expect(
            try minsky.json("tasks", "decompose", "Fix the login", "--playbook", "search")["model"] == "playbook:search"
        )
        let model = try minsky.json(
            "tasks", "decompose", "Fix it", "--playbook", "bug",
            environment: ["MINSKY_AI_PROVIDER": "openai-compatible", "MINSKY_AI_BASE_URL": "http://127.0.0.1:1/v1"])
        #expect(model["provider"] == "builtin")
    }

    @Test func aPlaybookThatIsNotThereNamesTheNearest() throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("tasks", "decompose", "Buy milk", "--playbook", "serch")
        #expect(failure.exitCode == 3)
        #expect(failure.hint?.contains("Did you mean search?") == true)
        #expect(try minsky.failure("playbooks", "show", "x").exitCode == 3)
        #expect(
            try minsky.failure("tasks", "decompose", "A", "--playbook", "bug", "--provider", "builtin").exitCode == 2)
        #expect(try minsky.count("tasks") == 0)
    }

    @Test func yesTakesTheNearestOrTheFrame() throws {
        let minsky = try Minsky(.sqlite)
        #expect(try minsky.json("tasks", "decompose", "Buy milk", "--yes")["model"] == "playbook:frame")
        #expect(
            try minsky.run("tasks", "decompose", "Buy bread", "--yes").errors.hasPrefix(
                "No playbook fits. This is “A frame for any work”; no model was asked."))
        #expect(try minsky.json("tasks", "decompose", "A bigger button", "-y")["model"] == "playbook:ui")
        #expect(try minsky.json("tasks", "decompose", "Fix the login bug", "-y")["model"] == "playbook:bug")
    }

    @Test func playbooksAreListedAndShown() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(Self.own, to: minsky.workspace + "/playbooks/own.md")
        let list = try #require(try minsky.json("playbooks").array)
        let names = list.compactMap { $0["name"]?.string }
        #expect(names.contains("frame"))
        #expect(list.filter { $0["isOwn"] == true }.compactMap { $0["name"]?.string } == ["own"])
        let lines = try minsky.run("playbooks").lines
        #expect(lines.count == list.count)
        #expect(lines.contains { $0.hasPrefix("own") && $0.hasSuffix("Bake bread (this workspace's own)") })
        #expect(
            try minsky.run("playbooks", "show", "own").output == """
                Bake bread

                 1. Feed the starter (10m, complexity 1)
                 2. Bake {subject} (1h, complexity 3, after 1)

                """)
    }

    @Test func aHugeTextOfMarksIsPlanned() throws {
        let minsky = try Minsky(.sqlite)
        // As long as an argument may be.
        let marks = "Fix the crash " + String(String.UnicodeScalarView(Array(repeating: "\u{301}", count: 60_000)))
        let answer = try minsky.json("tasks", "decompose", marks, "-d", marks)
        #expect(answer["model"] == "playbook:bug")
        let again = try minsky.json(
            "tasks", "decompose", try #require(answer["parent"]?["id"]?.string), "--playbook", "frame")
        #expect(again["subtasks"]?.array?.isEmpty == false)
    }

    @Test func theModelsCanBeTriedOffline() throws {
        let minsky = try Minsky(.sqlite)
        let test = try minsky.json("ai", "test", environment: Self.offline)
        #expect(test["chat"]?["provider"] == "builtin")
        #expect(test["embedding"]?["detail"] == "256 dimensions")
        #expect(try minsky.json("ai", "status")["chat"]?["problem"] == .null)
    }
}
