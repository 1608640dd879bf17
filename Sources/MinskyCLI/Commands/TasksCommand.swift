import ArgumentParser

struct TasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "Add, show, change and break down tasks.",
        subcommands: [
            AddCommand.self, ListCommand.self, ShowCommand.self, EditCommand.self, StartCommand.self, DoneCommand.self,
            ReopenCommand.self, DropCommand.self, DeleteCommand.self, MoveCommand.self, DecomposeCommand.self,
            HistoryCommand.self, ReadyCommand.self, NextCommand.self, SearchCommand.self, ClaimCommand.self,
            NoteCommand.self, TreeCommand.self, DependCommand.self,
            SkipCommand.self, StopCommand.self, TrackCommand.self, LinkCommand.self, LinksCommand.self,
            UnlinkCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}
