import ArgumentParser
import MinskyApp

struct ListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the open tasks as a tree.",
        discussion: """
            Marks: [ ] to do, [.] to do but waiting for another task, [>] doing, [x] done, [-] dropped. EST is the \
            estimate, CX the complexity from 1 to 10. An open task below a closed one is shown under it.
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
        let found = try ListTasks(
            statuses: statuses.isEmpty ? nil : Set(statuses), all: all, tags: tag, assignee: assignee, under: under
        ).run(in: workspace)
        console.show(json: found.json, ids: found.list.tasks.map(\.id)) { TaskTree(found.tree, on: console).lines() }
        if found.list.tasks.isEmpty {
            let isFiltered = all || !status.isEmpty || !tag.isEmpty || assignee != nil || under != nil
            console.note(isFiltered ? "No task matches." : "Nothing to do. minsky add \"…\" adds a task.")
        }
    }
}
