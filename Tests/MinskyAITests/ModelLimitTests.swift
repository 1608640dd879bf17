import MinskyAI
import MinskyModel
import TestSupport
import Testing

/// What a person limits stays limited: tokens, subtasks, time.
@Suite(.timeLimit(.minutes(1)))
struct ModelLimitTests {
    @Test(arguments: [402, 403, 404, 413])
    func onlyARefusalOfTheRequestItselfDropsTheLimitOfTokens(status: Int) async throws {
        let server = try TestHTTPServer.replying(
            .refusal(status, "unsupported: max_tokens 4096 and stream_options and response_format"),
            .stream(validAnswer))
        _ = try await server.planner().failure()
        #expect(server.requests.count == 1)
        #expect(server.bodies.allSatisfy { $0["max_tokens"] == 4096 && $0["stream_options"] != nil })
        #expect(server.bodies.allSatisfy { $0["response_format"]?["type"] == "json_schema" })
    }

    @Test(arguments: [
        "max_tokens is too large: 4096. This model supports at most 2048 completion tokens.",
        "max_tokens must be less than or equal to 2048",
    ])
    func aLimitThatIsTooLargeIsNotDropped(words: String) async throws {
        let server = try TestHTTPServer.replying(.refusal(400, words), .stream(validAnswer))
        let error = try await server.planner().failure()
        #expect(error.message.contains("max_tokens"))
        #expect(server.requests.count == 1)
    }

    @Test func aServerThatKnowsTheLimitByItsNewNameGetsItByThat() async throws {
        let server = try TestHTTPServer.replying(
            .refusal(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            ), .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(server.bodies.map { $0["max_tokens"] } == [4096, nil])
        #expect(server.bodies.map { $0["max_completion_tokens"] } == [nil, 4096])
    }

    private func answer(_ count: Int) -> String {
        let subtasks = (1...count).map { number -> JSON in
            [
                "title": .string("Step \(number)"), "description": "", "estimate_minutes": 5, "complexity": 1,
                "depends_on": [],
            ]
        }
        return (["subtasks": .array(subtasks)] as JSON).text()
    }

    @Test(arguments: [(7, 3), (2, 50), (2, 1), (1, 2), (4, 5), (10, 13), (10, 7)])
    func aCountThatIsFarOffIsRepairedOnce(wanted: Int, given: Int) async throws {
        let server = try TestHTTPServer.replying(.stream(answer(given)), .stream(answer(wanted)))
        let request = BreakdownRequest(title: "x", count: wanted)
        #expect(try await server.planner().breakDown(request) { _ in }.subtasks.count == wanted)
        #expect(server.bodies.last?.text().contains("where \(wanted) were asked for") == true)
        let stubborn = try TestHTTPServer.replying(.stream(answer(given)), .stream(answer(given)))
        let error = await #expect(throws: AIError.self) {
            try await stubborn.planner().breakDown(request) { _ in }
        }
        #expect(error?.code == .malformed)
    }

    @Test(arguments: [(5, 6), (5, 4), (10, 8), (10, 12), (50, 41)])
    func aCountThatIsNearIsAccepted(wanted: Int, given: Int) async throws {
        let server = try TestHTTPServer.replying(.stream(answer(given)))
        let breakdown = try await server.planner().breakDown(BreakdownRequest(title: "x", count: wanted)) { _ in }
        #expect(breakdown.subtasks.count == given)
        #expect(breakdown.origin.contains("\(given) subtasks where \(wanted) were asked for"))
    }

    @Test func doneEndsAnAnswerWhoseConnectionStaysOpen() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event(Chunk.content(validAnswer))
            connection.event(Chunk.finish("stop"))
            connection.event(Chunk.usage(3, 4))
            connection.chunk("data: [DONE]\n\ndata: {\"error\":\"too late\"}\n\n")
            connection.waitForClientToLeave()
        }
        let breakdown = try await server.planner(idleTimeout: .seconds(5)).answer()
        #expect(breakdown.subtasks == validSubtasks)
        #expect(breakdown.usage == TokenUsage(input: 3, output: 4))
    }

    /// Each part is quick enough by itself: waiting to try again, a request that is refused, the answer, its repair.
    @Test func theTimeInAllHoldsForRetriesToo() async throws {
        let server = try TestHTTPServer { request, connection in
            connection.sleep(milliseconds: 150)
            Reply.refusal(429, "busy", headers: [("Retry-After", "0")]).send(request, connection)
        }
        let planner = server.planner(totalTimeout: .milliseconds(400))
        let error = try await planner.failure()
        #expect(error.code == .timedOut)
        #expect(error.message.contains("in all"))
    }

    @Test func theTimeInAllHoldsForTheRepairToo() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            for _ in 0..<24 {
                connection.event(Chunk.content(" "))
                connection.sleep(milliseconds: 50)
            }
            connection.event(Chunk.content("no JSON"))
            connection.event(Chunk.finish("stop"))
            connection.event("[DONE]")
            connection.endEventStream()
        }
        let error = try await server.planner(totalTimeout: .seconds(2)).failure()
        #expect(error.code == .timedOut)
        #expect(error.message.contains("in all"))
    }

    @Test func aWaitThatIsLongerThanWhatIsLeftIsNotBegun() async throws {
        let server = try TestHTTPServer.replying(.refusal(429, "busy", headers: [("Retry-After", "19")]))
        let error = try await server.planner(totalTimeout: .seconds(18)).failure()
        #expect(error.code == .rateLimited)
        #expect(server.requests.count == 1)
    }
}
