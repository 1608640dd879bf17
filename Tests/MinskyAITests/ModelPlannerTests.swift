import Foundation
import MinskyAI
import MinskyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ModelPlannerTests {
    @Test func aStreamedAnswerBecomesABreakdown() async throws {
        let server = try TestHTTPServer.replying(.stream(validAnswer.map { String($0) }, usage: (120, 80)))
        let breakdown = try await server.planner().answer()
        #expect(breakdown.subtasks == validSubtasks)
        #expect(breakdown.provider == "openai-compatible")
        #expect(breakdown.model == "test-model")
        #expect(breakdown.usage == TokenUsage(input: 120, output: 80))
        #expect(breakdown.origin.contains("test-model"))
        #expect(server.requests.count == 1)
    }

    /// Bytes of one event, of a line end and of a character arrive apart.
    @Test(arguments: [1, 2, 3, 7, 1000])
    func piecesOfAnySizeMakeTheSameAnswer(size: Int) async throws {
        let events =
            ([Chunk.delta(["role": "assistant", "content": .null])]
            + validAnswer.map { Chunk.content(String($0)) } + [Chunk.finish("stop"), "[DONE]"])
            .map { "data: \($0)\r\n\r\n" }.joined()
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.head(status: 200, headers: [("Content-Type", "text/event-stream")])
                var rest = Array(events.utf8)[...]
                while !rest.isEmpty {
                    connection.write(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
            })
        let titles = Log<String>()
        let breakdown = try await server.planner().breakDown(BreakdownRequest(title: "x")) { titles.add($0) }
        #expect(breakdown.subtasks == validSubtasks)
        #expect(titles.all == validSubtasks.map(\.title))
    }

    @Test func theFirstDeltaMayHoldNoContent() async throws {
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.delta(["role": "assistant", "content": .null]))
                connection.event(Chunk.delta(["content": ""]))
                connection.event(Chunk.content(validAnswer))
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func commentsAndOtherFieldsOfTheStreamArePassedOver() async throws {
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.startEventStream()
                connection.chunk(": OPENROUTER PROCESSING\n\nevent: message\nid: 3\nretry: 10\n")
                connection.event(Chunk.content(validAnswer))
                connection.chunk(":\n\n")
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func doneIsNotNeededAfterAReasonToFinish() async throws {
        let server = try TestHTTPServer.replying(.stream([validAnswer], isDone: false))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func aReasonToFinishIsNotNeededBeforeDone() async throws {
        let server = try TestHTTPServer.replying(.stream([validAnswer], finishReason: nil))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test(arguments: ["application/json", "text/plain"])
    func aServerThatDoesNotStreamIsUnderstood(contentType: String) async throws {
        let answer: JSON = [
            "id": "x",
            "choices": [
                [
                    "index": 0, "message": ["role": "assistant", "content": .string(validAnswer)],
                    "finish_reason": "stop",
                ]
            ],
            "usage": ["prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16],
        ]
        let server = try TestHTTPServer.replying(
            .status(200, answer.text(.indented), headers: [("Content-Type", contentType)]))
        let titles = Log<String>()
        let breakdown = try await server.planner().breakDown(BreakdownRequest(title: "x")) { titles.add($0) }
        #expect(breakdown.subtasks == validSubtasks)
        #expect(breakdown.usage == TokenUsage(input: 7, output: 9))
        #expect(titles.all == validSubtasks.map(\.title))
    }

    @Test func titlesAreAnnouncedWhileTheRestIsStillToCome() async throws {
        let announced = Gate()
        let wasInTime = Log<Bool>()
        let first = try #require(validAnswer.range(of: "\"depends_on\": []}")?.upperBound)
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.content(String(validAnswer[..<first])))
                wasInTime.add(announced.pass())
                connection.event(Chunk.content(String(validAnswer[first...])))
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        let titles = Log<String>()
        _ = try await server.planner().breakDown(BreakdownRequest(title: "x")) {
            titles.add($0)
            announced.open()
        }
        #expect(wasInTime.all == [true])
        #expect(titles.all == ["Draw the plan", "Buy the timber", "Raise the walls"])
    }

    @Test func absurdCountsOfTokensAreNotCounted() async throws {
        let huge = (Int.max, Int.max)
        let server = try TestHTTPServer.replying(
            .stream("{}", usage: huge), .stream(validAnswer, usage: huge))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func cancellingEndsTheCall() async throws {
        let begun = Gate()
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.content("{"))
                begun.open()
                connection.waitForClientToLeave()
            })
        let planner = server.planner()
        let task = Task { try await planner.answer() }
        await withCheckedContinuation { continuation in
            Thread {
                #expect(begun.pass())
                continuation.resume()
            }.start()
        }
        task.cancel()
        let error = await #expect(throws: AIError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
