import MinskyAI
import MinskyModel
import TestSupport
import Testing

/// A server that does not know a parameter is asked again without it.
@Suite(.timeLimit(.minutes(1)))
struct ModelDowngradeTests {
    @Test func schemaBecomesJSONModeAndThenPlainText() async throws {
        let server = try TestHTTPServer.replying(
            .refusal(
                400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
            .refusal(400, "'response_format.type' must be 'text'"), .stream(validAnswer))
        #expect(try await server.planner(key: "sk-1").answer().subtasks == validSubtasks)
        #expect(server.bodies.map { $0["response_format"]?["type"]?.string } == ["json_schema", "json_object", nil])
    }

    /// Without a key it is a server nearby, which gets a tighter schema first.
    @Test(arguments: [
        "'maxLength' is not permitted in the schema", "Failed to initialize samplers: failed to parse grammar",
    ])
    func aTightSchemaBecomesAPlainOneFirst(words: String) async throws {
        let server = try TestHTTPServer.replying(.refusal(400, words), .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        let schemas = server.bodies.compactMap { $0["response_format"]?["json_schema"]?["schema"]?.text() }
        #expect(schemas.map { $0.contains("maxLength") } == [true, false])
    }

    @Test(arguments: [400, 422, 404, 501])
    func onlyARefusalThatNamesTheParameterLowersTheDemand(status: Int) async throws {
        let server = try TestHTTPServer.replying(.refusal(status, "the moon is in the wrong phase"))
        _ = try await server.planner().failure()
        #expect(server.requests.count == 1)
    }

    @Test func aValidationErrorThatIsNoTextIsUnderstoodToo() async throws {
        let server = try TestHTTPServer.replying(
            .status(422, #"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"]}]}"#),
            .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(server.bodies.map { $0["stream_options"] != nil } == [true, false])
    }

    @Test(arguments: ["stream_options", "max_tokens"])
    func aNamedParameterIsDropped(name: String) async throws {
        let server = try TestHTTPServer.replying(
            .refusal(400, "Unsupported parameter: '\(name)' is not supported with this model."), .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(server.bodies.map { $0[name] != nil } == [true, false])
        #expect(server.bodies.last?["response_format"]?["type"] == "json_schema")
    }

    @Test func allParametersCanBeDroppedOneAfterTheOther() async throws {
        let server = try TestHTTPServer { request, connection in
            let body = try? JSON(parsing: request.body)
            for name in ["response_format", "stream_options", "max_tokens"] where body?[name] != nil {
                Reply.refusal(400, "unknown field \(name)").send(request, connection)
                return
            }
            Reply.stream(validAnswer).send(request, connection)
        }
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(server.bodies.last?.members?.map(\.key) == ["model", "messages", "stream"])
    }

    @Test(arguments: ["response_format", "stream_options", "max_tokens", "schema"])
    func aServerThatIsNeverContentIsGivenUp(name: String) async throws {
        let server = try TestHTTPServer { request, connection in
            Reply.refusal(400, "bad \(name)").send(request, connection)
        }
        let error = try await server.planner().failure()
        #expect(error.code == .rejected)
        #expect(error.message.contains("bad \(name)"))
        #expect(server.requests.count <= 4)
    }

    @Test func whatWasLearntHoldsForTheRepair() async throws {
        let server = try TestHTTPServer { request, connection in
            if (try? JSON(parsing: request.body))?["response_format"] == nil {
                Reply.stream("no JSON").send(request, connection)
            } else {
                Reply.refusal(400, "response_format").send(request, connection)
            }
        }
        let error = try await server.planner().failure()
        #expect(error.code == .malformed)
        #expect(server.bodies.map { $0["response_format"]?["type"]?.string }.suffix(3) == ["json_object", nil, nil])
    }
}
