import MinskyModel
import MinskyStore

/// The way to a workspace's tasks: their place, and a password where the settings hold one.
struct StorePlace: Sendable {
    /// A PostgreSQL URL, or the absolute path of a file.
    let url: String
    /// Of no meaning for a file.
    let schema: String
    /// What may be shown and written down.
    let place: DatabasePlace

    /// The place that settings lead to.
    init(_ configuration: Configuration) {
        url = configuration.databaseURL
        schema = configuration.databaseSchema
        place = configuration.databasePlace
    }

    var isPostgres: Bool { place.schema != nil }

    /// Names a place without a password.
    init(_ place: DatabasePlace) {
        url = place.url
        schema = place.schema ?? Configuration.defaultSchema
        self.place = place
    }

    /// Opens the store that is there.
    /// - Throws: `AppError` with code `.notFound`; `StoreError`, `SQLError`.
    func open() throws -> Store {
        try Store(opening: StoreOpener.database(url: url, schema: schema, mustExist: true))
    }

    /// The store that is there, or nil.
    /// - Throws: `StoreError`, `SQLError`.
    func store() throws -> Store? {
        guard isPostgres || FileAccess.exists(url) else { return nil }
        do {
            return try open()
        } catch let error as StoreError where error.code == .notInitialized {
            return nil
        }
    }

    /// Makes sure that a workspace which looked for its tasks here loses none when it looks for them elsewhere: either there
    /// are none, or the other place holds the same workspace.
    /// - Parameter workspaceID: The workspace's id, as far as it has noted one.
    /// - Throws: `AppError` with code `.refused`; `StoreError`, `SQLError`.
    func requireSameTasks(in other: StorePlace, workspaceID: String?) throws {
        guard place != other.place, let known = try workspaceID ?? store()?.installed.workspaceID else { return }
        let found = try other.store()?.installed.workspaceID
        if found == known { return }
        if found == nil, try store() == nil { return }
        let whose = found == nil ? "there are none in" : "those of another one are in"
        throw AppError(
            .refused, "the workspace keeps its tasks in \(place); \(whose) \(other.place)",
            hint: hint(for: other, isEmpty: found == nil))
    }

    /// How tasks get to another place, or how that is used beside this one.
    private func hint(for other: StorePlace, isEmpty: Bool) -> String {
        let schema = other.place.schema.map { " --schema \($0.shellQuoted)" }
        let options = schema.map { " --db-url \(other.place.url.shellQuoted)" + $0 } ?? ""
        switch (isPostgres, other.isPostgres) {
        case (false, true) where isEmpty: return "This moves them there: minsky upgrade to-postgres" + options
        case (true, false) where isEmpty: return "minsky migrate rollback moves them to a file."
        default:
            return "No tasks are moved by that. A workspace of its own is made in another folder: minsky init" + options
        }
    }
}

extension Environment {
    /// The same without the variables that say where tasks are: what remains is what files say.
    var withoutPlace: Environment {
        var environment = self
        for variable in ["MINSKY_DATABASE_URL", "MINSKY_DATABASE_SCHEMA"] { environment.variables[variable] = nil }
        return environment
    }
}
