/// An earlier task of the workspace that was broken down.
public struct EarlierBreakdown: Sendable {
    public var id: String
    public var title: String
    public var description: String?
    public var subtasks: [PlannedSubtask]

    /// Creates a record.
    public init(id: String, title: String, description: String?, subtasks: [PlannedSubtask]) {
        self.id = id
        self.title = title
        self.description = description
        self.subtasks = subtasks
    }
}

extension EarlierBreakdown {
    /// From how many subtasks on it goes before a playbook, when no number is asked for. A shorter one is often what
    /// `--count` left over.
    private static let usualCount = 3

    /// Whether it has as many subtasks as are wanted.
    func suffices(for count: Int?) -> Bool { subtasks.count >= count ?? Self.usualCount }

    /// How many of the words of two titles have to be the same.
    private static let leastLikeness = 0.65

    /// How much alike a task is, from 0 to 1, or nil when its breakdown is of no use to the other.
    ///
    /// Both have to ask for the same kind of work and to be about the same thing: the last word before a preposition, so
    /// that a wedding is not a funeral, whosever it is. Of the words beside, months, weekdays, numbers and names in the
    /// genitive do not count; of the others enough have to be the same (Dice's coefficient). Where the kind of work cannot
    /// be told, all have to be the same.
    func likeness(to title: String) -> Double? {
        let (mine, other) = (Essence(self.title), Essence(title))
        if mine.stems == other.stems { return mine.stems.isEmpty ? nil : 1 }
        guard mine.kind == other.kind, mine.head == other.head else { return nil }
        if mine.words == other.words {
            // "Release 3.1" and "Release 3.2", but not the purchase and the sale of a house.
            return mine.verb == other.verb || (mine.kind != nil && mine.kind != .errand) ? 1 : nil
        }
        guard mine.kind != nil, mine.verb == other.verb else { return nil }
        let common = 2 * mine.words.intersection(other.words).count
        let likeness = Double(common) / Double(mine.words.count + other.words.count)
        return likeness >= Self.leastLikeness ? likeness : nil
    }

    /// Its subtasks, with what it was about replaced by what the other task is about.
    func subtasks(for title: String) -> [PlannedSubtask] {
        guard let (old, new) = Self.difference(self.title, title) else { return subtasks }
        return subtasks.map { subtask in
            var adapted = subtask
            adapted.title = Self.replace(old, by: new, in: subtask.title)
            adapted.description = subtask.description.map { Self.replace(old, by: new, in: $0) }
            return adapted
        }
    }

    /// The words of one title that others stand for in the other, or else both subjects.
    private static func difference(_ old: String, _ new: String) -> (old: String, new: String)? {
        guard old.utf8.count <= TaskTitle.byteLimit, new.utf8.count <= TaskTitle.byteLimit else { return nil }
        let (left, right) = (old.split(whereSeparator: \.isWhitespace), new.split(whereSeparator: \.isWhitespace))
        let start = zip(left, right).prefix { $0.lowercased() == $1.lowercased() }.count
        let most = min(left.count, right.count) - start
        let end = zip(left.reversed(), right.reversed()).prefix(most).prefix { $0.lowercased() == $1.lowercased() }
            .count
        let (gone, come) = (left[start..<left.count - end], right[start..<right.count - end])
        if !come.isEmpty, gone.contains(where: { !Words.common.contains($0.lowercased()) }) {
            return (gone.joined(separator: " "), come.joined(separator: " "))
        }
        guard let old = Subject.cut(old), let new = Subject.cut(new) else { return nil }
        return (bare(old), bare(new))
    }

    private static func bare(_ subject: String) -> String {
        for article in ["the ", "my ", "our ", "your "] where subject.lowercased().hasPrefix(article) {
            return String(subject.dropFirst(article.count))
        }
        return subject
    }

    /// Replaces whole words, in upper or lower case: "art" is not in "start". A very long text stays as it is.
    private static func replace(_ old: String, by new: String, in text: String) -> String {
        guard !old.isEmpty, text.utf8.count <= 10_000 else { return text }
        let (needle, haystack) = (old.map { $0.lowercased() }, Array(text))
        func isInWord(_ index: Int) -> Bool {
            haystack.indices.contains(index) && (haystack[index].isLetter || haystack[index].isNumber)
        }
        var result = ""
        var index = 0
        while index < haystack.count {
            let end = index + needle.count
            if end <= haystack.count, zip(needle, haystack[index..<end]).allSatisfy({ $0 == $1.lowercased() }),
                !isInWord(index - 1), !isInWord(end)
            {
                result += new
                index = end
            } else {
                result.append(haystack[index])
                index += 1
            }
        }
        return result
    }
}

/// What of a title tells which work it is.
private struct Essence {
    let stems: [String]
    let kind: KindOfWork?
    let verb: String?
    /// The words that tell what it is about.
    let words: Set<String>
    let head: String?

    init(_ text: String) {
        let title = TaskTitle(text)
        stems = title.stems
        kind = title.kind
        verb = stems.dropFirst(title.start).first
        let owners = Set(
            Words.beginning(of: text, bytes: TaskTitle.byteLimit).split(whereSeparator: \.isWhitespace)
                .filter { $0.hasSuffix("'s") || $0.hasSuffix("’s") }.flatMap { Words.stems(of: String($0)) })
        func tells(_ stem: String) -> Bool {
            !Self.common.contains(stem) && !Self.dates.contains(stem) && !owners.contains(stem)
                && !stem.contains(where: \.isNumber)
        }
        // The verb is not what it is about; where there is none, every word may be.
        let about = stems.dropFirst(title.start + (kind == nil ? 0 : 1))
        words = Set(about.filter(tells))
        head = about.prefix { !Self.prepositions.contains($0) }.last(where: tells) ?? about.first(where: tells)
    }

    private static let common = Set(Words.common.map(Words.stem))
    private static let prepositions: Set<String> = [
        "about", "after", "against", "at", "before", "between", "by", "for", "from", "in", "into", "of", "on", "over",
        "to", "under", "with", "without",
    ]
    private static let dates = Set(
        """
        january february march april may june july august september october november december monday tuesday wednesday \
        thursday friday saturday sunday today tomorrow spring summer autumn winter
        """.split(separator: " ").map { Words.stem(String($0)) })
}
