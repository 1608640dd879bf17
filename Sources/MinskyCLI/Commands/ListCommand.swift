import ArgumentParser
import MinskyApp
import MinskyModel

struct ListCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the open tasks as a tree, or those that a query asks for.",
        discussion: """
            Marks: [ ] to do, [.] to do but waiting for another task, [>] doing, [x] done, [-] dropped. EST is the \
            estimate, CX the complexity from 1 to 10. An open task below a closed one is shown under it. A query asks for \
            more: minsky list '+db due<fri or is:overdue'; minsky help queries tells how.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(name: .shortAndLong, help: "Show tasks of every status.")
    var all = false
    @Option(
        name: .shortAndLong, help: "Show tasks of this status: todo, doing, done or dropped; may be repeated.",
        completion: .statuses)
    var status: [String] = []
    @Option(
        name: .shortAndLong, help: "Show tasks with this tag; may be repeated, then all are needed.",
        completion: .tags)
    var tag: [String] = []
    @Option(help: "Show the tasks of one assignee.", completion: .assignees)
    var assignee: String?
    @Option(help: ArgumentHelp("Show one task and everything below it.", valueName: "id"), completion: .tasks)
    var under: String?
    @Option(
        parsing: .unconditional,
        help: "Show the tasks as they were then, at the end of the day: yesterday, 'last monday', 2026-12-01.")
    var asOf: String?
    @OptionGroup var listing: ListingOptions
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        let statuses = try status.map(FieldPhrase.status)
        let words = try query.checked()
        let present = try console.workspace()
        let workspace = try asOf.map { try present.past($0) } ?? present
        if asOf != nil {
            let then = DatePresentation(console.environment).minute(workspace.environment.now())
            console.note("As it was at \(then):")
        }
        let found = try ListTasks(
            listing.request(words), statuses: statuses.isEmpty ? nil : Set(statuses), all: all, tags: tag,
            assignee: assignee, under: under
        ).run(in: workspace, as: workspace.configuration.caller)
        try console.show(
            found.list, listing, columns: found.isOrdered ? workspace.configuration.columns : nil, json: found.json
        ) {
            let columns = try workspace.configuration.columns.map(TaskColumn.named) ?? TaskColumn.usual
            return TaskTree(found.tree, on: console, columns: columns, isFlat: found.isOrdered).lines()
        }
        if found.list.tasks.isEmpty, found.hidden == 0 {
            let isFiltered =
                all || !status.isEmpty || !tag.isEmpty || assignee != nil || under != nil || !words.isEmpty
                || asOf != nil
            console.note(
                isFiltered || workspace.configuration.context != nil
                    ? "No task matches.\(console.contextNote(workspace))"
                    : "Nothing to do. minsky add \"…\" adds a task.")
        }
        if found.hidden > 0 {
            let what = found.hidden == 1 ? "1 task is" : "\(found.hidden) tasks are"
            console.note("\(what) put aside or expired: minsky list 'is:waiting or is:expired'")
        }
    }
}

/// The tasks below one, of every status.
struct TreeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree", abstract: "Show a task with everything below it, or all tasks, closed ones too.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning; without it, every task.", completion: .tasks)
    var id: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try ListTasks(all: true, under: id).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: found.json, ids: found.list.tasks.map(\.id)) { TaskTree(found.tree, on: console).lines() }
        if found.list.tasks.isEmpty { console.note("There is no task yet. minsky add \"…\" adds one.") }
    }
}
