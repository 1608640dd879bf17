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
        let name = table ?? "*"
        try workspace.perform(workspace.operation("sync strategy", of: caller)) { session in
            try session.setStrategy(strategy, of: name)
        }
    }
}

/// Chooses which way the rows of a table go between this replica and its upstream.
public struct ChoosePolicy: Sendable {
    public var table: String
    public var policy: SyncPolicy

    /// Creates the request.
    public init(table: String, policy: SyncPolicy) {
        self.table = table
        self.policy = policy
    }

    /// Chooses; rows that were not pulled before and are now are brought here.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError` with code `.conflict`; `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws {
        let names = workspace.store.schema.domainTables.map(\.name)
        guard names.contains(table) else {
            throw AppError(
                .invalidArgument, "there is no table '\(table)' that is synced",
                hint: NearestMatch.of(table, among: names).map { "Did you mean \($0)?" }
                    ?? names.joined(separator: ", "))
        }
        guard let lock = try SyncLock(workspace.workspace, waiting: 10) else {
            throw AppError(.unavailable, "a sync of the workspace is running", hint: "Try again in a while.")
        }
        defer { withExtendedLifetime(lock) {} }
        let operation = workspace.operation("sync policy", of: caller)
        let lacksRows = try workspace.store.setPolicy(policy, of: table, as: operation)
        if lacksRows, workspace.upstreamPlace != nil { try workspace.replica().takeSnapshot(keepsWaiting: true) }
        try workspace.store.releaseShared()
    }
}

/// The replicas that have the workspace's upstream as theirs.
public struct SyncPeers: Sendable {
    /// Creates the request.
    public init() {}

    /// Reads them from the upstream; of a workspace without one, those that have it as their upstream.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func list(in workspace: OpenWorkspace) throws -> [SyncPeer] {
        let store = workspace.upstreamPlace == nil ? workspace.store : try workspace.replica().upstream
        return try store.read { try $0.peers() }
    }

    /// Has the upstream forget a replica.
    /// - Parameter text: The beginning of its id.
    /// - Throws: `AppError` with code `.notFound`, or `.invalidArgument` when several begin so; `StoreError`, `SQLError`.
    public func forget(_ text: String, in workspace: OpenWorkspace) throws {
        let replica = try workspace.replica()
        let found = try replica.upstream.read { try $0.peers() }.map(\.replicaID).filter {
            !text.isEmpty && $0.hasPrefix(text.lowercased())
        }
        guard let id = found.first else {
            throw AppError(.notFound, "the upstream knows no replica \(text)", hint: "minsky sync peers lists them.")
        }
        guard found.count == 1 else {
            throw AppError(
                .invalidArgument, "the ids of several replicas begin with '\(text)'",
                hint: "Type more of it: " + found.prefix(10).joined(separator: ", "))
        }
        _ = try replica.forget(id)
    }
}
