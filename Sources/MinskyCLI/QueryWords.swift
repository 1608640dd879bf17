import ArgumentParser

/// A command that takes a query in several words.
protocol QueryCommand: ConsoleCommand {}

/// Command lines in which words of a query begin with a minus, as `-later` does for tasks without the tag.
enum QueryWords {
    /// The same arguments with `tag!=later` for `-later`: to the parser that would be options in one word.
    ///
    /// One letter is an option, and letters that are all flags of the command are these.
    static func rewriting(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let candidates = arguments.indices.filter { index in
            let tag = arguments[index].dropFirst()
            return index < end && arguments[index].hasPrefix("-") && tag.first?.isLetter == true && tag.count > 1
                && !tag.contains("=")
        }
        guard !candidates.isEmpty, let command = UsageFailure.command(of: arguments) as? any QueryCommand.Type else {
            return arguments
        }
        let options = CommandOptions(of: command)
        var rewritten = arguments
        for index in candidates {
            let tag = arguments[index].dropFirst()
            if index > 0, options.valued.contains(arguments[index - 1]) || tag.allSatisfy(options.flags.contains) {
                continue
            }
            rewritten[index] = "tag!=\(tag)"
        }
        return rewritten
    }
}

/// The options of a command, as its help tells them.
struct CommandOptions {
    /// The long names, without their dashes.
    private(set) var names: [String] = []
    /// Those that a value follows, long and short, as they are typed.
    private(set) var valued: Set<String> = []
    /// The letters of those that stand by themselves.
    private(set) var flags: Set<Character> = []

    init(of command: any ParsableCommand.Type) {
        for line in MinskyCommand.helpMessage(for: command, columns: 200).split(separator: "\n") {
            let trimmed = line.drop { $0 == " " }
            guard line.hasPrefix("  "), trimmed.hasPrefix("-") else { continue }
            let words = trimmed.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
            let typed = words.filter { $0.hasPrefix("-") }.map { String($0.prefix { $0 != "," }) }
            names += typed.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) }
            if words.contains(where: { $0.hasPrefix("<") }) {
                valued.formUnion(typed)
            } else {
                flags.formUnion(typed.filter { !$0.hasPrefix("--") }.compactMap(\.last))
            }
        }
    }
}
