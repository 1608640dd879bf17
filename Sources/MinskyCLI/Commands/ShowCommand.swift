import ArgumentParser
import MinskyApp

struct ShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one task with everything about it.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.", completion: .tasks)
    var id: String

    func run(on console: Console) async throws {
        let shown = try ShowTask(id: id).run(in: try console.workspace())
        console.show(json: shown.json, ids: [shown.task.id]) { TaskSheet(shown: shown, console: console).lines() }
    }
}
