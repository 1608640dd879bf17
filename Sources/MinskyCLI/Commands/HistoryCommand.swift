import ArgumentParser
import MinskyApp
import MinskyModel

struct HistoryCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what happened in the workspace, or to one task; the newest is last.",
        discussion: """
            Deleted tasks have a history, too. At the end of a heading stands what minsky undo --operation takes.
            """)

    /// How many operations of a workspace are shown when nobody says.
    private static let usual = 20

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning; without it, the whole workspace.")
    var id: String?
    @Option(name: .shortAndLong, help: "Show this many operations; 20 of a workspace by default, all of a task.")
    var limit: Int?

    func run(on console: Console) async throws {
        let most = limit ?? (id == nil ? Self.usual : nil)
        let history = try ReadHistory(id: id, limit: most).run(in: try console.workspace())
        let operations = history.operations
        console.show(json: history.json, ids: operations.map(\.id)) {
            OperationLines(history.names, on: console, isReplica: history.isReplica).lines(
                operations, ofOneTask: id != nil)
        }
        if limit == nil, operations.count == most { console.note("--limit \(Self.usual * 5) shows more.") }
    }
}
