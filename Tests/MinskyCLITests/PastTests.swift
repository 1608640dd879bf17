import MinskyModel
import TestSupport
import Testing

@Suite("Lists of the past, and figures, on both databases")
struct PastTests {
    /// When the last operation took place, by the clock of the log.
    private func now(_ minsky: Minsky) throws -> String {
        try #require(try minsky.json("history", "--limit", "1").array?.last?["at"]?.string)
    }

    @Test(arguments: Storage.allCases)
    func aListTellsHowThingsStood(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let a = try minsky.add("A", "-t", "x", "-p", "low", "--due", "yesterday")
        let b = try minsky.add("B", "--parent", a, "--depends-on", try minsky.add("C"))
        try minsky.ok("note", a, "about", "fish")
        let then = try now(minsky)
        try minsky.ok("edit", a, "--title", "Changed", "--untag", "x", "-p", "high", "--clear", "due")
        try minsky.ok("done", b)
        try minsky.ok("add", "New")
        try minsky.ok("tasks", "delete", a)
        func list(_ words: String...) throws -> [String] {
            try JSON(parsing: try minsky.ok(["list", "--as-of", then, "--json"] + words).output).titles
        }
        #expect(try list() == ["A", "B", "C"])
        #expect(try list("+x priority:low is:overdue") == ["A"])
        #expect(try list("is:blocked") == ["B"], "the whole language")
        #expect(try list("fish") == ["A"], "notes as well")
        #expect(try list("is:ready", "--sort", "-urgency") == ["C"])
        #expect(try list("--under", a) == ["A", "B"])
        #expect(try minsky.json("list", "--as-of", then)[1]?["parentId"]?.string == a)
        #expect(try minsky.json("list", "--as-of", "yesterday") == [])
        #expect(try minsky.json("list").titles == ["C", "New"], "nothing was changed by looking")
        #expect(try minsky.failure("list", "--as-of", "tomorrow").exitCode == 2)
        #expect(try minsky.json("list", "--as-of", "last monday") == [])
        #expect(try minsky.run("list", "--as-of", then).errors.hasPrefix("As it was at "))
    }

    /// What was undone was there in between.
    @Test(arguments: Storage.allCases)
    func whatWasTakenBackWasThere(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let open = try now(minsky)
        try minsky.ok("done", id)
        let done = try now(minsky)
        try minsky.ok("undo")
        func status(_ moment: String) throws -> JSON? {
            try minsky.json("list", "--all", "--as-of", moment)[0]?["status"]
        }
        #expect(try status(open) == "todo")
        #expect(try status(done) == "done")
        #expect(try status("now") == "todo")
    }

    @Test(arguments: Storage.allCases)
    func whereTheLogWasCompactedItSaysFromWhenOn(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let old = try now(minsky)
        try minsky.ok("edit", id, "--title", "B")
        let late = try now(minsky)
        try minsky.ok("edit", id, "--title", "C")
        try minsky.ok("compact", "--days", "0")
        let refused = try minsky.failure("list", "--as-of", old)
        #expect(refused.exitCode == 4)
        #expect(refused.message.contains("compacted"))
        #expect(try minsky.json("list", "--as-of", late).titles == ["B"])
    }

    @Test(arguments: Storage.allCases)
    func figuresAreCounted(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let web = try minsky.add("A", "--project", "web", "-t", "x", "--assignee", "ada")
        let other = try minsky.add("B", "--project", "web")
        try minsky.ok("add", "C", "-t", "x")
        try minsky.ok("start", other)
        try minsky.ok("done", web)
        try minsky.ok("drop", try minsky.add("D"))
        let found = try minsky.json("stats")
        func number(_ key: String) -> Int64? { found[key]?.integer }
        #expect([number("todo"), number("doing"), number("done"), number("dropped")] == [1, 1, 1, 1])
        #expect([number("open"), number("total")] == [2, 4])
        let week = try #require(found["weeks"]?.array?.last)
        #expect(week["created"]?.integer == 4 && week["done"]?.integer == 1 && week["dropped"]?.integer == 1)
        #expect(week["open"]?.integer == 2)
        #expect(found["weeks"]?.array?.count == 8)
        let share: JSON = ["name": "web", "open": 1, "done": 1, "dropped": 0]
        #expect(found["projects"]?.array?.contains(share) == true)
        #expect(found["tags"] == [["name": "x", "open": 1, "done": 1, "dropped": 0]])
        #expect((found["meanSeconds"]?.integer ?? -1) >= 0)
        #expect(try minsky.json("stats", "project:web")["total"]?.integer == 2)
        #expect(try minsky.failure("stats", "--weeks", "0").exitCode == 2)
        let text = try minsky.ok("stats")
        #expect(text.contains("2, 1 of them being done") && text.contains("PROJECT"))
    }

    /// Of what another program had done, it may tell no beginning.
    @Test func whatWasDoneBeforeItWasMadeCountsFromThen() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("Old")
        try minsky.ok("done", id)
        try minsky.sql("UPDATE tasks SET completed_at = '2026-10-01T00:00:00.000000Z' WHERE id = '\(id)'")
        try minsky.write("x 2026-10-02 Older\n", to: minsky.folder + "/todo.txt")
        try minsky.ok("import", "todotxt", "todo.txt")
        let older = try #require(try minsky.json("list", "--all", "title:Older")[0])
        #expect(older["createdAt"] == "2026-10-02T00:00:00.000000Z")
        for weeks in [try minsky.json("burndown", "--weeks", "520"), try minsky.json("stats")["weeks"] ?? .null] {
            #expect(weeks.array?.allSatisfy { ($0["open"]?.integer ?? -1) == 0 } == true)
        }
        #expect(try minsky.json("stats")["meanSeconds"] == .null)
        #expect(try !minsky.ok("stats").contains("took"))
    }

    /// A value that no store can hold, written by hand, is left out; the rest is told.
    @Test func whatCannotBeReadIsLeftOut() throws {
        let minsky = try Minsky(.postgres)
        let id = try minsky.add("Deep")
        try minsky.ok("add", "Other")
        let then = try now(minsky)
        try minsky.sql(
            "UPDATE tasks SET metadata = ('{\"a\":' || repeat('[', 300) || repeat(']', 300) || '}')::jsonb WHERE id = '\(id)'"
        )
        for moment in [then, "now"] {
            let result = try minsky.run("list", "--as-of", moment)
            #expect(result.exitCode == 0 && result.output.contains("Deep") && result.output.contains("Other"))
            #expect(
                result.errors.contains("Left out, as it cannot be read: metadata of tasks \(id)"), "\(result.errors)")
        }
    }

    @Test func aBurndownFitsTheTerminal() throws {
        let minsky = try Minsky(.sqlite)
        for number in 0..<30 { try minsky.ok("add", "T\(number)") }
        try minsky.ok("done", try #require(try minsky.json("list")[0]?["id"]?.string))
        let weeks = try minsky.json("burndown", "--weeks", "3")
        #expect(weeks.array?.count == 3)
        #expect(weeks[2]?["open"]?.integer == 29 && weeks[1]?["open"]?.integer == 0)
        for columns in ["80", "40", "24"] {
            let lines = try minsky.run("burndown", environment: ["COLUMNS": columns]).lines
            #expect(lines.count == 13)
            #expect(lines.allSatisfy { $0.count <= (Int(columns) ?? 0) }, "\(columns)")
            #expect(lines.last?.contains("█") == true)
        }
    }
}
