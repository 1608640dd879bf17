import MinskyAI

/// The vectors of some texts, with the model they are from.
struct EmbeddedTexts: Sendable {
    let model: String
    let vectors: [[Float]]
    /// Why they are not those of the configured embedder, or nil when they are.
    let warning: String?

    /// Asks an embedder. When it fails, the built-in one takes its place: by then the breakdown has been paid for, and
    /// vectors can be made again.
    /// - Throws: `AIError` with code `.cancelled`.
    init(_ texts: [String], by embedder: any Embedder) async throws {
        do {
            let vectors = try await embedder.embed(texts)
            guard vectors.count == texts.count else {
                throw AIError(.malformed, "\(vectors.count) embeddings came for \(texts.count) texts")
            }
            (model, self.vectors, warning) = (embedder.model, vectors, nil)
        } catch let error as AIError where error.code != .cancelled {
            let builtin = BuiltinEmbedder()
            (model, vectors) = (builtin.model, try await builtin.embed(texts))
            warning = "Embeddings are built in this time: \(error.message)."
        }
    }
}
