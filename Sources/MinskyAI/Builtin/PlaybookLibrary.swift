import Foundation

/// The playbooks to choose from: those that ship, and a workspace's own.
public struct PlaybookLibrary: Sendable {
    public let playbooks: [Playbook]
    /// In how many playbooks each word occurs.
    private let frequency: [String: Float]

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
        frequency = Self.wordFrequency(in: playbooks)
    }

    /// The playbook that is used when no other fits.
    static let fallbackName = "project"

    /// The playbook whose keywords tell most about a task, or the general one when none of them occurs in it.
    ///
    /// A keyword of several words counts only as a whole. What it tells is how few playbooks use its words (their
    /// logarithmic inverse document frequency, over all texts); in the title that counts six times as much as in the
    /// description, and at the title's beginning, where the verb stands, twice more.
    func best(title: String, description: String?) -> Playbook? {
        let title = WordIndex(Words.stems(of: title, keepingCommon: true))
        let description = WordIndex(Words.stems(of: description ?? "", keepingCommon: true))
        let total = Float(playbooks.count)
        func weight(_ word: String) -> Float { frequency[word].map { log(1 + total / $0) } ?? 0 }

        var best: (playbook: Playbook, score: Float)?
        for playbook in playbooks where playbook.name != Self.fallbackName {
            var score: Float = 0
            var seen: Set<[String]> = []
            for keyword in playbook.keywords {
                let phrase = Words.stems(of: keyword, keepingCommon: true)
                guard seen.insert(phrase).inserted else { continue }
                let telling = Words.stems(of: keyword).reduce(0) { $0 + weight($1) }
                if title.contains(phrase) {
                    // A verb that half of the playbooks use, such as "add", is no reason to prefer one of them.
                    score += title.begins(with: phrase) && telling > Self.ordinary ? 6 * telling : 3 * telling
                } else if description.contains(phrase) {
                    score += telling / 2
                }
            }
            if score > best?.score ?? 0 { best = (playbook, score) }
        }
        return best?.playbook ?? playbooks.first { $0.name == Self.fallbackName } ?? playbooks.first
    }

    /// What a word tells that half of the playbooks use.
    private static let ordinary: Float = log(3)

    private static func wordFrequency(in playbooks: [Playbook]) -> [String: Float] {
        var frequency: [String: Float] = [:]
        for playbook in playbooks {
            let steps = playbook.steps.flatMap { [$0.title, $0.description] + $0.when }
            let text = ([playbook.title, playbook.summary] + playbook.keywords + steps).joined(separator: "\n")
            for word in Set(Words.stems(of: text)) { frequency[word, default: 0] += 1 }
        }
        return frequency
    }
}
