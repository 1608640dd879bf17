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
        let place = try whereabouts(of: again, in: present.databasePlace, workspace)
        guard place != present.databasePlace else { return present }
        guard let override = present.placeOverride else {
            try workspace.note(place)
            return try Configuration(workspace: workspace, overrides: overrides, environment: configuration.environment)
        }
        throw AppError(
            .refused, "the tasks have moved to \(place), but \(override) leads to \(present.databasePlace)",
            hint: "Change or remove that; the workspace's own file is set right by the next command.")
    }

    /// Goes from a store that is closed to the one that it names, and on, until one is open; one that was closed by a move that
    /// did not take place is open again then.
    private static func whereabouts(
        of store: Store, in place: DatabasePlace, _ workspace: Workspace
    ) throws -> DatabasePlace {
        var (store, place, passed) = (store, place, [place])
        while true {
            guard let peer = store.installed.peer else {
                throw AppError(
                    .refused, "the store in \(place) is not open, and does not say where the tasks are",
                    hint: "minsky backup list shows what can be restored.")
            }
            if store.installed.phase == .filling || store.installed.phase == .abandoned {
                throw AppError(
                    .refused, "the tasks are in \(peer), not in \(place)",
                    hint:
                        "Let the settings lead there: database.url and database.schema in \(workspace.configurationPath)"
                )
            }
            guard try workspace.movedPlaces().contains(peer) else {
                throw AppError(
                    .refused,
                    "the store in \(place) says that the tasks are in \(peer), but nobody has moved them there "
                        + "from here",
                    hint: "If that is true, let the settings lead there: database.url and database.schema in "
                        + "\(workspace.configurationPath)")
            }
            guard !passed.contains(peer) else { throw circle(place, peer) }
            passed.append(peer)
            let (isThere, next) = try settle(store, with: peer)
            if isThere { return peer }
            // Nothing came of the move.
            guard store.installed.phase == .moved else { return place }
            guard let next, next.installed.workspaceID == store.installed.workspaceID,
                [.moved, .fenced].contains(next.installed.phase)
            else {
                throw AppError(
                    .refused, "the tasks have gone from \(place) to \(peer), and are not there",
                    hint: "minsky backup list shows what can be restored.")
            }
            (store, place) = (next, peer)
        }
    }

    /// Asks the other place of a move.
    /// - Returns: Whether the tasks are there, and the store that is there, if any.
    private static func settle(_ store: Store, with peer: DatabasePlace) throws -> (isThere: Bool, other: Store?) {
        do {
            let target = try peer.database()
            let isThere = try Relocation.settle(store, target: target)
            return (isThere, try StorePlace(peer).store())
        } catch let error as AppError where error.code == .notFound {
            // It was there when the store here was closed: without it nobody knows what became of the move.
            throw AppError(
                .unavailable, "the tasks are in \(peer) or on their way there, and that file is not there",
                hint: "Put the file back.")
        } catch let error as SQLError where error.kind == .connection || error.kind == .permission {
            throw AppError(
                .unavailable, "the tasks are in \(peer) or on their way there, which does not answer: \(error)",
                hint: "Try again when it does; until then nobody can know where to write.")
        }
    }

    /// Two stores of which each says that the tasks are in the other one.
    private static func circle(_ place: DatabasePlace, _ peer: DatabasePlace) -> AppError {
        let file = [place, peer].first { $0.schema == nil }
        let what = file.map { "\($0)" } ?? "one of them"
        return AppError(
            .refused,
            "the store in \(place) says that the tasks are in \(peer), and the one there that they are not: "
                + "\(what) is an older copy that was put back",
            hint: "Put the newer \(file == nil ? "one" : "file") back. Without it, "
                + (file.map { "set the copy aside (\($0.settingAside("older"))), and " } ?? "")
                + "minsky backup list shows what can be restored.")
    }
}
