import MinskyModel

/// Asks a server for embeddings.
public struct EmbeddingClient: Embedder {
    public let model: String
    private var endpoint: Endpoint
    /// The most texts to send at once.
    private static let batchSize = 64
    /// Small models read no more than 512 tokens of a text, and servers refuse longer ones.
    private static let tokenBudget = 480

    /// Creates a client for one model of a server.
    public init(endpoint: Endpoint, model: String) {
        self.endpoint = endpoint
        self.endpoint.service = .embedding
        self.model = model
    }

    /// Asks for the vectors, in smaller batches where a server says that one is too large for it.
    public func embed(_ texts: [String]) async throws -> [[Float]] {
        try await endpoint.redactingErrors { try await ask(texts) }
    }

    private func ask(_ texts: [String]) async throws -> [[Float]] {
        var vectors: [[Float]] = []
        var (size, asksForFloats) = (Self.batchSize, true)
        while vectors.count < texts.count {
            let batch = texts[vectors.count...].prefix(size).map {
                TokenBudget.prefix(of: $0, tokens: Self.tokenBudget)
            }
            do {
                vectors += try await embed(batch: batch, asksForFloats: asksForFloats)
            } catch let error as AIError where asksForFloats && error.refusesForm(naming: ["encoding_format"]) {
                asksForFloats = false
            } catch let error as AIError where batch.count > 1 && Self.isTooLarge(error) {
                size = batch.count / 2
            }
        }
        guard vectors.allSatisfy({ $0.count == vectors[0].count }) else {
            throw AIError(.malformed, "\(endpoint.service.rawValue) sent vectors of different lengths")
        }
        return vectors
    }

    private static func isTooLarge(_ error: AIError) -> Bool {
        error.status == 413 || error.refusesForm(naming: ["batch", "too many", "too large", "at most", "maximum"])
    }

    private func embed(batch: [String], asksForFloats: Bool) async throws -> [[Float]] {
        var members: [JSON.Member] = [
            .init("model", .string(model)), .init("input", .array(batch.map(JSON.string))),
        ]
        if asksForFloats { members.append(.init("encoding_format", "float")) }
        let body = JSON.object(members)
        return try await endpoint.reporting(model: model, usage: \.usage) { () async throws -> EmbeddingAnswer in
            let response = try await endpoint.post("/embeddings", body)
            return try EmbeddingAnswer(body: response.body, count: batch.count)
        }.vectors
    }
}

/// The answer of `/embeddings`, strictly decoded.
struct EmbeddingAnswer {
    var vectors: [[Float]]
    var usage: TokenUsage?

    init(body: [UInt8], count: Int) throws {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw AIError(.malformed, "the embedding server's answer is not JSON: \(error)")
        }
        guard let data = json["data"]?.array else {
            throw AIError(.malformed, "the embedding server's answer has no list 'data'")
        }
        guard data.count == count else {
            throw AIError(
                .malformed, "the embedding server sent \(data.count) embeddings where \(count) were asked for")
        }
        var vectors = [[Float]?](repeating: nil, count: count)
        for (position, item) in data.enumerated() {
            let index = item["index"]?.integer.flatMap { Int(exactly: $0) } ?? position
            guard vectors.indices.contains(index), vectors[index] == nil else {
                throw AIError(.malformed, "the embedding server's answer is numbered wrongly")
            }
            vectors[index] = try Self.vector(item["embedding"])
        }
        self.vectors = vectors.compactMap { $0 }
        usage = TokenUsage.count(json["usage"]?["prompt_tokens"]).map { TokenUsage(input: $0, output: 0) }
    }

    private static func vector(_ json: JSON?) throws -> [Float] {
        guard let elements = json?.array, (1...65_536).contains(elements.count) else {
            throw AIError(.malformed, "the embedding server sent what is not a list of numbers")
        }
        return try elements.map { element in
            guard let value = element.number.map({ Float($0.double) }), value.isFinite else {
                throw AIError(.malformed, "the embedding server sent a vector with something in it that is no number")
            }
            return value
        }
    }
}
