import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import MinskyStore

/// The composition root: the only place that knows both database drivers.
enum StoreOpener {
    /// Opens the database a setting names, which has been checked: `postgresql://…`, or the path of a SQLite file.
    /// - Throws: `SQLError`; `AppError` with code `.notFound`.
    static func database(url: String, schema: String, mustExist: Bool) throws -> any Database {
        if ConnectionAddress(url).form == .postgres { return try PostgresDatabase(url: url, schema: schema) }
        guard !mustExist || FileAccess.exists(url) else {
            throw AppError(
                .notFound, "there is no database at \(url)",
                hint: "Put the file back, or a copy of it; minsky init makes a new, empty one.")
        }
        return try SQLiteDatabase(path: url)
    }

    /// An empty database that goes with the command.
    static func inMemory() throws -> any Database { try SQLiteDatabase(path: nil) }

    /// Makes the store in a place where there is none yet.
    /// - Parameter workspaceID: The id of the workspace, or nil for a new one.
    /// - Throws: `StoreError` with code `.foreign` when there is something else, which is left as it is; `SQLError`.
    static func create(_ place: StorePlace, workspaceID: String?, environment: Environment) throws -> Store {
        let database = try database(url: place.url, schema: place.schema, mustExist: false)
        let identity = StoreIdentity(
            workspaceID: workspaceID ?? environment.newID(), replicaID: environment.newID())
        let store = try Store(creatingIn: database, identity: identity, now: environment.now())
        try prepare(database)
        return store
    }

    /// Makes the store that an image holds in a place where there is none yet.
    /// - Throws: `StoreError` with code `.foreign` when there is something else, which is left as it is; `SQLError`.
    static func create(
        _ place: StorePlace, from image: any Database, environment: Environment,
        _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws {
        let database = try database(url: place.url, schema: place.schema, mustExist: false)
        try Store.make(
            in: database, from: image, replicaID: environment.newID(), now: environment.now(), progress)
        try prepare(database)
    }

    /// Sets a database that has just got its store to how commands use it.
    static func prepare(_ database: any Database) throws {
        if let file = database as? SQLiteDatabase { try file.enableWriteAheadLog() }
    }
}
