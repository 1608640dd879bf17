import MinskyModel
import MinskySQL
import MinskyStore

/// Ends a migration that was begun and is not through: the workspace stays in its file, as it is.
public struct AbortMigration: Sendable {
    /// What was ended.
    public struct Result: Sendable {
        /// Where the copy is.
        public let place: DatabasePlace
        /// Whether the copy is marked as given up there; a server that does not answer cannot be told, and need not be.
        public let isMarked: Bool
    }

    /// Creates the request.
    public init() {}

    /// Ends the migration.
    /// - Throws: `AppError` with code `.conflict` when none is pending, `.unavailable` when another process is at it;
    ///   `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        guard let lock = try RelocationLock(workspace.workspace) else { throw OpenWorkspace.isBeingMoved }
        defer { withExtendedLifetime(lock) {} }
        let workspace = try workspace.reopened()
        let place = try workspace.begunPlace()
        // A row of the store alone leads nobody to another server.
        let isOurs = try workspace.workspace.movedPlaces().contains(place)
        let isMarked = try Relocation.abort(
            workspace.store, target: isOurs ? (try? place.database(mustExist: false)) : nil)
        return Result(place: place, isMarked: isMarked)
    }
}

extension OpenWorkspace {
    /// What is told who wants to move a workspace while another process does.
    static var isBeingMoved: AppError {
        AppError(
            .unavailable, "another upgrade or rollback of the workspace is running",
            hint: "minsky migrate status shows how far it is.")
    }

    /// Where a migration goes that was begun, as the store says.
    /// - Throws: `AppError` with code `.conflict` when there is none.
    func begunPlace() throws -> DatabasePlace {
        let installed = store.installed
        guard [.copying, .following].contains(installed.phase), store.database.dialect == .sqlite,
            let peer = installed.peer
        else {
            throw AppError(
                .conflict, "no migration of the workspace is pending",
                hint: "minsky migrate start --db-url URL begins one.")
        }
        return peer
    }

    /// Where a migration goes that was begun from this machine.
    /// - Throws: `AppError` with code `.conflict` when there is none, `.refused` when it was begun elsewhere.
    func pendingPlace() throws -> DatabasePlace {
        let peer = try begunPlace()
        guard try workspace.movedPlaces().contains(peer) else {
            throw AppError(
                .refused, "the store says that it is being copied to \(peer), but nobody has begun that from here",
                hint: "minsky migrate abort ends it.")
        }
        return peer
    }
}
