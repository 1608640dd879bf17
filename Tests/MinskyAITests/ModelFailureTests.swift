import MinskyAI
import MinskyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ModelFailureTests {
    private func failure(_ replies: Reply...) async throws -> AIError {
        let rest = Log<Reply>()
        replies.forEach(rest.add)
        let server = try TestHTTPServer { request, connection in
            rest.all.first?.send(request, connection)
        }
        return try await server.planner().failure()
    }

    @Test func stoppedByTheTokenLimit() async throws {
        let error = try await failure(.stream([String(validAnswer.prefix(100))], finishReason: "length"))
        #expect(error.code == .truncated)
        #expect(error.message.contains("limit of tokens"))
    }

    @Test func aWholeAnswerAtTheTokenLimitIsStillNotTrusted() async throws {
        #expect(try await failure(.stream([validAnswer], finishReason: "length")).code == .truncated)
    }

    @Test func aStreamThatEndsWithoutAReason() async throws {
        let error = try await failure(.stream([validAnswer], finishReason: nil, isDone: false))
        #expect(error.code == .truncated)
        #expect(error.message.contains("broke off"))
    }

    @Test func aConnectionClosedInTheMiddle() async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.content("{\"subtasks\""))
            })
        #expect(error.code == .unreachable)
        #expect(error.message.contains("connection was lost"))
    }

    @Test func aConnectionResetInTheMiddle() async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.content("{\"subtasks\""))
                connection.reset()
            })
        #expect(error.code == .unreachable)
    }

    @Test func aBodyShorterThanItsContentLength() async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.head(
                    status: 200, headers: [("Content-Type", "application/json"), ("Content-Length", "5000")])
                connection.write(#"{"choices":[{"message":{"content":"#)
            })
        #expect(error.code == .unreachable)
    }

    @Test func aBodyThatEndsInTheMiddleOfItsJSON() async throws {
        #expect(try await failure(.status(200, #"{"choices":[{"message":{"content":"{"#)).code == .malformed)
    }

    @Test func theModelDeclines() async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.delta(["role": "assistant", "content": .null, "refusal": "I cannot "]))
                connection.event(Chunk.delta(["refusal": "help with that."]))
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        #expect(error.code == .refused)
        #expect(error.message.contains("I cannot help with that."))
    }

    @Test func theServerHoldsTheAnswerBack() async throws {
        let error = try await failure(.stream([validAnswer], finishReason: "content_filter"))
        #expect(error.code == .refused)
        #expect(error.message.contains("content filter"))
    }

    @Test(
        arguments: [
            .stream([]), .stream([" \n\t "]), .status(200), .status(200, #"{"choices":[]}"#),
            .status(200, #"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#), .status(204),
        ] as [Reply])
    func nothingAtAll(reply: Reply) async throws {
        #expect(try await failure(reply).code == .empty)
    }

    @Test(arguments: [
        (#"{"error":{"message":"out of memory","code":500}}"#, "out of memory"),
        (#"{"error":"overloaded"}"#, "overloaded"), (#"{"error":{"code":7}}"#, "7"),
    ])
    func anErrorInsideTheStream(event: String, words: String) async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(Chunk.content("{\"subtasks\""))
                connection.event(event)
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        #expect(error.code == .serverFailed)
        #expect(error.message.contains(words))
    }

    @Test func anErrorInPlaceOfTheAnswer() async throws {
        let error = try await failure(.status(200, #"{"error":{"message":"no such model"}}"#))
        #expect(error.code == .serverFailed)
        #expect(error.message.contains("no such model"))
    }

    @Test(arguments: [
        "<!DOCTYPE html>\n<html><body>Welcome to the hotel's network</body></html>", "Not Found", "[]x",
        "\u{0}\u{1}\u{2}",
    ])
    func somethingElseThanJSON(body: String) async throws {
        #expect(try await failure(.status(200, body, headers: [("Content-Type", "text/html")])).code == .malformed)
    }

    @Test func anEventThatIsNotJSON() async throws {
        let error = try await failure(
            Reply { _, connection in
                connection.startEventStream()
                connection.event("{oops")
                connection.endEventStream()
            })
        #expect(error.code == .malformed)
        #expect(error.message.contains("not JSON"))
    }

    /// A stream may hold anything that is JSON.
    @Test(arguments: [
        "[]", "7", "null", #"{"choices":7}"#, #"{"choices":[7]}"#, #"{"choices":[{"delta":7,"finish_reason":7}]}"#,
        #"{"choices":[{"delta":{"content":7,"refusal":[]}}]}"#, #"{"usage":7}"#,
        #"{"usage":{"prompt_tokens":-1,"completion_tokens":"x"}}"#,
        #"{"usage":{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}}"#, #"{"error":null}"#,
    ])
    func eventsOfAnUnknownShapeArePassedOver(event: String) async throws {
        let server = try TestHTTPServer.replying(
            Reply { _, connection in
                connection.startEventStream()
                connection.event(event)
                connection.event(Chunk.content(validAnswer))
                connection.event(event)
                connection.event(Chunk.finish("stop"))
                connection.event("[DONE]")
                connection.endEventStream()
            })
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func anEndlessBody() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            while connection.event(Chunk.content("blah blah blah blah blah blah")) {}
        }
        #expect(try await server.planner(maximumBytes: 100_000).failure().code == .tooLarge)
    }

    @Test func aSilentServer() async throws {
        let server = try TestHTTPServer { _, connection in connection.waitForClientToLeave() }
        #expect(try await server.planner(idleTimeout: .milliseconds(200)).failure().code == .timedOut)
    }

    @Test func aServerThatFallsSilentInTheMiddle() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event(Chunk.content("{"))
            connection.waitForClientToLeave()
        }
        #expect(try await server.planner(idleTimeout: .milliseconds(200)).failure().code == .timedOut)
    }

    @Test func aServerThatNeverComesToAnEnd() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            while connection.event(Chunk.content(".")) { connection.sleep(milliseconds: 10) }
        }
        #expect(try await server.planner(totalTimeout: .milliseconds(300)).failure().code == .timedOut)
    }

    @Test func nobodyListens() async throws {
        let dead = try DeadPort(accepting: false)
        let endpoint = Endpoint(baseURL: "http://127.0.0.1:\(dead.port)", apiKey: nil)
        let error = try await ModelPlanner(endpoint: endpoint, model: "m").failure()
        #expect(error.code == .unreachable)
        #expect(error.message.contains("127.0.0.1:\(dead.port)"))
    }

    @Test(arguments: ["", "localhost", "ftp://127.0.0.1", "http://", "http://a b"])
    func anAddressThatIsNone(baseURL: String) async throws {
        let endpoint = Endpoint(baseURL: baseURL, apiKey: nil)
        #expect(try await ModelPlanner(endpoint: endpoint, model: "m").failure().code == .notConfigured)
    }

    @Test func aKeyWithALineBreak() async throws {
        let endpoint = Endpoint(baseURL: "http://127.0.0.1:9", apiKey: "sk-1234\n")
        #expect(try await ModelPlanner(endpoint: endpoint, model: "m").failure().code == .notConfigured)
    }
}
