import MinskyModel
import MinskyStore

/// Tasks with what follows from those around them: all that a face needs to show them.
public struct TaskList: Sendable {
    public let tasks: [TaskItem]
    /// The shortest unique beginning of each id, those of dependencies included.
    public let shortIDs: [String: String]
    /// The ids of the tasks that wait for another one which is open.
    public let blocked: Set<String>
    private let waiting: [String: [String]]
    private let counts: [String: SubtaskCount]

    /// Reads what is needed in the transaction that read or wrote the tasks.
    /// - Throws: `SQLError`.
    init(tasks: [TaskItem], in session: some StoreSession) throws {
        self.tasks = tasks
        let ids = tasks.map(\.id)
        let waiting = try session.waitingTasks(for: ids)
        self.waiting = waiting
        shortIDs = try session.shortIDs(of: ids + Set(tasks.flatMap(\.dependsOn)).union(waiting.values.joined()))
        // Those that a dry run has planned wait for each other, which no table knows.
        let open = Set(tasks.filter(\.status.isOpen).map(\.id))
        let planned = tasks.filter { $0.dependsOn.contains(where: open.contains) }.map(\.id)
        blocked = try session.blockedTasks(among: ids).union(planned)
        counts = try session.subtaskCounts(of: ids)
    }

    private init(_ tasks: [TaskItem], from list: TaskList) {
        self.tasks = tasks
        shortIDs = list.shortIDs
        blocked = list.blocked
        waiting = list.waiting
        counts = list.counts
    }

    /// The same facts for some of the tasks only.
    public func restricted(to tasks: [TaskItem]) -> TaskList { TaskList(tasks, from: self) }

    /// A task's id as people type it.
    public func shortID(of id: String) -> String { shortIDs[id] ?? id }

    /// The ids of the open tasks that wait for a task, as long as it is open.
    public func waiting(for id: String) -> [String] { waiting[id] ?? [] }

    /// The subtasks right below a task.
    public func subtasks(of id: String) -> SubtaskCount { counts[id] ?? SubtaskCount() }
}

extension TaskList {
    /// The tasks as a JSON array.
    public var json: JSON { .array(tasks.map(json(of:))) }

    /// A task as the documented JSON object.
    public func json(of task: TaskItem) -> JSON {
        let fields = TaskField.all.compactMap { field in field.key.map { JSON.Member($0, field.value(task)) } }
        let count = subtasks(of: task.id)
        return .object(
            fields + [
                .init("blocked", .bool(task.status.isOpen && blocked.contains(task.id))),
                .init("blocks", .array(waiting(for: task.id).map(JSON.string))),
                .init("subtaskCount", .integer(Int64(count.all))),
                .init("openSubtaskCount", .integer(Int64(count.open))),
            ])
    }
}
