import MinskyModel
import MinskyStore

/// Reads one task with what hangs on it.
public struct ShowTask: Sendable {
    /// The task's id as typed.
    public var id: String

    /// A task with its surroundings.
    public struct Result: Sendable {
        public let task: TaskItem
        public let parent: TaskItem?
        public let subtasks: [TaskItem]
        /// The tasks it depends on.
        public let dependencies: [TaskItem]
        public let list: TaskList
    }

    /// Creates the request.
    public init(id: String) { self.id = id }

    /// Reads the task.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        try workspace.store.read { session in
            let task = try session.task(try session.resolveTask(id))
            let parent = try session.liveTask(task.parentID)
            let subtasks = try session.children(of: task.id)
            var filter = TaskFilter()
            filter.ids = task.dependsOn
            let dependencies = try session.tasks(filter)
            let list = try TaskList(tasks: [task] + subtasks + dependencies + (parent.map { [$0] } ?? []), in: session)
            return Result(task: task, parent: parent, subtasks: subtasks, dependencies: dependencies, list: list)
        }
    }
}
