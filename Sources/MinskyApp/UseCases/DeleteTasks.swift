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
    public func run(in workspace: OpenWorkspace) throws -> [TaskItem] {
        try workspace.store.perform(workspace.operation("delete")) { session in
            var deleted: [TaskItem] = []
            for id in try ids.map({ try session.resolveTask($0) }) where !deleted.contains(where: { $0.id == id }) {
                deleted += TaskForest(try session.delete(id)).nodes.map(\.task)
            }
            return deleted
        }
    }
}
