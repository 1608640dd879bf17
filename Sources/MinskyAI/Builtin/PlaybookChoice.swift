/// Which playbook fits a task, if one does.
public struct PlaybookChoice: Sendable {
    /// The playbook that fits, or nil when none does well enough.
    public let playbook: Playbook?
    /// Those that may suit, best first, at most three; the one that fits is the first of them. None of them is ruled out,
    /// and for each something speaks.
    public let candidates: [Playbook]
}

extension PlaybookLibrary {
    /// How much has to speak for a playbook before it is chosen.
    static let threshold = 1.5
    /// How far it has to be ahead of the next one.
    static let margin = 0.5
    /// How much has to speak for a playbook before it is named at all.
    static let least = 1.0

    /// Chooses the playbook for a task, or none when too little speaks for any or as much for two.
    ///
    /// What speaks for a playbook, in points:
    /// - a word of its `For:` line in the title 2, one of its `Also:` line 1, and for every further word of a phrase a
    ///   quarter of that more; a word of its `For:` line that only qualifies a thing of another kind counts as one of its
    ///   `Also:` line, and half of it counts when it stands among the circumstances (`TaskTitle.circumstances`);
    /// - a phrase of its `For:` line with which the title has to begin 2 more;
    /// - a class of words of its `Also:` line ½;
    /// - that the title begins with a verb of its `Work:` line 1, beside one of the above and unless that verb was counted
    ///   as a word. A verb of another kind of work rules the playbook out, except where a phrase of its own begins the title;
    /// - that it is the workspace's own 2, if anything else speaks for it;
    /// - a word of its `For:` line in the description ½, one of its `Also:` line ¼.
    ///
    /// What is not on the `For:` line is not enough alone: there have to be two such things. A phrase that is part of a
    /// longer one, of whichever playbook, is not counted. A title of one word, one in another language than English and
    /// one of several tasks tell nothing to the playbooks that ship.
    public func choice(title: String, description: String?) -> PlaybookChoice {
        let scores = scores(title: title, description: description)
        let ranked = evidence.indices.filter { !scores[$0].isExcluded && scores[$0].points >= Self.least }.sorted {
            let (left, right) = (scores[$0].points, scores[$1].points)
            return left == right ? $0 < $1 : left > right
        }
        let candidates = ranked.prefix(3).map { playbooks[$0] }
        guard let first = ranked.first else { return PlaybookChoice(playbook: nil, candidates: []) }
        let next = ranked.dropFirst().first.map { scores[$0].points } ?? 0
        let fits =
            scores[first].isEnough && scores[first].points >= Self.threshold
            && scores[first].points - next >= Self.margin
        return PlaybookChoice(playbook: fits ? playbooks[first] : nil, candidates: candidates)
    }

    private struct Score {
        var points = 0.0
        /// How many things speak for the playbook.
        var reasons = 0
        /// Whether one of them is enough alone.
        var hasStrongReason = false
        /// Whether something rules the playbook out.
        var isExcluded = false

        var isEnough: Bool { hasStrongReason || reasons > 1 }

        mutating func add(_ points: Double, isReason: Bool = true) {
            self.points += points
            if isReason { reasons += 1 }
        }
    }

    private func scores(title text: String, description: String?) -> [Score] {
        let title = TaskTitle(text)
        let words = WordIndex(title.stems)
        let background = WordIndex(Words.stems(of: description ?? "", keepingCommon: true))
        let places = evidence.map { $0.phrases.map { $0.ranges(in: words, of: title) } }
        let longer = Set(places.joined().joined().filter { $0.count > 1 })
        let saysNothing =
            title.isForeign || (title.isOneWord && background.isEmpty) || SeveralTasks(in: text) != nil
        func isPart(_ range: Range<Int>) -> Bool {
            longer.contains { $0 != range && $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
        }

        let namedByOthers = Set(places.joined().joined().filter { $0.count == 1 }.map(\.lowerBound))
        /// A name of its own, such as Stripe or Java 21, says wherever it stands what it is about.
        func isNamed(_ place: Int) -> Bool {
            !title.classes[place].isDisjoint(with: [.platform, .service, .version])
        }

        return evidence.indices.map { index in
            let playbook = evidence[index]
            var score = Score()
            var counted: Set<Int> = []
            var hasOwnBeginning = false
            // Whether the playbook's subject is the title's, and not only among its circumstances.
            var isAboutIt = false
            func isOwn(_ thing: Int?) -> Bool {
                guard let thing, !playbook.isOwn else { return true }
                return playbook.names(title.stems[thing])
                    || (!namedByOthers.contains(thing) && playbook.isAbout(title.classes[thing]))
            }
            let isKindOfWork = title.kind.map(playbook.work.contains) ?? false
            for (phrase, ranges) in zip(playbook.phrases, places[index]) {
                if let range = ranges.first(where: { !isPart($0) }), !range.allSatisfy(counted.contains) {
                    counted.formUnion(range)
                    let isOwnThing =
                        phrase.isAtStart || playbook.isOwn
                        || (isOwn(title.thing(behind: range)) && !title.isOrder(range))
                    let isAside =
                        !playbook.isOwn && range.lowerBound > title.circumstances && !isNamed(range.lowerBound)
                    let isSure =
                        !playbook.isTechnical || title.isTechnical || range.count > 2
                        || (isKindOfWork && !range.contains(title.kindPlace))
                    let isStrong = phrase.isStrong && isOwnThing && isSure
                    var weight = isStrong ? 2.0 : 1
                    if isAside || (!isOwnThing && title.kind == nil) { weight /= 2 }
                    score.add(
                        weight * (1 + 0.25 * Double(phrase.stems.count - 1)),
                        isReason: isStrong || (!isAside && isOwnThing))
                    if !isAside, isOwnThing || isStrong { isAboutIt = true }
                    if isStrong, !isAside { score.hasStrongReason = true }
                    if phrase.isAtStart, phrase.isStrong || phrase.stems.count > 1 { hasOwnBeginning = true }
                    if phrase.isAtStart, isStrong { score.points += 2 }
                } else if ranges.isEmpty, background.contains(phrase.stems) {
                    score.add(phrase.isStrong ? 0.5 : 0.25)
                }
            }
            for name in playbook.classes {
                let places = title.classes.indices.filter {
                    $0 >= title.start && !counted.contains($0) && title.classes[$0].contains(name)
                        && (title.kind == nil || $0 != title.kindPlace)
                        && ((playbook.isTechnical && title.kind != nil) || isNamed($0)
                            || isOwn(title.thing(behind: $0..<$0 + 1)))
                }
                if let first = places.first {
                    let isAside = first > title.circumstances && !isNamed(first)
                    if !isAside, playbook.mainClasses.contains(name) { isAboutIt = true }
                    score.add(
                        isAside ? 0.25 : 0.5,
                        isReason: !isAside && isAboutIt)
                }
            }
            if score.points > 0, let kind = title.kind, !playbook.work.isEmpty {
                if playbook.work.contains(kind) {
                    if !counted.contains(title.kindPlace), isAboutIt { score.add(1) }
                } else if !hasOwnBeginning {
                    score.isExcluded = true
                }
            }
            let isRuledOut =
                playbook.exclusions.contains { !$0.ranges(in: words, of: title).isEmpty }
                || title.classes.dropFirst(title.start).contains { !playbook.excludedClasses.isDisjoint(with: $0) }
            if isRuledOut { score.isExcluded = true }
            if playbook.isOwn {
                if score.points > 0 { score.add(2) }
            } else if saysNothing {
                score.isExcluded = true
            }
            return score
        }
    }
}
