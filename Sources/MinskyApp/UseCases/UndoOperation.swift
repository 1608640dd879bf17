import MinskyModel
import MinskyStore

/// Takes an operation back.
public struct UndoOperation: Sendable {
    /// The operation's id, or nil for the actor's last one.
    public var operationID: String?

    /// What was taken back.
    public struct Result: Sendable {
        public let operation: OperationSummary
        /// The titles of the tasks it touched, of a hundred at most, by id; deleted ones included.
        public let titles: [String: String]
    }

    /// Creates the request.
    public init(operationID: String? = nil) { self.operationID = operationID }

    /// Takes the operation back.
    /// - Throws: `StoreError` with code `.nothingToUndo`, `.notFound` or `.conflict`; `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        let actor = workspace.configuration.actor
        let id = try operationID ?? workspace.store.read { try $0.lastUndoableOperation(by: actor) }
        return try workspace.store.perform(workspace.operation(reverting: id)) { session in
            let summary = try session.revert(id)
            let ids = Set(summary.changes.filter { $0.table == "tasks" }.map(\.rowID))
            return Result(operation: summary, titles: try session.titles(of: Array(ids.sorted().prefix(100))))
        }
    }
}
