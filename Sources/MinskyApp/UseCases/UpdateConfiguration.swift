import MinskyModel

/// Sets or removes one setting.
public struct UpdateConfiguration: Sendable {
    public var name: String
    /// The new value, or nil to remove the setting.
    public var value: String?
    /// Whether the user's file is meant rather than the workspace's.
    public var isGlobal: Bool

    /// Which file was written.
    public struct Result: Sendable {
        public let key: ConfigurationKey
        public let path: String
        /// Whether anything is different from before.
        public let hasChanged: Bool
        /// The setting in force now, which a variable may still decide.
        public let setting: Configuration.Setting
    }

    /// Creates the request.
    public init(name: String, value: String?, isGlobal: Bool = false) {
        self.name = name
        self.value = value
        self.isGlobal = isGlobal
    }

    /// Writes the file.
    /// - Throws: `AppError`.
    public func run(directory: String?, in environment: Environment) throws -> Result {
        let key = try ConfigurationKey.named(name)
        if let value {
            try key.check(value)
            if key.kind == .database { try Self.requireNoPassword(value) }
        }
        let path: String
        var workspace: Workspace?
        var hasChanged = false
        if key.isSecret {
            let secrets = UserSecrets(environment: environment)
            hasChanged = try secrets.set(key.name, to: value)
            path = secrets.path
            workspace = try? Workspace.find(directory, in: environment)
        } else {
            if isGlobal {
                path = environment.configurationDirectory + "/config.toml"
                if value != nil { try FileAccess.makeDirectory(environment.configurationDirectory, mode: 0o700) }
                workspace = try? Workspace.find(directory, in: environment)
            } else {
                let found = try Workspace.find(directory, in: environment)
                path = found.configurationPath
                workspace = found
            }
            // First what may be refused: then nothing has been written.
            if key.kind == .address, let origin = value.flatMap(WebAddress.origin) {
                hasChanged = try UserSecrets(environment: environment).trust(origin)
            }
            var file = try TOMLFile(path: path)
            let before = file.text
            if let value {
                try file.set(key.name, to: value, isNumber: key.kind == .number)
            } else {
                try file.unset(key.name)
            }
            if key.name.hasPrefix("database.") { try Self.requireSameTasks(workspace, file, environment) }
            if file.text != before {
                try file.save()
                hasChanged = true
            }
        }
        let configuration = try Configuration(workspace: workspace, environment: environment)
        return Result(key: key, path: path, hasChanged: hasChanged, setting: try configuration.setting(key.name))
    }

    /// Makes sure that a workspace finds the tasks it has with an edited file, too.
    private static func requireSameTasks(
        _ workspace: Workspace?, _ edited: TOMLFile, _ environment: Environment
    ) throws {
        guard let workspace else { return }
        // A variable is there today and gone tomorrow.
        let files = environment.withoutPlace
        let old = try Configuration(workspace: workspace, environment: files)
        let new = try Configuration(workspace: workspace, environment: files, edited: edited)
        try StorePlace(old).requireSameTasks(in: StorePlace(new), workspaceID: old.workspaceID)
    }

    static func requireNoPassword(_ url: String) throws {
        guard !ConnectionAddress(url).holdsSecret else {
            throw AppError(
                .refused, "a password must not stand in the workspace's configuration",
                hint: "Leave it out of the URL and put it in ~/.pgpass or PGPASSWORD, or set MINSKY_DATABASE_URL.")
        }
    }
}
