import MinskyModel
import MinskySQL
import MinskyStore

/// Where the workspace and its upstream stand.
public struct SyncStatus: Sendable {
    public let upstream: DatabasePlace
    /// Operations that wait to be pushed.
    public let ahead: Int
    /// Operations of the upstream that are not here; nil when it cannot be asked.
    public let behind: Int?
    /// Conflicts that wait for somebody to decide.
    public let conflicts: Int
    public let lastSync: Timestamp?
    /// Why the upstream cannot be asked now, or why the last sync failed.
    public let error: String?
    /// When the next sync is tried in the background, after one that failed.
    public let retryAt: Timestamp?

    /// The documented JSON object.
    public var json: JSON {
        [
            "upstream": .string("\(upstream)"), "ahead": .integer(Int64(ahead)), "behind": .optional(behind),
            "conflicts": .integer(Int64(conflicts)), "lastSync": .optional(lastSync?.iso8601),
            "error": .optional(error),
        ]
    }

    /// Looks at the store, and asks the upstream.
    /// - Throws: `AppError` with code `.notSet` when there is no upstream; `StoreError`, `SQLError`.
    public init(of workspace: OpenWorkspace) throws {
        guard let place = workspace.upstreamPlace else {
            throw AppError(
                .notSet, "the workspace has no upstream", hint: "minsky sync enable --remote-db URL gives it one.")
        }
        upstream = place
        let (state, open) = try workspace.store.read { (try $0.syncState(), try $0.openConflicts()) }
        ahead = state?.waiting ?? 0
        conflicts = open
        lastSync = state?.syncedAt
        retryAt = state?.retryAt
        do {
            behind = try workspace.replica().behind()
            error = state?.error
        } catch let failure as AppError where failure.code == .notFound {
            (behind, error) = (nil, failure.message)
        } catch let failure as SQLError {
            (behind, error) = (nil, "\(failure)")
        } catch let failure as StoreError {
            (behind, error) = (nil, failure.message)
        }
    }
}
