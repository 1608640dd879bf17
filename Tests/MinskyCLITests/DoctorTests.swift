import MinskyModel
import TestSupport
import Testing

@Suite("minsky doctor")
struct DoctorTests {
    /// Runs `doctor`, which has to find exactly one thing wrong, and returns what it says about it.
    private static func finding(
        _ minsky: Minsky, _ name: String, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSON {
        let result = try minsky.run("doctor", "--json", environment: environment)
        #expect(result.exitCode == 1, sourceLocation: sourceLocation)
        #expect(result.errors == "", sourceLocation: sourceLocation)
        let failed = try #require(try JSON(parsing: result.output).array).filter { $0["status"] == "failed" }
        #expect(failed.map { $0["check"] } == [.string(name)], sourceLocation: sourceLocation)
        let finding = try #require(failed.first, sourceLocation: sourceLocation)
        #expect(finding["remedy"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        return finding
    }

    @Test(arguments: Storage.allCases)
    func nothingIsWrongWithANewWorkspace(storage: Storage) throws {
        let minsky = try Minsky(storage)
        _ = try minsky.add("A")
        let checks = try #require(try minsky.json("doctor").array)
        #expect(checks.allSatisfy { $0["status"] == "ok" && $0["remedy"] == .null })
        #expect(
            checks.map { $0["check"] } == [
                "workspace", "configuration", "secrets", "database", "integrity", "values", "change log", "history",
                "playbooks",
                "model",
            ])
        #expect(try minsky.ok("doctor", "--quiet") == "")
        #expect(try minsky.run("doctor", environment: ["COLUMNS": "200"]).lines.allSatisfy { $0.hasPrefix("ok ") })
    }

    @Test(arguments: Storage.allCases)
    func aDroppedTriggerIsFoundAndInitRestoresIt(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.sql("DROP TRIGGER log_update_tasks" + (storage == .sqlite ? "" : " ON tasks"))
        #expect(
            try Self.finding(minsky, "change log")["detail"]?.string?.contains("log_update_tasks is missing") == true)
        #expect(try minsky.run("doctor").output.contains("→ minsky init puts the log's triggers back"))
        #expect(try minsky.run("doctor", "-q").output == "change log\n")
        try minsky.ok("tasks", "edit", id, "-p", "low")
        #expect(try minsky.json("tasks", "history", id).array?.count == 1, "without the trigger nothing is logged")

