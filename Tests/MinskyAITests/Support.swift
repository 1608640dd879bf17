import Dispatch
import MinskyAI
import MinskyModel
import Synchronization
import TestSupport
import Testing

/// A lock that server handlers, which have threads of their own, wait at until a test opens it.
struct Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Returns false when nobody has opened the gate for so long that nobody ever will.
    func pass() -> Bool { semaphore.wait(timeout: .now() + 20) == .success }
}

/// Collects what arrives from several threads.
final class Log<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// What a server says to one request.
struct Reply: Sendable {
    let send: TestHTTPServer.Handler

    /// A whole answer of a model, as a stream of one event for each of the pieces.
    static func stream(
        _ pieces: [String], finishReason: String? = "stop", usage: (Int, Int)? = nil, isDone: Bool = true
    ) -> Reply {
        Reply { _, connection in
            connection.startEventStream()
            for piece in pieces { connection.event(Chunk.content(piece)) }
            if let finishReason { connection.event(Chunk.finish(finishReason)) }
            if let (input, output) = usage { connection.event(Chunk.usage(input, output)) }
            if isDone { connection.event("[DONE]") }
            connection.endEventStream()
        }
    }

    static func stream(_ text: String, usage: (Int, Int)? = nil) -> Reply { stream([text], usage: usage) }

    static func status(_ status: Int, _ body: String = "", headers: [(String, String)] = []) -> Reply {
        Reply { _, connection in connection.respond(status: status, headers: headers, body: body) }
    }

    /// An error as OpenAI words it.
    static func refusal(_ status: Int, _ message: String, headers: [(String, String)] = []) -> Reply {
        let body: JSON = ["error": ["message": .string(message), "type": "invalid_request_error"]]
        return .status(status, body.text(), headers: headers)
    }
}

/// Single events of a streamed answer.
enum Chunk {
    private static func choice(_ delta: JSON, _ finishReason: JSON) -> String {
        let json: JSON = [
            "id": "x", "object": "chat.completion.chunk",
            "choices": [["index": 0, "delta": delta, "finish_reason": finishReason]],
        ]
        return json.text()
    }

    static func content(_ text: String) -> String { choice(["content": .string(text)], .null) }
    static func delta(_ delta: JSON) -> String { choice(delta, .null) }
    static func finish(_ reason: String) -> String { choice([:], .string(reason)) }
    static func usage(_ input: Int, _ output: Int) -> String {
        #"{"choices":[],"usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output)}}"#
    }
}

extension TestHTTPServer {
    /// Gives one reply after the other, and HTTP 500 to every request past the last.
    static func replying(_ replies: Reply...) throws -> TestHTTPServer {
        let rest = Mutex(replies[...])
        return try TestHTTPServer { request, connection in
            let next = rest.withLock { $0.popFirst() } ?? .status(500, "one request too many")
            next.send(request, connection)
        }
    }

    /// The JSON bodies of all requests so far.
    var bodies: [JSON] { requests.compactMap { try? JSON(parsing: $0.body) } }

    func planner(
        key: String? = nil, idleTimeout: Duration = .seconds(20), totalTimeout: Duration = .seconds(50),
        maximumBytes: Int = 1 << 20, onCall: @escaping @Sendable (CallReport) -> Void = { _ in }
    ) -> ModelPlanner {
        ModelPlanner(
            endpoint: Endpoint(
                baseURL: baseURL + "/v1", apiKey: key, idleTimeout: idleTimeout, totalTimeout: totalTimeout,
                maximumBytes: maximumBytes, onCall: onCall),
            model: "test-model")
    }
}

extension ModelPlanner {
    /// Breaks something down that does not matter.
    func answer(_ title: String = "Build a shed") async throws -> Breakdown {
        try await breakDown(BreakdownRequest(title: title)) { _ in }
    }

    /// The error of a breakdown that has to fail.
    func failure(sourceLocation: SourceLocation = #_sourceLocation) async throws -> AIError {
        let error = await #expect(throws: AIError.self, sourceLocation: sourceLocation) { try await answer() }
        return try #require(error, sourceLocation: sourceLocation)
    }
}

/// An answer with three subtasks that is exactly of the required form.
let validAnswer = #"""
    {"subtasks": [
      {"title": "Draw the plan", "description": "A sketch – maßstäblich 📐.", "estimate_minutes": 60, "complexity": 3, "depends_on": []},
      {"title": "Buy the timber", "description": "", "estimate_minutes": 90, "complexity": 2, "depends_on": [1]},
      {"title": "Raise the walls", "description": "They stand.", "estimate_minutes": 600, "complexity": 7, "depends_on": [1, 2]}
    ]}
    """#

let validSubtasks = [
    PlannedSubtask(
        title: "Draw the plan", description: "A sketch – maßstäblich 📐.", estimateMinutes: 60, complexity: 3),
    PlannedSubtask(title: "Buy the timber", estimateMinutes: 90, complexity: 2, dependsOn: [0]),
    PlannedSubtask(
        title: "Raise the walls", description: "They stand.", estimateMinutes: 600, complexity: 7, dependsOn: [0, 1]),
]
