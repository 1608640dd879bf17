import Foundation
import MinskyModel
import TestSupport
import Testing

/// Deciding about conflicts: what is shown, what is asked, and what becomes of the row.
@Suite("sync conflicts, sync resolve")
struct ConflictCommandTests {
    /// A pair whose task has an open conflict for each field that both have edited.
    private static func pair(
        _ ada: [String], _ grace: [String], strategy: String = "manual"
    ) throws -> (pair: SyncPair, task: String) {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("sync", "strategy", strategy)
        let id = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.bothEdit(["tasks", "edit", id] + ada, ["tasks", "edit", id] + grace)
        return (pair, id)
    }

    private static func ids(_ minsky: Minsky, _ more: String...) throws -> [String] {
        try minsky.json("sync", "conflicts", "--all").array?.compactMap { $0["id"]?.string } ?? []
    }

    @Test func keptAfterLostPutsTheKeptValueBack() throws {
        let (pair, task) = try Self.pair(["--title", "A"], ["--title", "B"])
        let id = try #require(try Self.ids(pair.grace).first)
        for (choice, title) in [
            ("--lost", "B"), ("--kept", "A"), ("--lost", "B"), ("--set=title=C", "C"), ("--kept", "A"),
        ] {
            let words = choice.hasPrefix("--set=") ? ["--set", String(choice.dropFirst(6))] : [choice]
            try pair.grace.ok(["sync", "resolve", id] + words)
            #expect(try pair.grace.json("show", task)["title"] == .string(title), "\(choice)")
        }
    }

    @Test func severalAreDecidedAboutAtOnce() throws {
        let (pair, task) = try Self.pair(
            ["--title", "A", "-p", "low", "--due", "2026-12-01"], ["--title", "B", "-p", "high", "--due", "2026-12-02"])
        let ids = try Self.ids(pair.grace)
        #expect(ids.count == 3)
        #expect(try pair.grace.run("sync", "resolve", "--lost").exitCode == 2)
        #expect(try pair.grace.run("sync", "resolve", ids[0], "--all", "--lost").exitCode == 2)
        #expect(try pair.grace.run("sync", "resolve", ids[0], ids[1], "--set", "title=x").exitCode == 2)
        let unknown = try pair.grace.failure("sync", "resolve", ids[0], "zzzzzzzz", "--lost")
        #expect(unknown.exitCode == 3 && unknown.hint?.contains("sync conflicts") == true)
        #expect(try pair.grace.json("show", task)["title"] == "A", "all of them, or none")
        let two = try pair.grace.json("sync", "resolve", ids[0], ids[1], "--kept")
        #expect(two.array?.count == 2)
        let rest = try pair.grace.json("sync", "resolve", "--all", "--lost")
        #expect(rest.array?.map { $0["id"] } == [.string(ids[2])])
        #expect(try pair.grace.json("sync", "resolve", "--all", "--lost") == [])
        #expect(try pair.grace.json("sync", "conflicts") == [])
        #expect(try pair.grace.json("sync", "resolve", ids[0], "--kept")["id"] == .string(ids[0]), "one is an object")
    }

    /// Typed values are read as by `tasks edit`, by any name of the field.
    @Test func typedValuesAreRead() throws {
        let (pair, task) = try Self.pair(
            ["--due", "2026-12-01", "-p", "low", "-e", "1h"], ["--due", "2026-12-02", "-p", "high", "-e", "2h"])
        let grace = pair.grace
        let found = try grace.json("sync", "conflicts")
        func id(_ field: String) throws -> String {
            try #require(found.array?.first { $0["field"] == .string(field) }?["id"]?.string)
        }
        for (field, value) in [("priority", "urgnt"), ("due", "someday"), ("title", "x"), ("due", "x=y")] {
            let name = field == "priority" ? "priority" : "due_at"
            #expect(try grace.run("sync", "resolve", id(name), "--set", "\(field)=\(value)").exitCode == 2, "\(field)")
        }
        try grace.ok("sync", "resolve", try id("due_at"), "--set", "due=2027-02-03")
        try grace.ok("sync", "resolve", try id("priority"), "--set", "priority=Critical")
        try grace.ok("sync", "resolve", try id("estimate_minutes"), "--set", "estimateMinutes=1h30m")
        let shown = try grace.json("show", task)
        #expect(shown["dueAt"]?.string?.hasPrefix("2027-02-0") == true)
        #expect(shown["priority"] == "critical" && shown["estimateMinutes"] == 90)
        try grace.ok("sync", "resolve", try id("due_at"), "--set", "dueAt=")
        #expect(try grace.json("show", task)["dueAt"] == .null)
        #expect(try grace.run("doctor").exitCode == 0)
    }

