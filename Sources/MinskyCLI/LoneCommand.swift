import ArgumentParser

/// The root with one of its commands.
///
/// The parser walks through the whole tree of commands again and again on its way to the one that was typed. That one is
/// therefore looked up first, and parsed where it stands alone. Help, and whatever does not parse, is the whole tree's, so
/// that it names all of the commands.
struct LoneCommand<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration {
        // As part of another one, it is not asked for completion scripts, which takes two more parsers.
        CommandConfiguration(
            commandName: MinskyCommand.configuration.commandName, _superCommandName: "", version: Version.current,
            subcommands: [Command.self])
    }

    @OptionGroup var global: GlobalOptions
}

extension MinskyCommand {
    /// The command that arguments ask for.
    /// - Throws: What `parseAsRoot` throws.
    static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        if let command = parsedAlone(arguments) { return command }
        return try parseAsRoot(arguments)
    }

    /// The command that arguments ask for, or nil when they are not simply a command and what belongs to it.
    static func parsedAlone(_ arguments: [String]) -> (any ConsoleCommand)? {
        guard let command = named(in: arguments) else { return nil }
        return alone(command, arguments)
    }

    /// The command right below the root whose name stands first among arguments.
    private static func named(in arguments: [String]) -> (any ParsableCommand.Type)? {
        for word in arguments where !word.hasPrefix("-") {
            let found = configuration.subcommands.first { command in
                command.configuration.commandName == word || command.configuration.aliases.contains(word)
            }
            if let found { return found }
        }
        return nil
    }

    private static func alone<Command: ParsableCommand>(
        _ command: Command.Type, _ arguments: [String]
    ) -> (any ConsoleCommand)? {
        (try? LoneCommand<Command>.parseAsRoot(arguments)) as? any ConsoleCommand
    }
}
