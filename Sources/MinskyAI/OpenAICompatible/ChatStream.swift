import MinskyModel

/// Puts the pieces of a streamed chat answer together. Reads an answer that was not streamed as well.
struct ChatStream {
    private let endpoint: Endpoint
    private var events = ServerSentEvents()
    private var raw: [UInt8] = []
    private var sawEvent = false
    private var text = ""
    private var refusal = ""
    private var finishReason: String?
    /// Whether the answer has come to its end, which a stream marks with `[DONE]`.
    private(set) var isDone = false
    private var usage: TokenUsage?
    /// Whether anything of what a chat answer is made of has arrived.
    private var isChat = false
    /// The first thing that arrived and is no part of a chat answer.
    private var stranger: JSON?
    /// The tool the model wants to call.
    private var tool: String?
    private var hasThoughts = false
    /// The kind of the first part of the content that is no text.
    private var otherPart: String?

    /// Creates a stream from an endpoint, whose key appears in no error.
    init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// Takes the next bytes of the body and returns the text they add to the answer.
    mutating func take(_ bytes: [UInt8]) throws -> String {
        if !sawEvent { raw += bytes }
        return try take(events: events.take(bytes))
    }

    /// The whole answer, once the body has ended, and the text that its last bytes added.
    /// - Throws: `AIError` when the answer is cut off, refused, empty or none of this protocol, or an error arrived in its
    ///   place.
    mutating func finish() throws -> (answer: ChatAnswer, rest: String) {
        var rest = try take(events: events.finish())
        if !sawEvent {
            guard let answer = try? JSON(parsing: raw) else {
                throw raw.isEmpty
                    ? AIError(.empty, "the model's server sent an empty answer")
                    : AIError(
                        .malformed,
                        "the model's server sent something that is neither JSON nor a stream of events: "
                            + endpoint.quoting(String(decoding: raw, as: UTF8.self)))
            }
            rest = try take(answer)
            isDone = true
        }
        if !isChat, let stranger {
            throw AIError(
                .malformed,
                "what the model's server sent is no answer of the OpenAI API: \(endpoint.quoting(stranger.text()))")
        }
        if !refusal.isEmpty { throw AIError(.refused, "the model declined: \(endpoint.quoting(refusal))") }
        switch finishReason {
        case "length":
            throw AIError(.truncated, "the model stopped at its limit of tokens before the answer was complete")
        case "content_filter": throw AIError(.refused, "the model's server held the answer back (content filter)")
        case nil where !isDone: throw AIError(.truncated, "the model's answer broke off before its end")
        default: break
        }
        if !text.contains(where: { !$0.isWhitespace }) { throw nothingSaid }
        return (ChatAnswer(text: text, usage: usage), rest)
    }

    /// What came where an answer should have stood.
    private var nothingSaid: AIError {
        if let tool {
            return AIError(
                .malformed, "the model called the tool '\(endpoint.quoting(tool, limit: 40))' instead of answering")
        }
        if let otherPart {
            return AIError(
                .malformed, "the model answered with '\(endpoint.quoting(otherPart, limit: 40))', which is no text")
        }
        if hasThoughts { return AIError(.empty, "the model only thought and gave no answer") }
        return AIError(.empty, "the model gave an empty answer")
    }

    private mutating func take(events: [[UInt8]]) throws -> String {
        var added = ""
        for event in events where !isDone {
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
        guard let choices = json["choices"]?.array else {
            stranger = stranger ?? json
            return ""
        }
        guard let choice = choices.first else {
            isChat = true
            return ""
        }
        guard let part = choice["delta"] ?? choice["message"], part.members != nil else {
            stranger = stranger ?? json
            return ""
        }
        isChat = true
        let added = content(part["content"])
        text += added
        refusal += part["refusal"]?.string ?? ""
        hasThoughts = hasThoughts || ["reasoning_content", "reasoning"].contains { part[$0]?.string?.isEmpty == false }
        tool =
            tool ?? part["tool_calls"]?.array?.first.map { $0["function"]?["name"]?.string ?? "?" }
            ?? part["function_call"]?["name"]?.string
        if let reason = choice["finish_reason"]?.string { finishReason = reason }
        return added
    }

    /// The text of a message's content, which is a text or a list of parts.
    private mutating func content(_ json: JSON?) -> String {
        guard let parts = json?.array else { return json?.string ?? "" }
        var text = ""
        for part in parts {
            if part["type"]?.string == "text", let words = part["text"]?.string {
                text += words
            } else {
                otherPart = otherPart ?? part["type"]?.string ?? part.kindName
            }
        }
        return text
    }
}
