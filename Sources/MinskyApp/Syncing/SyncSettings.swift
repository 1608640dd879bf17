import MinskyModel
import MinskyStore

/// Ends the sync of a workspace; its tasks, and those of the upstream, stay.
public struct DisableSync: Sendable {
    /// Creates the request.
    public init() {}

    /// Forgets the upstream.
    /// - Returns: The upstream there was, and how many operations it does not have.
    /// - Throws: `AppError` with code `.notSet`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> (upstream: DatabasePlace, waiting: Int) {
        let state = try workspace.store.read { try $0.syncState() }
        guard let place = state?.upstream ?? workspace.upstreamPlace else {
            throw AppError(.notSet, "the workspace has no upstream")
        }
        guard let lock = try SyncLock(workspace.workspace, waiting: 10) else {
            throw AppError(.unavailable, "a sync of the workspace is running", hint: "Try again in a while.")
        }
        defer { withExtendedLifetime(lock) {} }
        try workspace.store.leaveUpstream()
        try workspace.workspace.noteUpstream(nil)
        return (place, state?.waiting ?? 0)
    }
}

/// Reads or sets who wins where two have changed one field without having seen each other.
public struct ChooseStrategy: Sendable {
    /// A table, or nil for all that have none of their own.
    public var table: String?
    /// The strategy, or nil to leave it to the default.
    public var strategy: SyncStrategy?

    /// Creates the request.
    public init(table: String?, strategy: SyncStrategy?) {
        self.table = table
        self.strategy = strategy
    }

    /// Sets it for the whole workspace; replicas learn of it by their next sync.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws {
        let names = workspace.store.schema.domainTables.map(\.name)
        if let table, !names.contains(table) {
            throw AppError(
                .invalidArgument, "there is no table '\(table)' that is synced",
                hint: NearestMatch.of(table, among: names).map { "Did you mean \($0)?" }
                    ?? names.joined(separator: ", "))
        }
        // Who decides is the upstream: it is told first where there is one.
        let name = table ?? "*"
        try workspace.perform(workspace.operation("sync strategy", of: caller)) { session in
            try session.setStrategy(strategy, of: name)
        }
    }
}
