import MinskyModel
import MinskyStore

/// Moves tasks to a status, all in one operation.
public struct ChangeStatus: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]
    public var status: TaskStatus

    /// The tasks as they are then.
    public struct Result: Sendable {
        public let tasks: [TaskItem]
        /// How many open subtasks stand below tasks that were finished.
        public let openSubtasks: Int
    }

    /// Creates the request.
    public init(ids: [String], status: TaskStatus) {
        self.ids = ids
        self.status = status
    }

    private var verb: String {
        switch status {
        case .todo: "reopen"
        case .doing: "start"
        case .done: "done"
        case .dropped: "drop"
        }
    }

    /// Moves the tasks; one that has the status already stays as it is.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        let operation = workspace.operation(verb)
        return try workspace.store.perform(operation) { session in
            var changed: [TaskItem] = []
            for id in try ids.map({ try session.resolveTask($0) }) where !changed.contains(where: { $0.id == id }) {
                let old = try session.task(id)
                var new = old
                new.move(to: status, at: operation.now)
                try session.update(old, to: new)
                changed.append(try session.task(id))
            }
            var open: Set<String> = []
            if !status.isOpen {
                for task in changed {
                    var filter = TaskFilter()
                    filter.under = task.id
                    filter.statuses = [.todo, .doing]
                    open.formUnion(try session.tasks(filter).map(\.id))
                }
            }
            return Result(tasks: changed, openSubtasks: open.subtracting(changed.map(\.id)).count)
        }
    }
}
