import MinskyAI
import MinskyModel
import TestSupport
import Testing

/// An error says what came.
@Suite(.timeLimit(.minutes(1)))
struct MisleadingAnswerTests {
    private func failure(_ body: String) async throws -> AIError {
        let server = try TestHTTPServer.replying(.status(200, body))
        return try await server.planner().failure()
    }

    @Test(arguments: [
        (#"{"type":"message","content":[{"type":"text","text":"hello there"}]}"#, "hello there"),
        (#"{"model":"m","message":{"role":"assistant","content":"hello there"},"done":true}"#, "hello there"),
        (#"{"candidates":[{"content":{"parts":[{"text":"hello there"}]}}]}"#, "hello there"),
        (#"{"object":"list","data":[]}"#, "object"), ("{}", "{}"), ("[]", "[]"), ("7", "7"),
        (#"{"choices":[{"text":"a completion"}]}"#, "a completion"),
    ])
    func whatIsNoAnswerOfThisProtocolIsQuoted(body: String, words: String) async throws {
        let error = try await failure(body)
        #expect(error.code == .malformed)
        #expect(error.message.contains("is no answer of the OpenAI API"))
        #expect(error.message.contains(words))
    }

    @Test func eventsOfAnotherAPIAreQuoted() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event(#"{"type":"content_block_delta","delta":{"text":"hello there"}}"#)
            connection.endEventStream()
        }
        let error = try await server.planner().failure()
        #expect(error.code == .malformed)
        #expect(error.message.contains("hello there"))
    }

    @Test func aCallOfAToolIsNamed() async throws {
        let error = try await failure(
            #"{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"get_weather"}}]},"finish_reason":"tool_calls"}]}"#
        )
        #expect(error.code == .malformed)
        #expect(error.message.contains("get_weather"))
    }

    @Test func thoughtsAreNoAnswer() async throws {
        let error = try await failure(
            #"{"choices":[{"message":{"content":"","reasoning_content":"Let me see"},"finish_reason":"stop"}]}"#)
        #expect(error.code == .empty)
        #expect(error.message.contains("only thought"))
    }

    @Test func textInPartsIsRead() async throws {
        let parts: JSON = [
            "choices": [
                [
                    "message": ["content": [["type": "text", "text": .string(validAnswer)]]], "finish_reason": "stop",
                ]
            ]
        ]
        let server = try TestHTTPServer.replying(.status(200, parts.text()))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test func partsThatAreNoTextAreNamed() async throws {
        let error = try await failure(
            #"{"choices":[{"message":{"content":[{"type":"image_url","image_url":{"url":"x"}}]},"finish_reason":"stop"}]}"#
        )
        #expect(error.code == .malformed)
        #expect(error.message.contains("image_url"))
    }

    @Test func withoutAKeyNoKeyIsRefused() async throws {
        let server = try TestHTTPServer.replying(.refusal(401, "missing header"))
        let error = try await server.planner().failure()
        #expect(error.code == .unauthorized)
        #expect(error.message == "the model's server asks for a key, and there is none (HTTP 401): missing header")
    }

    @Test func anErrorOfTheEmbeddingsSaysSo() async throws {
        for reply in [
            Reply.refusal(401, "no"), .refusal(404, "no"), .refusal(400, "no"), .refusal(500, "no"),
            .status(429, headers: [("Retry-After", "99")]), .status(302), .status(200, "x"), .status(200, "{}"),
        ] {
            let server = try TestHTTPServer.replying(reply)
            let client = EmbeddingClient(endpoint: Endpoint(baseURL: server.baseURL, apiKey: "sk-1"), model: "vec")
            let error = await #expect(throws: AIError.self) { try await client.embed(["x"]) }
            let message = try #require(error).message
            #expect(message.contains("embedding"))
            #expect(!message.contains("the model's server"))
        }
        let dead = try DeadPort(accepting: false)
        let client = EmbeddingClient(
            endpoint: Endpoint(baseURL: "http://127.0.0.1:\(dead.port)", apiKey: nil), model: "vec")
        let error = await #expect(throws: AIError.self) { try await client.embed(["x"]) }
        #expect(error?.message.contains("embedding") == true)
    }

    @Test(arguments: [408, 409, 425])
    func whatPassesIsTriedAgain(status: Int) async throws {
        let busy = Reply.refusal(status, "not now", headers: [("Retry-After", "0")])
        let server = try TestHTTPServer.replying(busy, busy, .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        let stubborn = try TestHTTPServer.replying(busy, busy, busy)
        let error = try await stubborn.planner().failure()
        #expect(error.code == .serverFailed)
        #expect(error.message.contains("HTTP \(status)"))
        #expect(stubborn.requests.count == 3)
    }

    @Test func aBatchThatIsTooLargeIsHalved() async throws {
        let server = try TestHTTPServer { request, connection in
            let texts = (try? JSON(parsing: request.body))?["input"]?.array ?? []
            guard texts.count <= 10 else {
                Reply.refusal(400, "batch size \(texts.count) > maximum allowed batch size 10").send(
                    request, connection)
                return
            }
            let data = texts.map { "{\"embedding\":[\($0.string ?? "")]}" }.joined(separator: ",")
            connection.respond(status: 200, body: "{\"data\":[\(data)]}")
        }
        let client = EmbeddingClient(endpoint: Endpoint(baseURL: server.baseURL, apiKey: nil), model: "m")
        #expect(try await client.embed((0..<40).map { "\($0)" }) == (0..<40).map { [Float($0)] })
        #expect(server.requests.count <= 8)
    }

    @Test func aServerThatDoesNotKnowTheFormatIsAskedWithoutIt() async throws {
        let server = try TestHTTPServer.replying(
            .refusal(400, "unknown field encoding_format"), .status(200, #"{"data":[{"embedding":[1]}]}"#))
        let client = EmbeddingClient(endpoint: Endpoint(baseURL: server.baseURL, apiKey: nil), model: "m")
        #expect(try await client.embed(["x"]) == [[1]])
        #expect(server.bodies.map { $0["encoding_format"] } == ["float", nil])
    }
}
