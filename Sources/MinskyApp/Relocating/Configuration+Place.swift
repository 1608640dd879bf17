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

    /// What to type so that a file, with what SQLite keeps beside it, is out of the way and nothing is lost.
    /// - Parameter name: What tells the folder it goes to from others.
    func settingAside(_ name: String) -> String {
        let folder = (url.split(separator: "/").dropLast().map { "/" + $0 }.joined()) + "/set-aside-" + name
        return "mkdir \(folder.shellQuoted) && mv \(url.shellQuoted)* \(folder.shellQuoted)"
    }

    /// What to type so that a workspace's settings lead here.
    /// - Parameter other: Where they lead now.
    func settings(from other: DatabasePlace, _ workspace: Workspace) -> String {
        var commands: [String] = []
        if url != other.url {
            commands.append(
                url == workspace.defaultFile
                    ? "minsky config unset database.url" : "minsky config set database.url \(url.shellQuoted)")
        }
        if let schema, schema != other.schema {
            commands.append("minsky config set database.schema \(schema.shellQuoted)")
        }
        return commands.joined(separator: " && ")
    }
}
