import MinskyModel
import MinskySQL
import MinskyStore

/// Syncs the workspace with its upstream once.
public struct SyncOnce: Sendable {
    /// Which way edits go.
    public enum Direction: Sendable, Hashable { case both, pull, push }

    /// What was brought.
    public struct Result: Sendable {
        public let upstream: DatabasePlace
        public let pushed: Int
        public let pulled: Int
        /// Conflicts that wait for somebody to decide.
        public let openConflicts: Int
        /// Conflicts of what was pushed just now.
        public let conflicts: Int
        /// Values of this replica that came to be lost.
        public let replaced: Int

        /// The documented JSON object.
        public var json: JSON {
            [
                "upstream": .string("\(upstream)"), "pushed": .integer(Int64(pushed)),
                "pulled": .integer(Int64(pulled)),
                "conflicts": .integer(Int64(conflicts)),
            ]
        }
    }

    public var direction: Direction

    /// Creates the request.
    public init(_ direction: Direction = .both) { self.direction = direction }

    /// Syncs.
    /// - Parameters:
    ///   - replica: The store with its upstream, when they are open already.
    ///   - seconds: How long to wait for another sync to end.
    ///   - begin: Called when the sync begins.
    /// - Throws: `AppError` with code `.notSet`, `.refused`, `.unavailable` when another sync is running; `StoreError`,
    ///   `SQLError`.
    public func run(
        in workspace: OpenWorkspace, replica opened: Replica? = nil, waiting seconds: Double = 10,
        _ begin: () -> Void = {}
    ) throws -> Result {
        let hooks = SyncHooks(of: workspace)
        do {
            let result = try attempt(in: workspace, replica: opened, waiting: seconds, begin)
            hooks.tellConflicts()
            return result
        } catch {
            hooks.tellFailure("\(error)")
            throw error
        }
    }

    private func attempt(
        in workspace: OpenWorkspace, replica opened: Replica?, waiting seconds: Double, _ begin: () -> Void
    ) throws -> Result {
        guard let lock = try SyncLock(workspace.workspace, waiting: seconds) else {
            throw AppError(.unavailable, "another sync of the workspace is running", hint: "Try again in a while.")
        }
        defer { withExtendedLifetime(lock) {} }
        begin()
        do {
            let replica = try opened ?? workspace.replica()
            let before = try workspace.store.read { try $0.lostValues() }
            var done = Replica.Result()
            switch direction {
            case .both: done = try replica.sync()
            case .pull: done.pulled = try replica.pull()
            case .push:
                let sent = try replica.push()
                (done.pushed, done.conflicts) = (sent.operations, sent.conflicts)
            }
            try workspace.store.releaseShared()
            let now = workspace.environment.now()
            let state = try workspace.store.read { try $0.syncState() }
            // The upstream is told seldom, so that a sync that brings nothing writes nothing there.
            if done != Replica.Result() || state?.syncedAt.map({ $0 < now.adding(seconds: -3600) }) ?? true {
                do {
                    try replica.introduce(
                        as: workspace.configuration.caller.name, on: workspace.environment.hostName,
                        in: workspace.workspace.mark)
                } catch let error as SQLError where error.kind == .permission {
                    // Who may only read there pulls all the same, and is not waited for when the log is shortened.
                }
            }
            // A push alone does not take back that what is there cannot be pulled.
            if try direction != .push || state?.error == nil || replica.behind() == 0 {
                try workspace.store.noteSync(head: direction == .push ? nil : try replica.sequence(), now: now)
            }
            return Result(
                upstream: replicaPlace(workspace), pushed: done.pushed, pulled: done.pulled,
                openConflicts: try workspace.store.read { try $0.openConflicts() }, conflicts: done.conflicts,
                replaced: max(0, try workspace.store.read { try $0.lostValues() } - before))
        } catch {
            if workspace.upstreamPlace != nil {
                // A server may repeat what nobody is to see.
                try? workspace.store.noteSyncFailure(
                    workspace.configuration.redactor.redacted("\(error)"), now: workspace.environment.now())
            }
            throw error
        }
    }

    private func replicaPlace(_ workspace: OpenWorkspace) -> DatabasePlace {
        workspace.upstreamPlace ?? workspace.configuration.databasePlace
    }
}
