import MinskyModel
import TestSupport
import Testing

@Suite("minsky init")
struct InitTests {
    @Test func makesDatabaseSettingsAndGitignore() throws {
        let minsky = try Minsky()
        let output = try minsky.ok("init")
        #expect(output == "Made a workspace in \(minsky.workspace)\n")
        for name in ["tasks.db", "config.toml", ".gitignore"] { #expect(minsky.exists(minsky.workspace + "/" + name)) }
        #expect(try minsky.text(minsky.workspace + "/.gitignore").split(separator: "\n").contains("tasks.db"))
        #expect(try minsky.json("list") == [])
    }

    @Test func theNewSettingsAreAllDefaults() throws {
        let minsky = try Minsky(.sqlite)
        for setting in try #require(try minsky.json("config", "list").array) {
            #expect(setting["source"] == "default")
        }
    }

    @Test(arguments: Storage.allCases)
    func maybeRepeated(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let edited = try minsky.text(minsky.configuration) + "# mine\n"
        try minsky.write(edited, to: minsky.configuration)
        #expect(try minsky.ok("init").hasPrefix("There is a workspace in "))
        #expect(try minsky.text(minsky.configuration) == edited)
        #expect(try minsky.json("list")[0]?["id"] == .string(id))
    }

    @Test func answersInJSON() throws {
        let minsky = try Minsky()
        let first = try minsky.json("init")
        let expected: JSON = [
            "path": .string(minsky.workspace), "database": .string(minsky.database), "created": true, "hides": .null,
        ]
        #expect(first == expected)
        #expect(try minsky.json("init")["created"] == false)
    }

    @Test func optionCNamesTheFolder() throws {
        let minsky = try Minsky()
        try minsky.ok("init", "-C", "deep/er")
        #expect(minsky.exists(minsky.folder + "/deep/er/.minsky/tasks.db"))
        #expect(try minsky.json("-C", "deep/er", "list") == [])
        #expect(try minsky.json("list", "-C", "deep/er/.minsky") == [])
        #expect(!minsky.exists(minsky.workspace))
    }

    @Test func theVariableNamesTheFolder() throws {
        let minsky = try Minsky()
        let environment = ["MINSKY_DIR": minsky.folder + "/elsewhere"]
        try minsky.ok("init", environment: environment)
        #expect(minsky.exists(minsky.folder + "/elsewhere/.minsky/tasks.db"))
        #expect(try minsky.json("list", environment: environment) == [])
        try minsky.ok("init", "-C", "named", environment: environment)
        #expect(minsky.exists(minsky.folder + "/named/.minsky/tasks.db"), "-C goes before MINSKY_DIR")
    }

    @Test func puttingTasksInPostgreSQLMakesNoFile() throws {
        let minsky = try Minsky(.postgres)
        _ = try minsky.add("A")
        #expect(!minsky.exists(minsky.database))
        #expect(try minsky.sql("SELECT title FROM tasks") == "A")
        #expect(try minsky.json("config", "get", "database.url")["source"] == .string(minsky.configuration))
    }

    @Test func aDatabaseOfAnotherKindIsRefused() throws {
        let minsky = try Minsky()
        let failure = try minsky.failure("init", "--db-url", "mysql://ada:canary-word@host/db")
        #expect(failure.exitCode == 2)
        #expect(!failure.message.contains("canary-word"))
        #expect(!minsky.exists(minsky.workspace))
    }

