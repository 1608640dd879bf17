import MinskyModel
import MinskySQL
import MinskyStore

extension Configuration {
    /// Where the settings lead, without a password.
    var databasePlace: DatabasePlace {
        let url = databaseURL
        return DatabasePlace(url: url, schema: ConnectionAddress(url).form == .postgres ? databaseSchema : nil)
    }

    /// What says where the tasks are and goes before the workspace's file, so that writing to the file would move nothing.
    var placeOverride: String? {
        for name in ["database.url", "database.schema"] {
            guard let setting = try? setting(name) else { continue }
            switch setting.source {
            case .variable, .option: return setting.source.text
            case .file(let path) where path != workspace?.configurationPath: return path
            case .file, .default: continue
            }
        }
        return nil
    }
}

extension Workspace {
    /// The SQLite file a workspace has where nothing else is said.
    var defaultFile: String { path + "/tasks.db" }

    /// Where a move of the workspace that was begun on this machine leads to and comes from. What a row of a store says is
    /// followed only to these places: whoever can write the row could otherwise have a password sent anywhere.
    var relocationPath: String { path + "/relocation.json" }

    /// Writes down the two places of a move before it begins.
    /// - Throws: `AppError`.
    func noteMove(between places: [DatabasePlace]) throws {
        let json = JSON.array(places.map { ["url": .string($0.url), "schema": .optional($0.schema)] })
        try FileAccess.write(json.text() + "\n", to: relocationPath, mode: 0o600)
    }

    /// Whether a place is one of the last move that was begun on this machine.
    /// - Throws: `AppError`.
    func hasMove(with place: DatabasePlace) throws -> Bool {
        guard let text = try FileAccess.text(at: relocationPath), let json = try? JSON(parsing: text) else {
            return false
        }
        return (json.array ?? []).contains { noted in
            noted["url"]?.string.map { DatabasePlace(url: $0, schema: noted["schema"]?.string) } == place
        }
    }

    /// Writes down where the tasks are from now on.
    /// - Throws: `AppError`.
    func note(_ place: DatabasePlace) throws {
        var file = try TOMLFile(path: configurationPath)
        let before = file.text
        if place.url == defaultFile {
            try file.unset("database.url")
        } else if file.values["database.url"].map({ DatabasePlace(url: $0, schema: place.schema) }) != place {
            try file.set("database.url", to: place.url, isNumber: false)
        }
        if let schema = place.schema {
            try file.set("database.schema", to: schema, isNumber: false)
        } else {
            try file.unset("database.schema")
        }
        if file.text != before { try file.save() }
    }
}

extension DatabasePlace {
    /// Connects to the place.
    /// - Throws: `SQLError`; `AppError` with code `.notFound`.
    func database(mustExist: Bool = true) throws -> any Database {
        try StoreOpener.database(url: url, schema: schema ?? Configuration.defaultSchema, mustExist: mustExist)
    }
}
