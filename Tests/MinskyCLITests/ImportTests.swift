import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("minsky import")
struct ImportTests {
    private static let keys = ["created", "updated", "unchanged", "skipped", "warnings"]

    /// The path of a file that the tests of the formats have as well.
    private static func fixture(_ name: String, file: String = #filePath) -> String {
        let tests = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
        return tests.appending(path: "MinskyFormatsTests/Fixtures/" + name).path
    }

    /// Created, updated and unchanged.
    private static func counts(_ report: JSON) -> [Int64?] {
        ["created", "updated", "unchanged"].map { report[$0]?.integer }
    }

    private static let taskwarrior = """
        [{"uuid":"11111111-1111-4111-8111-111111111111","description":"A","status":"pending","entry":"20261101T080000Z",\
        "project":"ops","tags":["x"],"annotations":[{"entry":"20261102T100000Z","description":"Ask"}],"effort":3},
        {"uuid":"22222222-2222-4222-8222-222222222222","description":"B","status":"completed","end":"20261103T080000Z",\
        "depends":["11111111-1111-4111-8111-111111111111"]}]
        """

    @Test(arguments: Storage.allCases)
    func theReportCountsAndASecondImportChangesNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.write(Self.taskwarrior, to: minsky.folder + "/tw.json")
        let report = try minsky.json("import", "taskwarrior", "tw.json")
        #expect(report.keys == Self.keys)
        #expect(Self.counts(report) == [2, 0, 0] && report["skipped"] == [] && report["warnings"] == [])
        let tasks = try minsky.json("list", "--all")
        #expect(tasks.titles == ["A", "B"])
        #expect(tasks[0]?["project"] == "ops" && tasks[0]?["tags"] == ["x"])
        #expect(tasks[0]?["createdAt"] == "2026-11-01T08:00:00.000000Z")
        #expect(tasks[0]?["externalRef"] == "taskwarrior:11111111-1111-4111-8111-111111111111")
        #expect(tasks[0]?["metadata"]?["effort"] == 3)
        #expect(tasks[1]?["status"] == "done" && tasks[1]?["dependsOn"] == [tasks[0]?["id"] ?? .null])
        #expect(tasks[1]?["completedAt"] == "2026-11-03T08:00:00.000000Z")
        #expect(try minsky.sql("SELECT body FROM notes") == "Ask")
        let history = try minsky.json("history")
        #expect(Self.counts(try minsky.json("import", "taskwarrior", "tw.json")) == [0, 0, 2])
        #expect(try minsky.json("history") == history, "nothing was written")
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func oneUndoTakesAllOfItBackAndTheNextImportBringsItAgain(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.write(Self.taskwarrior, to: minsky.folder + "/tw.json")
        try minsky.ok("import", "tw.json")
        try minsky.ok("undo")
        #expect(try minsky.json("list", "--all") == [])
        #expect(Self.counts(try minsky.json("import", "tw.json")) == [0, 2, 0])
        #expect(try minsky.json("list", "--all").titles == ["A", "B"])
        try minsky.ok("undo")
        #expect(try minsky.json("list", "--all") == [])
    }