    @Test func aWorkspaceIsNotPointedAwayFromItsTasks() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let before = try minsky.text(minsky.configuration)
        let failure = try minsky.failure("init", "--db-url", try TestStorage.postgresURL())
        #expect(failure.exitCode == 6)
        #expect(try minsky.text(minsky.configuration) == before)
        #expect(try minsky.json("list").titles == ["A"])
    }

    @Test func aDatabaseThatCannotBeReachedIsNotNoted() throws {
        let minsky = try Minsky()
        let port = try DeadPort(accepting: false)
        let failure = try minsky.failure("init", "--db-url", "postgresql://ada@127.0.0.1:\(port.port)/db")
        #expect(failure.exitCode == 5)
        #expect(!minsky.exists(minsky.workspace), "nothing is left behind")
        try minsky.run("init", "--db-url", "postgresql://ada@127.0.0.1:\(port.port)/db", "-C", "deep/er")
        #expect(!minsky.exists(minsky.folder + "/deep"))
        #expect(try minsky.json("init")["database"] == .string(minsky.database), "it can be made in a file after all")
    }

    @Test(arguments: [true, false])
    func theSchemaIsWrittenDown(asOption: Bool) throws {
        let minsky = try Minsky(.postgres)
        let id = try minsky.add("A")
        let url = try TestStorage.postgresURL()
        let unset = ["MINSKY_DATABASE_SCHEMA": ""]
        try minsky.ok(
            ["init", "-C", "second", "--db-url", url] + (asOption ? ["--schema", minsky.schema] : []),
            environment: asOption ? unset : [:])
        for folder in [minsky.folder, minsky.folder + "/second"] {
            #expect(try minsky.json("list", environment: unset, in: folder)[0]?["id"] == .string(id))
            let schema = try minsky.json("config", "get", "database.schema", environment: unset, in: folder)
            #expect(schema["value"] == .string(minsky.schema))
        }
    }

    @Test func aWorkspaceIsNotPointedToAnotherSchema() throws {
        let minsky = try Minsky(.postgres)
        let before = try minsky.text(minsky.configuration)
        let url = try TestStorage.postgresURL()
        let other = try minsky.failure("init", "--db-url", url, "--schema", "cli_other")
        #expect(other.exitCode == 6)
        #expect(other.message.contains("schema \(minsky.schema)"))
        #expect(try minsky.failure("init", environment: ["MINSKY_DATABASE_SCHEMA": "cli_other"]).exitCode == 6)
        #expect(try minsky.text(minsky.configuration) == before)
        #expect(try minsky.json("init", "--db-url", url, "--schema", minsky.schema)["created"] == false)
    }

    @Test func aSchemaIsForPostgreSQL() throws {
        let minsky = try Minsky()
        #expect(try minsky.failure("init", "--schema", "work").exitCode == 2)
        let long = String(repeating: "x", count: 64)
        let url = "postgresql://ada@127.0.0.1:1/db"
        #expect(try minsky.failure("init", "--db-url", url, "--schema", long).exitCode == 2)
        #expect(!minsky.exists(minsky.workspace))
    }

    @Test func aSchemaWithoutAStoreIsNotFound() throws {
        let minsky = try Minsky(.postgres)
        let failure = try minsky.failure("list", environment: ["MINSKY_DATABASE_SCHEMA": "cli_none"])
        #expect(failure.exitCode == 3)
        #expect(failure.hint == "minsky init makes one.")
    }

    @Test func aWorkingDirectoryThatIsGoneIsNotTheRoot() throws {
        let minsky = try Minsky()
        let result = try minsky.shell(#"mkdir gone && cd gone && rmdir ../gone && "$minsky" init"#)
        #expect(result.exitCode == 1)
        #expect(!minsky.exists("/.minsky"))
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let minsky = try Minsky()
        try minsky.write("", to: minsky.folder + "/file")
        let failure = try minsky.failure("init", "-C", "file")
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains(minsky.folder + "/file/.minsky"))
    }
}

@Suite("Finding the workspace")
struct DiscoveryTests {
    @Test func goesUpFromTheWorkingDirectory() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("", to: minsky.folder + "/a/b/file")
        #expect(
            try minsky.json("config", "path", in: minsky.folder + "/a/b")["workspace"] == .string(minsky.configuration))
    }

    @Test func stopsAtTheParentOfTheHomeDirectory() throws {
        let minsky = try Minsky()
        try minsky.write("", to: minsky.scratch.path + "/users/ada/work/file")
        let (users, work) = (minsky.scratch.path + "/users", minsky.scratch.path + "/users/ada/work")
        let home = ["HOME": users + "/ada"]
        try minsky.ok("init", in: minsky.scratch.path)
        #expect(try minsky.run("list", environment: home, in: work).exitCode == 3)
        try minsky.ok("init", in: users)
        #expect(try minsky.ok("list", "--json", environment: home, in: work) == "[]\n")
    }

    @Test func theNearestWins() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("init", "-C", "inner")
        try minsky.ok("add", "Inner", in: minsky.folder + "/inner")
        #expect(try minsky.json("list") == [])
        #expect(try minsky.json("list", in: minsky.folder + "/inner").titles == ["Inner"])
    }

    @Test(arguments: [
        ["list"], ["add", "A"], ["show", "abcd"], ["start", "abcd"], ["done", "abcd"], ["undo"],
        ["tasks", "edit", "abcd"],
        ["tasks", "reopen", "abcd"], ["tasks", "drop", "abcd"], ["tasks", "delete", "abcd"],
        ["tasks", "move", "abcd", "--top"], ["tasks", "history", "abcd"], ["tasks", "decompose", "A task"],
        ["ai", "status"], ["ai", "test"], ["config", "set", "ai.model", "m"], ["config", "unset", "ai.model"],
    ])
    func withoutAWorkspaceCommandsSayHowToMakeOne(arguments: [String]) throws {
        let minsky = try Minsky()
        let result = try minsky.start(arguments, in: nil).wait()
        #expect(result.exitCode == 3)
        #expect(result.output == "")
        #expect(result.errors.contains("hint:  minsky init makes one here."))
        #expect(!minsky.exists(minsky.workspace))
    }

    @Test(arguments: [["-C", "nowhere", "list"], ["list", "-C", "nowhere"]])
    func aFolderWithoutAWorkspaceIsNamed(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.start(arguments).wait()
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("nowhere"))
    }

    @Test func settingsCanBeReadOutsideOfAWorkspace() throws {
        let minsky = try Minsky()
        #expect(try minsky.ok("config", "get", "ai.provider") == "builtin\n")
        #expect(try minsky.json("config", "path")["workspace"] == .null)
        try minsky.ok("config", "set", "--global", "ai.model", "m")
        #expect(try minsky.ok("config", "get", "ai.model") == "m\n")
    }
}
