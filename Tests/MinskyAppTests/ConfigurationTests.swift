import MinskyModel
import Testing

@testable import MinskyApp

@Suite("Names and values of settings")
struct ConfigurationKeyTests {
    @Test(arguments: [
        ("ai.provider", "MINSKY_AI_PROVIDER"), ("ai.baseUrl", "MINSKY_AI_BASE_URL"), ("ai.apiKey", "MINSKY_AI_API_KEY"),
        ("ai.embedding.baseUrl", "MINSKY_AI_EMBEDDING_BASE_URL"), ("ai.maxOutputTokens", "MINSKY_AI_MAX_OUTPUT_TOKENS"),
        ("actor", "MINSKY_ACTOR"), ("actorKind", "MINSKY_ACTOR_KIND"), ("database.url", "MINSKY_DATABASE_URL"),
    ])
    func theVariableFollowsFromTheName(name: String, variable: String) throws {
        #expect(try ConfigurationKey.named(name).variable == variable)
    }

    @Test func noTwoSettingsShareANameOrAVariable() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map { $0.name.lowercased() }).count == keys.count)
        #expect(Set(keys.map(\.variable)).count == keys.count)
    }

    @Test func defaultsPassTheirOwnCheck() throws {
        for key in ConfigurationKey.all { if let value = key.defaultValue { try key.check(value) } }
    }

    @Test(arguments: [
        ("ai.provider", "Builtin"), ("ai.baseUrl", "localhost:8080"), ("ai.baseUrl", "ftp://host"),
        ("ai.baseUrl", "http://"), ("ai.baseUrl", "http://user@host/"), ("ai.timeoutSeconds", "0"),
        ("ai.timeoutSeconds", "1000001"), ("ai.timeoutSeconds", "1.5"), ("ai.timeoutSeconds", "ten"),
        ("ai.apiKey", "a b"),
        ("ai.model", ""), ("ai.model", "a\nb"), ("actor", "\u{202E}x"),
    ])
    func nonsenseIsRefused(name: String, value: String) throws {
        let key = try ConfigurationKey.named(name)
        let error = #expect(throws: AppError.self) { try key.check(value) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(name) == true)
    }

    @Test(arguments: [("ai.modle", "ai.model"), ("AI.apikeys", "ai.apiKey"), ("databse.url", "database.url")])
    func aMisspeltNameIsCorrected(typed: String, meant: String) {
        let error = #expect(throws: AppError.self) { try ConfigurationKey.named(typed) }
        #expect(error?.hint == "Did you mean \(meant)?")
    }
}
