import MinskyModel

/// The settings in force, and where each comes from.
///
/// An option goes before an environment variable, that before the workspace's file, that before the user's file, that
/// before the default.
public struct Configuration: Sendable {
    /// Where a value comes from.
    public enum Source: Sendable, Hashable {
        case option
        case variable(String)
        case file(String)
        case `default`
    }

    /// A value with its source.
    public struct Setting: Sendable, Hashable {
        public var key: ConfigurationKey
        /// The value; for a secret the secret itself, which `shown` hides.
        public var value: String?
        public var source: Source

        /// The value as it may be shown: secrets and passwords are hidden.
        public var shown: String? {
            switch key.kind {
            case .secret: value.map { _ in "(set)" }
            case .database, .address: value.map { ConnectionAddress($0).shown }
            default: value
            }
        }

        /// The setting as the documented JSON object.
        public var json: JSON {
            ["key": .string(key.name), "value": .optional(shown), "source": .string(source.text)]
        }
    }

    public let workspace: Workspace?
    /// The id of the workspace, noted in its file by `init`, or nil when none is.
    let workspaceID: String?
    public internal(set) var environment: Environment
    private let settings: [String: Setting]
    /// Keeps the user's keys out of what is shown and stored.
    public let redactor: Redactor
    /// Why the user's keys could not be read, if they could not.
    let secretsProblem: AppError?

    /// Reads the files and variables.
    /// - Parameters:
    ///   - workspace: The workspace whose file counts, or nil outside of one.
    ///   - overrides: Values given as options, by key.
    /// - Throws: `AppError` with code `.configuration`, `.refused` or `.file`.
    public init(workspace: Workspace?, overrides: [String: String] = [:], environment: Environment) throws {
        try self.init(workspace: workspace, overrides: overrides, environment: environment, edited: nil)
    }

    /// Reads the files and variables as if one of the files had been saved already.
    init(
        workspace: Workspace?, overrides: [String: String] = [:], environment: Environment, edited: TOMLFile?
    ) throws {
        self.workspace = workspace
        self.environment = environment
        let paths = [workspace?.configurationPath, environment.configurationDirectory + "/config.toml"]
        let files = try paths.compactMap { $0 }.map { path in
            if let edited, edited.path == path { return edited }
            return try TOMLFile(path: path)
        }
        workspaceID = try workspace == nil ? nil : Self.workspaceID(in: files[0])
        let secrets = UserSecrets(environment: environment)
        var settings: [String: Setting] = [:]
        var secretsProblem: AppError?
        for key in ConfigurationKey.all {
            let usual = key.name == "actor" ? environment.userName : key.defaultValue
            var setting = Setting(key: key, value: usual, source: .default)
            if let value = overrides[key.name] {
                setting = Setting(key: key, value: value, source: .option)
            } else if let value = Self.variable(of: key, in: environment) {
                setting = Setting(key: key, value: value, source: .variable(key.variable))
            } else if key.isSecret {
                if let file = files.first(where: { $0.values[key.name] != nil }) {
                    throw AppError(
                        .configuration, "\(key.name) must not stand in \(file.path), where others may read it",
                        hint: "Remove it there, then: minsky config set \(key.name)")
                }
                do {
                    if let value = try secrets.value(of: key.name)?.trimmingSpace {
                        setting = Setting(key: key, value: value, source: .file(secrets.path))
                    }
                } catch let error as AppError where error.code == .refused {
                    // Only what needs a key fails.
                    secretsProblem = error
                }
            } else if let file = files.first(where: { $0.values[key.name] != nil }) {
                setting = Setting(key: key, value: file.values[key.name], source: .file(file.path))
            }
            if let value = setting.value, setting.source != .default {
                do {
                    try key.check(value)
                } catch let error as AppError where setting.source != .option {
                    throw AppError(.configuration, "\(error.message) (from \(setting.source.text))", hint: error.hint)
                }
            }
            settings[key.name] = setting
        }
        for file in files {
            for (name, value) in file.values where settings[name] == nil {
                guard let key = ConfigurationKey.inFamily(name) else { continue }
                do {
                    try key.check(value)
                } catch let error as AppError {
                    throw AppError(.configuration, "\(error.message) (from \(file.path))", hint: error.hint)
                }
                settings[name] = Setting(key: key, value: value, source: .file(file.path))
            }
        }
        self.settings = settings
        redactor = environment.redactor()
        self.secretsProblem = secretsProblem
    }

    /// What the id of a workspace is called in its file.
    static let workspaceIDName = "workspace.id"

    private static func workspaceID(in file: TOMLFile) throws -> String? {
        guard let id = file.values[workspaceIDName] else { return nil }
        guard Identifier.prefix(id) == id, id.utf8.count == Identifier.length else {
            throw AppError(
                .configuration, "\(workspaceIDName) in \(file.path) is no id",
                hint: "minsky init notes the right one when it is not there.")
        }
        return id
    }

    /// A setting's variable, or nil when it is absent or empty; what stands around a key is no part of it.
    private static func variable(of key: ConfigurationKey, in environment: Environment) -> String? {
        let value = environment.variables[key.variable].map { key.isSecret ? $0.trimmingSpace : $0 }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The setting of a key.
    public func setting(_ name: String) throws -> Setting {
        let key = try ConfigurationKey.named(name)
        return settings[key.name] ?? Setting(key: key, value: key.defaultValue, source: .default)
    }

    /// Every setting, in the order of `ConfigurationKey.all`.
    public var all: [Setting] {
        ConfigurationKey.all.compactMap { settings[$0.name] }
            + ConfigurationKey.Family.allCases.flatMap { settings(of: $0) }
    }

    private func settings(of family: ConfigurationKey.Family) -> [Setting] {
        settings.values.filter { $0.key.name.hasPrefix(family.rawValue + ".") }.sorted { $0.key.name < $1.key.name }
    }

    /// The settings of a family that have a value, by their names within it.
    func values(of family: ConfigurationKey.Family) -> [(name: String, value: String)] {
        settings(of: family).compactMap { setting in
            setting.value.map { (String(setting.key.name.dropFirst(family.rawValue.count + 1)), $0) }
        }
    }

    func value(_ name: String) -> String? { settings[name]?.value }

    func number(_ name: String) -> Int { value(name).flatMap { Int($0) } ?? 1 }

    /// Who calls when nobody else is named.
    public var caller: Caller {
        Caller(value("actor") ?? "", isAgent: value("actorKind") == "agent")
    }

    /// The PostgreSQL schema where none is named.
    static let defaultSchema = "minsky"

    public var databaseSchema: String { value("database.schema") ?? Self.defaultSchema }

    /// The database: a PostgreSQL URL, or the absolute path of a SQLite file; a relative path starts in the workspace.
    public var databaseURL: String {
        let url = value("database.url") ?? "tasks.db"
        guard ConnectionAddress(url).form == .path, !url.hasPrefix("/") else { return url }
        if url.hasPrefix("~/") { return environment.absolute(url) }
        return (workspace?.path ?? environment.workingDirectory) + "/" + url
    }
}

extension Configuration.Source {
    /// The source in words: `option`, a variable's name, a file's path, or `default`.
    public var text: String {
        switch self {
        case .option: "option"
        case .variable(let name): name
        case .file(let path): path
        case .default: "default"
        }
    }
}
