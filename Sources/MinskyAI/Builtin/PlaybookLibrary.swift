import Foundation

/// The playbooks to choose from: those that ship, and a workspace's own.
public struct PlaybookLibrary: Sendable {
    public let playbooks: [Playbook]

    /// Reads the shipped playbooks and adds a workspace's own; one of the same name replaces the shipped one.
    /// - Parameter own: Names (without `.md`) and texts.
    /// - Throws: `AIError` with code `.badPlaybook`.
    public init(own: [(name: String, markdown: String)] = []) throws {
        var playbooks = try Self.shipped.map { name, bytes in
            try Playbook(name: name, markdown: String(decoding: bytes, as: UTF8.self))
        }
        for (name, markdown) in own {
            playbooks.removeAll { $0.name == name }
            playbooks.append(try Playbook(name: name, markdown: markdown))
        }
        self.playbooks = playbooks
    }

    /// The playbook that is used when no other fits.
    static let fallbackName = "project"

    /// The playbook most similar to a task: the cosine of their words, each weighted by how few playbooks have it, the
    /// title's words counting three times those of the description.
    func best(title: String, description: String?) -> Playbook? {
        let documents = playbooks.map { Self.counts([($0.keywords.joined(separator: " , ") + " " + $0.title, 1)]) }
        var frequency: [String: Float] = [:]
        for document in documents { for word in document.keys { frequency[word, default: 0] += 1 } }
        let total = Float(playbooks.count)
        func weighted(_ counts: [String: Float]) -> [String: Float] {
            var vector: [String: Float] = [:]
            for (word, count) in counts {
                guard let documents = frequency[word] else { continue }
                vector[word] = (1 + count).squareRoot() * log(1 + total / documents)
            }
            return vector
        }
        let query = weighted(Self.counts([(title, 3), (description ?? "", 1)]))
        var best: (playbook: Playbook, score: Float)?
        for (playbook, document) in zip(playbooks, documents) where playbook.name != Self.fallbackName {
            let vector = weighted(document)
            let product = query.reduce(Float(0)) { $0 + $1.value * (vector[$1.key] ?? 0) }
            // Long lists of keywords are an offer, not a dilution: they count by a gentle power of their length.
            let length = vector.values.reduce(0) { $0 + $1 * $1 }
            let score = product / max(1, length).squareRoot().squareRoot()
            if score > 0, score > (best?.score ?? 0) { best = (playbook, score) }
        }
        return best?.playbook ?? playbooks.first { $0.name == Self.fallbackName } ?? playbooks.first
    }

    private static func counts(_ texts: [(String, Float)]) -> [String: Float] {
        var counts: [String: Float] = [:]
        for (text, weight) in texts {
            for stem in Words.stems(of: text) { counts[stem, default: 0] += weight }
        }
        return counts
    }
}
