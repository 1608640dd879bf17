import ArgumentParser
import MinskyApp
import MinskyModel

/// Command lines that make no sense: what is wrong with them and what was probably meant.
enum UsageFailure {
    /// The failure of arguments that do not parse.
    static func of(_ error: any Error, _ arguments: [String]) -> CommandFailure {
        let (path, command, unknown) = place(words(arguments))
        if let unknown { return noCommand(unknown, at: path, command) }
        // The parser suggests whatever option is least far; only what is near is of use.
        let message = MinskyCommand.message(for: error)
        var said = message.firstRange(of: " Did you mean").map { String(message[..<$0.lowerBound]) } ?? message
        if said.hasSuffix(".") { said.removeLast() }
        // It takes a number with a sign for an option and then misses the title.
        if said.hasPrefix("Missing expected argument"), let number = arguments.first(where: isNegative) {
            said = "Unknown option '\(number)'"
        }
        return CommandFailure(
            .usage, said.prefix(1).lowercased() + said.dropFirst(),
            hint: hint(said, path, command) ?? "\(path) --help tells how to use it.")
    }

    /// The failure of `minsky help` for a command that there is not.
    static func ofHelp(_ arguments: [String]) -> CommandFailure? {
        let words = words(arguments)
        guard words.first == "help" else { return nil }
        let (path, command, unknown) = place(Array(words.dropFirst()))
        guard let unknown else { return nil }
        let topics = HelpTopic.all.map(\.name)
        if command == MinskyCommand.self, let near = NearestMatch.of(unknown, among: topics) {
            return CommandFailure(
                .usage, "there is no page about '\(unknown)'", hint: "Did you mean minsky help \(near)?")
        }
        return noCommand(unknown, at: path, command)
    }

    /// The failure of the argument parser's own way to a script: that of bash would run what tags spell.
    static func ofCompletion(_ arguments: [String]) -> CommandFailure? {
        let own = "--generate-completion-script"
        guard arguments.prefix(while: { $0 != "--" }).contains(where: { $0.hasPrefix(own) }) else { return nil }
        return CommandFailure(
            .usage, "there is no option '\(own)'", hint: "minsky completion bash prints a script; so for zsh and fish.")
    }

    /// The failure of options without a command: by itself a noun shows help, with options something was meant.
    static func ofGroup(_ arguments: [String]) -> CommandFailure? {
        guard arguments.contains(where: { $0.hasPrefix("-") }) else { return nil }
        let path = place(words(arguments)).path
        return CommandFailure(.usage, "\(path) needs a command", hint: "\(path) --help lists the commands.")
    }

    private static func isNegative(_ argument: String) -> Bool {
        argument.hasPrefix("-") && argument.dropFirst().first?.isNumber == true
    }

    /// The arguments that are no options.
    private static func words(_ arguments: [String]) -> [String] {
        arguments.enumerated().filter { index, word in
            !word.hasPrefix("-") && (index == 0 || arguments[index - 1] != "-C")
        }.map(\.element)
    }

    /// As far as words lead to a command: its path, itself, and the first word that leads nowhere, if any.
    private static func place(
        _ words: [String]
    ) -> (path: String, command: any ParsableCommand.Type, unknown: String?) {
        var path = "minsky"
        var command: any ParsableCommand.Type = MinskyCommand.self
        for word in words {
            let children = command.configuration.subcommands
            if children.isEmpty { break }
            guard
                let child = children.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) }
                )
            else { return (path, command, word) }
            command = child
            path += " " + word
        }
        return (path, command, nil)
    }

    /// What other programs call things.
    private static let synonyms = [
        "ls": "list", "remove": "rm", "mv": "move", "new": "add",
        "create": "add", "log": "history", "finish": "done", "complete": "done", "close": "done",
        "cancel": "drop", "update": "edit", "set": "edit", "plan": "decompose", "comment": "note", "annotate": "note",
        "split": "decompose", "rename": "edit", "find": "search", "version": "--version",
    ]

    /// What other programs have after `sync`.
    private static let syncSynonyms = [
        "push": "--push", "pull": "--pull", "fetch": "--pull", "upload": "--push", "download": "--pull",
        "log": "status",
        "list": "conflicts", "show": "status", "merge": "resolve", "init": "enable", "join": "enable", "off": "disable",
    ]

    /// What other programs call options.
    private static let optionSynonyms = [
        "deps": "depends-on", "after": "depends-on", "blocked-by": "depends-on", "parent": "under", "name": "title",
        "note": "description", "label": "tag", "owner": "assignee", "deadline": "due", "open": "status",
        "done": "status", "database": "db-url",
    ]

    private static func noCommand(
        _ word: String, at path: String, _ command: any ParsableCommand.Type
    ) -> CommandFailure {
        let names = command.configuration.subcommands.map { $0._commandName }
        let tasks = TasksCommand.configuration.subcommands.map { $0._commandName }
        let isAboutTasks = command == MinskyCommand.self || command == TasksCommand.self
        var meant: String?
        if command == SyncCommand.self, let option = syncSynonyms[word] {
            meant = "minsky sync \(option)"
        } else if isAboutTasks, let synonym = synonyms[word] {
            meant = "minsky " + synonym
        } else if let near = NearestMatch.of(word, among: names) {
            meant = "\(path) \(near)"
        } else if isAboutTasks, let near = NearestMatch.of(word, among: tasks) {
            meant = "minsky tasks \(near)"
        }
        return CommandFailure(
            .usage, "\(path) has no command '\(word)'",
            hint: meant.map { "Did you mean \($0)?" } ?? "\(path) --help lists the commands.")
    }

    private static func hint(_ message: String, _ path: String, _ command: any ParsableCommand.Type) -> String? {
        let takesTitle = command == AddCommand.self || command == DecomposeCommand.self
        if message.hasPrefix("Unknown option") {
            let name = message.drop { $0 != "-" }.drop { $0 == "-" }.prefix { $0 != "'" && $0 != "=" }
            let options = CommandOptions(of: command).names
            let synonym = optionSynonyms[String(name)].flatMap { options.contains($0) ? $0 : nil }
            if let meant = synonym ?? NearestMatch.of(String(name), among: options) {
                return "Did you mean --\(meant)?"
            }
            if takesTitle { return "A title that begins with a dash stands after two: \(path) -- …" }
        }
        if command == DecomposeCommand.self, message.contains("nexpected argument") {
            return "A title of several words stands in quotes: \(path) \"…\""
        }
        return nil
    }

    /// The command that arguments lead to, as far as they do.
    static func command(of arguments: [String]) -> any ParsableCommand.Type { place(words(arguments)).command }
}
