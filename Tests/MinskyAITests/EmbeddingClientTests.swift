import MinskyAI
import MinskyModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EmbeddingClientTests {
    private func client(_ server: TestHTTPServer, key: String? = nil) -> EmbeddingClient {
        EmbeddingClient(endpoint: Endpoint(baseURL: server.baseURL + "/v1", apiKey: key), model: "embedder")
    }

    /// The error of embedding some texts when the server answers with this body.
    private func failure(_ body: String, texts: [String] = ["a", "b"]) async throws -> AIError {
        let server = try TestHTTPServer.replying(.status(200, body))
        let error = await #expect(throws: AIError.self) { try await client(server).embed(texts) }
        return try #require(error)
    }

    @Test func asksForFloatsAndReadsThem() async throws {
        let server = try TestHTTPServer.replying(
            .status(200, #"{"data":[{"index":0,"embedding":[0.5,-1]},{"index":1,"embedding":[1e-3,2]}]}"#))
        #expect(try await client(server, key: "sk-1").embed(["a", "b"]) == [[0.5, -1], [0.001, 2]])
        #expect(server.requests.first?.path == "/v1/embeddings")
        #expect(server.requests.first?.headers["authorization"] == "Bearer sk-1")
        #expect(server.bodies == [["model": "embedder", "input": ["a", "b"], "encoding_format": "float"]])
    }

    @Test func theIndexSaysWhichTextAVectorBelongsTo() async throws {
        let server = try TestHTTPServer.replying(
            .status(
                200, #"{"data":[{"index":2,"embedding":[3]},{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}]}"#)
        )
        #expect(try await client(server).embed(["a", "b", "c"]) == [[1], [2], [3]])
    }

    @Test func withoutAnIndexTheOrderCounts() async throws {
        let server = try TestHTTPServer.replying(.status(200, #"{"data":[{"embedding":[1]},{"embedding":[2]}]}"#))
        #expect(try await client(server).embed(["a", "b"]) == [[1], [2]])
    }

    @Test func manyTextsGoInBatchesOf64() async throws {
        let server = try TestHTTPServer { request, connection in
            let texts = (try? JSON(parsing: request.body))?["input"]?.array?.compactMap(\.string) ?? []
            // Backwards, to make the index count.
            let data = texts.enumerated().reversed().map { #"{"index":\#($0),"embedding":[\#($1),1]}"# }
            connection.respond(status: 200, body: #"{"data":[\#(data.joined(separator: ","))]}"#)
        }
        let vectors = try await client(server).embed((0..<150).map { "\($0)" })
        #expect(vectors == (0..<150).map { [Float($0), 1] })
        #expect(server.bodies.map { $0["input"]?.array?.count } == [64, 64, 22])
    }

    @Test func noTextsNeedNoRequest() async throws {
        let server = try TestHTTPServer.replying()
        #expect(try await client(server).embed([]) == [])
        #expect(server.requests.isEmpty)
    }

    @Test func longTextsAreCutToWhatSmallModelsRead() async throws {
        let server = try TestHTTPServer.replying(.status(200, #"{"data":[{"index":0,"embedding":[1]}]}"#))
        _ = try await client(server).embed([String(repeating: "word ", count: 10_000)])
        #expect(server.bodies.first?["input"]?.array?.first?.string?.count == 1920)
    }

    @Test(arguments: [
        (#"{"data":[{"embedding":[1]}]}"#, "1 embeddings where 2"), (#"{"data":[]}"#, "0 embeddings"),
        (#"{"data":[{"embedding":[1]},{"embedding":[1]},{"embedding":[1]}]}"#, "3 embeddings"),
        (#"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#, "different lengths"),
        (#"{"data":[{"embedding":[1]},{"embedding":[]}]}"#, "not a list of numbers"),
        (#"{"data":[{"embedding":[1]},{"embedding":"AACAPw=="}]}"#, "not a list of numbers"),
        (#"{"data":[{"embedding":[1]},{}]}"#, "not a list of numbers"),
        (#"{"data":[{"embedding":[1]},7]}"#, "not a list of numbers"),
        (#"{"data":[{"embedding":[1]},{"embedding":["1"]}]}"#, "no number"),
        (#"{"data":[{"embedding":[1]},{"embedding":[null]}]}"#, "no number"),
        (#"{"data":[{"embedding":[1]},{"embedding":[1e39]}]}"#, "no number"),
        (#"{"data":[{"embedding":[1]},{"embedding":[NaN]}]}"#, "not JSON"),
        (#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#, "numbered wrongly"),
        (#"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#, "numbered wrongly"),
        (#"{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}"#, "numbered wrongly"),
        (#"{"data":{}}"#, "no list 'data'"), ("{}", "no list 'data'"), ("[]", "no list 'data'"), ("", "not JSON"),
        ("<html>", "not JSON"),
    ])
    func refusesEverythingThatIsNotOneVectorForEachText(body: String, words: String) async throws {
        let error = try await failure(body)
        #expect(error.code == .malformed)
        #expect(error.message.contains(words))
    }

    @Test func vectorsOfAllBatchesHaveOneLength() async throws {
        let first = (0..<64).map { _ in #"{"embedding":[1]}"# }.joined(separator: ",")
        let server = try TestHTTPServer.replying(
            .status(200, #"{"data":[\#(first)]}"#), .status(200, #"{"data":[{"embedding":[1,2]}]}"#))
        let error = await #expect(throws: AIError.self) {
            try await client(server).embed([String](repeating: "x", count: 65))
        }
        #expect(error?.code == .malformed)
    }

    @Test func aFailingServerIsNamed() async throws {
        let server = try TestHTTPServer.replying(.refusal(401, "no"))
        let error = await #expect(throws: AIError.self) { try await client(server).embed(["x"]) }
        #expect(error?.code == .unauthorized)
    }

    @Test func aBusyServerIsAskedAgain() async throws {
        let server = try TestHTTPServer.replying(
            .status(429, headers: [("Retry-After", "0")]), .status(200, #"{"data":[{"embedding":[1]}]}"#))
        #expect(try await client(server).embed(["x"]) == [[1]])
    }

    @Test func anEndlessBodyIsCut() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.head(status: 200)
            while connection.write([UInt8](repeating: 0x20, count: 4096)) {}
        }
        let endpoint = Endpoint(baseURL: server.baseURL, apiKey: nil, maximumBytes: 50_000)
        let error = await #expect(throws: AIError.self) {
            try await EmbeddingClient(endpoint: endpoint, model: "m").embed(["x"])
        }
        #expect(error?.code == .tooLarge)
    }
}
