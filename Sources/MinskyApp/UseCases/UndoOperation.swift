import MinskyModel
import MinskyStore

/// Takes an operation back.
public struct UndoOperation: Sendable {
    /// The operation's id, or nil for the actor's last one.
    public var operationID: String?

    /// What was taken back.
    public struct Result: Sendable {
        /// With the changes that were taken back.
        public let operation: LoggedOperation
        /// The id of the operation that took it back, which can be taken back in turn.
        public let undoID: String
        /// The titles of the tasks it touched, of a hundred at most, by id; deleted ones included.
        public let titles: [String: String]
    }

    /// Creates the request.
    public init(operationID: String? = nil) { self.operationID = operationID }

    /// Takes the operation back.
    /// - Throws: `StoreError` with code `.nothingToUndo`, `.unknownOperation`, `.alreadyUndone`, `.overtaken` or `.conflict`;
    ///   `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        let undo = workspace.operation("undo")
        // So that the changes that are reported have their sequences.
        try workspace.store.numberIfAllowed()
        return try workspace.store.undo(operationID, as: undo) { undone, session in
            let ids = Set(undone.changes.filter { $0.table == "tasks" }.map(\.rowID))
            return Result(
                operation: undone, undoID: undo.id, titles: try session.titles(of: Array(ids.sorted().prefix(100))))
        }
    }
}
