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
            } catch let error as AIError where error.code == .rejected {
                guard parameters.relax(because: error.message) else { throw error }
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
        if parameters.limitsTokens { members.append(.init("max_tokens", .integer(Int64(maximumTokens)))) }
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
            _ = try await endpoint.post("/chat/completions", body) { piece in
                let text = try stream.withLock { try $0.take(piece) }
                if !text.isEmpty { onText(text) }
            }
            let (answer, rest) = try stream.withLock { try $0.finish() }
            if !rest.isEmpty { onText(rest) }
            return answer
        }
    }
}

/// What a server is asked for beside an answer, as far as it knows it.
struct ChatParameters: Sendable {
    enum Format: Sendable {
        case schema(JSON)
        case object, text
    }

    /// The forms of the answer to ask for, the strictest first; the last is plain text.
    private var formats: [Format]
    private(set) var asksForUsage = true
    private(set) var limitsTokens = true

    /// Asks for one of some JSON schemas, the strictest first, or else for JSON mode, or else for plain text.
    init(schemas: [JSON]) { formats = schemas.map(Format.schema) + [.object, .text] }

    var format: Format { formats.first ?? .text }

    /// Leaves out what the server says it does not know. Returns false when nothing is left to leave out.
    mutating func relax(because message: String) -> Bool {
        let message = message.lowercased()
        // llama.cpp: "failed to parse grammar", made from a schema that is too large for it.
        if ["response_format", "schema", "grammar"].contains(where: message.contains) {
            formats = Array(formats.dropFirst())
            return !formats.isEmpty
        }
        if asksForUsage, message.contains("stream_options") {
            asksForUsage = false
            return true
        }
        if limitsTokens, message.contains("max_tokens") {
            limitsTokens = false
            return true
        }
        return false
    }
}

/// Puts the pieces of a streamed chat answer together. Reads an answer that was not streamed as well.
struct ChatStream {
    private let endpoint: Endpoint
    private var events = ServerSentEvents()
    private var raw: [UInt8] = []
    private var sawEvent = false
    private var text = ""
    private var refusal = ""
    private var finishReason: String?
    private var isDone = false
    private var usage: TokenUsage?

    /// Creates a stream from an endpoint, whose key appears in no error.
    init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// Takes the next bytes of the body and returns the text they add to the answer.
    mutating func take(_ bytes: [UInt8]) throws -> String {
        if !sawEvent { raw += bytes }
        return try take(events: events.take(bytes))
    }

    /// The whole answer, once the body has ended, and the text that its last bytes added.
    /// - Throws: `AIError` when the answer is cut off, refused or empty, or an error arrived in its place.
    mutating func finish() throws -> (answer: ChatAnswer, rest: String) {
        var rest = try take(events: events.finish())
        if !sawEvent {
            guard let answer = try? JSON(parsing: raw) else {
                throw raw.isEmpty
                    ? AIError(.empty, "the model's server sent an empty answer")
                    : AIError(
                        .malformed, "the model's server sent something that is neither JSON nor a stream of events")
            }
            rest = try take(answer)
            isDone = true
        }
        if !refusal.isEmpty { throw AIError(.refused, "the model declined: \(endpoint.quoting(refusal))") }
        switch finishReason {
        case "length":
            throw AIError(.truncated, "the model stopped at its limit of tokens before the answer was complete")
        case "content_filter": throw AIError(.refused, "the model's server held the answer back (content filter)")
        case nil where !isDone: throw AIError(.truncated, "the model's answer broke off before its end")
        default: break
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw AIError(.empty, "the model gave an empty answer")
        }
        return (ChatAnswer(text: text, usage: usage), rest)
    }

    private mutating func take(events: [[UInt8]]) throws -> String {
        var added = ""
        for event in events {
            sawEvent = true
            raw = []
            if event.elementsEqual("[DONE]".utf8) {
                isDone = true
                continue
            }
            let json: JSON
            do {
                json = try JSON(parsing: event)
            } catch {
                throw AIError(.malformed, "the model's server sent an event that is not JSON: \(error)")
            }
            added += try take(json)
        }
        return added
    }

    /// Takes one chunk of a stream, or a whole answer; they differ only in `delta` and `message`. Returns its text.
    private mutating func take(_ json: JSON) throws -> String {
        if let error = json["error"], error != .null {
            let words = endpoint.quoting(Endpoint.errorMessage(json) ?? error.text())
            throw AIError(.serverFailed, "the model's server failed: \(words)")
        }
        if let counts = json["usage"], let input = TokenUsage.count(counts["prompt_tokens"]),
            let output = TokenUsage.count(counts["completion_tokens"])
        {
            usage = TokenUsage(input: input, output: output)
        }
        guard let choice = json["choices"]?.array?.first else { return "" }
        let part = choice["delta"] ?? choice["message"]
        let added = part?["content"]?.string ?? ""
        text += added
        refusal += part?["refusal"]?.string ?? ""
        if let reason = choice["finish_reason"]?.string { finishReason = reason }
        return added
    }
}
