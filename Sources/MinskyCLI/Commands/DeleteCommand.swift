import ArgumentParser
import MinskyApp

struct DeleteCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete tasks with everything below them.",
        discussion: "minsky undo brings them back.", aliases: ["rm"])

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are deleted.")
    var yes = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let ids = try console.chosen(ids, to: "Delete", isSure: yes, in: workspace)
        let deleted = try DeleteTasks(ids: ids).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: deleted.json, ids: deleted.tasks.map(\.id)) {
            deleted.tasks.flatMap { console.lines("Deleted", $0, deleted) }
        }
        console.note("minsky undo brings \(deleted.tasks.count == 1 ? "it" : "them") back.")
    }
}
