/// Embeddings without a model or a network: the words, word pairs and letter triples of a text, hashed into a vector.
///
/// The same text always gives the same vector. It knows spelling, not meaning.
/// Source of the method: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009).
public struct BuiltinEmbedder: Embedder {
    public let model = "builtin-hash-256"
    private static let dimensions = 256

    /// Creates the embedder.
    public init() {}

    public func embed(_ texts: [String]) async throws -> [[Float]] { texts.map(Self.vector) }

    /// The vector of a text: 256 numbers, length 1.
    public static func vector(of text: String) -> [Float] {
        var vector = [Float](repeating: 0, count: dimensions)
        func add(_ feature: String, _ weight: Float) {
            let hash = fnv1a(feature)
            vector[Int(hash % UInt64(dimensions))] += hash >> 63 == 0 ? weight : -weight
        }
        let stems = Words.stems(of: text)
        for stem in stems {
            add("w " + stem, 1)
            let letters = Array("^" + stem + "$")
            if letters.count > 4 {
                for start in 0...(letters.count - 3) { add("t " + String(letters[start..<start + 3]), 0.25) }
            }
        }
        for (left, right) in zip(stems, stems.dropFirst()) { add("p \(left) \(right)", 0.5) }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else {
            vector[0] = 1
            return vector
        }
        return vector.map { $0 / length }
    }

    /// FNV-1a, 64 bits (Fowler, Noll, Vo), with a last mixing so that the high bit is as good as the low ones.
    private static func fnv1a(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }
}
