import ArgumentParser
import MinskyApp

struct MoveCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a task under another one, to the top, or among its siblings.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.", completion: .tasks)
    var id: String
    @Option(help: ArgumentHelp("Make it the last subtask of this task.", valueName: "id"), completion: .tasks)
    var under: String?
    @Flag(help: "Take it out of its parent.")
    var top = false
    @Option(help: ArgumentHelp("Put it before this task.", valueName: "id"), completion: .tasks)
    var before: String?
    @Option(help: ArgumentHelp("Put it after this task.", valueName: "id"), completion: .tasks)
    var after: String?
    @Flag(help: "Put it first among its siblings.")
    var first = false
    @Flag(help: "Put it last among its siblings.")
    var last = false

    func run(on console: Console) async throws {
        let destinations: [MoveTask.Destination?] = [
            under.map { .under($0) }, top ? .top : nil, before.map { .before($0) }, after.map { .after($0) },
            first ? .first : nil, last ? .last : nil,
        ]
        let given = destinations.compactMap { $0 }
        guard given.count == 1, let destination = given.first else {
            throw CommandFailure(
                .usage, given.isEmpty ? "where to is missing" : "only one place can be given",
                hint: "Give one of --under ID, --top, --before ID, --after ID, --first, --last.")
        }
        let workspace = try console.workspace()
        let moved = try MoveTask(id: id, to: destination).run(in: workspace, as: workspace.configuration.caller)
        console.show(moved, verb: "Moved")
    }
}
