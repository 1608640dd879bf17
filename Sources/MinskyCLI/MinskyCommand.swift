// MinskyCLI: commands, presentation, terminal.
//
// May import MinskyApp, the libraries whose values it shows, and swift-argument-parser. A command parses, builds a request,
// calls one use case and hands what comes back to the console.

import ArgumentParser

/// The root command.
public struct MinskyCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "minsky",
        abstract:
            "Tasks for people and agents: kept beside your project, broken down into subtasks, every change on record.",
        discussion: """
            A first session:
              minsky init
              minsky tasks decompose "Build user authentication"
              minsky list
            minsky help topics lists pages about queries, dates, hooks and more.
            """,
        version: Version.current,
        subcommands: [
            InitCommand.self, TasksCommand.self, AddCommand.self, ListCommand.self, ShowCommand.self, StartCommand.self,
            DoneCommand.self, ReadyCommand.self, NextCommand.self, SearchCommand.self, ClaimCommand.self,
            NoteCommand.self, EditCommand.self, TreeCommand.self, DependCommand.self, DeleteCommand.self,
            DecomposeCommand.self,
            MoveCommand.self, ReopenCommand.self, DropCommand.self, UndoCommand.self, RedoCommand.self,
            SkipCommand.self, RecurCommand.self, StopCommand.self, TrackCommand.self, TimesheetCommand.self,
            LinkCommand.self, LinksCommand.self, UnlinkCommand.self, StatsCommand.self, BurndownCommand.self,
            HistoryCommand.self, LogCommand.self, ContextCommand.self, ConfigCommand.self, PlaybooksCommand.self,
            AICommand.self, UpgradeCommand.self, MigrateCommand.self, BackupCommand.self,
            SyncCommand.self, CompactCommand.self, DoctorCommand.self, ImportCommand.self, ExportCommand.self,
            TemplatesCommand.self, HooksCommand.self, PrimeCommand.self, AgentsCommand.self, CompletionCommand.self,
            ManualCommand.self,
        ])

    @OptionGroup var global: GlobalOptions

    public init() {}
}
