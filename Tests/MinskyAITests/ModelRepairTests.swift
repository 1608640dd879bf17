import MinskyAI
import MinskyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ModelRepairTests {
    let wrong = validAnswer.replacing("\"complexity\": 7", with: "\"complexity\": 11")

    @Test func aWrongAnswerIsSentBackWithWhatIsWrong() async throws {
        let server = try TestHTTPServer.replying(.stream(wrong, usage: (10, 20)), .stream(validAnswer, usage: (30, 40)))
        let breakdown = try await server.planner().answer()
        #expect(breakdown.subtasks == validSubtasks)
        #expect(breakdown.usage == TokenUsage(input: 40, output: 60))
        let messages = try #require(server.bodies.last?["messages"]?.array)
        #expect(messages.compactMap { $0["role"]?.string } == ["system", "user", "assistant", "user"])
        #expect(messages[2]["content"]?.string == wrong)
        #expect(
            messages[3]["content"]?.string?.contains("'complexity' of subtask 3 is not a whole number from 1 to 10")
                == true)
        #expect(server.bodies.map { $0["response_format"]?["type"] } == ["json_schema", "json_schema"])
    }

    @Test func afterTwoWrongAnswersItIsOver() async throws {
        let server = try TestHTTPServer.replying(.stream(wrong), .stream("still not JSON"), .stream(validAnswer))
        let error = try await server.planner().failure()
        #expect(error.code == .malformed)
        #expect(error.message.contains("not valid JSON"))
        #expect(server.requests.count == 2)
    }

    @Test func aFailureOfTheRepairIsReportedAsItIs() async throws {
        let server = try TestHTTPServer.replying(.stream(wrong), .refusal(401, "key expired"))
        #expect(try await server.planner().failure().code == .unauthorized)
        #expect(server.requests.count == 2)
    }

    @Test func aHugeWrongAnswerIsQuotedInPart() async throws {
        let server = try TestHTTPServer.replying(
            .stream(String(repeating: "blah ", count: 50_000)), .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(try #require(server.requests.last).body.count < 30_000)
    }

    @Test func titlesAreNotAnnouncedTwice() async throws {
        let server = try TestHTTPServer.replying(.stream(wrong), .stream(validAnswer))
        let titles = Log<String>()
        _ = try await server.planner().breakDown(BreakdownRequest(title: "x")) { titles.add($0) }
        #expect(titles.all == validSubtasks.map(\.title))
    }

    @Test(
        arguments: [.stream([validAnswer], finishReason: "length"), .stream([]), .status(200, "<html>"), .status(500)]
            as [Reply])
    func onlyTheFormOfAnAnswerIsWorthASecondRequest(reply: Reply) async throws {
        let server = try TestHTTPServer.replying(reply, .stream(validAnswer))
        _ = try await server.planner().failure()
        #expect(server.requests.count == 1)
    }
}
