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
    @Argument(help: "The task's id, or its beginning; without it, the whole workspace.", completion: .tasks)
    var id: String?
    @Option(name: .shortAndLong, help: "Show this many operations; 20 of a workspace by default, all of a task.")
    var limit: Int?
    @Option(parsing: .unconditional, help: "Show operations from then on: today, 'last monday', '2 weeks ago'.")
    var since: String?
    @Option(help: "Show the operations of one actor.")
    var actor: String?

    func run(on console: Console) async throws {
        let most = limit ?? (id == nil && since == nil ? Self.usual : nil)
        let since = try since.map { try FieldPhrase.past($0, in: console.environment).start }
        let found = try console.showHistory(ReadHistory(id: id, limit: most, since: since, actor: actor))
        if limit == nil, found == most { console.note("--limit \(Self.usual * 5) shows more.") }
    }
}

struct LogCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show what happened today, or since another day.",
        discussion: "minsky history shows more than a day, and what happened to one task.")

    @OptionGroup var global: GlobalOptions
    @Option(parsing: .unconditional, help: "From then on: today, yesterday, 'last monday', '3 days ago'.")
    var since = "today"
    @Flag(help: "Show only what you did.")
    var mine = false

    func run(on console: Console) async throws {
        let since = try FieldPhrase.past(since, in: console.environment).start
        let actor = mine ? try console.workspace().configuration.caller.name : nil
        if try console.showHistory(ReadHistory(since: since, actor: actor)) == 0 { console.note("Nothing yet.") }
    }
}

extension Console {
    /// Shows operations.
    /// - Returns: How many there were.
    fileprivate func showHistory(_ request: ReadHistory) throws -> Int {
        let history = try request.run(in: try workspace())
        let operations = history.operations
        show(json: history.json, ids: operations.map(\.id)) {
            OperationLines(history.names, on: self, isReplica: history.isReplica).lines(
                operations, ofOneTask: request.id != nil)
        }
        return operations.count
    }
}
