import MinskyModel
import MinskyStore

/// Adds a task at the end of its siblings.
public struct AddTask: Sendable {
    /// The fields; the title is required.
    public var fields: TaskEdit
    /// The task it becomes part of, as typed.
    public var parent: String?

    /// Creates the request.
    public init(fields: TaskEdit, parent: String? = nil) {
        self.fields = fields
        self.parent = parent
    }

    /// Adds the task.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> TaskItem {
        let id = workspace.environment.newID()
        let operation = workspace.operation("add")
        return try workspace.store.perform(operation) { session in
            let parentID = try parent.map { try session.resolveTask($0) }
            var task = TaskItem(
                id: id, title: try TaskEdit.checkedTitle(fields.title ?? ""),
                rank: Rank.between(try session.lastRank(under: parentID), nil), createdAt: operation.now,
                createdBy: operation.actor)
            task.parentID = parentID
            try fields.apply(to: &task, in: session)
            try session.insert(task)
            return task
        }
    }
}
