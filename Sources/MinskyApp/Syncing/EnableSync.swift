import MinskyModel
import MinskyStore

/// Gives the workspace an upstream: makes it where there is nothing yet, or joins the one that is there.
public struct EnableSync: Sendable {
    /// A PostgreSQL URL, the path of a SQLite file, or of a folder with a workspace.
    public var url: String
    public var schema: String?

    /// What is there now.
    public struct Result: Sendable {
        public let upstream: DatabasePlace
        /// Whether the upstream was made.
        public let isNew: Bool
        public let sync: SyncOnce.Result
    }

    /// Creates the request.
    public init(url: String, schema: String? = nil) {
        self.url = url
        self.schema = schema
    }

    /// Joins the upstream and syncs once.
    /// - Parameter progress: Told the rows of a table that have been copied so far.
    /// - Throws: `AppError` with code `.refused` when the upstream holds something else or the workspace is being moved,
    ///   `.unavailable`, `.invalidArgument`; `StoreError`, `SQLError`.
    public func run(
        in workspace: OpenWorkspace, _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws -> Result {
        let place = try Self.place(url, schema, workspace.environment)
        let here = workspace.configuration.databasePlace
        guard !place.isSame(as: here) else {
            throw AppError(.invalidArgument, "the upstream cannot be where the workspace itself is, \(here)")
        }
        let former = try workspace.store.read { try $0.syncState() }
        if let state = former, state.upstream != place {
            throw AppError(
                .refused, "the workspace has an upstream already, \(state.upstream)",
                hint: "minsky sync disable ends that; all tasks stay.")
        }
        guard let lock = try RelocationLock(workspace.workspace, waiting: 3) else { throw OpenWorkspace.isBeingMoved }
        defer { withExtendedLifetime(lock) {} }
        try workspace.requireStaying()
        try workspace.store.migrateIfDue(now: workspace.environment.now())
        let isNew = try prepare(place, workspace, progress)
        try workspace.workspace.noteUpstream(place)
        do {
            let sync = try SyncOnce().run(in: try workspace.reopened())
            return Result(upstream: place, isNew: isNew, sync: sync)
        } catch let error where former == nil && error.isRefusal {
            try Self.forget(in: workspace)
            throw error
        }
    }

    /// Leaves an upstream that refused at once, so that another one can be chosen.
    private static func forget(in workspace: OpenWorkspace) throws {
        guard let lock = try SyncLock(workspace.workspace, waiting: 10) else { return }
        defer { withExtendedLifetime(lock) {} }
        if try workspace.store.read({ try $0.syncState() })?.isJoined == true { try workspace.store.leaveUpstream() }
        try workspace.workspace.noteUpstream(nil)
    }

    /// Makes the upstream where there is none.
    /// - Returns: Whether it was made.
    private func prepare(
        _ place: DatabasePlace, _ workspace: OpenWorkspace, _ progress: (String, Int) throws -> Void
    ) throws -> Bool {
        if let store = try StorePlace(place).store() {
            guard store.installed.workspaceID == workspace.store.installed.workspaceID else {
                throw AppError(
                    .refused,
                    "\(place) holds another workspace, \(store.installed.workspaceID); this one is "
                        + workspace.store.installed.workspaceID,
                    hint:
                        "minsky init --clone makes a replica of that workspace in another folder; another schema (--schema) "
                        + "or file takes this one.")
            }
            return false
        }
        let database = try place.database(mustExist: false)
        if place.schema != nil {
            let problems = try Preflight.problems(database, second: try place.database())
            guard problems.isEmpty else {
                throw AppError(
                    .refused, "\(place) cannot be an upstream", hint: problems.map { "– " + $0 }.joined(separator: "\n")
                )
            }
        }
        let unstorable = place.schema == nil ? [] : try workspace.store.unstorableValues()
        guard unstorable.isEmpty else {
            throw AppError(
                .refused, "\(place) cannot hold everything", hint: unstorable.map { "– " + $0 }.joined(separator: "\n"))
        }
        try Replica.copy(
            workspace.store, to: database, replicaID: workspace.environment.newID(), now: workspace.environment.now(),
            excluding: try workspace.store.read { try $0.policies() }.unpushed(workspace.store.schema), progress)
        try StoreOpener.prepare(database)
        return true
    }

    /// The place that is meant.
    static func place(_ url: String, _ schema: String?, _ environment: Environment) throws -> DatabasePlace {
        try UpdateConfiguration.requireNoPassword(url)
        try ConfigurationKey.named("sync.url").check(url)
        switch ConnectionAddress(url).form {
        case .postgres:
            let schema = schema ?? Configuration.defaultSchema
            guard schema.utf8.count <= 63, !schema.isEmpty else {
                throw AppError(.invalidArgument, "a schema's name has 1 to 63 bytes in PostgreSQL")
            }
            try ConfigurationKey.named("sync.schema").check(schema)
            return DatabasePlace(url: url, schema: schema)
        default:
            guard schema == nil else {
                throw AppError(
                    .invalidArgument, "--schema is for PostgreSQL", hint: "Give a postgresql:// URL with it.")
            }
            var path = environment.absolute(url)
            if FileAccess.isDirectory(path) {
                let inner = path + "/.minsky"
                path = (FileAccess.isDirectory(inner) ? inner : path) + "/tasks.db"
            }
            if let objection = SharedFolder.objection(to: path) {
                throw AppError(
                    .refused, objection, hint: "A PostgreSQL database, or a file on a local disk, can be the upstream.")
            }
            return DatabasePlace(url: path, schema: nil)
        }
    }
}

extension DatabasePlace {
    /// Whether both lead to one database: a file may have several names.
    fileprivate func isSame(as other: DatabasePlace) -> Bool {
        self == other || schema == nil && other.schema == nil && FileAccess.isSameFile(url, other.url)
    }
}

extension Error {
    /// Whether an upstream cannot be the one that is meant, however often it is tried.
    fileprivate var isRefusal: Bool {
        if let error = self as? AppError { return [.refused, .invalidArgument].contains(error.code) }
        let codes: [StoreError.Code] = [.conflict, .foreign, .diverged, .moved, .notInitialized]
        return (self as? StoreError).map { codes.contains($0.code) } ?? false
    }
}
