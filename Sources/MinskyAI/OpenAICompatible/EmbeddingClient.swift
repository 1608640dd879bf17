import MinskyModel

/// Asks a server for embeddings.
public struct EmbeddingClient: Embedder {
    public let model: String
    private let endpoint: Endpoint
    /// The most texts to send at once.
    private static let batchSize = 64
    /// Small models read no more than 512 tokens of a text, and servers refuse longer ones.
    private static let tokenBudget = 480

    /// Creates a client for one model of a server.
    public init(endpoint: Endpoint, model: String) {
        self.endpoint = endpoint
        self.model = model
    }

    public func embed(_ texts: [String]) async throws -> [[Float]] {
        var vectors: [[Float]] = []
        for start in stride(from: 0, to: texts.count, by: Self.batchSize) {
            let batch = texts[start..<min(start + Self.batchSize, texts.count)]
            vectors += try await embed(batch: batch.map { TokenBudget.prefix(of: $0, tokens: Self.tokenBudget) })
        }
        guard let length = vectors.first?.count, vectors.allSatisfy({ $0.count == length }) else {
            if texts.isEmpty { return [] }
            throw AIError(.malformed, "the model's server sent vectors of different lengths")
        }
        return vectors
    }

    private func embed(batch: [String]) async throws -> [[Float]] {
        let body: JSON = ["model": .string(model), "input": .array(batch.map(JSON.string)), "encoding_format": "float"]
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
            throw AIError(.malformed, "the answer with the embeddings is not JSON: \(error)")
        }
        guard let data = json["data"]?.array else {
            throw AIError(.malformed, "the answer with the embeddings has no list 'data'")
        }
        guard data.count == count else {
            throw AIError(.malformed, "the server sent \(data.count) embeddings where \(count) were asked for")
        }
        var vectors = [[Float]?](repeating: nil, count: count)
        for (position, item) in data.enumerated() {
            let index = item["index"]?.integer.flatMap { Int(exactly: $0) } ?? position
            guard vectors.indices.contains(index), vectors[index] == nil else {
                throw AIError(.malformed, "the embeddings are numbered wrongly")
            }
            vectors[index] = try Self.vector(item["embedding"])
        }
        self.vectors = vectors.compactMap { $0 }
        usage = TokenUsage.count(json["usage"]?["prompt_tokens"]).map { TokenUsage(input: $0, output: 0) }
    }

    private static func vector(_ json: JSON?) throws -> [Float] {
        guard let elements = json?.array, (1...65_536).contains(elements.count) else {
            throw AIError(.malformed, "an embedding is not a list of numbers")
        }
        return try elements.map { element in
            guard let value = element.number.map({ Float($0.double) }), value.isFinite else {
                throw AIError(.malformed, "an embedding holds something that is no number")
            }
            return value
        }
    }
}
