/// Which playbook fits a task, if one does.
public struct PlaybookChoice: Sendable {
    /// The playbook that fits, or nil when none does well enough.
    public let playbook: Playbook?
    /// Those that come nearest, best first, at most three; the one that fits is the first of them.
    public let candidates: [Playbook]
    /// The first of them, unless something rules it out.
    public let nearest: Playbook?
}

extension PlaybookLibrary {
    /// How much has to speak for a playbook before it is chosen.
    static let threshold = 1.5
    /// How far it has to be ahead of the next one.
    static let margin = 0.5

    /// Chooses the playbook for a task, or none when too little speaks for any or as much for two.
    ///
    /// What speaks for a playbook, in points:
    /// - a word of its `For:` line in the title 2, one of its `Also:` line 1, and for every further word of a phrase a
    ///   quarter of that more;
    /// - a phrase of its `For:` line with which the title has to begin 2 more;
    /// - a class of words of its `Also:` line ½;
    /// - that the title begins with a verb of its `Work:` line 1, beside one of the above and unless that verb was counted
    ///   as a word. A verb of another kind of work rules the playbook out, except where a phrase of its own begins the title;
    /// - that it is the workspace's own 2, if anything else speaks for it;
    /// - a word of its `For:` line in the description ½, one of its `Also:` line ¼.
    ///
    /// A phrase that is part of a longer one, of whichever playbook, is not counted. A title of one word and one in
    /// another language than English tell nothing to the playbooks that ship.
    public func choice(title: String, description: String?) -> PlaybookChoice {
        let scores = scores(title: title, description: description)
        let ranked = evidence.indices.filter { scores[$0].points > 0 }.sorted {
            let (left, right) = (scores[$0], scores[$1])
            if left.isExcluded != right.isExcluded { return right.isExcluded }
            return left.points == right.points ? $0 < $1 : left.points > right.points
        }
        let candidates = ranked.prefix(3).map { playbooks[$0] }
        guard let first = ranked.first, !scores[first].isExcluded else {
            return PlaybookChoice(playbook: nil, candidates: candidates, nearest: nil)
        }
        let next = ranked.dropFirst().first.map { scores[$0].isExcluded ? 0 : scores[$0].points } ?? 0
        let fits = scores[first].points >= Self.threshold && scores[first].points - next >= Self.margin
        return PlaybookChoice(
            playbook: fits ? playbooks[first] : nil, candidates: candidates, nearest: playbooks[first])
    }

    private struct Score {
        var points = 0.0
        /// Whether something rules the playbook out.
        var isExcluded = false
    }

    private func scores(title text: String, description: String?) -> [Score] {
        let title = TaskTitle(text)
        let words = WordIndex(title.stems)
        let background = WordIndex(Words.stems(of: description ?? "", keepingCommon: true))
        let places = evidence.map { $0.phrases.map { $0.ranges(in: words, of: title) } }
        let longer = Set(places.joined().joined().filter { $0.count > 1 })
        func isPart(_ range: Range<Int>) -> Bool {
            longer.contains { $0 != range && $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
        }

        return evidence.indices.map { index in
            let playbook = evidence[index]
            var score = Score()
            var counted: Set<Int> = []
            var hasOwnBeginning = false
            for (phrase, ranges) in zip(playbook.phrases, places[index]) {
                if let range = ranges.first(where: { !isPart($0) }), !range.allSatisfy(counted.contains) {
                    let weight = phrase.isStrong ? 2.0 : 1
                    score.points += weight * (1 + 0.25 * Double(phrase.stems.count - 1))
                    counted.formUnion(range)
                    if phrase.isAtStart, phrase.isStrong || phrase.stems.count > 1 { hasOwnBeginning = true }
                    if phrase.isAtStart, phrase.isStrong { score.points += 2 }
                } else if ranges.isEmpty, background.contains(phrase.stems) {
                    score.points += phrase.isStrong ? 0.5 : 0.25
                }
            }
            let others = title.classes.indices.filter { $0 >= title.start && !counted.contains($0) }
            let isVerb = title.kind != nil
            for name in playbook.classes
            where others.contains(where: { title.classes[$0].contains(name) && !(isVerb && $0 == title.start) }) {
                score.points += 0.5
            }
            if score.points > 0, let kind = title.kind, !playbook.work.isEmpty {
                if playbook.work.contains(kind) {
                    if !counted.contains(title.start) { score.points += 1 }
                } else if !hasOwnBeginning {
                    score.isExcluded = true
                }
            }
            if playbook.exclusions.contains(where: { !$0.ranges(in: words, of: title).isEmpty }) {
                score.isExcluded = true
            }
            if playbook.isOwn {
                if score.points > 0 { score.points += 2 }
            } else if title.isForeign || (title.isOneWord && background.isEmpty) {
                score.isExcluded = true
            }
            return score
        }
    }
}
