import MinskyModel
import MinskyStore

/// Adds a task at the end of its siblings.
public struct AddTask: Sendable {
    public var title: String
    /// The other fields.
    public var fields: TaskEdit
    /// The task it becomes part of, as typed.
    public var parent: String?

    /// Creates the request.
    public init(title: String, fields: TaskEdit = TaskEdit(), parent: String? = nil) {
        self.title = title
        self.fields = fields
        self.parent = parent
    }

    /// Adds the task.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> WrittenTask {
        let id = workspace.environment.newID()
        let operation = workspace.operation("add", of: caller)
        return try workspace.perform(operation) { session in
            // Before any row: whoever moves tasks takes it first, too.
            if parent != nil || !fields.addedDependencies.isEmpty { try session.lockGraph() }
            let parentID = try parent.map { try session.resolveTask($0) }
            var task = TaskItem(
                id: id, title: try TaskEdit.checkedTitle(title),
                rank: Rank.between(try session.lastRank(under: parentID), nil), createdAt: operation.now,
                createdBy: caller.name)
            task.parentID = parentID
            try fields.apply(to: &task, in: session)
            try session.insert(task)
            try session.requireApart(task, from: task.dependsOn)
            return try WrittenTask(try session.task(id), was: nil, in: session)
        }
    }
}
