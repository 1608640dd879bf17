import MinskyModel
import MinskyStore

/// Brings a workspace and its upstream together again after one of them was set back, or when one of them is to be as the
/// other.
public struct ResetSync: Sendable {
    /// Which of the two is right.
    public enum Side: String, Sendable, CaseIterable {
        /// What is here: the upstream gets every operation that it lacks.
        case local
        /// What is there: what waits here is dropped, after a backup.
        case upstream
    }

    public var side: Side

    /// Creates the request.
    public init(from side: Side) { self.side = side }

    /// Does it, and syncs.
    /// - Returns: The backup that was made, if any, what the sync brought, and what of the upstream no store can hold.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> (
        backup: String?, sync: SyncOnce.Result, leftOut: [String]
    ) {
        guard let lock = try SyncLock(workspace.workspace, waiting: 10) else {
            throw AppError(.unavailable, "a sync of the workspace is running", hint: "Try again in a while.")
        }
        let replica = try workspace.replica()
        var backup: String?
        var leftOut: [String] = []
        switch side {
        case .local:
            guard let place = workspace.upstreamPlace else { break }
            try replica.join(at: place, now: workspace.environment.now())
        case .upstream:
            try Replica.requireReferences(of: replica.upstream)
            backup = try BackUpWorkspace(reason: .restore).run(in: workspace).path
            leftOut = try replica.takeSnapshot(keepsWaiting: false)
        }
        withExtendedLifetime(lock) { lock.leave() }
        return (backup, try SyncOnce().run(in: try workspace.reopened()), leftOut)
    }
}