    @Test(arguments: Storage.allCases)
    func whatChangedThereIsTakenAndWhatChangedHereStays(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let file = minsky.folder + "/tw.json"
        try minsky.write(Self.taskwarrior, to: file)
        try minsky.ok("import", file)
        let id = try #require(try minsky.json("list")[0]?["id"]?.string)
        try minsky.ok("tasks", "edit", id, "--title", "Mine", "--tag", "here")
        var newer = Self.taskwarrior
        for (old, new) in [
            ("\"description\":\"A\"", "\"description\":\"Theirs\""), ("\"project\":\"ops\"", "\"project\":\"web\""),
            ("[\"x\"]", "[\"y\"]"), ("\"effort\":3", "\"effort\":4"), ("\"Ask\"", "\"Ask\"},{\"description\":\"More\""),
        ] { newer = newer.replacing(old, with: new) }
        try minsky.write(newer, to: file)
        for round in 1...2 {
            let report = try minsky.json("import", file)
            #expect(Self.counts(report) == (round == 1 ? [0, 1, 1] : [0, 0, 2]))
            #expect(report["warnings"]?.array?.count == 1)
            let warning = report["warnings"]?[0]?.string ?? ""
            #expect(warning.contains("title") && warning.contains("changed here since"))
            let task = try minsky.json("show", id)
            #expect(task["title"] == "Mine" && task["project"] == "web" && task["metadata"]?["effort"] == 4)
            #expect(task["tags"] == ["here", "y"])
            #expect(try minsky.count("notes") == 2)
        }
        // Only what the newer file brought is taken back.
        try minsky.ok("undo")
        let task = try minsky.json("show", id)
        #expect(task["title"] == "Mine" && task["project"] == "ops" && task["tags"] == ["here", "x"])
    }

    @Test(arguments: Storage.allCases)
    func aStatusThatWasChangedHereStaysWithItsTimes(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.write("- [ ] A\n- [ ] B\n", to: minsky.folder + "/a.md")
        try minsky.ok("import", "a.md")
        let ids = try minsky.ok("list", "--quiet").split(separator: "\n").map(String.init)
        try minsky.ok("done", ids[0])
        try minsky.write("- [/] A\n- [x] B\n- [ ] C\n", to: minsky.folder + "/a.md")
        #expect(Self.counts(try minsky.json("import", "a.md")) == [1, 1, 1])
        let tasks = try minsky.json("list", "--all").array ?? []
        #expect(tasks.map { $0["status"]?.string } == ["done", "done", "todo"])
        #expect(tasks[1]["completedAt"]?.string != nil)
    }

    @Test(arguments: Storage.allCases)
    func whatWasDeletedHereComesBackOnlyWhenAsked(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.write("# P\n- [ ] A\n- [ ] B\n", to: minsky.folder + "/a.md")
        try minsky.ok("import", "a.md")
        let id = try #require(try minsky.json("list")[0]?["id"]?.string)
        try minsky.ok("tasks", "delete", id)
        let report = try minsky.json("import", "a.md")
        #expect(Self.counts(report) == [0, 0, 0])
        #expect(report["skipped"]?.array?.count == 3)
        #expect(report["skipped"]?[0]?.keys == ["ref", "reason"] && report["skipped"]?[0]?["ref"] == "P")
        #expect(report["skipped"]?[0]?["reason"]?.string?.contains("--revive") == true)
        #expect(Self.counts(try minsky.json("import", "a.md", "--revive")) == [0, 3, 0])
        let tasks = try minsky.json("list")
        #expect(tasks.titles == ["P", "A", "B"] && tasks[1]?["parentId"] == .string(id))
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func twoReplicasThatImportTheSameHaveTheSameIds(storage: Storage) throws {
        // The workspaces of tests are copies of one; in PostgreSQL each is its own.
        let (one, other) = (try Minsky(storage), try Minsky(storage))
        if storage == .postgres {
            let id = try one.sql("SELECT workspace_id FROM store_state")
            try other.sql("UPDATE store_state SET workspace_id = '\(id)'")
            try other.write(try one.text(one.configuration), to: other.configuration)
        }
        for minsky in [one, other] { try minsky.ok("import", "beads", Self.fixture("issues.jsonl")) }
        let rows = "SELECT id FROM tasks UNION ALL SELECT id FROM notes ORDER BY 1"
        #expect(try one.sql(rows) == other.sql(rows))
        #expect(try one.count("tasks") > 2)
    }

    @Test(arguments: Storage.allCases)
    func aDryRunAndAStrictOneWriteNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let path = Self.fixture("tasks.csv")
        let tried = try minsky.json("import", "csv", path, "--dry-run")
        #expect(try minsky.count("tasks") == 0)
        let failure = try minsky.failure("import", "csv", path, "--strict")
        #expect(failure.exitCode == 4 && failure.message.contains("nothing was imported"))
        #expect(try minsky.count("tasks") == 0)
        #expect(try minsky.json("import", "csv", path) == tried)
        #expect(try minsky.count("tasks") > 0)
    }

