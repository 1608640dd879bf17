import MinskyModel
import MinskyStore

extension OpenWorkspace {
    /// The place of the upstream, as the settings name it, or nil when there is none.
    var upstreamPlace: DatabasePlace? { configuration.upstreamPlace }

    /// The workspace's store with its upstream, opened.
    /// - Throws: `AppError` with code `.notSet` when there is no upstream, `.refused` when the settings lead to another one
    ///   than the store has joined; `StoreError`, `SQLError`.
    func replica() throws -> Replica {
        guard let place = upstreamPlace else {
            throw AppError(
                .notSet, "the workspace has no upstream", hint: "minsky sync enable --remote-db URL gives it one.")
        }
        let state = try store.read { try $0.syncState() }
        // A file that was moved along with the workspace is joined again where it is now.
        let isAlongside =
            place.schema == nil && FileAccess.exists(place.url)
            && state.map { $0.upstream.schema == nil && !FileAccess.exists($0.upstream.url) } == true
        if let state, state.upstream != place, !isAlongside {
            throw AppError(
                .refused, "the settings lead to the upstream \(place), but the workspace has joined \(state.upstream)",
                hint: "minsky sync disable, then minsky sync enable --remote-db, changes to another one.")
        }
        let upstream: Store
        do {
            upstream = try StorePlace(place).open()
        } catch let error as AppError where error.code == .notFound {
            throw AppError(
                .notFound, error.message,
                hint: "Put the upstream's file back, or a copy of it; minsky sync disable, then minsky sync enable "
                    + "--remote-db, makes it anew from what is here.")
        } catch let error as StoreError where error.code == .notInitialized {
            throw AppError(
                .refused, "there is no store at the upstream \(place) any more",
                hint: "minsky sync disable, then minsky sync enable --remote-db, makes it anew from what is here.")
        }
        try requireNotMoved(upstream, place)
        let replica = Replica(store, upstream: upstream)
        if state?.isJoined != true || isAlongside {
            try requireStaying()
            try replica.join(at: place, now: environment.now())
        }
        return replica
    }

    /// Makes sure that the upstream has not gone elsewhere.
    /// - Throws: `AppError` with code `.refused` that says where to, and what to type.
    private func requireNotMoved(_ upstream: Store, _ place: DatabasePlace) throws {
        guard !upstream.installed.phase.isOpen, upstream.installed.workspaceID == store.installed.workspaceID else {
            return
        }
        guard upstream.installed.phase == .moved, let peer = upstream.installed.peer else {
            throw AppError(
                .unavailable, "the upstream \(place) is being moved to another database", hint: "Try again in a while.")
        }
        let schema = peer.schema.map { " --schema \($0.shellQuoted)" } ?? ""
        throw AppError(
            .refused, "the upstream \(place) has moved to \(peer)",
            hint: "If you trust that place: minsky sync disable && minsky sync enable --remote-db "
                + peer.url.shellQuoted + schema)
    }

    /// Makes sure that nobody is moving the workspace: what joins an upstream there has another history than the copy.
    /// - Throws: `AppError` with code `.refused`.
    func requireStaying() throws {
        guard try InstalledStore(reading: store.database)?.phase != .active else { return }
        throw AppError(
            .refused, "the workspace is being moved to another database, and gets no upstream meanwhile",
            hint: "minsky migrate abort ends that, minsky migrate cutover brings it to its end.")
    }
}

extension Configuration {
    /// The upstream that the settings name, without a password.
    public var upstreamPlace: DatabasePlace? {
        guard let url = try? setting("sync.url").value, !url.isEmpty else { return nil }
        guard ConnectionAddress(url).form == .postgres else {
            return DatabasePlace(
                url: workspace?.upstreamPath(url, environment) ?? environment.absolute(url), schema: nil)
        }
        return DatabasePlace(url: url, schema: value("sync.schema") ?? Self.defaultSchema)
    }

    /// Whether a command that wrote starts a sync in the background.
    var syncsByItself: Bool { value("sync.auto") != "off" }
}
