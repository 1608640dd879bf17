import MinskyHTTP
import MinskyModel
import Synchronization

/// One message of a conversation.
struct ChatMessage: Sendable {
    enum Role: String, Sendable { case system, user, assistant }
    var role: Role
    var text: String
}

/// A model's whole answer.
struct ChatAnswer: Sendable {
    var text: String
    var usage: TokenUsage?
}

/// Asks a chat model for JSON, streamed, with the strictest guarantee of its form that the server offers.
struct ChatClient: Sendable {
    let endpoint: Endpoint
    let model: String
    /// The most tokens the model may write.
    let maximumTokens: Int

    /// Asks once.
    ///
    /// A server that does not know a parameter says so with HTTP 400 and its name; it is then asked again without it.
    /// - Parameter parameters: What to ask for; what the server does not know is gone from it afterwards.
    /// - Throws: `AIError`.
    func ask(
        _ messages: [ChatMessage], _ parameters: inout ChatParameters, onText: @escaping @Sendable (String) -> Void
    ) async throws -> ChatAnswer {
        while true {
            do {
                return try await send(messages, parameters, onText)
            } catch let error as AIError {
                guard parameters.relax(because: error) else { throw error }
            }
        }
    }

    private func send(
        _ messages: [ChatMessage], _ parameters: ChatParameters, _ onText: @escaping @Sendable (String) -> Void
    ) async throws -> ChatAnswer {
        var members: [JSON.Member] = [
            .init("model", .string(model)),
            .init(
                "messages",
                .array(messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] })),
            .init("stream", true),
        ]
        if parameters.asksForUsage { members.append(.init("stream_options", ["include_usage": true])) }
        if let name = parameters.tokenLimitName { members.append(.init(name, .integer(Int64(maximumTokens)))) }
        switch parameters.format {
        case .schema(let schema):
            members.append(
                .init(
                    "response_format",
                    ["type": "json_schema", "json_schema": ["name": "breakdown", "strict": true, "schema": schema]]))
        case .object: members.append(.init("response_format", ["type": "json_object"]))
        case .text: break
        }
        let body = JSON.object(members)
        return try await endpoint.reporting(model: model, usage: \.usage) {
            let stream = Mutex(ChatStream(endpoint: endpoint))
            do {
                _ = try await endpoint.post("/chat/completions", body) { piece in
                    let (text, isDone) = try stream.withLock { (try $0.take(piece), $0.isDone) }
                    if !text.isEmpty { onText(text) }
                    // Some servers leave the connection open.
                    if isDone { throw EndOfStream() }
                }
            } catch is EndOfStream {}
            let (answer, rest) = try stream.withLock { try $0.finish() }
            if !rest.isEmpty { onText(rest) }
            return answer
        }
    }
}

/// The answer is whole, whatever may still come on its connection.
private struct EndOfStream: Error {}

/// What a server is asked for beside an answer, as far as it knows it.
struct ChatParameters: Sendable {
    enum Format: Sendable {
        case schema(JSON)
        case object, text
    }

    /// The forms of the answer to ask for, the strictest first; the last is plain text.
    private var formats: [Format]
    private(set) var asksForUsage = true
    /// The parameter that limits how many tokens the model may write: OpenAI has renamed it for its newer models. Nil for a
    /// server that knows none.
    private(set) var tokenLimitName: String? = "max_tokens"

    /// Asks for one of some JSON schemas, the strictest first, or else for JSON mode, or else for plain text.
    init(schemas: [JSON]) { formats = schemas.map(Format.schema) + [.object, .text] }

    var format: Format { formats.first ?? .text }

    /// Leaves out what the server says it does not know. Returns false when nothing is left to leave out.
    ///
    /// Only a refusal of the request's form counts, and a person's limit of tokens is not given up because it is too large.
    mutating func relax(because error: AIError) -> Bool {
        // llama.cpp: "failed to parse grammar", made from a schema that is too large for it.
        if error.refusesForm(naming: ["response_format", "schema", "grammar"]) {
            formats = Array(formats.dropFirst())
            return !formats.isEmpty
        }
        if asksForUsage, error.refusesForm(naming: ["stream_options"]) {
            asksForUsage = false
            return true
        }
        if tokenLimitName == "max_tokens", error.refusesForm(naming: ["max_completion_tokens"]) {
            tokenLimitName = "max_completion_tokens"
            return true
        }
        let ignorance = [
            "unknown", "unsupported", "not support", "unrecognized", "unexpected", "forbid", "not permitted",
            "not allowed", "extra",
        ]
        if let name = tokenLimitName, error.refusesForm(naming: [name]), error.refusesForm(naming: ignorance) {
            tokenLimitName = nil
            return true
        }
        return false
    }
}
