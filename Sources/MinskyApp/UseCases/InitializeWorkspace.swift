import MinskyModel
import MinskyStore

/// Makes a workspace: its folder, its configuration file, its database. Repeating it changes nothing.
public struct InitializeWorkspace: Sendable {
    /// Where to make it, as after `-C`; nil for `MINSKY_DIR`, else the working directory.
    public var directory: String?
    /// A PostgreSQL URL to use instead of a SQLite file.
    public var databaseURL: String?

    /// What there is now.
    public struct Result: Sendable {
        public let workspace: Workspace
        /// The database's place; a password in it is hidden.
        public let database: String
        /// Whether there was no store before.
        public let isNew: Bool
    }

    /// Creates the request.
    public init(directory: String? = nil, databaseURL: String? = nil) {
        self.directory = directory
        self.databaseURL = databaseURL
    }

    /// Makes what is missing.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in environment: Environment) throws -> Result {
        let place = directory ?? environment.variables["MINSKY_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "."
        let workspace = Workspace.placed(at: environment.absolute(place))
        if let url = databaseURL {
            guard StoreOpener.isPostgres(url) else {
                throw AppError(.invalidArgument, "--db-url must begin with postgresql://, not '\(url)'")
            }
            try UpdateConfiguration.requireNoPassword(url)
        }
        try FileAccess.makeDirectory(workspace.path)
        try writeIfMissing(Self.gitignore, to: workspace.path + "/.gitignore")
        try writeIfMissing(Self.configuration, to: workspace.configurationPath)
        if let url = databaseURL {
            var file = try TOMLFile(path: workspace.configurationPath)
            if file.values["database.url"] != url {
                try file.set("database.url", to: url, isNumber: false)
                try file.save()
            }
        }
        let configuration = try Configuration(workspace: workspace, environment: environment)
        let (url, schema) = (configuration.databaseURL, configuration.databaseSchema)
        var isNew = false
        do {
            let existing = try StoreOpener.database(url: url, schema: schema, mustExist: true)
            let store = try Store(opening: existing, now: environment.now())
            if try !store.missingTriggers().isEmpty { try store.restoreTriggers() }
        } catch let error as StoreError where error.code == .notInitialized {
            isNew = true
        } catch where !StoreOpener.isPostgres(url) && !FileAccess.exists(url) {
            isNew = true
        }
        if isNew { _ = try StoreOpener.create(url: url, schema: schema, environment: environment) }
        return Result(workspace: workspace, database: StoreOpener.hidingPassword(url), isNew: isNew)
    }

    private func writeIfMissing(_ text: String, to path: String) throws {
        guard !FileAccess.exists(path) else { return }
        try FileAccess.write(text, to: path)
    }

    private static let gitignore = """
        # The database is local; the configuration and the playbooks can be shared.
        tasks.db
        tasks.db-*
        *.new

        """

    private static let configuration = """
        # minsky's settings for this workspace. `minsky config list` shows all of them, with their values and sources.
        # Keys never go here: `minsky config set ai.apiKey KEY` keeps them in a file that only you can read.

        [ai]
        # Who breaks tasks down: "builtin" (offline, from playbooks and earlier work) or "openai-compatible".
        # provider = "openai-compatible"
        # baseUrl = "http://localhost:8080/v1"
        # model = "name-of-the-model"

        # [ai.embedding]
        # model = "name-of-the-embedding-model"

        """
}
