import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("minsky export")
struct ExportTests {
    private static let formats = ["taskwarrior", "taskmaster", "beads", "todotxt", "markdown", "csv", "json"]

    /// A workspace in which every field of a task has a value somewhere.
    private static func filled(_ storage: Storage) throws -> Minsky {
        let minsky = try Minsky(storage)
        let a = try minsky.add(
            "Plan the release", "--project", "web.api", "--tag", "ops", "--description", "All of it\n\n- x")
        let b = try minsky.add(
            "Write notes", "--parent", a, "--estimate", "2h", "--due", "2026-12-24", "--priority", "high")
        let c = try minsky.add("Tag, \"sign\" & = push", "--parent", a, "--depends-on", b, "--complexity", "3")
        let d = try minsky.add("Old", "--assignee", "Ada L", "--wait", "2026-12-01", "--scheduled", "2026-12-02")
        try minsky.ok("start", b)
        try minsky.ok("done", d)
        try minsky.ok("tasks", "drop", try minsky.add("Never"))
        try minsky.ok("tasks", "delete", try minsky.add("Gone"))
        try minsky.sql(
            """
            INSERT INTO notes (id, task_id, body, author, created_at, updated_at) VALUES
            ('n0te000000000001', '\(b)', 'First', 'ada', '2026-11-02T10:00:00.000000Z', '2026-11-02T10:00:00.000000Z'),
            ('n0te000000000002', '\(b)', 'Second', 'eve', '2026-11-01T10:00:00.000000Z', '2026-11-01T10:00:00.000000Z')
            """)
        try minsky.sql(
            """
            UPDATE tasks SET metadata = '{"size": 1.50}',
                recurrence = 'every month on the last friday from 2026-11-27 10:00:00 in Europe/Berlin' WHERE id = '\(c)'
            """)
        return minsky
    }

    @Test(arguments: Storage.allCases, formats)
    func exportImportExportGivesTheSameBytes(storage: Storage, format: String) throws {
        let first = try Self.filled(storage)
        let text = try first.ok("export", format)
        #expect(text.contains("Plan the release") && text.contains("Never") && !text.contains("Gone"))
        for target in Storage.allCases {
            let second = try Minsky(target)
            try second.write(text, to: second.folder + "/tasks")
            let report = try second.json("import", format, "tasks")
            #expect(report["created"] == 5 && report["skipped"] == [], "\(report.text())")
            #expect(try second.ok("export", format) == text)
            let series = try [first, second].map { try $0.json("list").array?.map { $0["recurrence"] } }
            #expect(series[0] == series[1])
            #expect(try second.run("doctor").exitCode == 0)
        }
        // And the workspace itself has nothing to learn from it.
        try first.write(text, to: first.folder + "/tasks")
        let report = try first.json("import", format, "tasks")
        #expect(report["unchanged"] == 5, "\(report.text())")
    }

    @Test(arguments: Storage.allCases)
    func foreignTasksGoBackByTheirOwnNames(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let uuids = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
        try minsky.write(
            """
            [{"uuid":"\(uuids[0])","description":"A","status":"pending","entry":"20261101T080000Z",
              "modified":"20261101T080000Z","depends":["\(uuids[1])"]},
             {"uuid":"\(uuids[1])","description":"B","status":"pending","entry":"20261101T080000Z",
              "modified":"20261101T080000Z","effort":"2h"}]
            """, to: minsky.folder + "/tw.json")
        try minsky.ok("import", "tw.json")
        let back = try JSON(parsing: try minsky.ok("export", "taskwarrior"))
        #expect(back.array?.map { $0["uuid"] } == uuids.map(JSON.string))
        #expect(back[0]?["depends"] == [.string(uuids[1])] && back[1]?["effort"] == "2h")
        #expect(back[0]?["minsky"] == nil, "nothing has to be carried")
        // To another program they go by the ids they have here.
        let id = try #require(try minsky.json("list")[0]?["id"]?.string)
        #expect(try minsky.ok("export", "beads").contains("\"id\":\"minsky-\(id)\""))
    }

    @Test(arguments: Storage.allCases)
    func aQueryChoosesAndTheTreeOrders(storage: Storage) throws {
        let minsky = try Self.filled(storage)
        #expect(try minsky.ok("export", "markdown", "is:open", "+ops").contains("Plan the release"))
        #expect(!(try minsky.ok("export", "markdown", "is:open").contains("Old")))
        let sorted = try JSON(parsing: try minsky.ok("export", "json", "priority:high or complexity:3", "sort:-title"))
            .titles
        #expect(sorted == ["Write notes", "Tag, \"sign\" & = push"])
        let all = try JSON(parsing: try minsky.ok("export", "json")).titles
        #expect(all == ["Plan the release", "Write notes", "Tag, \"sign\" & = push", "Old", "Never"])
        let failure = try minsky.failure("export", "json", "stauts:done")
        #expect(failure.exitCode == 2 && failure.hint?.contains("status") == true)
    }

    @Test func aFileIsWrittenWholeOrNotAtAll() throws {
        let minsky = try Self.filled(.sqlite)
        let text = try minsky.ok("export", "csv")
        try minsky.ok("export", "csv", "--output", "new.csv")
        #expect(try minsky.text(minsky.folder + "/new.csv") == text)
        #expect(try minsky.mode(minsky.folder + "/new.csv") == 0o600)
        try minsky.write("old", to: minsky.folder + "/shared.csv")
        _ = try minsky.shell("chmod 644 shared.csv; ln -s shared.csv link.csv; mkdir folder")
        try minsky.ok("export", "csv", "-o", "link.csv")
        #expect(try minsky.text(minsky.folder + "/shared.csv") == text)
        #expect(try minsky.mode(minsky.folder + "/shared.csv") == 0o644)
        #expect(try minsky.failure("export", "csv", "-o", "folder").exitCode == 1)
        #expect(try minsky.failure("export", "csv", "nonsense:1", "-o", "shared.csv").exitCode == 2)
        #expect(try minsky.text(minsky.folder + "/shared.csv") == text)
        #expect(try minsky.files(below: minsky.folder).filter { $0.hasSuffix(".new") } == [])
    }

    @Test func whatAFormatCannotSayIsTold() throws {
        let minsky = try Self.filled(.sqlite)
        let result = try minsky.run("export", "todotxt")
        #expect(result.exitCode == 0 && result.errors.contains("description"))
        #expect(try minsky.run("export", "json").errors == "")
        #expect(try Minsky(.sqlite).ok("export", "json") == "[]\n")
    }
}
