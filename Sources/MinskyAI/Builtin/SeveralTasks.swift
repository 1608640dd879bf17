/// The tasks that a title holds when it orders several things: "Fix login, update docs and call Anna".
struct SeveralTasks: Sendable, Hashable {
    /// The single tasks, at least two, each as it was typed with a capital letter at its beginning.
    let titles: [String]

    /// Reads a title, or gives nil when it is one task.
    ///
    /// Every part between commas, semicolons and "and" has to begin with a verb and to name a thing: "Build and deploy the
    /// app" and "Refactor login and search" are one task each.
    init?(in title: String) {
        guard title.utf8.count <= TaskTitle.byteLimit else { return nil }
        var parts: [[Substring]] = [[]]
        for word in title.split(whereSeparator: \.isWhitespace) {
            if Self.joining.contains(word.lowercased()) {
                parts.append([])
            } else if let last = word.last, last == "," || last == ";" {
                parts[parts.count - 1].append(word.dropLast())
                parts.append([])
            } else {
                parts[parts.count - 1].append(word)
            }
        }
        // "…, and call Anna" leaves nothing between the comma and the word.
        parts.removeAll(where: \.isEmpty)
        guard parts.count > 1, parts.allSatisfy(Self.isTask) else { return nil }
        titles = parts.map { part in
            let text = part.joined(separator: " ").trimmingEnd
            return text.prefix(1).uppercased() + text.dropFirst()
        }
    }

    /// As many tasks as are wanted at most, by leaving the last ones together.
    func titles(ofMost count: Int?) -> [String] {
        guard let count, count < titles.count else { return titles }
        let rest = titles[(count - 1)...].enumerated().map { place, title in
            place == 0 ? title : title.prefix(1).lowercased() + title.dropFirst()
        }
        return titles[..<(count - 1)] + [rest.joined(separator: " and ")]
    }

    private static func isTask(_ words: [Substring]) -> Bool {
        guard words.count > 1, let first = words.first?.lowercased() else { return false }
        if verbs.contains(first) { return true }
        let isVerbToo = Subject.nounsToo.contains(first) || KindOfWork.of([Words.stem(first)]) != nil
        return isVerbToo && Subject.determiners.contains(words[1].lowercased())
    }

    private static let joining: Set<String> = ["&", "+", "and", "then"]

    private static let verbs = Subject.verbs.union([
        "answer", "ask", "bring", "buy", "call", "cancel", "clean", "delete", "email", "feed", "get", "give", "invite",
        "make", "merge", "pay", "pick", "print", "put", "remind", "renew", "reply", "send", "set", "take", "tell",
        "throw",
        "update", "wash",
    ])
}

extension String {
    /// The text without white space and full stops at its end.
    fileprivate var trimmingEnd: String {
        lastIndex { !$0.isWhitespace && $0 != "." }.map { String(self[...$0]) } ?? self
    }
}
