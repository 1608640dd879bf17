import MinskyModel
import MinskyStore

/// Tasks with what follows from those around them: all that a face needs to show them.
public struct TaskList: Sendable {
    public let tasks: [TaskItem]
    /// The shortest unique beginning of each id, those of dependencies included.
    public let shortIDs: [String: String]
    /// The ids of the open tasks that wait for another one which is open.
    public let blocked: Set<String>
    private let openDependencies: Set<String>
    private let waiting: [String: [String]]
    private let counts: [String: SubtaskCount]
    private let unsettled: (waiting: Set<String>, inConflict: Set<String>)

    /// Reads what is needed in the transaction that read or wrote the tasks.
    /// - Throws: `SQLError`.
    init(tasks: [TaskItem], in session: some StoreSession) throws {
        self.tasks = tasks
        let ids = tasks.map(\.id)
        let dependencies = Set(tasks.lazy.flatMap(\.dependsOn))
        let waiting = try session.waitingTasks(for: ids + dependencies.subtracting(ids))
        self.waiting = waiting
        shortIDs = try session.shortIDs(of: ids + dependencies.union(waiting.values.joined()))
        let open = try Self.openOnes(of: dependencies, among: tasks, waiting, session)
        openDependencies = open
        blocked = Set(
            tasks.lazy.filter { $0.status.isOpen && $0.dependsOn.contains(where: open.contains) }.map(\.id))
        counts = try session.subtaskCounts(of: ids)
        unsettled = try session.unsettledTasks()
    }

    private init(_ tasks: [TaskItem], from list: TaskList) {
        self.tasks = tasks
        shortIDs = list.shortIDs
        blocked = list.blocked
        openDependencies = list.openDependencies
        waiting = list.waiting
        counts = list.counts
        unsettled = list.unsettled
    }

    /// Of the tasks that some depend on, those that are open.
    /// - Parameter waiting: Those that open tasks wait for.
    private static func openOnes(
        of dependencies: Set<String>, among tasks: [TaskItem], _ waiting: [String: [String]],
        _ session: some StoreSession
    ) throws -> Set<String> {
        // Those that a dry run has planned wait for each other, which no table knows.
        var open = dependencies.intersection(waiting.keys)
        for task in tasks where task.status.isOpen && dependencies.contains(task.id) { open.insert(task.id) }
        // For what only closed tasks depend on, nobody waits.
        let closed = Set(tasks.lazy.filter { !$0.status.isOpen }.flatMap(\.dependsOn)).subtracting(open)
        let unknown = closed.isEmpty ? [] : closed.subtracting(tasks.lazy.map(\.id)).sorted()
        guard !unknown.isEmpty else { return open }
        var filter = TaskFilter()
        filter.ids = unknown
        filter.statuses = [.todo, .doing]
        open.formUnion(try session.tasks(filter).map(\.id))
        return open
    }

    /// The same facts for some of the tasks only.
    public func restricted(to tasks: [TaskItem]) -> TaskList { TaskList(tasks, from: self) }

    /// A task's id as people type it.
    public func shortID(of id: String) -> String { shortIDs[id] ?? id }

    /// The ids of the open tasks that wait for a task, as long as it is open.
    public func waiting(for id: String) -> [String] { waiting[id] ?? [] }

    /// The ids of the open tasks that a task depends on, whether it is open itself or not.
    public func blockers(of task: TaskItem) -> [String] { task.dependsOn.filter(openDependencies.contains) }

    /// Where a task stands with the upstream.
    public func sync(of task: TaskItem) -> SyncMark? {
        if unsettled.inConflict.contains(task.id) { return .conflict }
        return unsettled.waiting.contains(task.id) ? .pending : nil
    }

    /// The subtasks right below a task.
    public func subtasks(of id: String) -> SubtaskCount { counts[id] ?? SubtaskCount() }
}

/// What is not settled about a task between this store and its upstream.
public enum SyncMark: String, Sendable {
    /// It has edits that were not pushed yet.
    case pending
    /// Two edits of it met, and somebody has to decide.
    case conflict
}

extension TaskList {
    /// The keys of a task's object, and those that some commands add to it.
    public static let keys =
        TaskField.all.compactMap(\.key) + [
            "blocked", "blocks", "subtaskCount", "openSubtaskCount", "blockedBy", "sync", "urgency", "reasons", "score",
            "matched",
        ]

    /// The tasks as a JSON array.
    public var json: JSON { .array(tasks.map(json(of:))) }

    /// A task as the documented JSON object.
    public func json(of task: TaskItem) -> JSON {
        let fields = TaskField.all.compactMap { field in field.key.map { JSON.Member($0, field.value(task)) } }
        let count = subtasks(of: task.id)
        return .object(
            fields + [
                .init("blocked", .bool(blocked.contains(task.id))),
                .init("blocks", .array(waiting(for: task.id).map(JSON.string))),
                .init("subtaskCount", .integer(Int64(count.all))),
                .init("openSubtaskCount", .integer(Int64(count.open))),
                .init("blockedBy", .array(blockers(of: task).map(JSON.string))),
                .init("sync", .optional(sync(of: task)?.rawValue)),
            ])
    }
}
