/// What the lines at the top of a playbook say about when it fits, ready to be looked up in a title.
struct PlaybookEvidence: Sendable {
    /// A word or phrase that speaks for a playbook.
    struct Phrase: Sendable {
        let stems: [String]
        /// Whether it has to stand at the title's beginning, or at its end.
        let isAtStart: Bool
        let isAtEnd: Bool
        /// Whether it is enough alone.
        let isStrong: Bool

        /// Reads "search bar", "learn …" (at the beginning) or "… redesign" (at the end).
        init(_ text: String, isStrong: Bool) {
            let text = text.replacing("...", with: "…")
            stems = Words.stems(of: text, keepingCommon: true)
            isAtStart = text.hasSuffix("…")
            isAtEnd = text.hasPrefix("…")
            self.isStrong = isStrong
        }

        /// Where it stands in a title.
        func ranges(in words: WordIndex, of title: TaskTitle) -> [Range<Int>] {
            words.ranges(of: stems).filter {
                $0.lowerBound >= title.start && (!isAtStart || $0.lowerBound == title.start)
                    && (!isAtEnd || $0.upperBound == title.stems.count)
            }
        }
    }

    let name: String
    let isOwn: Bool
    let phrases: [Phrase]
    let exclusions: [Phrase]
    let classes: Set<WordClass>
    let work: Set<KindOfWork>

    init(_ playbook: Playbook, isOwn: Bool) {
        name = playbook.name
        self.isOwn = isOwn
        let (classes, hints) = playbook.hints.reduce(into: (Set<WordClass>(), [String]())) { lists, hint in
            if hint.hasPrefix("<"), let known = WordClass(rawValue: String(hint.dropFirst().dropLast())) {
                lists.0.insert(known)
            } else {
                lists.1.append(hint)
            }
        }
        self.classes = classes
        phrases =
            (playbook.keywords.map { Phrase($0, isStrong: true) } + hints.map { Phrase($0, isStrong: false) })
            .filter { !$0.stems.isEmpty }
        exclusions = playbook.exclusions.map { Phrase($0, isStrong: false) }.filter { !$0.stems.isEmpty }
        work = Set(playbook.work.compactMap(KindOfWork.init(rawValue:)))
    }
}
