import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Exit codes 3 to 6")
struct ExitCodeTests {
    @Test(arguments: [
        ["show", "zzzz"], ["show", "no id!"], ["done", "zzzz"], ["tasks", "edit", "zzzz", "-p", "low"],
        ["tasks", "delete", "zzzz"], ["tasks", "history", "zzzz"], ["list", "--under", "zzzz"],
        ["add", "A", "--parent", "zzzz"], ["add", "A", "--depends-on", "zzzz"], ["undo"],
        ["undo", "--operation", "zzzz"],
        ["tasks", "decompose", "zz99"], ["tasks", "decompose", "A task", "--context", "no-such-file"],
        ["config", "get", "ai.model"],
    ])
    func whatIsNotThereIsNotFound(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.start(arguments + ["--json"]).wait()
        #expect(result.exitCode == 3)
        #expect(result.output == "")
        #expect(try JSON(parsing: result.errors)["error"]?["code"] == "notFound")
        #expect(try minsky.count("tasks") == 0)
    }

    @Test(arguments: Storage.allCases)
    func anAmbiguousIdListsTheCandidates(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "abcd000000000001", title: "One")
        try minsky.insert(id: "abcd000000000002", title: "Two")
        let failure = try minsky.failure("done", "abcd")
        #expect(failure.exitCode == 3)
        #expect(failure.code == "ambiguous")
        #expect(failure.message == "2 tasks' ids begin with 'abcd'")
        #expect(failure.hint?.contains("abcd000000000001  One") == true)
        #expect(failure.hint?.contains("abcd000000000002  Two") == true)
        #expect(try minsky.json("list")[0]?["status"] == "todo")
        #expect(try minsky.json("show", "abcd000000000002")["title"] == "Two")
    }

    @Test(arguments: Storage.allCases)
    func aCircleIsAConflict(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let parent = try minsky.add("Parent")
        let child = try minsky.add("Child", "--parent", parent)
        let waiting = try minsky.add("Waiting", "--depends-on", parent)
        for arguments in [
            ["edit", parent, "--depends-on", waiting], ["edit", parent, "--depends-on", parent],
            ["move", parent, "--under", child], ["move", parent, "--under", parent], ["move", child, "--after", child],
        ] {
            let result = try minsky.start(["--json", "tasks"] + arguments).wait()
            #expect(result.exitCode == 4, "\(arguments)")
            #expect(try JSON(parsing: result.errors)["error"]?["code"] == "conflict")
        }
        #expect(try minsky.json("show", parent)["dependsOn"] == [])
        #expect(try minsky.json("show", parent)["parentId"] == .null)
    }

    @Test(arguments: Storage.allCases)
    func anOperationChangedSinceCannotBeTakenBack(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        try minsky.ok("tasks", "edit", id, "-p", "low")
        let operation = try #require(try minsky.json("tasks", "history", id)[1]?["operationId"]?.string)
        try minsky.ok("tasks", "edit", id, "-p", "high")
        let failure = try minsky.failure("undo", "--operation", operation)
        #expect(failure.exitCode == 4)
        #expect(failure.message.contains("has been changed since"))
        #expect(try minsky.json("show", id)["priority"] == "high")
    }

    @Test func aModelServerThatIsNotThereIsUnavailable() throws {
        let minsky = try Minsky(.sqlite)
        let port = try DeadPort(accepting: false)
        let environment = FakeModel.environment(baseURL: "http://127.0.0.1:\(port.port)/v1")
        let failure = try minsky.failure("tasks", "decompose", "A task", environment: environment)
        #expect(failure.exitCode == 5)
        #expect(failure.code == "unreachable")
        #expect(failure.message.contains("127.0.0.1:\(port.port)"))
        #expect(failure.hint?.contains("minsky ai test") == true)
        #expect(try minsky.failure("ai", "test", environment: environment).exitCode == 5)
    }

    @Test func aDatabaseServerThatIsNotThereIsUnavailable() throws {
        let minsky = try Minsky(.sqlite)
        let port = try DeadPort(accepting: false)
        let url = "postgresql://ada@127.0.0.1:\(port.port)/db"
        let failure = try minsky.failure("list", environment: ["MINSKY_DATABASE_URL": url])
        #expect(failure.exitCode == 5)
        #expect(failure.code == "unavailable")
    }

    /// The one test that waits: a command gives another writer ten seconds.
    @Test func aDatabaseHeldByAnotherWriterIsBusy() throws {
        let minsky = try Minsky(.sqlite)
        let script = """
            mkfifo hold && (echo 'BEGIN IMMEDIATE;'; echo '.shell touch held'; cat hold) | sqlite3 .minsky/tasks.db &
            for wait in $(seq 400); do [ -e held ] || sleep 0.05; done
            "$minsky" --json add A
            status=$?
            "$minsky" list --json || status=readers-wait-too
            : >hold
            wait
            exit $status
            """
        let result = try minsky.shell(script)
        #expect(result.exitCode == 5)
        #expect(result.output == "[]\n", "readers do not wait")
        let error = try #require(try JSON(parsing: result.errors)["error"])
        #expect(error["code"] == "unavailable")
        #expect(error["hint"] == "Another command is writing; try again.")
        _ = try minsky.add("Afterwards it works")
    }

    @Test(arguments: Storage.allCases)
    func aNewerSchemaIsRefused(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.sql(
            "INSERT INTO schema_migrations VALUES (1000, 'from the future', '2100-01-01T00:00:00.000000Z', 1000)")
        for command in [["list"], ["add", "A"], ["init"]] {
            let result = try minsky.start(["--json"] + command).wait()
            #expect(result.exitCode == 6)
            #expect(try JSON(parsing: result.errors)["error"]?["code"] == "refused")
            #expect(result.errors.contains("schema version 1000"))
        }
        #expect(try minsky.count("tasks") == 0)
    }

    @Test func aKeyThatOthersCanReadIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.apiKey", "sk-canary")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: minsky.secrets)
        let environment = FakeModel.environment(baseURL: "http://127.0.0.1:1/v1")
        for command in [["tasks", "decompose", "A task"], ["ai", "test"], ["config", "set", "ai.apiKey", "sk-new"]] {
            let result = try minsky.start(["--json"] + command, environment: environment).wait()
            #expect(result.exitCode == 6)
            #expect(result.errors.contains("chmod 600"))
        }
        #expect(try minsky.mode(minsky.secrets) == 0o640)
        #expect(try minsky.json("list") == [], "what needs no key works")
    }

    @Test func aWorkspaceCannotSendAKeyWhereItLikes() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"http://elsewhere.test/v1\"\n",
            to: minsky.configuration)
        let key = ["OPENAI_API_KEY": "sk-canary", "http_proxy": "http://127.0.0.1:1"]
        let failure = try minsky.failure("tasks", "decompose", "A task", environment: key)
        #expect(failure.exitCode == 6)
        #expect(failure.message.contains("http://elsewhere.test, which you have not approved"))
        #expect(failure.hint?.contains("minsky config set ai.baseUrl http://elsewhere.test/v1") == true)
        #expect(try minsky.json("ai", "status", environment: key)["chat"]?["problem"]?.string != nil)
        #expect(try minsky.run("doctor", environment: key).exitCode == 1)

        try minsky.ok("config", "set", "ai.baseUrl", "http://elsewhere.test/v1")
        #expect(
            try minsky.failure("tasks", "decompose", "A task", environment: key).exitCode == 5, "now it is approved")
    }

    @Test(arguments: ["", "embedding.baseUrl = \"http://elsewhere.test/v1\"\n"])
    func noKeyForEmbeddingsGoesToAnUnapprovedHost(more: String) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.embedding.apiKey", "sk-canary")
        try minsky.write(
            "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"http://elsewhere.test/v1\"\n"
                + "embedding.model = \"e\"\n" + more,
            to: minsky.configuration)
        let embedding = try minsky.json("ai", "status")["embedding"]
        #expect(embedding?["problem"]?.string?.contains("which you have not approved") == true)
        #expect(embedding?["keySource"] == .null)
    }

    @Test func aPasswordForTheWorkspaceFileIsRefused() throws {
        let minsky = try Minsky(.sqlite)
        let url = "postgresql://ada:canary@db.test/tasks"
        #expect(try minsky.failure("config", "set", "database.url", url).exitCode == 6)
        #expect(try minsky.failure("init", "--db-url", url).exitCode == 6)
        #expect(try !minsky.text(minsky.configuration).contains("canary"))
    }

    @Test func aFolderThatMayNotBeWrittenIsNamed() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("", to: minsky.home + "/.config")
        let failure = try minsky.failure("config", "set", "ai.apiKey", "sk-canary")
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains(minsky.userFolder))
    }
}
