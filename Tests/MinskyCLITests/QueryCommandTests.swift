import MinskyModel
import TestSupport
import Testing

@Suite("Lists, next, ready, search and bulk edits by queries, on both databases")
struct QueryCommandTests {
    private let ada = ["MINSKY_ACTOR": "ada"]
    private let bob = ["MINSKY_ACTOR": "bob"]

    private func ids(_ minsky: Minsky, _ arguments: String...) throws -> [String] {
        try minsky.ok(["-q"] + arguments).output.split(separator: "\n").map(String.init)
    }

    private func titles(_ json: JSON) -> [String] { (json.array ?? []).compactMap { $0["title"]?.string } }

    @Test(arguments: Storage.allCases)
    func aListTakesAQuery(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "Deploy", "-t", "db", "-p", "high", "--project", "web.api")
        try minsky.ok("add", "Write", "-t", "later", "--project", "web")
        try minsky.ok("add", "Milk", "--wait", "2100-01-01")
        try minsky.ok("done", try ids(minsky, "add", "Old")[0])
        func found(_ words: String...) throws -> [String] {
            titles(try JSON(parsing: try minsky.ok(["list", "--json"] + words).output))
        }
        #expect(try found() == ["Deploy", "Write"], "what is put aside is not shown")
        #expect(try found("+db") == ["Deploy"])
        #expect(try found("-later") == ["Deploy"])
        #expect(try found("project:web", "-later") == ["Deploy"])
        #expect(try found("project:web or is:waiting") == ["Deploy", "Write", "Milk"])
        #expect(try found("is:closed") == ["Old"])
        #expect(try found("--all") == ["Deploy", "Write", "Milk", "Old"])
        #expect(try found("--sort", "-title") == ["Write", "Deploy"])
        #expect(try found("sort:-title limit:1") == ["Write"])
        #expect(try found("--limit", "1", "--sort", "title") == ["Deploy"])
        let wrong = try minsky.failure("list", "deu:fri")
        #expect(wrong.exitCode == 2)
        #expect(wrong.message == "there is no field 'deu'")
        #expect(wrong.hint?.contains("Did you mean due?") == true && wrong.hint?.contains("^^^") == true)
        #expect(try minsky.failure("list", "--foo").exitCode == 2)
        #expect(try minsky.failure("list", "--limit", "0").exitCode == 2)
    }

    @Test(arguments: Storage.allCases)
    func viewsAndTheContextHoldEverywhere(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "A", "--project", "web")
        try minsky.ok("add", "B", "--project", "home")
        try minsky.ok("config", "set", "view.work", "project:web sort:title")
        #expect(titles(try minsky.json("list", "@work")) == ["A"])
        #expect(try minsky.failure("list", "@wrk").hint == "Did you mean @work?")
        #expect(try minsky.failure("context", "wrk").exitCode == 2)
        try minsky.ok("context", "work")
        #expect(titles(try minsky.json("list")) == ["A"])
        #expect(titles(try minsky.json("ready")) == ["A"])
        #expect(titles(try minsky.json("next")) == ["A"])
        #expect(titles(try minsky.json("search", "b")).isEmpty)
        #expect(try minsky.json("context")["context"] == "work")
        try minsky.ok("context", "none")
        #expect(titles(try minsky.json("list")) == ["A", "B"])
    }

    @Test(arguments: Storage.allCases)
    func nextAndReadyAreTheMostUrgentThatWaitForNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let low = try minsky.add("Low", "-p", "low")
        let high = try minsky.add("High", "-p", "high")
        let blocked = try minsky.add("Blocked", "-p", "critical", "--depends-on", low)
        let doing = try minsky.add("Doing")
        try minsky.ok("start", doing, environment: ada)
        #expect(titles(try minsky.json("ready")) == ["Low", "High"])
        #expect(titles(try minsky.json("next")) == ["Low", "High", "Doing"], "who blocks another is urgent")
        #expect(titles(try minsky.json("next", "--limit", "1")) == ["Low"])
        let explained = try minsky.json("next", "--explain")
        let reasons = (explained[0]?["reasons"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(reasons.prefix(2) == ["blocking", "priority.low"])
        let points = (explained[0]?["reasons"]?.array ?? []).compactMap {
            ($0["points"]?.number?.text).flatMap(Double.init)
        }
        let total = (explained[0]?["urgency"]?.number?.text).flatMap(Double.init) ?? 0
        #expect(abs(points.reduce(0, +) - total) < 0.001)
        try minsky.ok("config", "set", "urgency.blocking", "0")
        #expect(titles(try minsky.json("next")) == ["High", "Doing", "Low"])
        #expect(try minsky.failure("config", "set", "urgency.blokcing", "1").exitCode == 2)
        #expect(try minsky.failure("config", "set", "urgency.blocking", "much").exitCode == 2)
        try minsky.ok("done", low)
        #expect(try ids(minsky, "ready") == [blocked, high])
    }

    @Test(arguments: Storage.allCases)
    func searchRatesWhereTheWordsStand(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let noted = try minsky.add("Call the bank")
        try minsky.ok("note", noted, "about", "the", "shop")
        try minsky.ok("add", "Shopping list")
        try minsky.ok("add", "Open the shop", "-d", "flowers")
        try minsky.ok("add", "Tagged", "-t", "shop")
        let found = try minsky.json("search", "SHOP")
        #expect(titles(found) == ["Open the shop", "Tagged", "Shopping list", "Call the bank"])
        #expect((found.array ?? []).map { $0["score"]?.text() } == ["1.0", "0.8", "0.5", "0.4"])
        #expect((found.array ?? []).map { $0["matched"] } == [["title"], ["tags"], ["title"], ["notes"]])
        #expect(titles(try minsky.json("search", "shop", "flowers")) == ["Open the shop"])
        #expect(titles(try minsky.json("search", "flowers", "bank")).count == 2, "some of the words")
        #expect(try minsky.json("search", "nowhere") == [])
        #expect(try minsky.failure("search", "is:open").exitCode == 2)
    }

    @Test(arguments: Storage.allCases)
    func aTaskIsClaimedByOne(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        #expect(try minsky.json("claim", id, environment: ada)["assignee"] == "ada")
        #expect(try minsky.json("claim", id, environment: ada)["status"] == "doing", "again is no change")
        let refused = try minsky.failure("claim", id, environment: bob)
        #expect(refused.exitCode == 4)
        #expect(refused.message.hasSuffix("is in the hands of ada"))
        #expect(try minsky.failure("claim", environment: bob).exitCode == 3, "none is free")
        let other = try minsky.add("B", "-t", "x")
        #expect(try minsky.json("claim", "+x", environment: bob)["id"]?.string == other)
        try minsky.ok("done", other)
        #expect(try minsky.failure("claim", other, environment: bob).exitCode == 4)
    }

    /// However many want one at once, each gets another one, and no task is somebody's twice.
    @Test(arguments: Storage.allCases)
    func whoClaimsAtOnceGetsAnotherOne(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for index in 0..<6 { try minsky.ok("add", "Task \(index)") }
        let running = try (0..<8).map { index in
            try minsky.start(["claim", "--json"], environment: ["MINSKY_ACTOR": "agent\(index)"])
        }
        let results = try running.map { try $0.wait() }
        let claimed = try results.filter { $0.exitCode == 0 }.map { try JSON(parsing: $0.output)["id"]?.string ?? "" }
        #expect(claimed.count == 6)
        #expect(Set(claimed).count == 6)
        #expect(results.filter { $0.exitCode == 3 }.count == 2)
        let one = try minsky.add("One")
        let race = try (0..<6).map { index in
            try minsky.start(["claim", one, "--json"], environment: ["MINSKY_ACTOR": "agent\(index)"])
        }
        #expect(try race.map { try $0.wait().exitCode }.sorted() == [0, 4, 4, 4, 4, 4])
    }

    @Test(arguments: Storage.allCases)
    func manyAreChangedAtOnceWhenSomebodyIsSure(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (a, b, c) = (try minsky.add("A", "-t", "x"), try minsky.add("B", "-t", "x"), try minsky.add("C"))
        let refused = try minsky.failure("done", "+x")
        #expect(refused.exitCode == 2)
        #expect(refused.message == "2 tasks would be changed, and nobody can be asked")
        #expect(titles(try minsky.json("done", "tag:x", "--yes")) == ["A", "B"])
        #expect(try minsky.json("show", c)["status"] == "todo")
        #expect(titles(try minsky.json("edit", "is:closed", "--priority", "low", "--yes")) == ["A", "B"])
        #expect(try minsky.json("edit", c, "--priority", "low")["title"] == "C", "one task is one object")
        #expect(try minsky.failure("done", "+y", "--yes").exitCode == 3)
        // One operation, one undo.
        try minsky.ok("undo")
        try minsky.ok("undo")
        #expect(try minsky.json("show", a)["priority"] == .null)
        try minsky.ok("undo")
        #expect(try minsky.json("show", b)["status"] == "todo")
        // A word that is no id is no search.
        #expect(try minsky.failure("done", "aaab").exitCode == 3)
        #expect(titles(try minsky.json("rm", "tag:x", "--yes")) == ["A", "B"])
    }

    @Test(arguments: Storage.allCases)
    func fieldsKeepAnswersSmall(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "A", "-p", "high")
        try minsky.ok("add", "B")
        #expect(
            try minsky.json("list", "--fields", "title,priority") == [
                ["title": "A", "priority": "high"], ["title": "B", "priority": .null],
            ])
        #expect(try minsky.ok("list", "--jsonl", "--fields", "title") == "{\"title\":\"A\"}\n{\"title\":\"B\"}\n")
        #expect(try minsky.ok("list", "--fields", "status").hasPrefix("ID    TASK   STATUS\n"))
        #expect(try minsky.failure("list", "--fields", "titel").hint == "Did you mean title?")
        try minsky.ok("config", "set", "list.columns", "status")
        #expect(try minsky.ok("list").hasPrefix("ID    TASK   STATUS\n"))
    }

    @Test(arguments: Storage.allCases)
    func aStaleEditIsRefused(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        func sequence() throws -> String {
            try #require(try minsky.json("history", id).array?.last?["sequence"]).text()
        }
        let seen = try sequence()
        try minsky.ok("edit", id, "--title", "B", "--if-unchanged", seen)
        let refused = try minsky.failure("edit", id, "--title", "C", "--if-unchanged", seen)
        #expect(refused.exitCode == 4)
        #expect(try minsky.json("show", id)["title"] == "B")
        try minsky.ok("edit", id, "--title", "C", "--if-unchanged", try sequence())
        #expect(try minsky.json("show", id)["title"] == "C")
    }

    @Test(arguments: Storage.allCases)
    func dependenciesAreSetRefusedAndDrawn(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let (a, b) = (try minsky.add("A \"quoted\" [x]"), try minsky.add("B"))
        #expect(try minsky.json("tasks", "depend", a, "--on", b)["dependsOn"] == [.string(b)])
        let circle = try minsky.failure("tasks", "depend", b, "--on", a)
        #expect(circle.exitCode == 4)
        #expect(circle.message.contains("\(b) waits for \(a) waits for \(b)"))
        let mermaid = try minsky.ok("depend", "--graph", "mermaid")
        #expect(mermaid.contains("\(b) --> \(a)") && mermaid.contains("A #34;quoted#34; #91;x#93;"))
        #expect(try minsky.ok("depend", "--graph", "dot").contains("\"\(b)\" -> \"\(a)\";"))
        #expect(try minsky.json("tasks", "depend", a, "--off", b)["dependsOn"] == [])
        #expect(try minsky.failure("depend", a).exitCode == 2)
    }

    @Test(arguments: Storage.allCases)
    func undoneIsDoneAgainUntilSomethingElseIsDone(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("edit", id, "--title", "B")
        try minsky.ok("edit", id, "--title", "C")
        #expect((try minsky.json("undo", "--list").array ?? []).count == 3)
        #expect(try minsky.failure("redo").exitCode == 3)
        try minsky.ok("undo")
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["title"] == "A")
        try minsky.ok("redo")
        #expect(try minsky.json("show", id)["title"] == "B")
        try minsky.ok("redo")
        #expect(try minsky.json("show", id)["title"] == "C")
        #expect(try minsky.failure("redo").exitCode == 3)
        try minsky.ok("undo")
        try minsky.ok("edit", id, "--priority", "low")
        #expect(try minsky.failure("redo").exitCode == 3)
    }

    @Test(arguments: Storage.allCases)
    func theLogOfADayIsToldBySinceAndWho(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.ok("add", "A", environment: ada)
        try minsky.ok("add", "B", environment: bob)
        #expect((try minsky.json("log").array ?? []).count >= 2)
        let mine = try minsky.json("log", "--mine", environment: ada).array ?? []
        #expect(!mine.isEmpty && mine.allSatisfy { $0["actor"] == "ada" })
        #expect(try minsky.failure("log", "--since", "2100-01-01").exitCode == 2)
        #expect(try minsky.failure("log", "--since", "someday").exitCode == 2)
        #expect((try minsky.json("history", "--actor", "bob").array ?? []).allSatisfy { $0["actor"] == "bob" })
    }
}
