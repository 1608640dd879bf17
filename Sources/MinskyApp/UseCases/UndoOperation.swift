import MinskyModel
import MinskyStore

/// Takes an operation back.
public struct UndoOperation: Sendable {
    /// Which operation is taken back, the id of one as typed.
    public var undoable: Store.Undoable

    /// What was taken back.
    public struct Result: Sendable {
        /// With the changes that were taken back.
        public let operation: LoggedOperation
        /// The id of the operation that took it back, which can be taken back in turn.
        public let undoID: String
        public let names: TaskNames

        /// The undo as the documented JSON object.
        public var json: JSON {
            [
                "operationId": .string(operation.id), "undoOperationId": .string(undoID),
                "actor": .string(operation.actor), "changes": .array(operation.changesJSON),
                "command": .optional(operation.command),
            ]
        }
    }

    /// Creates the request.
    public init(_ undoable: Store.Undoable = .last) { self.undoable = undoable }

    /// The operations of a caller that can be taken back, the newest first.
    /// - Throws: `SQLError`.
    public static func candidates(limit: Int, in workspace: OpenWorkspace, of caller: Caller) throws
        -> ReadHistory.Result
    {
        try workspace.store.numberIfAllowed()
        return try workspace.store.read { session in
            let operations = try session.undoableOperations(of: caller.name, limit: limit)
            return ReadHistory.Result(
                operations: operations, names: try TaskNames(in: operations, session),
                isReplica: try session.syncState()?.isJoined == true)
        }
    }

    /// Takes the operation back.
    /// - Throws: `AppError` with code `.conflict` when something it did has been changed since; `StoreError` with code
    ///   `.nothingToUndo`, `.unknownOperation`, `.ambiguous`, `.alreadyUndone` or `.conflict`; `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        // So that the changes that are reported have their sequences.
        try workspace.store.numberIfAllowed()
        var undoable = undoable
        if case .operation(let text) = undoable {
            undoable = .operation(try workspace.store.read { try $0.resolveOperation(text) })
        }
        let undo = workspace.operation(undoable == .lastUndo ? "redo" : "undo", of: caller)
        do {
            return try workspace.followingMoves { workspace in
                try workspace.store.undo(undoable, as: undo) { undone, session in
                    Result(operation: undone, undoID: undo.id, names: try TaskNames(in: [undone], session))
                }
            }
        } catch let error as StoreError {
            guard let overtaken = error.overtaken else { throw error }
            throw try workspace.store.read { try stuck(overtaken, in: $0, workspace.environment) }
        }
    }

    /// The error for an operation that somebody has built on since: which field of which task, by whom and when, and how
    /// to go on.
    private func stuck(
        _ overtaken: StoreError.Overtaken, in session: some StoreSession, _ environment: Environment
    ) throws -> AppError {
        let dates = DatePresentation(environment)
        func name(_ operation: LoggedOperation) -> String {
            "\(operation.command ?? "operation") \(operation.shortID) of \(dates.minute(operation.hlc.timestamp))"
        }
        let change = Change(table: overtaken.table, rowID: overtaken.rowID, kind: .update, before: nil, after: nil)
        let task = try change.taskID ?? session.owners(of: [change.rowID])[change.rowID]
        let title = try task.flatMap { try session.titles(of: [$0])[$0] } ?? overtaken.rowID
        let field =
            switch overtaken.table {
            case "notes": "a note of "
            case "links": "a link of "
            case "time_entries": "a time of "
            default: overtaken.field.map { "the field \(TaskField.named(column: $0)?.label ?? $0) of " } ?? ""
            }
        let message =
            "\(name(overtaken.undone)) cannot be taken back: \(field)'\(title.prefix(60))' has been changed since"
        guard let later = overtaken.operation else {
            return AppError(.conflict, message, hint: "minsky history shows what else can be taken back.")
        }
        return AppError(
            .conflict, message + ", by \(later.actor), \(name(later))",
            hint:
                "minsky undo --operation \(later.shortID.shellQuoted) takes that back first; minsky history shows what "
                + "else can be taken back.")
    }
}

extension LoggedOperation {
    /// The beginning of its id that is shown and may be typed.
    public var shortID: String { String(id.prefix(8)) }
}
