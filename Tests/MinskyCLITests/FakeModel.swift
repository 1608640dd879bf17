import MinskyModel
import TestSupport

/// A model server that plays the parts a test gives it.
struct FakeModel {
    typealias Part = TestHTTPServer.Handler

    let server: TestHTTPServer

    init(chat: @escaping Part = FakeModel.good, embeddings: @escaping Part = FakeModel.vectors) throws {
        server = try TestHTTPServer { request, connection in
            switch request.path {
            case "/v1/chat/completions": chat(request, connection)
            case "/v1/embeddings": embeddings(request, connection)
            default: connection.respond(status: 404, body: "nothing is here")
            }
        }
    }

    var baseURL: String { server.baseURL + "/v1" }

    /// The variables that make `minsky` ask this server.
    var environment: [String: String] { Self.environment(baseURL: baseURL) }

    static func environment(baseURL: String) -> [String: String] {
        [
            "MINSKY_AI_PROVIDER": "openai-compatible", "MINSKY_AI_BASE_URL": baseURL, "MINSKY_AI_MODEL": "tiny",
            "MINSKY_AI_EMBEDDING_MODEL": "tiny-embed", "MINSKY_AI_TIMEOUT_SECONDS": "30",
        ]
    }

    /// The bodies of the requests for a breakdown.
    func questions() throws -> [JSON] {
        try server.requests.filter { $0.path == "/v1/chat/completions" }.map { try JSON(parsing: $0.body) }
    }
}

extension FakeModel {
    /// A good answer: three subtasks, of which the second waits for the first, and the third for both.
    static let plan = plan(titles: ["Model accounts", "Check passwords", "Write tests"])

    static func plan(titles: [String], description: String = "It is there.") -> String {
        let subtasks = titles.enumerated().map { index, title -> JSON in
            [
                "title": .string(title), "description": .string(description),
                "estimate_minutes": .integer(Int64(30 * (index + 1))), "complexity": .integer(Int64(index + 2)),
                "depends_on": .array((0..<index).map { .integer(Int64($0 + 1)) }),
            ]
        }
        return (["subtasks": .array(subtasks)] as JSON).text()
    }

    static let good = streaming(plan)

    /// Streams a text in small pieces, ends well and counts 11 tokens read and 22 written.
    static func streaming(_ text: String, finishReason: String = "stop") -> Part {
        { _, connection in
            connection.startEventStream()
            var rest = text[...]
            while !rest.isEmpty {
                connection.event(delta(String(rest.prefix(40))))
                rest = rest.dropFirst(40)
            }
            connection.event(#"{"choices":[{"delta":{},"finish_reason":"\#(finishReason)"}]}"#)
            connection.event(#"{"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":22}}"#)
            connection.event("[DONE]")
            connection.endEventStream()
        }
    }

    /// One piece of an answer, as an event.
    static func delta(_ text: String) -> String {
        (["choices": [["delta": ["content": .string(text)]]]] as JSON).text()
    }

    /// Answers with a status and a body.
    static func status(_ status: Int, _ body: String, headers: [(String, String)] = []) -> Part {
        { _, connection in connection.respond(status: status, headers: headers, body: body) }
    }

    /// The error body most servers send.
    static func error(_ status: Int, _ message: String, headers: [(String, String)] = []) -> Part {
        self.status(status, (["error": ["message": .string(message)]] as JSON).text(), headers: headers)
    }

    /// Three numbers for each text: its place from 1, a half, and minus two.
    static let vectors = vectors { $0 }

    /// Vectors for as many texts as a closure says.
    static func vectors(count: @escaping @Sendable (Int) -> Int) -> Part {
        { request, connection in
            let asked = (try? JSON(parsing: request.body))?["input"]?.array?.count ?? 0
            let data = (0..<count(asked)).map { index -> JSON in
                ["index": .integer(Int64(index)), "embedding": [.integer(Int64(index + 1)), 0.5, -2]]
            }
            let body: JSON = ["data": .array(data), "usage": ["prompt_tokens": 7, "total_tokens": 7]]
            connection.respond(status: 200, headers: [("Content-Type", "application/json")], body: body.text())
        }
    }
}
