import MinskyModel
import MinskyStore

/// Reads what happened to a task, deleted ones included.
public struct TaskHistory: Sendable {
    /// The task's id as typed.
    public var id: String

    /// Creates the request.
    public init(id: String) { self.id = id }

    /// Reads the operations with their changes of the task, oldest first.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> [LoggedOperation] {
        try workspace.store.numberIfAllowed()
        return try workspace.store.read { session in
            try session.history(ofTask: try session.resolveTask(id, includingDeleted: true))
        }
    }
}
