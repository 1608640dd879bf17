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
    /// The classes of words that speak for it, and those of them for which a verb of its kind of work is enough beside.
    let classes: Set<WordClass>
    let mainClasses: Set<WordClass>
    /// The classes of words that rule the playbook out.
    let excludedClasses: Set<WordClass>
    let work: Set<KindOfWork>
    private let vocabulary: Set<String>

    init(_ playbook: Playbook, isOwn: Bool) {
        name = playbook.name
        self.isOwn = isOwn
        let (mainClasses, keywords) = Self.divided(playbook.keywords)
        let (otherClasses, hints) = Self.divided(playbook.hints)
        let (excludedClasses, exclusions) = Self.divided(playbook.exclusions)
        self.mainClasses = mainClasses
        classes = mainClasses.union(otherClasses)
        self.excludedClasses = excludedClasses
        phrases =
            (keywords.map { Phrase($0, isStrong: true) } + hints.map { Phrase($0, isStrong: false) })
            .filter { !$0.stems.isEmpty }
        vocabulary = Set(phrases.flatMap(\.stems))
        self.exclusions = exclusions.map { Phrase($0, isStrong: false) }.filter { !$0.stems.isEmpty }
        work = Set(playbook.work.compactMap(KindOfWork.init(rawValue:)))
    }

    /// Whether it is about programs and nothing else.
    var isTechnical: Bool { excludedClasses.contains(.everyday) && !classes.contains(.role) }

    /// Whether a word stands in one of its phrases.
    func names(_ stem: String) -> Bool { vocabulary.contains(stem) }

    /// Whether a word of some classes belongs to what it is about. To one about programs every word of software does.
    func isAbout(_ classesOfWord: Set<WordClass>) -> Bool {
        !classes.isDisjoint(with: classesOfWord)
            || (isTechnical && !classesOfWord.isDisjoint(with: [.software, .platform, .service, .version]))
    }

    /// The classes in a list, and its other words.
    private static func divided(_ list: [String]) -> (Set<WordClass>, [String]) {
        list.reduce(into: (Set<WordClass>(), [String]())) { lists, text in
            if text.hasPrefix("<"), let known = WordClass(rawValue: String(text.dropFirst().dropLast())) {
                lists.0.insert(known)
            } else {
                lists.1.append(text)
            }
        }
    }
}
