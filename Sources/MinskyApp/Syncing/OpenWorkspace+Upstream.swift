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
        if let state, state.upstream != place {
            throw AppError(
                .refused, "the settings lead to the upstream \(place), but the workspace has joined \(state.upstream)",
                hint: "minsky sync disable, then minsky sync enable --remote-db, changes to another one.")
        }
        let upstream: Store
        do {
            upstream = try StorePlace(place).open()
        } catch let error as StoreError where error.code == .notInitialized {
            throw AppError(
                .refused, "there is no store at the upstream \(place) any more",
                hint: "minsky sync disable, then minsky sync enable --remote-db, makes it anew from what is here.")
        }
        let replica = Replica(store, upstream: upstream)
        if state?.isJoined != true {
            try requireStaying()
            try replica.join(at: place, now: environment.now())
        }
        return replica
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
            return DatabasePlace(url: environment.absolute(url), schema: nil)
        }
        return DatabasePlace(url: url, schema: value("sync.schema") ?? Self.defaultSchema)
    }

    /// Whether a command that wrote starts a sync in the background.
    var syncsByItself: Bool { value("sync.auto") != "off" }
}

extension Workspace {
    /// Writes down where the upstream is, or that there is none.
    /// - Throws: `AppError`.
    func noteUpstream(_ place: DatabasePlace?) throws {
        var file = try TOMLFile(path: configurationPath)
        guard let place else {
            try file.unset("sync.url")
            try file.unset("sync.schema")
            return try file.save()
        }
        try file.set("sync.url", to: place.url, isNumber: false)
        if let schema = place.schema {
            try file.set("sync.schema", to: schema, isNumber: false)
        } else {
            try file.unset("sync.schema")
        }
        try file.save()
    }
}
