import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Keys and passwords are nowhere to be seen")
struct SecretsTests {
    static let key = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz"

    /// Where a key can come from.
    enum Source: CaseIterable, Sendable {
        case file, minskyVariable, openAIVariable

        func prepare(_ minsky: Minsky) throws -> [String: String] {
            switch self {
            case .file:
                try minsky.ok("config", "set", "ai.apiKey", key)
                return [:]
            case .minskyVariable: return ["MINSKY_AI_API_KEY": key]
            case .openAIVariable: return ["OPENAI_API_KEY": key]
            }
        }
    }

    private static func expectHidden(_ result: ProcessResult, _ what: String) {
        for text in [result.output, result.errors] { #expect(!text.contains("canary"), "\(what): \(text)") }
    }

    /// Checks that the bytes of a word are in no file of the workspace and not in the database.
    private static func expectAbsent(_ word: String, in minsky: Minsky) throws {
        for path in try minsky.files(below: minsky.folder) {
            let data = try #require(FileManager.default.contents(atPath: path))
            #expect(data.range(of: Data(word.utf8)) == nil, "\(path)")
        }
        guard minsky.storage == .postgres else { return }
        for table in ["tasks", "operations", "changes", "ai_calls", "embeddings", "actors", "store_state"] {
            #expect(try minsky.sql("SELECT count(*) FROM \(table) AS row WHERE row::text LIKE '%\(word)%'") == "0")
        }
    }

    @Test(arguments: Source.allCases)
    func theServerGetsTheKeyAndNobodyElse(source: Source) throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let environment = try model.environment.merging(source.prepare(minsky)) { $1 }
        for command in [
            ["tasks", "decompose", "A task"], ["list"], ["list", "--json"], ["ai", "status"],
            ["ai", "status", "--json"],
            ["ai", "test"], ["ai", "test", "--json"], ["config", "list"], ["config", "list", "--json"], ["doctor"],
            ["doctor", "--json"], ["config", "path"], ["undo"], ["init"], ["init", "--json"],
        ] {
            Self.expectHidden(try minsky.ok(command, environment: environment), command.joined(separator: " "))
        }
        #expect(Set(model.server.requests.map { $0.headers["authorization"] }) == ["Bearer \(Self.key)"])
        try Self.expectAbsent("canary", in: minsky)
    }

    @Test(arguments: Source.allCases)
    func aKeyIsSaidToBeSet(source: Source) throws {
        let minsky = try Minsky(.sqlite)
        let environment = try source.prepare(minsky)
        let status = try minsky.json(
            "ai", "status",
            environment: FakeModel.environment(baseURL: "http://localhost:1/v1").merging(environment) { $1 })
        let expected: JSON? =
            switch source {
            case .file: .string(minsky.secrets)
            case .minskyVariable: "MINSKY_AI_API_KEY"
            case .openAIVariable: "OPENAI_API_KEY"
            }
        #expect(status["chat"]?["keySource"] == expected)
        guard source != .openAIVariable else { return }
        #expect(try minsky.ok("config", "get", "ai.apiKey", environment: environment) == "(set)\n")
        #expect(try minsky.json("config", "get", "ai.apiKey", environment: environment)["value"] == "(set)")
        #expect(try minsky.ok("config", "get", "-q", "ai.apiKey", environment: environment) == "(set)\n")
    }

