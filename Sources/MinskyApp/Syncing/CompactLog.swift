import MinskyModel
import MinskyStore

/// Removes what old operations changed from the log of the workspace's store.
public struct CompactLog: Sendable {
    /// Operations of so many days are left alone.
    public var days: Int

    /// What `days` is where nobody says.
    public static let usualDays = 180

    /// Creates the request.
    public init(days: Int) { self.days = days }

    /// Compacts.
    /// - Returns: What was removed here.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Store.Compaction {
        guard days >= 0 else { throw AppError(.invalidArgument, "--days must not be negative") }
        let now = workspace.environment.now()
        return try workspace.store.compact(before: now.adding(seconds: -days * 86400), now: now)
    }
}
