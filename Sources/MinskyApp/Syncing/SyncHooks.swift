import MinskyModel
import MinskyStore

/// What is told to the hooks of a workspace after a sync, when its lock has been given back.
struct SyncHooks {
    /// A hook hears of failures once this many syncs have failed in a row.
    static let failures = 3

    private let workspace: OpenWorkspace
    private let onConflict: Hook
    private let onFailure: Hook
    /// The conflicts there were before the sync; nil when nobody asks.
    private let known: Set<String>?
    /// How many syncs had failed in a row before this one; nil when nobody asks.
    private let failed: Int?

    init(of workspace: OpenWorkspace) {
        self.workspace = workspace
        onConflict = Hook(.conflict, of: workspace)
        onFailure = Hook(.failure, of: workspace)
        known = onConflict.state == .approved ? try? workspace.store.read { try $0.conflictIDs() } : nil
        failed = onFailure.state == .approved ? Self.state(workspace)?.failures ?? 0 : nil
    }

    /// Tells of conflicts that have come with a sync and concern this replica, or are to be decided about.
    func tellConflicts() {
        guard let known else { return }
        let own = workspace.store.installed.replicaID
        let all = (try? workspace.store.read { try $0.conflicts(all: true) }) ?? []
        let new = all.filter {
            !known.contains($0.id) && ($0.isOpen || $0.kept.replicaID == own || $0.lost.replicaID == own)
        }
        guard !new.isEmpty else { return }
        onConflict.run(.object(common("conflict") + [.init("conflicts", .array(new.map(\.json)))]))
    }

    /// Tells that syncs keep failing: once, until one succeeds.
    func tellFailure(_ message: String) {
        guard let failed, failed < Self.failures, let state = Self.state(workspace), state.failures >= Self.failures
        else { return }
        onFailure.run(
            .object(
                common("sync-failure") + [
                    .init("error", .string(message)), .init("failures", .integer(Int64(state.failures))),
                    .init("lastSync", .optional(state.syncedAt?.iso8601)),
                ]))
    }

    private static func state(_ workspace: OpenWorkspace) -> SyncState? {
        (try? workspace.store.read { try $0.syncState() }) ?? nil
    }

    private func common(_ event: String) -> [JSON.Member] {
        [
            .init("event", .string(event)), .init("workspace", .string(workspace.workspace.path)),
            .init("upstream", .optional(workspace.upstreamPlace.map { "\($0)" })),
        ]
    }
}