    @Test func theFileIsForItsOwnerOnly() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.shell("umask 0; \"$minsky\" config set ai.apiKey \(Self.key)")
        #expect(result.output == "Set ai.apiKey in \(minsky.secrets)\n")
        #expect(try minsky.mode(minsky.secrets) == 0o600)
        #expect(try minsky.mode(minsky.userFolder) == 0o700)
        #expect(try minsky.text(minsky.secrets).contains(Self.key))
        try minsky.ok("config", "set", "ai.embedding.apiKey", "sk-other")
        #expect(try minsky.mode(minsky.secrets) == 0o600)
        try minsky.ok("config", "unset", "ai.apiKey")
        #expect(try !minsky.text(minsky.secrets).contains("canary"))
        #expect(try minsky.failure("config", "get", "ai.apiKey").exitCode == 3)
    }

    @Test(arguments: [true, false])
    func aKeyInConfigTomlIsRefused(isGlobal: Bool) throws {
        let minsky = try Minsky(.sqlite)
        let path = isGlobal ? minsky.userFolder + "/config.toml" : minsky.configuration
        try minsky.write("[ai]\napiKey = \"\(Self.key)\"\n", to: path)
        for command in [["list"], ["config", "list"], ["config", "get", "ai.apiKey"], ["ai", "status"], ["doctor"]] {
            let result = try minsky.start(command, environment: ["COLUMNS": "200"]).wait()
            #expect(result.exitCode != 0)
            #expect((result.output + result.errors).contains("ai.apiKey must not stand in \(path)"))
            Self.expectHidden(result, command.joined(separator: " "))
        }
    }

    @Test(arguments: [
        "[ai]\napiKey = \"\(key)\n", "[ai]\napiKey = \(key)\n", "\(key)\n", "[\(key)\n", "a = \"\\\(key)\"\n",
    ])
    func aBrokenFileWithAKeyIsNotQuoted(text: String) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(text, to: minsky.configuration)
        Self.expectHidden(try minsky.run("list"), "list")
        Self.expectHidden(try minsky.run("doctor"), "doctor")
        let user = try Minsky(.sqlite)
        try user.write(text, to: user.secrets)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: user.secrets)
        Self.expectHidden(try user.run("list"), "list")
    }

    @Test(arguments: [
        ["config", "set", "ai.apiKey", "\(key) \(key)"], ["config", "set", "ai.apikeys", key],
        ["config", "set", "ai.baseUrl", "https://ada:\(key)@host/v1"],
        ["config", "set", "--global", "ai.baseUrl", "https://\(key)@host/v1"],
    ])
    func aMistakeInSettingAKeyDoesNotRepeatIt(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.start(arguments).wait()
        #expect(result.exitCode == 2)
        Self.expectHidden(result, arguments.joined(separator: " "))
        try Self.expectAbsent("canary", in: minsky)
    }

    /// Answers in which a server repeats the key it got.
    static let echoes: [(name: String, chat: FakeModel.Part)] = [
        ("401", FakeModel.error(401, "Incorrect API key provided: \(key).")),
        ("400", FakeModel.error(400, "bad header: Bearer \(key)")),
        ("500", FakeModel.status(500, "<html>authorization: Bearer \(key)</html>")),
        ("429", FakeModel.error(429, "too many requests for \(key)", headers: [("Retry-After", "60")])),
        ("at the end of a long text", FakeModel.error(500, String(repeating: "x", count: 280) + " \(key) and more")),
        (
            "in the stream",
            { _, connection in
                connection.startEventStream()
                connection.event(FakeModel.delta("{"))
                connection.event(#"{"error":{"message":"the key \#(key) has expired"}}"#)
                connection.endEventStream()
            }
        ),
        ("as an unknown field", FakeModel.streaming(#"{"subtasks":[],"\#(key)":1}"#)),
        (
            "as a dependency",
            FakeModel.streaming(
                #"{"subtasks":[{"title":"T","description":"","estimate_minutes":5,"complexity":1,"depends_on":["\#(key)"]}]}"#
            )
        ),
        ("as a title", FakeModel.streaming(FakeModel.plan(titles: ["Use \(key)"]))),
        ("as a description", FakeModel.streaming(FakeModel.plan(titles: ["A"], description: "Use \(key)"))),
        (
            "as a refusal",
            { _, connection in
                connection.respond(status: 200, body: #"{"choices":[{"message":{"refusal":"no, \#(key)"}}]}"#)
            }
        ),
    ]

    @Test(arguments: echoes.map(\.name))
    func aServerThatRepeatsTheKeyIsNotQuoted(name: String) throws {
        try checkEcho(name, on: .sqlite)
    }

    @Test func noKeyGetsIntoPostgreSQL() throws {
        try checkEcho("as a title", on: .postgres)
    }

    private func checkEcho(_ name: String, on storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel(chat: try #require(Self.echoes.first { $0.name == name }).chat)
        let environment = model.environment.merging(["OPENAI_API_KEY": Self.key]) { $1 }
        for options in [["tasks", "decompose", "A task"], ["--json", "ai", "test"]] {
            let result = try minsky.start(options, environment: environment).wait()
            Self.expectHidden(result, options.joined(separator: " "))
        }
        try Self.expectAbsent("canary", in: minsky)
    }

    @Test func aServerThatRepeatsTheKeyForEmbeddingsIsNotQuoted() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel(embeddings: FakeModel.error(403, "no access for \(Self.key)"))
        let environment = model.environment.merging(["MINSKY_AI_EMBEDDING_API_KEY": Self.key]) { $1 }
        let result = try minsky.run("tasks", "decompose", "A task", environment: environment)
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("the embedding server refused the key"))
        Self.expectHidden(result, "decompose")
        #expect(model.server.requests.map { $0.headers["authorization"] } == [nil, "Bearer \(Self.key)"])
    }

    @Test func aPasswordOfTheDatabaseIsHidden() throws {
        let minsky = try Minsky(.postgres)
        let url = try TestStorage.postgresURL().replacing("postgresql:///", with: "postgresql://postgres:canary-word@/")
        let environment = ["MINSKY_DATABASE_URL": url]
        for command in [
            ["list"], ["init"], ["init", "--json"], ["config", "list"], ["config", "list", "--json"], ["doctor"],
        ] {
            Self.expectHidden(try minsky.ok(command, environment: environment), command.joined(separator: " "))
        }
        #expect(try minsky.ok("config", "get", "database.url", environment: environment).contains("postgres:…@"))
    }

    @Test(arguments: [
        "postgresql://ada:zebra@127.0.0.1:1/db", "postgresql://ada:zeb@raxyzzy@127.0.0.1:1/db",
        "postgresql://ada:zebra/xyzzy@127.0.0.1:1/db", "postgresql://ada:zebra?xyzzy@127.0.0.1:1/db",
        "postgresql://ada:zebra%zz@127.0.0.1:1/db", "postgresql://ada@127.0.0.1:1/db?password=zebra",
        "postgresql://ada@127.0.0.1:1/db?sslmode=disable&sslpassword=zebra", "postgresql://ada:zebra@127.0.0.1:port/db",
        "postgresql://127.0.0.1:1/db?user=ada&pass%77ord=zebra", "POSTGRESQL://ada:zebra@127.0.0.1:1/db",
        "mysql://ada:zebra@127.0.0.1/db", "host=127.0.0.1 port=1 user=ada password=zebra",
    ])
    func noShapeOfURLGivesThePasswordAway(url: String) throws {
        let minsky = try Minsky(.sqlite)
        let environment = ["MINSKY_DATABASE_URL": url, "PGCONNECT_TIMEOUT": "2"]
        for command in [["list"], ["doctor"], ["config", "list"], ["init"]] {
            let result = try minsky.start(["--json"] + command, environment: environment).wait()
            for text in [result.output, result.errors] {
                #expect(!text.contains("zeb") && !text.contains("xyzzy"), "\(command): \(text)")
            }
        }
        try Self.expectAbsent("zeb", in: minsky)
    }

    /// What a server says of a failure is kept, and may hold anything.
    @Test(arguments: Storage.allCases)
    func whatAnUpstreamSaysIsKeptWithoutTheKey(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        _ = try pair.ada.add("First")
        switch upstream {
        case .sqlite:
            try pair.atUpstream(
                """
                CREATE TRIGGER telling BEFORE INSERT ON operations BEGIN
                    SELECT raise(ABORT, 'no room for \(Self.key)'); END
                """)
        case .postgres:
            try pair.atUpstream(
                """
                CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
                    $$BEGIN RAISE EXCEPTION 'no room for \(Self.key)' USING ERRCODE = 'disk_full'; END$$;
                CREATE TRIGGER telling BEFORE INSERT ON operations FOR EACH ROW EXECUTE FUNCTION tell()
                """)
        }
        let environment = ["MINSKY_AI_API_KEY": Self.key]
        let failed = try pair.ada.run("sync", environment: environment)
        #expect(failed.exitCode != 0 && failed.errors.contains("no room for [hidden]"), "\(failed.errors)")
        #expect(try pair.ada.sql("SELECT error FROM sync_state").contains("no room for [hidden]"))
        try Self.expectAbsent("canary", in: pair.ada)
    }
}
