import ArgumentParser
import MinskyApp
import MinskyModel

struct TasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "Add, show, change and break down tasks.",
        subcommands: [
            AddCommand.self, ListCommand.self, ShowCommand.self, EditCommand.self, StartCommand.self, DoneCommand.self,
            ReopenCommand.self, DropCommand.self, DeleteCommand.self, MoveCommand.self, DecomposeCommand.self,
            HistoryCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}

/// The fields a task can be given on the command line.
struct FieldOptions: ParsableArguments {
    @Option(name: .shortAndLong, parsing: .unconditional, help: "What is to be done, in more words.")
    var description: String?
    @Option(name: .shortAndLong, help: "low, medium, high or critical.")
    var priority: String?
    @Option(help: "When it is due: tomorrow, fri, +2w, eow, 2026-12-01, …")
    var due: String?
    @Option(name: .shortAndLong, help: "How much work it is: 45m, 2h, 1h30m, 1d.")
    var estimate: String?
    @Option(help: "How hard it is, from 1 to 10.")
    var complexity: String?
    @Option(help: "Who is to do it.")
    var assignee: String?
    @Option(name: .shortAndLong, help: "A tag; may be repeated.")
    var tag: [String] = []
    @Option(help: ArgumentHelp("A task that must be done first; may be repeated.", valueName: "id"))
    var dependsOn: [String] = []

    func edit(in environment: Environment) throws -> TaskEdit {
        var edit = TaskEdit()
        if let description { edit.description = .set(description) }
        if let priority { edit.priority = .set(try FieldPhrase.priority(priority)) }
        if let due { edit.due = .set(try FieldPhrase.date(due, in: environment)) }
        if let estimate { edit.estimateMinutes = .set(try FieldPhrase.minutes(estimate)) }
        if let complexity { edit.complexity = .set(try FieldPhrase.complexity(complexity)) }
        if let assignee { edit.assignee = .set(assignee) }
        edit.addedTags = tag
        edit.addedDependencies = dependsOn
        return edit
    }
}

struct AddCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a task.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The title; several words need no quotes.")
    var title: [String]
    @OptionGroup var fields: FieldOptions
    @Option(help: ArgumentHelp("The task it becomes part of.", valueName: "id"))
    var parent: String?

    func run(on console: Console) async throws {
        var edit = try fields.edit(in: console.environment)
        edit.title = title.joined(separator: " ")
        let workspace = try console.workspace()
        let task = try AddTask(fields: edit, parent: parent).run(in: workspace)
        try console.show(task, verb: "Added", in: workspace)
    }
}

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
    @Option(help: "A field to empty: description, priority, due, estimate, complexity or assignee; may be repeated.")
    var clear: [String] = []

    func run(on console: Console) async throws {
        var edit = try fields.edit(in: console.environment)
        edit.title = title
        edit.removedTags = untag
        edit.removedDependencies = noDependsOn
        for field in clear {
            switch field.lowercased() {
            case "description": edit.description = .clear
            case "priority": edit.priority = .clear
            case "due": edit.due = .clear
            case "estimate": edit.estimateMinutes = .clear
            case "complexity": edit.complexity = .clear
            case "assignee": edit.assignee = .clear
            default:
                let names = ["description", "priority", "due", "estimate", "complexity", "assignee"]
                throw CommandFailure(
                    .usage, "'\(field)' is not a field that can be emptied",
                    hint: NearestMatch.of(field, among: names).map { "Did you mean \($0)?" }
                        ?? "These can: \(names.joined(separator: ", ")).")
            }
        }
        let workspace = try console.workspace()
        let task = try EditTask(id: id, fields: edit).run(in: workspace)
        try console.show(task, verb: "Changed", in: workspace)
    }
}

struct MoveCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Move a task under another one, to the top, or among its siblings.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String
    @Option(help: ArgumentHelp("Make it the last subtask of this task.", valueName: "id"))
    var under: String?
    @Flag(help: "Take it out of its parent.")
    var top = false
    @Option(help: ArgumentHelp("Put it before this task.", valueName: "id"))
    var before: String?
    @Option(help: ArgumentHelp("Put it after this task.", valueName: "id"))
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
        let task = try MoveTask(id: id, to: destination).run(in: workspace)
        try console.show(task, verb: "Moved", in: workspace)
    }
}

extension Console {
    /// Shows one task that was written: as JSON a task, for people one line.
    func show(_ task: TaskItem, verb: String, in workspace: OpenWorkspace) throws {
        let list = try TaskList([task], in: workspace)
        show(json: task.json, ids: [task.id]) { [line(verb, task, list)] }
    }

    /// `Added k3f9  Title`.
    func line(_ verb: String, _ task: TaskItem, _ list: TaskList?) -> String {
        let id = (list?.shortIDs[task.id] ?? task.id).terminalSafe()
        let head = "\(verb) \(id)  "
        return verb + " " + style.cyan(id) + "  "
            + TextWidth.truncate(task.title.terminalSafe(), to: max(10, width - TextWidth.of(head)))
    }
}
