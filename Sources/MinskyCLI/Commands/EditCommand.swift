import ArgumentParser
import MinskyApp

struct EditCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(commandName: "edit", abstract: "Change fields of a task.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String
    @Option(parsing: .unconditional, help: "A new title.")
    var title: String?
    @OptionGroup var fields: FieldOptions
    @Option(help: "A tag to take away; may be repeated.")
    var untag: [String] = []
    @Option(help: ArgumentHelp("A dependency to take away; may be repeated.", valueName: "id"))
    var noDependsOn: [String] = []
    @Option(help: "A field to empty, by the name of its option; may be repeated.")
    var clear: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        var edit = try fields.edit(in: console.environment)
        if let title { try edit.set(.title, to: title, in: console.environment) }
        edit.removedTags = untag
        edit.removedDependencies = noDependsOn
        for name in clear { edit.clear(try EditableField.clearable(named: name)) }
        let edited = try EditTask(id: id, fields: edit).run(in: workspace, as: workspace.configuration.caller)
        console.show(edited, verb: "Changed")
    }
}
