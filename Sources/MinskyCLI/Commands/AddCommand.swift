import ArgumentParser
import MinskyApp

struct AddCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a task.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The title; several words need no quotes.")
    var title: [String]
    @OptionGroup var fields: FieldOptions
    @Option(help: ArgumentHelp("The task it becomes part of.", valueName: "id"))
    var parent: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let fields = try fields.edit(on: console)
        let added = try AddTask(title: title.joined(separator: " "), fields: fields, parent: parent)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(added, verb: "Added")
    }
}
