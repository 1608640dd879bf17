import ArgumentParser
import MinskyApp

struct DeleteCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete tasks with everything below them.",
        discussion: "minsky undo brings them back.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let deleted = try DeleteTasks(ids: ids).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: deleted.json, ids: deleted.tasks.map(\.id)) {
            deleted.tasks.flatMap { console.lines("Deleted", $0, deleted) }
        }
        console.note("minsky undo brings \(deleted.tasks.count == 1 ? "it" : "them") back.")
    }
}
