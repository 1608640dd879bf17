import MinskySQL

// Giving up, and settling what others left: who may open which of the two stores when a relocation did not get to its end.

extension Relocation {
    /// Leaves the workspace at the source, unless the target has been opened after all.
    /// - Returns: Whether the workspace is at the target.
    static func giveUp(
        _ source: Store, _ target: any Database, _ id: String, goingTo place: DatabasePlace
    ) throws -> Bool {
        let isFenced = try InstalledStore(reading: source.database).map { !$0.phase.isOpen } ?? true
        do {
            guard try isThere(target, id) else {
                try reopen(source, id)
                return false
            }
            return true
        } catch let error as SQLError {
            // The target is opened only after the source has been fenced: before, nothing has to be known of it.
            guard isFenced else {
                try reopen(source, id)
                return false
            }
            throw StoreError(
                .outcomeUnknown,
                "\(place) does not answer, so the next command asks it where the workspace is (\(error))")
        }
    }

    /// Whether the target has been opened by a relocation. One that has not is closed for it for good: the row is locked by
    /// a commit that is on its way, so this waits for it, and none comes later.
    static func isThere(_ target: any Database, _ id: String) throws -> Bool {
        guard try InstalledStore(reading: target) != nil else { return false }
        try target.write {
            try $0.execute(
                "UPDATE store_state SET phase = 'abandoned' WHERE relocation = \(id) AND phase = 'filling'")
        }
        guard let found = try InstalledStore(reading: target) else { return false }
        return found.relocation == id && found.phase.isOpen
    }

    /// Ends a relocation that nobody carries out and that has not fenced the source. The target is closed for it first, so that
    /// no late commit opens it; where it does not answer, that the source is another's is enough, as a target is opened only
    /// after the source was fenced for the same relocation.
    /// - Parameter target: The other database, or nil when it is not to be asked.
    /// - Returns: Whether the target knows.
    /// - Throws: `StoreError` with code `.conflict` when there is nothing to end; `SQLError`.
    public static func abort(_ source: Store, target: (any Database)?) throws -> Bool {
        guard let found = try InstalledStore(reading: source.database), let id = found.relocation,
            found.phase == .copying || found.phase == .following
        else { throw StoreError(.conflict, "the workspace is not being moved") }
        var isTold = false
        if let target {
            do {
                guard try !isThere(target, id) else {
                    throw StoreError(.conflict, "the workspace has been opened in another database")
                }
                isTold = true
            } catch is SQLError {}
        }
        try reopen(source, id)
        return isTold
    }

    /// Opens a source again, unless somebody else has to do with it by now.
    private static func reopen(_ source: Store, _ id: String) throws {
        try source.database.write { writer in
            let isOurs =
                try writer.execute(
                    """
                    UPDATE store_state SET phase = 'active'
                    WHERE relocation = \(id) AND phase IN ('copying', 'following', 'fenced')
                    """) == 1
            if isOurs { try writer.lowerFence() }
        }
    }

    static func close(_ source: Store, _ id: String, goneTo place: DatabasePlace?) throws {
        try source.database.write { writer in
            let isOurs =
                try writer.execute(
                    "UPDATE store_state SET phase = 'moved' WHERE relocation = \(id) AND phase IN ('fenced', 'moved')")
                == 1
            guard isOurs else { return }
            try writer.raiseFence(
                source.schema,
                because: "the tasks of this workspace are in \(place.map { "\($0)" } ?? "another database")")
        }
    }

    /// Where a workspace is whose relocation was stopped, after it has been put in order: whoever was fenced out at the source
    /// may write there again, or the source notes that the workspace has gone.
    ///
    /// Nobody else may be carrying out the relocation.
    /// - Parameter target: The other database of the relocation.
    /// - Returns: Whether the workspace is at the target.
    /// - Throws: `SQLError` when the target cannot be asked: then nothing is known, and nothing is changed.
    public static func settle(_ source: Store, target: any Database) throws -> Bool {
        guard let found = try InstalledStore(reading: source.database), let id = found.relocation else { return false }
        guard found.phase == .fenced || found.phase == .moved else {
            try reopen(source, id)
            return false
        }
        if try isThere(target, id) {
            try close(source, id, goneTo: found.peer)
            return true
        }
        // A store that has gone for good is not opened again because the other one is away.
        guard found.phase == .fenced else { return try InstalledStore(reading: target)?.phase.isOpen == true }
        try reopen(source, id)
        return false
    }
}
