import MinskyAI
import TestSupport
import Testing

/// Every call of a model over the network is reported once.
@Suite(.timeLimit(.minutes(1)))
struct CallReportTests {
    private func reports(_ replies: Reply...) async throws -> [CallReport] {
        let rest = Log<Reply>()
        replies.forEach(rest.add)
        let turn = Log<Int>()
        let server = try TestHTTPServer { request, connection in
            turn.add(0)
            rest.all[min(turn.all.count, rest.all.count) - 1].send(request, connection)
        }
        let reports = Log<CallReport>()
        _ = try? await server.planner { reports.add($0) }.answer()
        return reports.all
    }

    @Test func aGoodCallWithItsUsage() async throws {
        let report = try #require(try await reports(.stream(validAnswer, usage: (120, 80))).first)
        #expect(report.outcome == "ok")
        #expect(report.usage == TokenUsage(input: 120, output: 80))
        #expect(report.provider == "openai-compatible")
        #expect(report.model == "test-model")
        #expect(report.milliseconds >= 0)
    }

    @Test func aGoodCallWithoutUsage() async throws {
        let reports = try await reports(.stream(validAnswer))
        #expect(reports.map(\.outcome) == ["ok"])
        #expect(reports.first?.usage == nil)
    }

    @Test(
        arguments: [
            (.status(500), "serverFailed"), (.status(401), "unauthorized"), (.status(200, "<html>"), "malformed"),
            (.stream([validAnswer], finishReason: "length"), "truncated"), (.stream([]), "empty"),
            (.status(429, headers: [("Retry-After", "3600")]), "rateLimited"),
        ] as [(Reply, String)])
    func aFailedCallWithTheNameOfItsError(reply: Reply, outcome: String) async throws {
        #expect(try await reports(reply).map(\.outcome) == [outcome])
    }

    @Test func bothCallsOfARepair() async throws {
        let reports = try await reports(.stream("no JSON", usage: (1, 2)), .stream(validAnswer, usage: (3, 4)))
        #expect(reports.map(\.outcome) == ["ok", "ok"])
        #expect(reports.map(\.usage) == [TokenUsage(input: 1, output: 2), TokenUsage(input: 3, output: 4)])
    }

    @Test func everyCallOfADowngrade() async throws {
        let reports = try await reports(.refusal(400, "stream_options"), .stream(validAnswer))
        #expect(reports.map(\.outcome) == ["rejected", "ok"])
    }

    @Test func embeddingsToo() async throws {
        let server = try TestHTTPServer.replying(
            .status(200, #"{"data":[{"index":0,"embedding":[1,0]}],"usage":{"prompt_tokens":5,"total_tokens":5}}"#),
            .status(500))
        let reports = Log<CallReport>()
        let endpoint = Endpoint(baseURL: server.baseURL, apiKey: nil) { reports.add($0) }
        let client = EmbeddingClient(endpoint: endpoint, model: "embedder")
        _ = try await client.embed(["a"])
        _ = try? await client.embed(["a"])
        #expect(reports.all.map(\.outcome) == ["ok", "serverFailed"])
        #expect(reports.all.first?.usage == TokenUsage(input: 5, output: 0))
        #expect(reports.all.first?.model == "embedder")
    }
}
