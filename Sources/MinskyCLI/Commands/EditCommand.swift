import ArgumentParser
import MinskyApp

struct EditCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change fields of tasks.",
        discussion: """
            A title or a description of - is read from standard input. Without an option, your editor opens with the tasks as \
            Markdown.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false
    @Option(
        help: ArgumentHelp(
            "Change nothing when a task has been changed after this operation of its history.", valueName: "sequence"))
    var ifUnchanged: Int64?
    @Option(parsing: .unconditional, help: "A new title.")
    var title: String?
    @OptionGroup var fields: FieldOptions
    @Option(help: "A tag to take away; may be repeated.", completion: .tags)
    var untag: [String] = []
    @Option(help: ArgumentHelp("A dependency to take away; may be repeated.", valueName: "id"), completion: .tasks)
    var noDependsOn: [String] = []
    @Option(help: "A field to empty, by the name of its option; may be repeated.")
    var clear: [String] = []
    @Option(help: ArgumentHelp("A field of your own to take away; may be repeated.", valueName: "name"))
    var unset: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        var edit = try fields.edit(on: console)
        for assignment in fields.assignments { try edit.set(assignment: assignment, in: workspace.configuration) }
        for name in unset { edit.unset(member: name, in: workspace.configuration) }
        if let title { try edit.set(.title, to: try console.text(title), in: console.environment) }
        edit.removedTags = untag
        edit.removedDependencies = noDependsOn
        for name in clear { edit.clear(try EditableField.clearable(named: name)) }
        if edit.isEmpty, console.isInteractive {
            try console.editInEditor(ids, in: workspace)
            return
        }
        let chosen = try console.chosen(ids, to: "Change", isSure: yes, in: workspace)
        let edited = try EditTask(ids: chosen, fields: edit, ifUnchangedSince: ifUnchanged)
            .run(in: workspace, as: workspace.configuration.caller)
        if ids.count == 1, !TaskChoice(ids).isQuery, let only = edited.first {
            console.show(only, verb: "Changed")
        } else {
            console.show(json: .array(edited.map(\.json)), ids: edited.map(\.task.id)) {
                edited.filter(\.hasChanged).flatMap { console.lines("Changed", $0.task, $0.list) }
            }
            if !edited.contains(where: \.hasChanged) { console.note("Nothing changed.") }
        }
        fields.tellUnits(on: console)
    }
}
