import ArgumentParser
import MinskyApp

struct ContextCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "context", abstract: "Show or choose the view whose conditions hold for every list.",
        discussion: """
            minsky config set view.work 'project:work' makes a view, minsky context work lets it hold for list, ready, next \
            and search, minsky context none leaves it.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The view's name, or none.")
    var name: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let views = workspace.configuration.views
        if let name, name != "none" {
            // A view that is none, or that cannot be read, is found now and not by the next list.
            _ = try ListTasks(TaskRequest(["@" + name], limit: 1)).run(
                in: workspace, as: workspace.configuration.caller)
        }
        if let name {
            _ = try UpdateConfiguration(name: "context", value: name == "none" ? nil : name)
                .run(directory: console.directory, in: console.environment)
        }
        let context = try console.workspace().configuration.context
        console.show(
            json: [
                "context": .optional(context),
                "views": .array(views.map { ["name": .string($0.name), "query": .string($0.query)] }),
            ], ids: context.map { [$0] } ?? []
        ) {
            views.map { view in
                "\(view.name == context ? "*" : " ") @\(view.name.terminalSafe())  \(view.query.terminalSafe())"
            }
        }
        if context == nil { console.note("No context: lists show tasks of all kinds.") }
    }
}
