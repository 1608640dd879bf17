import ArgumentParser
import MinskyApp
import MinskyModel

/// A command that moves tasks to a status.
protocol StatusCommand: ConsoleCommand {
    static var status: TaskStatus { get }
    static var verb: String { get }
    var ids: [String] { get }
}

extension StatusCommand {
    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let result = try ChangeStatus(ids: ids, status: Self.status).run(in: workspace)
        let list = try TaskList(result.tasks, in: workspace)
        console.show(json: .array(result.tasks.map(\.json)), ids: result.tasks.map(\.id)) {
            result.tasks.map { console.line(Self.verb, $0, list) }
        }
        if result.openSubtasks > 0 {
            let count = result.openSubtasks
            console.note("\(count) subtask\(count == 1 ? " is" : "s are") still open.")
        }
    }
}

struct StartCommand: StatusCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Begin work on tasks.")
    static let status = TaskStatus.doing
    static let verb = "Started"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]
}

struct DoneCommand: StatusCommand {
    static let configuration = CommandConfiguration(commandName: "done", abstract: "Finish tasks.")
    static let status = TaskStatus.done
    static let verb = "Done"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]
}

struct ReopenCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Put finished or dropped tasks back to do.")
    static let status = TaskStatus.todo
    static let verb = "Reopened"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]
}

struct DropCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Give tasks up; they stay on record.")
    static let status = TaskStatus.dropped
    static let verb = "Dropped"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]
}

struct DeleteCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete tasks with everything below them.",
        discussion: "minsky undo brings them back.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let tasks = try DeleteTasks(ids: ids).run(in: workspace)
        let list = try TaskList(tasks, in: workspace)
        console.show(json: .array(tasks.map(\.json)), ids: tasks.map(\.id)) {
            tasks.map { console.line("Deleted", $0, list) }
        }
        console.note("minsky undo brings \(tasks.count == 1 ? "it" : "them") back.")
    }
}
