import ArgumentParser
import MinskyApp
import MinskyModel

/// A command that moves tasks to a status.
protocol StatusCommand: ConsoleCommand {
    static var status: TaskStatus { get }
    var ids: [String] { get }
    var recursive: Bool { get }

    /// What is said of a task that had another status before.
    static func verb(from old: TaskStatus) -> String
}

extension StatusCommand {
    var recursive: Bool { false }

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let result = try ChangeStatus(ids: ids, status: Self.status, includesSubtasks: recursive)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: result.json, ids: result.moved.map(\.task.id)) {
            result.moved.filter { $0.was != Self.status }.flatMap {
                console.lines(Self.verb(from: $0.was), $0.task, result.list)
            }
        }
        for moved in result.moved where moved.was == Self.status {
            let id = result.list.shortID(of: moved.task.id)
            console.note("Nothing changed: \(id) is \(Self.status.words) already.")
        }
        tellStillOpen(result, console)
    }

    private func tellStillOpen(_ result: ChangeStatus.Result, _ console: Console) {
        let open = result.stillOpen
        guard !open.isEmpty else { return }
        var lines = [open.count == 1 ? "1 subtask is still open:" : "\(open.count) subtasks are still open:"]
        for task in open.prefix(5) {
            let head = "  \(result.list.shortID(of: task.id).terminalSafe())  "
            lines += TitleLines.of(task.title, after: head, styled: head, width: console.width)
        }
        if open.count > 5 { lines.append("  … and \(open.count - 5) more") }
        if Self.status == .dropped {
            let ids = result.moved.map { console.typed(result.list.shortID(of: $0.task.id)) }
            lines.append("minsky tasks drop --recursive \(ids.joined(separator: " ")) drops them, too.")
        }
        console.note(lines.joined(separator: "\n"))
    }
}

extension TaskStatus {
    /// What a task with the status is.
    fileprivate var words: String {
        switch self {
        case .todo: "to do"
        case .doing: "started"
        case .done: "done"
        case .dropped: "dropped"
        }
    }
}

struct StartCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Begin work on tasks; those that are done or dropped are opened again.")
    static let status = TaskStatus.doing
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]

    static func verb(from old: TaskStatus) -> String { old.isOpen ? "Started" : "Reopened and started" }
}

struct DoneCommand: StatusCommand {
    static let configuration = CommandConfiguration(commandName: "done", abstract: "Finish tasks.")
    static let status = TaskStatus.done
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]

    static func verb(from old: TaskStatus) -> String { "Done" }
}

struct ReopenCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Put finished, dropped or started tasks back to do.")
    static let status = TaskStatus.todo
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]

    static func verb(from old: TaskStatus) -> String { old.isOpen ? "Put back" : "Reopened" }
}

struct DropCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Give tasks up; they stay on record.")
    static let status = TaskStatus.dropped
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings.")
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Drop the open tasks below them, too.")
    var recursive = false

    static func verb(from old: TaskStatus) -> String { "Dropped" }
}