        try minsky.ok("init")
        #expect(try minsky.run("doctor").exitCode == 0)
        try minsky.ok("tasks", "edit", id, "-p", "high")
        #expect(try minsky.json("tasks", "history", id).array?.count == 2)
    }

    @Test func aTriggerThatIsSwitchedOffIsFound() throws {
        let minsky = try Minsky(.postgres)
        try minsky.sql("ALTER TABLE tasks DISABLE TRIGGER log_update_tasks")
        _ = try Self.finding(minsky, "change log")
        try minsky.ok("init")
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func aFileThatIsNoDatabaseIsFound() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let damage = "printf 'not a database at all' | dd of=.minsky/tasks.db conv=notrunc 2>/dev/null"
        #expect(try minsky.shell(damage).exitCode == 0)
        _ = try Self.finding(minsky, "database")
        let failure = try minsky.failure("list")
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains("damaged or no database"))
        #expect(failure.hint == "minsky doctor looks for the cause.")
        #expect(try minsky.run("init").exitCode == 1, "init does not overwrite it")
    }

    @Test func aDamagedPageIsFound() throws {
        let minsky = try Minsky(.sqlite)
        for title in 0..<40 { try minsky.ok("add", String(repeating: "\(title) ", count: 200)) }
        let page = try minsky.sql("SELECT rootpage FROM sqlite_master WHERE name = 'tasks_by_parent'")
        let size = try minsky.sql("PRAGMA page_size")
        let damage =
            "head -c \(size) /dev/zero | dd of=.minsky/tasks.db bs=\(size) seek=$((\(page) - 1)) conv=notrunc 2>/dev/null"
        #expect(try minsky.shell(damage).exitCode == 0)
        let result = try minsky.run("doctor", "--json")
        #expect(result.exitCode == 1)
        let failed = try #require(try JSON(parsing: result.output).array).filter { $0["status"] == "failed" }
        #expect(failed.contains { ["integrity", "database"].contains($0["check"]) })
    }

    @Test func aRowThatRefersToNothingIsFound() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.sql(
            "PRAGMA foreign_keys = OFF; INSERT INTO task_tags VALUES ('zzzz000000000000', 'x', '2026-11-01T00:00:00.000000Z')"
        )
        #expect(
            try Self.finding(minsky, "integrity")["detail"] == "a row of task_tags refers to a missing row of tasks")
    }

    @Test func bytesThatAreNoTextAreFound() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        try minsky.sql("UPDATE tasks SET title = CAST(x'41ff' AS TEXT)")
        let detail = try Self.finding(minsky, "values")["detail"]?.string
        let whole = try minsky.json("show", id)["id"]?.string ?? ""
        #expect(detail?.contains("title of tasks \(whole): it holds bytes that are not UTF-8") == true)
        #expect(detail?.contains("fields of changes") == true)
    }

    /// What was written while the log was off cannot be put right, so it is a warning.
    @Test(arguments: Storage.allCases)
    func aRowThatTheLogDoesNotTellOfIsMentioned(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let edit = "UPDATE tasks SET title = 'B'"
        switch storage {
        case .sqlite: try minsky.sql("UPDATE context SET applying = 1; \(edit); UPDATE context SET applying = 0")
        case .postgres:
            try minsky.sql("ALTER TABLE tasks DISABLE TRIGGER USER; \(edit); ALTER TABLE tasks ENABLE TRIGGER USER")
        }
        let result = try minsky.run("doctor", "--json")
        #expect(result.exitCode == 0)
        let check = try JSON(parsing: result.output).array?.first { $0["check"] == "history" }
        #expect(check?["status"] == "warning")
        let whole = try minsky.json("show", id)["id"]?.string ?? ""
        #expect(check?["detail"]?.string == "not as the log has it: tasks \(whole)")
        #expect(check?["remedy"]?.string?.contains("cannot be undone") == true)
        try minsky.ok("tasks", "edit", id, "--title", "C")
        #expect(try minsky.json("doctor").array?.allSatisfy { $0["status"] == "ok" } == true)
    }

    @Test(arguments: Storage.allCases)
    func whatOthersHaveAddedIsNoFault(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.sql("ALTER TABLE tasks ADD COLUMN color text; CREATE TABLE mine (x int)")
        let check = try minsky.json("doctor").array?.first { $0["check"] == "additions" }
        #expect(check?["status"] == "ok" && check?["remedy"] == .null)
        #expect(check?["detail"]?.string?.contains("table mine; column color of tasks") == true)
    }

    @Test func aMissingDatabaseIsFoundAndInitMakesOne() throws {
        let minsky = try Minsky(.sqlite)
        #expect(try minsky.shell("rm .minsky/tasks.db*").exitCode == 0)
        #expect(try Self.finding(minsky, "database")["remedy"]?.string?.contains("minsky init") == true)
        #expect(!minsky.exists(minsky.database), "looking makes nothing")
        #expect(try minsky.run("list").exitCode == 3)
        try minsky.ok("init")
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func aNewerSchemaIsFound() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.sql("INSERT INTO schema_migrations VALUES (1000, 'future', '2100-01-01T00:00:00.000000Z', 1000)")
        #expect(try Self.finding(minsky, "database")["detail"]?.string?.contains("newer minsky") == true)
    }

    @Test func badSettingsAreFound() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("[ai]\nprovider = \"open\"\n", to: minsky.configuration)
        #expect(
            try Self.finding(minsky, "configuration")["detail"]?.string?.contains("ai.provider cannot be 'open'")
                == true)
        try minsky.write("[ai\n", to: minsky.configuration)
        #expect(try Self.finding(minsky, "configuration")["detail"]?.string?.contains("config.toml, line 1") == true)
    }

    @Test func keysThatOthersCanReadAreFound() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.apiKey", "sk-canary")
        #expect(try minsky.shell("chmod 644 \(minsky.secrets)").exitCode == 0)
        let result = try minsky.run("doctor")
        #expect(result.exitCode == 1)
        #expect(result.output.contains("→ This makes it yours alone: chmod 600 \(minsky.secrets)\n"))
    }

    @Test func aModelWithoutItsSettingsIsFound() throws {
        let minsky = try Minsky(.sqlite)
        let environment = ["MINSKY_AI_PROVIDER": "openai-compatible"]
        #expect(
            try Self.finding(minsky, "model", environment: environment)["detail"]?.string?.contains("ai.model") == true)
    }

    @Test func withoutAWorkspaceItSaysSo() throws {
        let minsky = try Minsky()
        #expect(try Self.finding(minsky, "workspace")["remedy"] == "minsky init makes one here.")
    }

    @Test func itChangesNothing() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.sql("DROP TRIGGER log_update_tasks")
        _ = try minsky.run("doctor")
        #expect(try minsky.run("doctor").exitCode == 1)
        #expect(!minsky.exists(minsky.userFolder))
    }
}
