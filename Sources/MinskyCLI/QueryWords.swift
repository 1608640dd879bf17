/// Command lines in which words of a query begin with a minus, as `-later` does for tasks without the tag.
enum QueryWords {
    /// The commands that take a query in several words, with the letters of their flags.
    private static let commands: [String: Set<Character>] = [
        "list": ["a", "q", "h"], "ready": ["q", "h"], "next": ["q", "h"], "search": ["q", "h"], "claim": ["q", "h"],
        "export": ["q", "h"], "stats": ["q", "h"], "burndown": ["q", "h"], "timesheet": ["q", "h"],
    ]

    /// The same arguments with `tag!=later` for `-later`: to the parser that would be options in one word.
    ///
    /// One letter is an option, and letters that are all flags of the command are these.
    static func rewriting(_ arguments: [String]) -> [String] {
        let path = arguments.filter { !$0.hasPrefix("-") }
        guard let name = path.first == "tasks" ? path.dropFirst().first : path.first, let flags = commands[name] else {
            return arguments
        }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments.indices.map { index in
            let word = arguments[index]
            guard index < end, word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 2,
                index == 0 || !isOption(arguments[index - 1])
            else { return word }
            let tag = word.dropFirst()
            guard tag.first?.isLetter == true, !tag.allSatisfy(flags.contains), !tag.contains("=") else { return word }
            return "tag!=\(tag)"
        }
    }

    /// Whether a value follows: `--sort -urgency`.
    private static func isOption(_ word: String) -> Bool {
        [
            "--sort", "--limit", "-l", "--fields", "-C", "-s", "--status", "-t", "--tag", "--assignee", "--under",
            "--since", "--until", "--by", "--weeks", "-w", "--as-of",
        ]
        .contains(word)
    }
}