    @Test func aStatusGetsItsTimes() throws {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("sync", "strategy", "manual")
        let task = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.bothEdit(["done", task], ["tasks", "drop", task])
        let id = try #require(try Self.ids(pair.ada).first)
        for status in ["todo", "doing", "dropped"] {
            try pair.ada.ok("sync", "resolve", id, "--set", "status=\(status)")
            #expect(try pair.ada.json("show", task)["status"] == .string(status))
        }
    }

    @Test func peopleReadTheirWords() throws {
        let (pair, _) = try Self.pair(
            ["--due", "2026-12-01T09:00:00Z", "-e", "90m"], ["--due", "2026-12-02T09:00:00Z", "-e", "2h"])
        let shown = try pair.ada.ok("sync", "conflicts", environment: ["TZ": "UTC-2"])
        #expect(shown.contains("due of 'Report'") && shown.contains("kept  2026-12-01 11:00  (ada, here, "), "\(shown)")
        #expect(shown.contains("estimate of 'Report'") && shown.contains("lost  2h  (grace, "))
        let json = try pair.ada.json("sync", "conflicts", environment: ["TZ": "UTC-2"])
        #expect(json.array?.contains { $0["kept"]?["value"] == "2026-12-01T09:00:00.000000Z" } == true)
    }

    /// A dependency that would close a circle was not kept: that is what stands on the one side.
    @Test func aCircleTellsWhichDependencyWasDropped() throws {
        let pair = try SyncPair(.sqlite)
        let (one, two) = (try pair.ada.add("One"), try pair.ada.add("Two"))
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.bothEdit(
            ["tasks", "edit", one, "--depends-on", two], ["tasks", "edit", two, "--depends-on", one])
        let conflict = try #require(try pair.ada.json("sync", "conflicts", "--all")[0])
        #expect(conflict["rowId"] == .string(two + "/" + one))
        #expect(conflict["kept"]?["value"] == .null && conflict["lost"]?["value"] != .null)
        let shown = try pair.ada.ok("sync", "conflicts", "--all")
        #expect(
            shown.contains("'Two' waits for 'One'") && shown.contains("kept  no  ") && shown.contains("lost  yes  "))
        let id = try #require(conflict["id"]?.string)
        #expect(try pair.ada.run("sync", "resolve", id, "--lost").exitCode == 4, "it would still close a circle")
        try pair.ada.ok("tasks", "edit", one, "--no-depends-on", two)
        try pair.ada.ok("sync", "resolve", id, "--lost")
        #expect(try pair.ada.json("show", two)["dependsOn"] == [.string(one)])
        try pair.ada.ok("sync", "resolve", id, "--kept")
        #expect(try pair.ada.json("show", two)["dependsOn"] == [])
    }

    @Test func aLaterEditByOneWhoSawItDecides() throws {
        let (pair, task) = try Self.pair(
            ["--title", "A", "-p", "low"], ["--title", "B", "-p", "high"])
        // Of another field, it decides nothing.
        try pair.ada.ok("tasks", "edit", task, "-d", "more")
        #expect(try pair.ada.json("sync", "conflicts").array?.count == 2)
        try pair.ada.ok("tasks", "edit", task, "--title", "Both")
        #expect(try pair.ada.json("sync", "conflicts").array?.map { $0["field"] } == ["priority"])
        for minsky in pair.both { try minsky.ok("sync") }
        #expect(try pair.grace.json("sync", "conflicts").array?.map { $0["field"] } == ["priority"])
        #expect(try pair.grace.titles == ["Both"])
    }

    /// Deleting what was deleted and came back deletes what is below it as well.
    @Test func aDeletionThatLostIsOneOfAllBelow() throws {
        let pair = try SyncPair(.sqlite)
        let task = try pair.ada.add("Parent")
        let child = try pair.ada.add("Child", "--parent", task)
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.bothEdit(["tasks", "edit", task, "--title", "A"], ["tasks", "delete", child])
        try pair.bothEdit(["tasks", "edit", task, "--title", "B"], ["tasks", "delete", task])
        let found = try pair.ada.json("sync", "conflicts", "--all").array?.first { $0["field"] == "deleted_at" }
        let id = try #require(found?["id"]?.string)
        _ = try pair.ada.add("New child", "--parent", task)
        #expect(try pair.ada.ok("sync", "conflicts", "--all").contains("deleted of 'B'"))
        try pair.ada.ok("sync", "resolve", id, "--lost")
        #expect(try pair.ada.titles == [])
        try pair.ada.ok("sync", "resolve", id, "--kept")
        #expect(try pair.ada.titles == ["B"])
    }

    // MARK: On a terminal

    /// Types at a terminal once the question has been asked.
    private static func type(_ keys: String, _ command: String, _ minsky: Minsky) throws -> ProcessResult {
        try minsky.shell(
            """
            touch said
            (until grep -q 'skip?' said; do sleep 0.05; done; printf '\(keys)'; sleep 1) |
                script -qefc '"$minsky" \(command); echo "ended $?"' said
            """)
    }

    @Test func asksFieldByField() throws {
        let (pair, task) = try Self.pair(
            ["--title", "A", "-p", "low", "--due", "2026-12-01"], ["--title", "B", "-p", "high", "--due", "2026-12-02"])
        let fields = try pair.grace.json("sync", "conflicts").array?.compactMap { $0["field"]?.string } ?? []
        let keys = fields.map { ["title": "v\\nBoth\\n", "priority": "x\\nl\\n"][$0] ?? "v\\nnever\\ns\\n" }.joined()
        let result = try Self.type(keys, "sync resolve --all", pair.grace)
        #expect(result.output.contains("kept, lost, a value, skip? [k/l/v/s]"), "\(result.output)")
        #expect(result.output.contains("is not a date"), "what is not understood is asked again")
        #expect(result.output.contains("ended 0"))
        let shown = try pair.grace.json("show", task)
        #expect(shown["title"] == "Both" && shown["priority"] == "high")
        #expect(try pair.grace.json("sync", "conflicts").array?.map { $0["field"] } == ["due_at"])
    }

    @Test(arguments: [("\\004", "ended 0"), ("\\003", "Interrupted")])
    func endingItLeavesEverythingAsItIs(key: String, said: String) throws {
        let (pair, task) = try Self.pair(["--title", "A", "-p", "low"], ["--title", "B", "-p", "high"])
        let result = try Self.type("l\\n\(key)", "sync resolve --all", pair.grace)
        #expect(result.output.contains(said), "\(result.output)")
        #expect(try pair.grace.json("sync", "conflicts").array?.count == 2)
        #expect(try pair.grace.json("show", task)["title"] == "A")
    }

    @Test func withoutATerminalTheOptionsAreNamed() throws {
        let (pair, _) = try Self.pair(["--title", "A"], ["--title", "B"])
        let id = try #require(try Self.ids(pair.grace).first)
        let refused = try pair.grace.failure("sync", "resolve", id)
        #expect(refused.exitCode == 2)
        for option in ["--ours", "--theirs", "--kept", "--lost", "--set"] {
            #expect(refused.hint?.contains(option) == true)
        }
    }

    /// A conflict is a row that anybody may write by hand; nothing of the database's own words comes through.
    @Test(arguments: [
        #"UPDATE conflicts SET lost = json_set(lost, '$.value', 'soon')"#,
        #"UPDATE conflicts SET lost = json_set(lost, '$.value', json('{"a":[1]}'))"#,
        #"UPDATE conflicts SET lost = json_set(lost, '$.fields', json('{"status":"done"}'))"#,
        #"UPDATE conflicts SET lost = json_set(lost, '$.fields', json('{"sequence":"1"}'))"#,
        #"UPDATE conflicts SET lost = '{}', field = 'title'"#,
        #"UPDATE conflicts SET table_name = 'operations'"#,
        #"UPDATE conflicts SET table_name = 'task_tags'"#,
        #"UPDATE conflicts SET field = 'id; DROP'"#,
        #"UPDATE conflicts SET row_id = 'nobody'"#,
    ])
    func tamperedRowsAreRefusedInOurWords(statement: String) throws {
        let (pair, _) = try Self.pair(["--due", "2026-12-01"], ["--due", "2026-12-02"])
        let id = try #require(try Self.ids(pair.grace).first)
        try pair.grace.sql(statement)
        #expect(try pair.grace.run("sync", "conflicts", "--all").exitCode == 0)
        let refused = try pair.grace.failure("sync", "resolve", id, "--lost")
        #expect(refused.exitCode == 4, "\(refused.message)")
        for word in ["constraint", "CHECK", "NULL", "no such", "SQL", "corrupt", "column"] {
            #expect(!refused.message.contains(word), "\(refused.message)")
        }
    }
}
