import MinskyAI
import MinskyModel
import TestSupport
import Testing

/// Whatever a server repeats of the request, the key is in no error.
@Suite(.timeLimit(.minutes(1)))
struct ModelSecretTests {
    static let key = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz-canary"

    private func message(_ reply: @escaping @Sendable (_ key: String) -> Reply) async throws -> String {
        let server = try TestHTTPServer { request, connection in
            // What the server received, not what the test knows.
            let header = request.headers["authorization"] ?? "no key"
            reply(header.replacing("Bearer ", with: "")).send(request, connection)
        }
        let error = try await server.planner(key: Self.key).failure()
        #expect(server.requests.first?.headers["authorization"] == "Bearer \(Self.key)")
        return "\(error) \(String(reflecting: error)) \(error.message)"
    }

    private func expectNoKey(in text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(!text.contains("canary"), sourceLocation: sourceLocation)
        #expect(!text.contains("0123456789"), sourceLocation: sourceLocation)
    }

    @Test(arguments: [400, 401, 403, 404, 422, 500, 503])
    func notInTheServersWords(status: Int) async throws {
        expectNoKey(
            in: try await message {
                .refusal(status, "Incorrect key \($0) for '\($0)'.", headers: [("Retry-After", "99")])
            })
    }

    @Test func notInABodyThatIsNoJSON() async throws {
        expectNoKey(in: try await message { .status(500, "<p>Authorization: Bearer \($0)</p>") })
    }

    @Test func notInAnErrorOfAnotherShape() async throws {
        expectNoKey(in: try await message { .status(400, #"{"request":{"headers":{"auth":"\#($0)"}}}"#) })
    }

    @Test func notInTheHeaderThatSaysHowLongToWait() async throws {
        expectNoKey(in: try await message { .status(429, headers: [("Retry-After", "99\($0)")]) })
    }

    /// The message is cut at 300 characters: with the key across the cut, no part of it may stay.
    @Test(arguments: (48...60).map { $0 * 5 })
    func notInPartWhereAMessageIsCut(padding: Int) async throws {
        let text = String(repeating: "x", count: padding)
        expectNoKey(in: try await message { .refusal(400, text + $0) })
    }

    @Test func notInAnErrorInsideTheStream() async throws {
        expectNoKey(
            in: try await message { key in
                Reply { _, connection in
                    connection.startEventStream()
                    connection.event(#"{"error":{"message":"bad key \#(key)"}}"#)
                    connection.endEventStream()
                }
            })
    }

    @Test func notInAnErrorInPlaceOfTheAnswer() async throws {
        expectNoKey(in: try await message { .status(200, #"{"error":"bad key \#($0)"}"#) })
    }

    @Test(arguments: [0, 290])
    func notInARefusal(padding: Int) async throws {
        let text = String(repeating: "x", count: padding)
        expectNoKey(
            in: try await message { key in
                Reply { _, connection in
                    connection.startEventStream()
                    connection.event(Chunk.delta(["refusal": .string(text + key)]))
                    connection.event(Chunk.finish("stop"))
                    connection.endEventStream()
                }
            })
    }

    @Test func notAsAnUnknownKeyOfTheAnswer() async throws {
        expectNoKey(in: try await message { .stream(#"{"subtasks":[],"\#($0)":1}"#) })
    }

    @Test func notAsADependencyOfTheAnswer() async throws {
        expectNoKey(
            in: try await message {
                .stream(
                    #"{"subtasks":[{"title":"a","description":"","estimate_minutes":5,"complexity":1,"depends_on":["\#($0)"]}]}"#
                )
            })
    }

    /// As Swift counts characters, a mark after the key makes its last letter another one.
    @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}"])
    func notWithAMarkThatChangesItsLastLetter(mark: String) async throws {
        expectNoKey(in: try await message { .refusal(400, "bad key \($0)\(mark)") })
    }

    @Test func notInAFailureOfTheEmbeddings() async throws {
        let server = try TestHTTPServer { request, connection in
            connection.respond(status: 400, body: "bad \(request.headers["authorization"] ?? "")")
        }
        let client = EmbeddingClient(endpoint: Endpoint(baseURL: server.baseURL, apiKey: Self.key), model: "m")
        let error = await #expect(throws: AIError.self) { try await client.embed(["x"]) }
        expectNoKey(in: "\(try #require(error))")
    }
}