    @Test(arguments: [
        ("taskwarrior", "taskwarrior.json"), ("taskwarrior", "pending.data"), ("taskmaster", "tasks.json"),
        ("beads", "issues.jsonl"), ("todotxt", "todo.txt"), ("markdown", "tasks.md"), ("csv", "tasks.csv"),
    ])
    func everyFormatIsRecognizedAndGivesTheSameOnBothDatabases(format: String, name: String) throws {
        var lists: [JSON] = []
        for storage in Storage.allCases {
            let minsky = try Minsky(storage)
            let path = Self.fixture(name)
            let report = try minsky.json("import", path)
            let count = report["created"]?.integer ?? 0
            #expect(count > 0)
            let again = try minsky.json("import", format, path)
            #expect(Self.counts(again) == [0, 0, count], "recognized as \(format), and nothing differs")
            #expect(again["skipped"] == report["skipped"])
            let list = try minsky.json("list", "--all")
            #expect(list.array?.count == Int(count))
            #expect(try minsky.run("doctor").exitCode == 0)
            // Moments of the import itself and ids, which derive from the workspace, differ.
            let derived = ["id", "parentId", "dependsOn", "blocks", "blockedBy", "createdAt", "updatedAt", "startedAt"]
            let times = ["completedAt", "recurrence"]
            lists.append(
                .array(
                    (list.array ?? []).map { task in
                        .object((task.members ?? []).filter { !(derived + times).contains($0.key) })
                    }))
        }
        #expect(lists[0] == lists[1])
    }

