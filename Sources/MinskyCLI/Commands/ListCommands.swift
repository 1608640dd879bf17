import ArgumentParser
import MinskyApp
import MinskyModel

struct ListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the open tasks as a tree.",
        discussion: """
            Marks: [ ] to do, [.] to do but waiting for another task, [>] doing, [x] done, [-] dropped. EST is the \
            estimate, CX the complexity from 1 to 10.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(name: .shortAndLong, help: "Show tasks of every status.")
    var all = false
    @Option(name: .shortAndLong, help: "Show tasks of this status: todo, doing, done or dropped; may be repeated.")
    var status: [String] = []
    @Option(name: .shortAndLong, help: "Show tasks with this tag; may be repeated, then all are needed.")
    var tag: [String] = []
    @Option(help: "Show the tasks of one assignee.")
    var assignee: String?
    @Option(help: ArgumentHelp("Show one task and everything below it.", valueName: "id"))
    var under: String?

    func run(on console: Console) async throws {
        let statuses = try status.map(FieldPhrase.status)
        let workspace = try console.workspace()
        let list = try ListTasks(
            statuses: statuses.isEmpty ? nil : Set(statuses), all: all, tags: tag, assignee: assignee, under: under
        ).run(in: workspace)
        console.show(json: .array(list.tasks.map(\.json)), ids: list.tasks.map(\.id)) {
            TaskTree(list, on: console).lines()
        }
        if list.tasks.isEmpty {
            let isFiltered = all || !status.isEmpty || !tag.isEmpty || assignee != nil || under != nil
            console.note(isFiltered ? "No task matches." : "Nothing to do. minsky add \"…\" adds a task.")
        }
    }
}

struct ShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one task with everything about it.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String

    func run(on console: Console) async throws {
        let shown = try ShowTask(id: id).run(in: try console.workspace())
        var json = shown.task.json
        if case .object(let members) = json {
            json = .object(members + [.init("subtasks", .array(shown.subtasks.map(\.json)))])
        }
        console.show(json: json, ids: [shown.task.id]) { TaskSheet(shown: shown, console: console).lines() }
    }
}

struct HistoryCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show everything that happened to a task.",
        discussion: "Deleted tasks have a history too. The id of an operation can be given to minsky undo --operation.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String

    func run(on console: Console) async throws {
        let operations = try TaskHistory(id: id).run(in: try console.workspace())
        console.show(json: .array(operations.flatMap(\.changesJSON)), ids: operations.map(\.id)) {
            ChangeLines(console: console).lines(operations)
        }
    }
}

extension [String] {
    /// The elements without those that have appeared before.
    func removingRepetitions() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
