import MinskyStore

extension Configuration {
    /// Opens the store that the settings lead to.
    /// - Throws: `AppError` with code `.configuration` when it is another workspace's, `.notFound` when there is no file;
    ///   `StoreError`, `SQLError`.
    func openStore() throws -> Store {
        let store = try StorePlace(self).open()
        try requireOwn(store)
        return store
    }

    /// Makes sure that a store is this workspace's, when the workspace has noted which one that is.
    /// - Throws: `AppError` with code `.configuration` that names both places.
    func requireOwn(_ store: Store) throws {
        guard let workspace, let id = workspaceID, id != store.installed.workspaceID else { return }
        let deciding = try [setting("database.url"), setting("database.schema")].first { setting in
            if case .variable = setting.source { true } else { false }
        }
        let place = databasePlace
        let other = "whose tasks are not those of the workspace in \(workspace.configurationPath)"
        if let variable = deciding?.source.text {
            throw AppError(
                .configuration, "\(variable) leads to \(place), \(other)",
                hint: "Without \(variable) the workspace finds its own; minsky init makes one for that database in "
                    + "another folder.")
        }
        throw AppError(
            .configuration, "the settings lead to \(place), \(other)",
            hint:
                "Put the workspace's own database there, or name its place (minsky config set database.url). If that one "
                + "is meant, remove the id below [workspace] in that file, then run minsky init.")
    }
}
