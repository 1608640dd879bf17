import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("A workspace and the place of its tasks")
struct WorkspacePlaceTests {
    private static func url(_ minsky: Minsky) throws -> [String: String] {
        ["MINSKY_DATABASE_URL": try TestStorage.postgresURL()]
    }

    /// The id that the store of a workspace has.
    private static func storedID(_ minsky: Minsky) throws -> String {
        try minsky.sql("SELECT workspace_id FROM store_state")
    }

    @Test func aVariableThatInitUsedIsWrittenDown() throws {
        let minsky = try Minsky(.postgres)
        let (url, inner) = (try Self.url(minsky), minsky.folder + "/inner")
        try minsky.ok("init", "-C", "inner", environment: url)
        let id = try minsky.add("A", environment: url.merging(["MINSKY_DIR": inner]) { $1 })
        let bare = ["MINSKY_DATABASE_SCHEMA": ""]
        #expect(try minsky.json("list", environment: bare, in: inner)[0]?["id"] == .string(id))
        #expect(!minsky.exists(inner + "/.minsky/tasks.db"))
        let setting = try minsky.json("config", "get", "database.url", environment: bare, in: inner)
        #expect(setting["value"] == .string(try TestStorage.postgresURL()))
        #expect(setting["source"] == .string(inner + "/.minsky/config.toml"))
    }

    @Test func aFileThatAVariableNamesIsWrittenDown() throws {
        let minsky = try Minsky()
        try minsky.ok("init", environment: ["MINSKY_DATABASE_URL": "~/all.db"])
        #expect(try minsky.json("config", "get", "database.url")["value"] == "~/all.db")
        try minsky.ok("add", "A")
        #expect(minsky.exists(minsky.home + "/all.db"))
        #expect(!minsky.exists(minsky.database))
    }

    /// The user's own settings may change, and with them the place of every workspace that only they name.
    @Test func whatTheUsersSettingsNameIsWrittenDown() throws {
        let minsky = try Minsky()
        try minsky.ok("config", "set", "--global", "database.url", "~/all.db")
        try minsky.ok("init")
        try minsky.ok("config", "unset", "--global", "database.url")
        try minsky.ok("add", "A")
        #expect(!minsky.exists(minsky.database))
    }

    @Test func theDefaultSchemaIsWrittenDown() throws {
        let url = try TestStorage.postgresURL()
        let minsky = try Minsky()
        let folder = minsky.folder
        // A database of its own, as the schema `minsky` may hold what another test is about.
        let name = "cli_\(UInt64.random(in: 0...UInt64.max))"
        _ = try ChildProcess(
            "psql", [url, "-qXc", "CREATE DATABASE \(name)"], environment: minsky.environment(), folder: folder
        ).wait()
        defer {
            _ = try? ChildProcess(
                "psql", [url, "-qXc", "DROP DATABASE \(name) WITH (FORCE)"], environment: minsky.environment(),
                folder: folder
            ).wait()
        }
        let own = url.replacing("/postgres?", with: "/\(name)?")
        try #require(own != url)
        try minsky.ok("init", "--db-url", own)
        #expect(try minsky.text(minsky.configuration).contains("schema = \"minsky\""))
        try minsky.ok("add", "A")
        try minsky.ok("config", "set", "--global", "database.schema", "other")
        #expect(try minsky.json("list", in: folder).titles == ["A"])
    }

    @Test func thePasswordInAVariableIsNot() throws {
        let minsky = try Minsky(.postgres)
        let plain = try TestStorage.postgresURL().replacing("postgresql:///", with: "postgresql://postgres@/")
        let url = plain.replacing("postgres@/", with: "postgres:canary-word@/") + "&password=canary-other"
        try minsky.ok("init", "-C", "inner", environment: ["MINSKY_DATABASE_URL": url])
        let text = try minsky.text(minsky.folder + "/inner/.minsky/config.toml")
        #expect(text.contains("url = \"\(plain)\""))
        #expect(!text.contains("canary"))
        let again = try minsky.json("init", "-C", "inner", environment: ["MINSKY_DATABASE_URL": url])
        #expect(again["created"] == false)
    }

