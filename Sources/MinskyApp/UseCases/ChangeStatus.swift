import MinskyModel
import MinskyStore

/// Moves tasks to a status, all in one operation.
public struct ChangeStatus: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]
    public var status: TaskStatus
    /// Whether the open tasks below them go with them.
    public var includesSubtasks: Bool

    /// What became of the tasks.
    public struct Result: Sendable {
        /// A task as it is now.
        public struct Moved: Sendable {
            public let task: TaskItem
            /// The status it had before, which may be the same.
            public let was: TaskStatus
        }

        /// The tasks named, each followed by those that went with it.
        public let moved: [Moved]
        /// The tasks that are still open below those that are closed now, in the order of the tree.
        public let stillOpen: [TaskItem]
        /// The open tasks that those which were started or finished depend on, by id.
        public let blockers: [String: TaskItem]
        public let list: TaskList

        /// The tasks as the documented JSON array.
        public var json: JSON { .array(moved.map { list.json(of: $0.task) }) }
    }

    /// Creates the request.
    public init(ids: [String], status: TaskStatus, includesSubtasks: Bool = false) {
        self.ids = ids
        self.status = status
        self.includesSubtasks = includesSubtasks
    }

    /// Moves the tasks; one that has the status already stays as it is.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation(command, of: caller)
        return try workspace.perform(operation) { session in
            // What hangs below may come in any order, so that two of these could wait for each other.
            if includesSubtasks || ids.count > 1 { try session.lockGraph() }
            var moved: [Result.Moved] = []
            func move(_ old: TaskItem) throws {
                guard !moved.contains(where: { $0.task.id == old.id }) else { return }
                var new = old
                new.move(to: status, at: operation.now)
                // Who starts a task that is nobody's takes it: whoever starts it elsewhere meanwhile is told.
                if status == .doing, old.status != .doing, new.assignee == nil { new.assignee = operation.actor }
                try session.update(old, to: new)
                moved.append(Result.Moved(task: try session.task(old.id), was: old.status))
            }
            for id in try ids.map({ try session.resolveTask($0) }) {
                try move(try session.task(id))
                if includesSubtasks { for task in try openTasks(below: id, in: session) { try move(task) } }
            }
            var stillOpen: [TaskItem] = []
            if !status.isOpen {
                for id in moved.map(\.task.id) {
                    for task in try openTasks(below: id, in: session) where !stillOpen.contains(task) {
                        stillOpen.append(task)
                    }
                }
            }
            let blockers = try blockers(of: moved, in: session)
            return Result(
                moved: moved, stillOpen: stillOpen,
                blockers: Dictionary(uniqueKeysWithValues: blockers.map { ($0.id, $0) }),
                list: try TaskList(tasks: moved.map(\.task) + stillOpen + blockers, in: session))
        }
    }

    private func blockers(of moved: [Result.Moved], in session: some StoreSession) throws -> [TaskItem] {
        guard [.doing, .done].contains(status) else { return [] }
        var filter = TaskFilter()
        filter.ids = Set(moved.filter { $0.was != status }.flatMap(\.task.dependsOn)).sorted()
        filter.statuses = [.todo, .doing]
        return try session.tasks(filter)
    }

    /// What is typed for it.
    private var command: String {
        switch status {
        case .todo: "reopen"
        case .doing: "start"
        case .done: "done"
        case .dropped: "drop"
        }
    }

    private func openTasks(below id: String, in session: some StoreSession) throws -> [TaskItem] {
        var filter = TaskFilter()
        filter.under = id
        filter.statuses = [.todo, .doing]
        return TaskForest(try session.tasks(filter)).nodes.map(\.task).filter { $0.id != id }
    }
}
