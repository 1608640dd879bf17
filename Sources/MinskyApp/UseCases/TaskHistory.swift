import MinskyModel
import MinskyStore

/// Reads what happened to a task, deleted ones included.
public struct TaskHistory: Sendable {
    /// The task's id as typed.
    public var id: String

    /// Creates the request.
    public init(id: String) { self.id = id }

    /// Reads the changes, oldest first.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> [Change] {
        let task = try workspace.store.read { try $0.resolveTask(id, includingDeleted: true) }
        return try workspace.store.history(ofTask: task)
    }
}
