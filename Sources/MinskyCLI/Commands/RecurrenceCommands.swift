import ArgumentParser
import MinskyApp

struct SkipCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Drop a task that comes again for the next one of its series.",
        discussion: """
            The series goes on with its next day; done does the same for a task that was done. minsky edit ID --clear every \
            ends a series.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.")
    var ids: [String]
    @Flag(help: "Skip all that were missed, up to the first one that is not over yet.")
    var past = false
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let ids = try console.chosen(ids, to: "Skip", isSure: yes, in: workspace)
        let result = try SkipTask(ids: ids, past: past).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: result.json, ids: result.skipped.compactMap(\.next?.task.id)) {
            result.skipped.flatMap { skipped -> [String] in
                var task = skipped.task
                if skipped.count > 1 { task.title += " (and \(skipped.count - 1) after it)" }
                return console.lines("Skipped", task, result.list)
                    + (skipped.next.map { console.lines(next: $0, result.list) } ?? [])
            }
        }
        for skipped in result.skipped where skipped.next == nil {
            console.note("\(result.list.shortID(of: skipped.task.id)) was the last one of its series.")
        }
    }
}

struct RecurCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "recur", abstract: "Make the tasks whose day has come although the one before is not done.",
        discussion: """
            By itself a series has one open task: the next one comes when that is done, dropped or skipped. Who wants each on \
            its day runs this every day; run twice, or in two replicas, it makes each once.
            """)

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let made = try MakeInstances().run(in: workspace, as: workspace.configuration.caller)
        console.show(json: made.json, ids: made.tasks.map(\.id)) {
            made.tasks.flatMap { console.lines("Added", $0, made) }
        }
        if made.tasks.isEmpty { console.note("Nothing to make: every task whose day has come is there.") }
    }
}
