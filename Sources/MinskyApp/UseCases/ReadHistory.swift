import MinskyModel
import MinskyStore

/// Reads what happened in the workspace, or to one task, a deleted one included.
public struct ReadHistory: Sendable {
    /// The task's id as typed, or nil for the workspace.
    public var id: String?
    /// The most operations to return, the newest; nil for all.
    public var limit: Int?
    /// Only operations from this moment on, when it is given.
    public var since: Timestamp?
    /// Only operations of this actor, when one is given.
    public var actor: String?

    /// What happened.
    public struct Result: Sendable {
        /// Oldest first; of one task only what became of it.
        public let operations: [LoggedOperation]
        public let names: TaskNames
        /// Whether an operation without a sequence is one that was not pushed yet.
        public let isReplica: Bool

        /// The changes as the documented JSON array.
        public var json: JSON { .array(operations.flatMap(\.changesJSON)) }
    }

    /// Creates the request.
    public init(id: String? = nil, limit: Int? = nil, since: Timestamp? = nil, actor: String? = nil) {
        self.id = id
        self.limit = limit
        self.since = since
        self.actor = actor
    }

    /// Reads the operations with their changes.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        if let limit, limit < 1 { throw AppError(.invalidArgument, "--limit must be at least 1") }
        try workspace.store.numberIfAllowed()
        return try workspace.store.read { session in
            let operations: [LoggedOperation] =
                if let id {
                    try session.history(
                        ofTask: try session.resolveTaskOrDeleted(id), limit: limit, since: since, actor: actor)
                } else {
                    try session.history(limit: limit ?? .max, since: since, actor: actor)
                }
            // Where the upstream orders, what came from there stands before what waits to go there.
            let ordered = operations.enumerated().sorted { left, right in
                let (one, other) = (left.element.sequence ?? .max, right.element.sequence ?? .max)
                return one == other ? left.offset < right.offset : one < other
            }.map(\.element)
            return Result(
                operations: ordered, names: try TaskNames(in: ordered, session),
                isReplica: try session.syncState()?.isJoined == true)
        }
    }
}
