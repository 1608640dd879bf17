import ArgumentParser
import MinskyApp

struct AddCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a task, or a list of them.",
        discussion: """
            minsky add - reads a line a task from standard input, --from from a file: what is indented is part of what \
            stands above it, and words such as +tag due:fri pri:high project:web at the end of a line are fields.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The title; several words need no quotes. - reads a list from standard input.")
    var title: [String] = []
    @OptionGroup var fields: FieldOptions
    @Option(help: ArgumentHelp("The task it becomes part of.", valueName: "id"), completion: .tasks)
    var parent: String?
    @Option(help: ArgumentHelp("Add a task for each line of this file.", valueName: "file"), completion: .file())
    var from: String?
    @Option(
        help: ArgumentHelp(
            "Add the tasks of this template; --set fills in its places, a title replaces its own.", valueName: "name"),
        completion: .templates)
    var template: String?
    @Flag(help: "Write the task in your editor.")
    var editor = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let caller = workspace.configuration.caller
        var edit = try fields.edit(on: console)
        if let template {
            guard from == nil, title != ["-"] else { throw Self.tooMuch }
            let typed = title.isEmpty ? nil : title.joined(separator: " ")
            let request = AddFromTemplate(
                name: template, title: typed, assignments: fields.assignments, fields: edit, parent: parent)
            console.show(try request.run(in: workspace, as: caller))
            return
        }
        for assignment in fields.assignments { try edit.set(assignment: assignment, in: workspace.configuration) }
        if title == ["-"] || from != nil {
            guard from == nil || title.isEmpty else { throw Self.tooMuch }
            let text = try from.map { try console.text(ofFile: $0) } ?? console.text("-")
            console.show(try AddTasks(text: text, fields: edit, parent: parent).run(in: workspace, as: caller))
            return
        }
        if editor {
            let typed = title.joined(separator: " ")
            let added = try console.editing(NewTaskDocument.text(titled: typed, in: workspace)) { text in
                try NewTaskDocument.task(from: text, fields: edit, parent: parent, in: workspace, as: caller)
                    .run(in: workspace, as: caller)
            }
            if let added { console.show(added, verb: "Added") } else { console.note("Nothing was added.") }
            return
        }
        guard !title.isEmpty else {
            throw CommandFailure(
                .usage, "the title is missing", hint: "minsky add \"…\" adds a task, minsky add - a line a task.")
        }
        let added = try AddTask(title: title.joined(separator: " "), fields: edit, parent: parent)
            .run(in: workspace, as: caller)
        console.show(added, verb: "Added")
        fields.tellUnits(on: console)
        if let found = FieldsInTitle(added.task.title, in: workspace, as: caller) {
            let words = found.words.joined(separator: " ")
            let arguments = found.arguments.map(\.shellQuoted).joined(separator: " ")
            console.note(
                "The title holds \(words) as text. As fields: minsky edit \(added.list.shortID(of: added.task.id)) \(arguments)"
            )
        }
    }

    private static let tooMuch = CommandFailure(
        .usage, "tasks come from one place: a title, -, --from or --template")
}

struct TemplatesCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates", abstract: "List the templates of the workspace, or show one.",
        discussion: "A template is a file in .minsky/templates; minsky add --template NAME adds its tasks.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The template's name; without it, all are listed.", completion: .templates)
    var name: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace().workspace
        let found = try name.map { [try TaskTemplate.named($0, in: workspace)] } ?? TaskTemplate.all(in: workspace)
        console.show(json: .array(found.map(\.json)), ids: found.map(\.name)) {
            guard name == nil else {
                return found.flatMap { $0.text.split(separator: "\n", omittingEmptySubsequences: false) }
                    .map { String($0).terminalSafe() }
            }
            let columns = (found.map { TextWidth.of($0.name.terminalSafe()) }.max() ?? 0) + 2
            return found.map { template in
                let blanks = template.blanks.map { blank in
                    "--set \(blank.name)=\(blank.usual ?? "…")".terminalSafe()
                }
                return TextWidth.pad(template.name.terminalSafe(), to: columns) + blanks.joined(separator: " ")
            }
        }
        if found.isEmpty { console.note("There is no template. A template is a file in \(workspace.templatesPath).") }
    }
}

extension Console {
    /// Shows tasks that were added together, each below the one it is part of.
    fileprivate func show(_ added: AddTasks.Result) {
        let list = added.list
        show(json: added.json, ids: list.tasks.map(\.id)) { list.tasks.flatMap { lines("Added", $0, list) } }
    }

    /// The text of a file that somebody named.
    /// - Throws: `AppError`, `CommandFailure`.
    fileprivate func text(ofFile path: String) throws -> String {
        try Self.checked(OpenFile(streaming: path, in: environment).bytes(upTo: Self.largestText))
    }
}
