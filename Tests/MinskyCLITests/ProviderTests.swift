import MinskyModel
import TestSupport
import Testing

@Suite("Providers by name")
struct ProviderTests {
    /// What `ai status` tells of one of the two services.
    private func status(
        _ service: String, _ minsky: Minsky, _ environment: [String: String]
    ) throws -> [JSON?] {
        let status = try minsky.json("ai", "status", environment: environment)[service]
        return [status?["provider"], status?["baseUrl"], status?["keySource"]]
    }

    @Test func openAIHasAnAddressAndNeedsAKey() throws {
        let minsky = try Minsky(.sqlite)
        let openAI = ["MINSKY_AI_PROVIDER": "openai", "MINSKY_AI_MODEL": "m"]
        let failure = try minsky.failure("tasks", "decompose", "A", environment: openAI)
        #expect(failure.code == "notConfigured")
        #expect(failure.message.contains("openai needs a key"))
        #expect(
            try status("chat", minsky, openAI.merging(["OPENAI_API_KEY": "sk-1"]) { $1 })
                == ["openai", "https://api.openai.com/v1", "OPENAI_API_KEY"])
    }

    @Test func ollamaHasAnAddressAndGetsNoKeyOfOpenAI() throws {
        let minsky = try Minsky(.sqlite)
        let ollama = ["MINSKY_AI_PROVIDER": "ollama", "MINSKY_AI_MODEL": "m", "OPENAI_API_KEY": "sk-1"]
        #expect(try status("chat", minsky, ollama) == ["ollama", "http://localhost:11434/v1", .null])
    }

    @Test func anAddressOfOnesOwnGoesBeforeTheirs() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let environment = model.environment.merging(["MINSKY_AI_PROVIDER": "ollama"]) { $1 }
        let answer = try minsky.json("tasks", "decompose", "A task", environment: environment)
        #expect(answer["provider"] == "ollama")
        #expect(try minsky.sql("SELECT DISTINCT provider FROM ai_calls") == "ollama")
        #expect(try minsky.sql("SELECT DISTINCT model FROM embeddings") == "tiny-embed")
    }

    @Test func embeddingsMayComeFromAnother() throws {
        let minsky = try Minsky(.sqlite)
        let environment = [
            "MINSKY_AI_PROVIDER": "openai", "MINSKY_AI_MODEL": "m", "MINSKY_AI_API_KEY": "sk-1",
            "MINSKY_AI_EMBEDDING_PROVIDER": "ollama", "MINSKY_AI_EMBEDDING_MODEL": "e",
        ]
        #expect(try status("embedding", minsky, environment) == ["ollama", "http://localhost:11434/v1", .null])
        let same = environment.merging(["MINSKY_AI_EMBEDDING_PROVIDER": ""]) { $1 }
        #expect(
            try status("embedding", minsky, same) == ["openai", "https://api.openai.com/v1", "MINSKY_AI_API_KEY"])
    }

    /// What a file of the workspace says in place of a provider's own address needs approval as ever.
    @Test func anAddressOfTheWorkspaceStillNeedsApproval() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            "[ai]\nprovider = \"openai\"\nmodel = \"m\"\nbaseUrl = \"https://elsewhere.test/v1\"\n",
            to: minsky.configuration)
        #expect(
            try minsky.failure("tasks", "decompose", "A", environment: ["OPENAI_API_KEY": "sk-1"]).exitCode == 6)
    }
}
