import MinskyModel
import MinskySQL
import MinskyStore

extension OpenWorkspace {
    /// Finds out where the tasks are when the store that the settings lead to is not open, and puts in order what a stopped
    /// upgrade or rollback has left.
    /// - Parameter store: The store that the settings lead to.
    /// - Returns: The settings to go on with, which may lead elsewhere now.
    /// - Throws: `AppError` with code `.unavailable` when that cannot be known now, `.refused` when the tasks are elsewhere and
    ///   the settings cannot follow; `StoreError`, `SQLError`.
    static func settle(
        _ store: Store, _ configuration: Configuration, _ overrides: [String: String], in workspace: Workspace
    ) throws -> Configuration {
        // Whoever is at work holds the lock; the fence is up for a moment only.
        guard let lock = try RelocationLock(workspace, waiting: 15) else {
            throw AppError(
                .unavailable, "the workspace is being moved to another database", hint: "Try again in a moment.")
        }
        defer { withExtendedLifetime(lock) {} }
        let present = try Configuration(
            workspace: workspace, overrides: overrides, environment: configuration.environment)
        // The settings may have been changed by whoever held the lock.
        guard present.databasePlace == configuration.databasePlace else { return present }
        let again = try configuration.openStore()
        guard !again.installed.phase.isOpen else { return present }
        guard let peer = again.installed.peer else {
            throw AppError(
                .refused, "the store in \(present.databasePlace) is not open, and does not say where the tasks are")
        }
        switch again.installed.phase {
        case .filling, .abandoned:
            throw AppError(
                .refused, "the tasks are in \(peer), not in \(present.databasePlace)",
                hint: "Let the settings lead there: database.url and database.schema in \(workspace.configurationPath)")
        default: break
        }
        guard try isThere(again, peer, workspace) else { return present }
        guard let override = present.placeOverride else {
            try workspace.note(peer)
            return try Configuration(workspace: workspace, overrides: overrides, environment: configuration.environment)
        }
        throw AppError(
            .refused, "the tasks have moved to \(peer), but \(override) leads to \(present.databasePlace)",
            hint: "Change or remove that; the workspace's own file is set right by the next command.")
    }

    /// Whether the tasks are at the other place; when they are not, the store here is open again.
    private static func isThere(_ store: Store, _ peer: DatabasePlace, _ workspace: Workspace) throws -> Bool {
        guard try workspace.hasMove(with: peer) else {
            throw AppError(
                .refused, "the store says that the tasks are in \(peer), but nobody has moved them there from here",
                hint: "If that is true, let the settings lead there: database.url and database.schema in "
                    + "\(workspace.configurationPath)")
        }
        let target: any Database
        do {
            target = try peer.database()
        } catch let error as AppError where error.code == .notFound {
            // It was there when the store here was closed: without it nobody knows what became of the move.
            throw AppError(
                .unavailable, "the tasks are in \(peer) or on their way there, and that file is not there",
                hint: "Put the file back.")
        } catch let error as SQLError {
            throw AppError(
                .unavailable, "the tasks are in \(peer) or on their way there, which does not answer: \(error)",
                hint: "Try again when it does; until then nobody can know where to write.")
        }
        do {
            let isThere = try Relocation.settle(store, target: target)
            if !isThere, store.installed.phase == .moved {
                throw AppError(
                    .refused, "the tasks have gone to \(peer), and are not there",
                    hint: "minsky backup list shows what can be restored.")
            }
            return isThere
        } catch let error as SQLError where error.kind == .connection || error.kind == .permission {
            throw AppError(
                .unavailable, "the tasks are in \(peer) or on their way there, which does not answer: \(error)",
                hint: "Try again when it does; until then nobody can know where to write.")
        }
    }
}
