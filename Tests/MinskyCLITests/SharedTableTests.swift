import Foundation
import MinskyModel
import TestSupport
import Testing

/// Tables whose rows are at the upstream alone.
@Suite("sync policy shared")
struct SharedTableTests {
    /// SQL that notes a call of a model, written by hand.
    private static func call(_ id: Int, _ model: String, tokens: Int) -> String {
        let digits = "0000000000000000" + String(id)
        return """
            INSERT INTO ai_calls (id, actor, purpose, provider, model, started_at, milliseconds, input_tokens, output_tokens,
                outcome)
            VALUES ('\(digits.suffix(16))', 'ada', 'test', 'openai', '\(model)', '2999-01-01T00:00:00.000000Z', 5, \(tokens), 1, 'ok')
            """
    }

    private static func calls(_ minsky: Minsky) throws -> [JSON?] {
        try minsky.json("ai", "usage", "--days", "400")["models"]?.array?.map { $0["calls"] } ?? []
    }

    /// What is in the replica: rows and what the log tells of them.
    private static func copies(_ minsky: Minsky) throws -> String {
        try minsky.sql(
            "SELECT (SELECT count(*) FROM ai_calls), (SELECT count(*) FROM changes WHERE table_name = 'ai_calls')")
    }

    @Test(arguments: Storage.allCases)
    func rowsAreAtTheUpstreamAloneAndReadThere(upstream: Storage) throws {
        let pair = try SyncPair(upstream)
        // Made before: it is at the upstream, and here until the rows are shared.
        try pair.ada.sql(Self.call(1, "m", tokens: 10))
        try pair.ada.ok("sync")
        #expect(try pair.ada.json("sync", "policy", "ai_calls", "shared")["ai_calls"] == "shared")
        #expect(try Self.copies(pair.ada) == "0|0")
        #expect(try Self.calls(pair.ada) == [1])
        // Made by others: it is read, and never comes.
        try pair.grace.sql(Self.call(2, "m", tokens: 30))
        try pair.grace.ok("sync")
        try pair.ada.ok("sync")
        #expect(try Self.copies(pair.ada) == "0|0")
        let usage = try pair.ada.json("ai", "usage", "--days", "400")
        #expect(
            usage["models"]?[0] == [
                "provider": "openai", "model": "m", "calls": 2, "failed": 0, "inputTokens": 40, "outputTokens": 2,
            ])
        #expect(usage["upstream"] != .null && usage["error"] == .null)
        // Made here: it waits, is counted once, and leaves with the sync.
        try pair.ada.sql(Self.call(3, "n", tokens: 5))
        #expect(try Self.calls(pair.ada) == [2, 1])
        #expect(try pair.ada.json("sync", "status")["ahead"] == 1)
        try pair.ada.ok("sync")
        #expect(try Self.copies(pair.ada) == "0|0")
        #expect(try Self.calls(pair.ada) == [2, 1])
        #expect(try pair.atUpstream("SELECT count(*) FROM ai_calls") == "3\n")
        #expect(try Self.calls(pair.grace) == [1], "a policy is of one replica")
        for minsky in pair.both { #expect(try minsky.run("doctor").exitCode == 0) }
        // Without an upstream there is nobody to ask.
        try pair.ada.ok("sync", "disable")
        #expect(try pair.ada.json("sync", "policy")["ai_calls"] == "push")
        #expect(try Self.calls(pair.ada) == [])
    }

    @Test func anUpstreamThatIsAwayIsTold() throws {
        let proxy = try PostgresProxy()
        let pair = try SyncPair(.postgres, url: proxy.url)
        try pair.ada.ok("sync", "policy", "ai_calls", "shared")
        try pair.ada.sql(Self.call(1, "m", tokens: 10))
        try pair.ada.ok("sync")
        proxy.close()
        try pair.ada.sql(Self.call(2, "n", tokens: 10))
        let usage = try pair.ada.json("ai", "usage", "--days", "400")
        #expect(usage["models"]?.array?.count == 1 && usage["error"] != .null)
        let told = try pair.ada.run("ai", "usage", "--days", "400")
        #expect(told.exitCode == 0 && told.errors.contains("which cannot be asked"))
    }

    @Test func isRefusedWhereItCannotWork() throws {
        let pair = try SyncPair(.sqlite)
        for (table, reason) in [
            ("tasks", "refers to its rows"), ("notes", "its rows are changed"), ("task_tags", "its rows are changed"),
            ("embeddings", "its rows are changed"), ("conflicts", "every replica needs it"),
        ] {
            let refused = try pair.ada.failure("sync", "policy", table, "shared")
            #expect(refused.exitCode == 4 && refused.message.contains(reason), "\(refused.message)")
        }
        let alone = try Minsky(.sqlite)
        let refused = try alone.failure("sync", "policy", "ai_calls", "shared")
        #expect(refused.exitCode == 4 && refused.message.contains("no upstream"))
    }

    @Test(arguments: Storage.allCases)
    func usageIsAddedUp(storage: Storage) throws {
        let minsky = try Minsky(storage)
        #expect(try minsky.json("ai", "usage") == ["models": [], "upstream": .null, "error": .null])
        #expect(try minsky.ok("ai", "usage") == "No model was asked over the network.\n")
        try minsky.sql(Self.call(1, "m", tokens: 10))
        try minsky.sql(Self.call(2, "m", tokens: 20).split(separator: "'ok'").joined(separator: "'timedOut'"))
        #expect(try minsky.ok("ai", "usage") == "openai, m: 2 calls, 1 failed, 30 tokens in, 2 out\n")
        #expect(try minsky.run("ai", "usage", "--days", "0").exitCode == 2)
    }

    /// What a shell wrote there is not added up beyond what a number holds.
    @Test func countsOfTokensHaveABound() throws {
        let pair = try SyncPair(.sqlite)
        for id in 1...2 { try pair.ada.sql(Self.call(id, "m", tokens: .max)) }
        try pair.ada.sql(Self.call(3, "m", tokens: 7))
        #expect(try pair.ada.json("ai", "usage", "--days", "400")["models"]?[0]?["inputTokens"] == 7)
    }
}
