import Foundation
import MinskyPostgres
import MinskySQL
import MinskySQLite
import MinskyStore

/// The composition root: the only place that knows both database drivers.
enum StoreOpener {
    /// Opens the database a URL names: `postgresql://…`, or the path of a SQLite file.
    /// - Throws: `SQLError`; `AppError` with code `.configuration` for a URL of another kind.
    static func database(url: String, schema: String, mustExist: Bool) throws -> any Database {
        if isPostgres(url) { return try PostgresDatabase(url: url, schema: schema) }
        guard !url.contains("://"), !holdsPassword(url) else {
            throw AppError(
                .configuration,
                "database.url must be the path of a SQLite file, or begin with postgresql://, not \(hidingPassword(url))",
                hint: "minsky config get database.url --json tells where it is set."
            )
        }
        guard !mustExist || FileAccess.exists(url) else {
            throw AppError(
                .notFound, "there is no database at \(url)",
                hint: "Put the file back, or a copy of it; minsky init makes a new, empty one.")
        }
        return try SQLiteDatabase(path: url)
    }

    /// Makes the store in a database where there is none yet.
    /// - Throws: `StoreError` with code `.foreign` when there is something else, which is left as it is; `SQLError`.
    static func create(url: String, schema: String, environment: Environment) throws -> Store {
        let database = try database(url: url, schema: schema, mustExist: false)
        let identity = StoreIdentity(workspaceID: environment.newID(), replicaID: environment.newID())
        let store = try Store(creatingIn: database, identity: identity, now: environment.now())
        if let file = database as? SQLiteDatabase { try file.enableWriteAheadLog() }
        return store
    }

    static func isPostgres(_ url: String) -> Bool {
        url.hasPrefix("postgresql://") || url.hasPrefix("postgres://")
    }

    /// A database URL that may be shown: without its passwords.
    static func hidingPassword(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else {
            // Not a URL: a file, or libpq's other form, `host=… password=…`, which is not understood here.
            return url.lowercased().contains("password=") ? "…" : url
        }
        let parts = url[scheme.upperBound...].split(separator: "?", omittingEmptySubsequences: false)
        // A password that is not percent-encoded may hold any character, `?` too: parameters have an `=`.
        let first = parts.indices.dropFirst().first { parts[$0].contains("=") } ?? parts.endIndex
        var place = parts[..<first].joined(separator: "?")
        if let at = place.lastIndex(of: "@"), let colon = place[..<at].firstIndex(of: ":"),
            place.index(after: colon) < at
        {
            place = place[..<colon] + ":…" + place[at...]
        }
        let shown = url[..<scheme.upperBound] + place
        guard first < parts.endIndex else { return String(shown) }
        let parameters = parts[first...].joined(separator: "?").split(separator: "&").map { parameter in
            // `password=` and `sslpassword=`; libpq reads percent signs in names too.
            let name = parameter.prefix { $0 != "=" }
            let isPassword = (name.removingPercentEncoding ?? "password").lowercased().hasSuffix("password")
            return isPassword && parameter.count > name.count + 1 ? name + "=…" : parameter
        }
        return shown + "?" + parameters.joined(separator: "&")
    }

    /// Whether a URL carries a password.
    static func holdsPassword(_ url: String) -> Bool { hidingPassword(url) != url }
}