    @Test(arguments: Storage.allCases)
    func aWorkspaceKnowsTheIdOfItsStore(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try Self.storedID(minsky)
        #expect(try minsky.text(minsky.configuration).contains("[workspace]\nid = \"\(id)\"\n"))
        #expect(try minsky.json("doctor")[1]?["status"] == "ok", "it is no unknown setting")
        // One that was made before ids were noted gets its own.
        try minsky.write(
            try minsky.text(minsky.configuration).replacing("[workspace]\nid = \"\(id)\"\n", with: ""),
            to: minsky.configuration)
        try minsky.ok("list")
        try minsky.ok("init")
        #expect(try minsky.text(minsky.configuration).contains("id = \"\(id)\""))
    }

    /// The settings are shared by version control, the database is not.
    @Test func aStoreThatIsMadeForSharedSettingsHasTheirId() throws {
        let minsky = try Minsky(.sqlite)
        let id = try Self.storedID(minsky)
        try FileManager.default.removeItem(atPath: minsky.database)
        #expect(try minsky.json("init")["created"] == true)
        #expect(try Self.storedID(minsky) == id)
    }

    @Test(arguments: Storage.allCases)
    func anIdThatIsNoneIsRefused(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try Self.storedID(minsky)
        try minsky.write(try minsky.text(minsky.configuration).replacing(id, with: "mine"), to: minsky.configuration)
        for command in ["list", "init"] {
            let failure = try minsky.failure(command)
            #expect(failure.exitCode == 1)
            #expect(failure.message.contains("workspace.id"))
        }
    }

    // MARK: Pointing a workspace elsewhere

