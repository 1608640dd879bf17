import MinskyModel
import MinskyStore

/// Deletes tasks with everything below them, in one operation that undo takes back.
public struct DeleteTasks: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]

    /// Creates the request.
    public init(ids: [String]) { self.ids = ids }

    /// Deletes the tasks and returns them as they were, each followed by its subtasks.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskList {
        try workspace.perform(workspace.operation("delete", of: caller)) { session in
            let ids = try ids.map { try session.resolveTask($0) }
            // Before they are gone: what is told about them is how they were.
            let before = try TaskList(tasks: try ids.flatMap { try tasks(under: $0, in: session) }, in: session)
            var deleted: [TaskItem] = []
            for id in ids where !deleted.contains(where: { $0.id == id }) {
                deleted += TaskForest(try session.delete(id)).tasks
            }
            try session.stopClocks(on: deleted.map(\.id))
            return before.restricted(to: deleted)
        }
    }

    private func tasks(under id: String, in session: some StoreSession) throws -> [TaskItem] {
        var filter = TaskFilter()
        filter.under = id
        return try session.tasks(filter)
    }
}
