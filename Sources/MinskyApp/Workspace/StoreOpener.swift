import MinskyPostgres
import MinskySQL
import MinskySQLite
import MinskyStore

/// The composition root: the only place that knows both database drivers.
enum StoreOpener {
    /// Opens the database a URL names: `postgresql://…`, or the path of a SQLite file.
    /// - Throws: `SQLError`.
    static func database(url: String, schema: String, mustExist: Bool) throws -> any Database {
        if isPostgres(url) { return try PostgresDatabase(url: url, schema: schema) }
        return try SQLiteDatabase(path: url, mustExist: mustExist)
    }

    /// Makes the store in a database where there is none yet.
    static func create(url: String, schema: String, environment: Environment) throws -> Store {
        let database = try database(url: url, schema: schema, mustExist: false)
        if let file = database as? SQLiteDatabase { try file.enableWriteAheadLog() }
        return try Store(creatingIn: database, replicaID: environment.newID(), now: environment.now())
    }

    static func isPostgres(_ url: String) -> Bool {
        url.hasPrefix("postgresql://") || url.hasPrefix("postgres://")
    }

    /// A database URL that may be shown: without its password.
    static func hidingPassword(_ url: String) -> String {
        guard isPostgres(url), let scheme = url.range(of: "://") else { return url }
        var shown = url
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
            shown = url[..<colon] + ":…" + url[at...]
        }
        guard let query = shown.firstIndex(of: "?") else { return shown }
        let parameters = shown[shown.index(after: query)...].split(separator: "&").map {
            $0.lowercased().hasPrefix("password=") ? "password=…" : String($0)
        }
        return shown[...query] + parameters.joined(separator: "&")
    }

    /// Whether a URL carries a password.
    static func holdsPassword(_ url: String) -> Bool { hidingPassword(url) != url }
}
