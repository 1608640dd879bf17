import ArgumentParser
import MinskyApp
import MinskyModel

/// A command that moves tasks to a status.
protocol StatusCommand: ConsoleCommand {
    static var status: TaskStatus { get }
    var ids: [String] { get }
    var yes: Bool { get }
    var recursive: Bool { get }

    /// What a person is asked when a query finds tasks, before their number: `Finish`.
    static var question: String { get }

    /// What is said of a task that had another status before.
    static func verb(from old: TaskStatus) -> String
}

extension StatusCommand {
    var recursive: Bool { false }

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let ids = try console.chosen(ids, to: Self.question, isSure: yes, in: workspace)
        let result = try ChangeStatus(ids: ids, status: Self.status, includesSubtasks: recursive)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: result.json, ids: result.tasks.map(\.id)) {
            result.moved.filter { $0.was != Self.status || $0.hasStartedClock }.flatMap { moved in
                console.lines(Self.verb(from: moved.was), moved.task, result.list)
                    + (moved.next.map { console.lines(next: $0, result.list) } ?? [])
            }
        }
        for moved in result.moved where moved.was == Self.status && !moved.hasStartedClock {
            let id = result.list.shortID(of: moved.task.id)
            console.note("Nothing changed: \(id) is \(Self.status.words) already.")
        }
        for moved in result.moved where moved.was != Self.status { tellBlockers(of: moved.task, result, console) }
        tellStillOpen(result, console)
    }

    private func tellBlockers(of task: TaskItem, _ result: ChangeStatus.Result, _ console: Console) {
        let blockers = result.list.blockers(of: task).compactMap { result.blockers[$0] }
        guard !blockers.isEmpty else { return }
        let id = result.list.shortID(of: task.id)
        let what = blockers.count == 1 ? "1 task that is not done" : "\(blockers.count) tasks that are not done"
        console.note((["\(id) waits for \(what):"] + references(blockers, result, console)).joined(separator: "\n"))
    }

    /// A line for each of the first tasks, and how many more there are.
    private func references(_ tasks: [TaskItem], _ result: ChangeStatus.Result, _ console: Console) -> [String] {
        let lines = tasks.prefix(5).flatMap { task -> [String] in
            let head = "  \(result.list.shortID(of: task.id).terminalSafe())  "
            return TitleLines.of(task.title, after: head, styled: head, width: console.width)
        }
        return lines + (tasks.count > 5 ? ["  … and \(tasks.count - 5) more"] : [])
    }

    private func tellStillOpen(_ result: ChangeStatus.Result, _ console: Console) {
        let open = result.stillOpen
        guard !open.isEmpty else { return }
        var lines = [open.count == 1 ? "1 subtask is still open:" : "\(open.count) subtasks are still open:"]
        lines += references(open, result, console)
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
    static let question = "Start"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false

    static func verb(from old: TaskStatus) -> String { old.isOpen ? "Started" : "Reopened and started" }
}

struct DoneCommand: StatusCommand {
    static let configuration = CommandConfiguration(commandName: "done", abstract: "Finish tasks.")
    static let status = TaskStatus.done
    static let question = "Finish"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false

    static func verb(from old: TaskStatus) -> String { "Done" }
}

struct ReopenCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Put finished, dropped or started tasks back to do.")
    static let status = TaskStatus.todo
    static let question = "Reopen"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false

    static func verb(from old: TaskStatus) -> String { old.isOpen ? "Put back" : "Reopened" }
}

struct DropCommand: StatusCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Give tasks up; they stay on record.")
    static let status = TaskStatus.dropped
    static let question = "Drop"
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The tasks' ids, or their beginnings; or a query in quotes.", completion: .tasks)
    var ids: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before tasks of a query are changed.")
    var yes = false
    @Flag(name: .shortAndLong, help: "Drop the open tasks below them, too.")
    var recursive = false

    static func verb(from old: TaskStatus) -> String { "Dropped" }
}