    @Test func settingsDoNotPointAWorkspaceAwayFromItsTasks() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let other = try Minsky(.postgres)
        _ = try other.add("B")
        let url = try TestStorage.postgresURL()
        let before = try minsky.text(minsky.configuration)
        let schema = ["MINSKY_DATABASE_SCHEMA": other.schema]
        try minsky.write("[database]\nschema = \"\(other.schema)\"\n", to: minsky.userFolder + "/config.toml")
        let foreign = try minsky.failure("config", "set", "database.url", url)
        #expect(foreign.exitCode == 6)
        #expect(foreign.message.contains(minsky.database))
        #expect(foreign.message.contains("schema \(other.schema)"))
        #expect(foreign.hint?.contains("minsky init --db-url '\(url)' --schema \(other.schema)") == true)
        try minsky.write("[database]\nschema = \"cli_none\"\n", to: minsky.userFolder + "/config.toml")
        #expect(
            try minsky.failure("config", "set", "database.url", url).hint
                == "This moves them there: minsky upgrade to-postgres --db-url '\(url)' --schema cli_none")
        for place in ["empty.db", minsky.folder + "/nowhere.db"] {
            let failure = try minsky.failure("config", "set", "database.url", place, environment: schema)
            #expect(failure.exitCode == 6)
            #expect(failure.hint?.contains("minsky init") == true)
            #expect(try minsky.failure("config", "set", "--global", "database.url", place).exitCode == 6)
        }
        #expect(try minsky.text(minsky.configuration) == before)
        #expect(try minsky.json("list").titles == ["A"])
    }

    @Test func settingsDoNotPointAWorkspaceToAnotherSchema() throws {
        let minsky = try Minsky(.postgres)
        _ = try minsky.add("A")
        let before = try minsky.text(minsky.configuration)
        for arguments in [
            ["set", "database.schema", "cli_none"], ["unset", "database.url"], ["unset", "database.schema"],
        ] {
            let result = try minsky.start(["config"] + arguments).wait()
            #expect(result.exitCode == 6, "\(arguments): \(result.errors)")
        }
        #expect(try minsky.text(minsky.configuration) == before)
        try minsky.ok("config", "set", "database.schema", minsky.schema)
    }

    @Test func theSameTasksInAnotherPlaceMayBeNamed() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        let moved = minsky.folder + "/moved.db"
        try minsky.sql("VACUUM INTO '\(moved)'")
        try minsky.ok("config", "set", "database.url", moved)
        #expect(try minsky.json("list").titles == ["A"])
        #expect(try minsky.json("init")["database"] == .string(moved))
    }

    @Test func aWorkspaceWithoutTasksMayBePointedAnywhere() throws {
        let minsky = try Minsky()
        try minsky.write("", to: minsky.configuration)
        for (url, path) in [("other.db", minsky.workspace + "/other.db"), ("~/mine.db", minsky.home + "/mine.db")] {
            try minsky.ok("config", "set", "database.url", url)
            #expect(try minsky.failure("list").exitCode == 3)
            #expect(try minsky.json("config", "get", "database.url")["value"] == .string(url))
            #expect(!minsky.exists(path))
        }
        #expect(try minsky.json("init")["database"] == .string(minsky.home + "/mine.db"))
    }

    @Test func aVariableDoesNotLeadToTheTasksOfAnotherWorkspace() throws {
        let (minsky, other) = (try Minsky(.sqlite), try Minsky(.postgres))
        _ = try minsky.add("A")
        _ = try other.add("B")
        let variables = try Self.url(minsky).merging(["MINSKY_DATABASE_SCHEMA": other.schema]) { $1 }
        for command in [["list"], ["add", "C"], ["undo"], ["tasks", "decompose", "Plan a party"]] {
            let failure = try minsky.start(["--json"] + command, environment: variables).wait()
            #expect(failure.exitCode == 1)
            let error = try JSON(parsing: failure.errors)["error"]
            let message = try #require(error?["message"]?.string)
            #expect(message.contains("MINSKY_DATABASE_URL"))
            #expect(message.contains("schema \(other.schema)"))
            #expect(message.contains(minsky.configuration))
            #expect(error?["hint"]?.string?.contains("MINSKY_DATABASE_URL") == true)
        }
        #expect(try minsky.run("doctor", environment: variables).output.contains("failed  database"))
        #expect(try minsky.failure("init", environment: variables).exitCode == 6)
        #expect(try other.json("list").titles == ["B"])
        #expect(try minsky.json("list").titles == ["A"])
    }

    @Test func aFileOfAnotherWorkspaceIsNotTaken() throws {
        let (minsky, other) = (try Minsky(.sqlite), try Minsky())
        try other.ok("init")
        try FileManager.default.removeItem(atPath: minsky.database)
        try FileManager.default.copyItem(atPath: other.database, toPath: minsky.database)
        for command in ["list", "init"] {
            let failure = try minsky.failure(command)
            #expect(failure.exitCode == 1)
            #expect(failure.message.contains(minsky.database))
            #expect(failure.message.contains(minsky.configuration))
        }
    }
}

@Suite("A workspace within another one")
struct NestedWorkspaceTests {
    @Test func initTellsThatTheOuterOneIsHidden() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("", to: minsky.folder + "/sub/file")
        let result = try minsky.run("init", in: minsky.folder + "/sub")
        #expect(result.exitCode == 0)
        #expect(result.errors.contains(minsky.workspace))
        #expect(result.errors.contains("no longer"))
        #expect(try minsky.run("init", in: minsky.folder + "/sub").errors == "", "it is no news")
        let json = try minsky.json("init", "-C", "third")
        #expect(json["hides"] == .string(minsky.workspace))
        #expect(try minsky.json("init")["hides"] == .null)
    }

    @Test func optionCLooksUpwardAsCdWould() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        try minsky.write("", to: minsky.folder + "/sub/deeper/file")
        for folder in ["sub", "sub/deeper", ".", ".minsky"] {
            #expect(try minsky.json("list", "-C", folder)[0]?["id"] == .string(id))
        }
        let failure = try minsky.failure("list", "-C", "nowhere")
        #expect(failure.exitCode == 3)
        #expect(failure.message == "there is no folder nowhere")
        #expect(try minsky.failure("list", environment: ["MINSKY_DIR": minsky.folder + "/sub"]).exitCode == 3)
    }
}
