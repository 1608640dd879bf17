// MinskyCLI: commands, presentation, terminal.
//
// May import MinskyApp, the libraries whose values it shows, and swift-argument-parser. A command parses, builds a request,
// calls one use case and hands what comes back to the console.

import ArgumentParser
import MinskyApp
import MinskyModel

/// The root command.
public struct MinskyCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "minsky",
        abstract: "Tasks for people and agents: local first, broken down by a model, one change log underneath.",
        discussion: """
            A first session:
              minsky init
              minsky tasks decompose "Build user authentication"
              minsky list
            """,
        version: minskyVersion,
        subcommands: [
            InitCommand.self, TasksCommand.self, AddCommand.self, ListCommand.self, ShowCommand.self, StartCommand.self,
            DoneCommand.self, UndoCommand.self, ConfigCommand.self, PlaybooksCommand.self, AICommand.self,
            DoctorCommand.self,
        ])

    @OptionGroup var global: GlobalOptions

    public init() {}
}

/// The version of this program.
let minskyVersion = "0.1.0"

/// The options every command understands, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(name: .customShort("C"), help: ArgumentHelp("Work in the workspace of this folder.", valueName: "dir"))
    var directory: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print ids only.")
    var quiet = false

    @Flag(name: .long, help: "Print without colors.")
    var noColor = false
}

/// A command that can be carried out.
protocol ConsoleCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }

    /// Carries the command out.
    func run(on console: Console) async throws
}

extension ConsoleCommand {
    func run() async throws {
        try await run(on: Console(options: global, environment: .live()))
    }
}
