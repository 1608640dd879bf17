import MinskyModel
import TestSupport
import Testing

@Suite("Which setting counts")
struct PrecedenceTests {
    private static func setting(
        _ minsky: Minsky, _ name: String, _ environment: [String: String] = [:]
    ) throws -> [JSON?] {
        let all = try #require(try minsky.json("config", "list", environment: environment).array)
        let listed = all.first { $0["key"] == .string(name) }
        #expect(try minsky.json("config", "get", name, environment: environment) == listed)
        return [listed?["value"], listed?["source"]]
    }

    @Test func theUsersFileGoesBeforeTheDefault() throws {
        let minsky = try Minsky(.sqlite)
        #expect(try Self.setting(minsky, "ai.timeoutSeconds") == ["120", "default"])
        try minsky.ok("config", "set", "--global", "ai.timeoutSeconds", "1")
        #expect(try Self.setting(minsky, "ai.timeoutSeconds") == ["1", .string(minsky.userFolder + "/config.toml")])
    }

    @Test func theWorkspaceGoesBeforeTheUser() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "--global", "ai.timeoutSeconds", "1")
        try minsky.ok("config", "set", "ai.timeoutSeconds", "2")
        #expect(try Self.setting(minsky, "ai.timeoutSeconds") == ["2", .string(minsky.configuration)])
        try minsky.ok("config", "unset", "ai.timeoutSeconds")
        #expect(try Self.setting(minsky, "ai.timeoutSeconds")[0] == "1")
        try minsky.ok("config", "unset", "--global", "ai.timeoutSeconds")
        #expect(try Self.setting(minsky, "ai.timeoutSeconds") == ["120", "default"])
    }

    @Test func aVariableGoesBeforeTheWorkspace() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.timeoutSeconds", "2")
        let variable = ["MINSKY_AI_TIMEOUT_SECONDS": "3"]
        #expect(try Self.setting(minsky, "ai.timeoutSeconds", variable) == ["3", "MINSKY_AI_TIMEOUT_SECONDS"])
        #expect(try Self.setting(minsky, "ai.timeoutSeconds", ["MINSKY_AI_TIMEOUT_SECONDS": ""])[0] == "2")
        let told = try minsky.run("config", "set", "ai.timeoutSeconds", "4", environment: variable)
        #expect(told.errors == "MINSKY_AI_TIMEOUT_SECONDS is set and goes before it.\n")
    }

    @Test func anOptionGoesBeforeAVariable() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let environment = model.environment.merging(["MINSKY_AI_PROVIDER": "builtin", "MINSKY_AI_MODEL": "other"]) {
            $1
        }
        #expect(
            try minsky.json("tasks", "decompose", "Plan a party", environment: environment)["provider"] == "builtin")
        let answer = try minsky.json(
            "tasks", "decompose", "Plan a party", "--provider", "openai-compatible", "--model", "tiny",
            environment: environment)
        #expect(answer["provider"] == "openai-compatible")
        #expect(answer["model"] == "tiny")
        #expect(try model.questions()[0]["model"] == "tiny")
    }

    @Test func theUsersFolderFollowsXDG() throws {
        let minsky = try Minsky(.sqlite)
        let environment = ["XDG_CONFIG_HOME": minsky.folder + "/xdg"]
        try minsky.ok("config", "set", "--global", "ai.model", "m", environment: environment)
        #expect(try minsky.text(minsky.folder + "/xdg/minsky/config.toml").contains("model = \"m\""))
        #expect(!minsky.exists(minsky.userFolder))
        let relative = try minsky.json("config", "path", environment: ["XDG_CONFIG_HOME": "relative"])["user"]
        #expect(relative == .string(minsky.userFolder + "/config.toml"), "XDG wants relative paths to be ignored")
    }

    @Test func theActorComesFromTheSettings() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "actor", "grace")
        try minsky.ok("config", "set", "actorKind", "agent")
        _ = try minsky.add("A")
        #expect(try minsky.sql("SELECT id, kind FROM actors") == "grace|agent")
    }

    @Test func aSettingsNameIsReadInAnyCase() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "AI.BASEURL", "http://localhost:8080/v1")
        #expect(try minsky.text(minsky.configuration).contains("baseUrl = \"http://localhost:8080/v1\""))
    }

    @Test(arguments: [
        ("MINSKY_AI_PROVIDER", "open-ai"), ("MINSKY_AI_BASE_URL", "nowhere"), ("MINSKY_ACTOR", "a\u{1B}[1mb"),
    ])
    func aBadVariableIsNamed(variable: String, value: String) throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("list", environment: [variable: value])
        #expect(failure.exitCode == 1)
        #expect(failure.message.hasSuffix("(from \(variable))"))
    }

    @Test func aBadValueInAFileIsNamed() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("[ai]\ntimeoutSeconds = \"soon\"\n", to: minsky.configuration)
        let failure = try minsky.failure("list")
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains("ai.timeoutSeconds must be a whole number"))
        #expect(failure.message.hasSuffix("(from \(minsky.configuration))"))
    }

    @Test func theListFitsPeople() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.model", "qwen")
        let lines = try minsky.run("config", "list", environment: ["COLUMNS": "200"]).lines.map {
            $0.split(separator: " ", omittingEmptySubsequences: true)
        }
        #expect(lines.contains(["ai.provider", "builtin", "default"]))
        #expect(lines.contains { $0.first == "ai.model" && $0.last == .init(minsky.configuration) })
        #expect(lines.contains(["ai.baseUrl", "not", "set"]))
    }
}