    @Test func whatTheFixturesSayStandsInTheList() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("import", Self.fixture("tasks.json"))
        let tasks = try minsky.json("list", "--all").array ?? []
        let build = try #require(tasks.first { $0["title"] == "Build the server" })
        #expect(build["status"] == "doing" && build["complexity"] == 7 && build["priority"] == "medium")
        let first = try #require(tasks.first { $0["title"] == "Set up the project" })
        #expect(build["dependsOn"] == [first["id"] ?? .null])
        #expect(first["metadata"]?["testStrategy"] == "It builds.")
        #expect(tasks.contains { $0["parentId"] == build["id"] })
        // A report is about tasks that are there.
        let report = try minsky.json("import", Self.fixture("report.json"))
        #expect(report["updated"] == 1 && report["created"] == 0)
        let ship = try #require(
            try minsky.json("list", "--all").array?.first { $0["externalRef"] == "taskmaster:master/3" })
        #expect(ship["complexity"] == 4)
        #expect(try minsky.sql("SELECT complexity_reason FROM tasks WHERE complexity = 4") == "Known ground")
        #expect(report["skipped"]?.array?.contains { $0["ref"] == "master/77" } == true)
    }

    @Test func recurrencesBecomeSeriesOrStayInTheMetadata() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            """
            Water due:2026-12-01 rec:+2w
            Sweep due:2026-12-01 rec:3d
            Rest rec:1w
            Odd due:2026-12-01 rec:2b
            """, to: minsky.folder + "/todo.txt")
        let report = try minsky.json("import", "todo.txt")
        #expect(report["created"] == 4 && report["warnings"]?.array?.count == 2)
        let tasks = try minsky.json("list").array ?? []
        #expect(tasks[0]["recurrence"] == "every 2 weeks from 2026-12-01 23:59:59 in UTC")
        #expect(tasks[1]["recurrence"] == "every 3 days after done from 2026-12-01 23:59:59 in UTC")
        #expect(tasks[2]["recurrence"] == .null && tasks[2]["metadata"]?["originalRecurrence"] == "1w")
        #expect(tasks[3]["recurrence"] == .null && tasks[3]["metadata"]?["originalRecurrence"] == "2b")
        // They are written as they were.
        let text = try minsky.ok("export", "todotxt")
        #expect(
            text.contains("rec:+2w") && text.contains("rec:3d") && text.contains("rec:1w") && text.contains("rec:2b"))
        #expect(Self.counts(try minsky.json("import", "todo.txt")) == [0, 0, 4])
    }

    @Test func ofTaskwarriorsSeriesTheLastOpenInstanceGoesOn() throws {
        let minsky = try Minsky(.sqlite)
        func task(_ uuid: Int, _ more: String) -> String {
            "{\"uuid\":\"\(uuid)1111111-1111-4111-8111-111111111111\",\"description\":\"\(uuid)\",\"recur\":\"weekly\",\(more)}"
        }
        let parent = "\"parent\":\"11111111-1111-4111-8111-111111111111\",\"status\":\"pending\""
        try minsky.write(
            "["
                + [
                    task(1, "\"status\":\"recurring\",\"due\":\"20261101T100000Z\""),
                    task(2, "\(parent),\"due\":\"20261108T100000Z\""),
                    task(3, "\(parent),\"due\":\"20261115T100000Z\""),
                ].joined(separator: ",") + "]", to: minsky.folder + "/tw.json")
        let report = try minsky.json("import", "tw.json")
        #expect(report["warnings"] == [])
        let series = try minsky.json("list").array?.map { $0["recurrence"] } ?? []
        #expect(series == [.null, .null, "every week from 2026-11-15 10:00:00 in UTC"])
        let back = try minsky.ok("export", "taskwarrior")
        #expect(back.split(separator: "\"recur\":\"weekly\"").count == 4)
    }

    @Test(arguments: Storage.allCases)
    func linksThatCloseACircleWithWhatIsStoredAreCut(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let a = try minsky.add("A")
        let b = try minsky.add("B", "--parent", a)
        let c = try minsky.add("C", "--depends-on", b)
        let d = try minsky.add("D", "--depends-on", c)
        func line(_ id: String, _ more: String) -> String { "{\"id\":\"\(id)\",\"title\":\"T\",\(more)}" }
        try minsky.write(
            """
            \(line(a, "\"parentId\":\"\(b)\""))
            \(line("new:1", "\"parentId\":\"\(b)\",\"dependsOn\":[\"\(a)\",\"\(c)\"]"))
            \(line(c, "\"dependsOn\":[\"\(b)\",\"\(d)\"]"))
            """, to: minsky.folder + "/a.jsonl")
        let report = try minsky.json("import", "json", "a.jsonl")
        #expect(Self.counts(report) == [1, 2, 0])
        let warnings = report["warnings"]?.array?.compactMap(\.string) ?? []
        #expect(warnings.count == 3, "\(warnings)")
        #expect(warnings.contains { $0.contains("parent") && $0.contains("would close a circle") })
        #expect(warnings.contains { $0.contains("dependency") && $0.contains("would close a circle") })
        #expect(warnings.contains { $0.contains("is what it is part of") })
        #expect(try minsky.json("show", b)["parentId"] == .string(a))
        #expect(try minsky.json("show", a)["parentId"] == .null)
        #expect(try minsky.json("show", c)["dependsOn"] == [.string(b)])
        #expect(
            try minsky.json("list").array?.contains { $0["dependsOn"] == [.string(c)] && $0["parentId"] == .string(b) }
                == true)
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func whatIsWrongNeverStopsTheRest() throws {
        let minsky = try Minsky(.sqlite)
        let long = String(repeating: "x", count: 700)
        try minsky.write(
            """
            {"id":"a","title":"fine"}
            {"id":"b"}
            {"id":"\(long)","title":"long name"}
            {"id":"c","title":"project","project":"\(long)","assignee":"\(long)","tags":["\(long)","ok"],"dueAt":"0000-06-01T00:00:00Z"}
            nonsense
            {"id":"d","title":"last","status":"maybe"}
            """, to: minsky.folder + "/a.jsonl")
        for storage in Storage.allCases {
            let target = try Minsky(storage)
            let report = try target.json("import", "json", minsky.folder + "/a.jsonl")
            #expect(report["created"] == 3 && report["skipped"]?.array?.count == 3)
            #expect(report["skipped"]?.array?.first?["ref"] == "b")
            let task = try #require(try target.json("list").array?.first { $0["title"] == "project" })
            #expect(task["tags"] == ["ok"] && task["project"] == .null && task["dueAt"] == .null)
            #expect(task["metadata"]?["originalProject"]?.string == long)
            #expect(try target.run("doctor").exitCode == 0)
        }
    }

    @Test func theFormatIsNamedOrFound() throws {
        let minsky = try Minsky(.sqlite)
        let typo = try minsky.failure("import", "taskwarior", "x")
        #expect(typo.exitCode == 2 && typo.hint == "Did you mean taskwarrior?")
        #expect(try minsky.failure("import", "md").hint == "Did you mean markdown?")
        #expect(try minsky.failure("export", "xml").hint?.contains("taskwarrior, taskmaster, beads") == true)
        #expect(try minsky.failure("import", "nothing.csv").exitCode == 3)
        try minsky.write("what is this\n", to: minsky.folder + "/odd.dat")
        let odd = try minsky.failure("import", "odd.dat")
        #expect(odd.exitCode == 2 && odd.hint?.contains("todotxt") == true)
        let piped = try minsky.run("import", "-", "--json", input: .text("- [ ] A\n"))
        #expect(piped.exitCode == 0 && piped.output.contains("\"created\":1"))
        let named = try minsky.run("import", "todotxt", "--json", input: .text("B\n"))
        #expect(named.exitCode == 0 && named.output.contains("\"created\":1"))
        let listed = try minsky.ok("list", "--json")
        let own = try minsky.run("import", "--json", input: .text(listed))
        #expect(own.output.contains("\"created\":0,\"updated\":0,\"unchanged\":2"), "\(own.output) \(own.errors)")
    }

    @Test func nothingFromAFileIsObeyedByTheTerminal() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            Array(
                "{\"id\":\"a\\u001b[31m\"}\n{\"id\":\"b\\u202e\",\"title\":\"B\",\"status\":\"\\u001b]0;x\\u0007\"}\n\u{1B}[2J\n"
                    .utf8),
            to: minsky.folder + "/\u{1B}[31m.jsonl")
        let result = try minsky.run("import", "json", "\u{1B}[31m.jsonl")
        #expect(result.exitCode == 0 && result.output.contains("1 created, 2 skipped"))
        #expect(!(result.output + result.errors).unicodeScalars.contains { $0.isTerminalControl && $0 != "\n" })
    }

    @Test func aTaskThatWasEditedElsewhereComesBackAsItself() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("Call Mom", "--due", "2026-12-24", "--description", "Ask for the recipe")
        let sub = try minsky.add("Find the number", "--parent", id)
        let text = try minsky.ok("export", "todotxt")
        try minsky.write(text.replacing("Call Mom", with: "Call Dad"), to: minsky.folder + "/todo.txt")
        #expect(Self.counts(try minsky.json("import", "todo.txt")) == [0, 1, 1])
        let task = try minsky.json("show", id)
        #expect(task["title"] == "Call Dad")
        #expect(task["description"] == "Ask for the recipe", "what the format cannot say is no change")
        #expect(try minsky.json("show", sub)["parentId"] == .string(id))
        // A part of the tasks says nothing about where it stands among the others.
        let part = try minsky.ok("export", "markdown", "Find the number")
        try minsky.write(part, to: minsky.folder + "/part.md")
        #expect(Self.counts(try minsky.json("import", "part.md")) == [0, 0, 1])
    }
}
