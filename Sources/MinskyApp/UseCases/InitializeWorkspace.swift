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
        guard place.hasPrefix("/") || !environment.workingDirectory.isEmpty else {
            throw AppError(.file, "the working directory is not there any more")
        }
        let workspace = Workspace.placed(at: environment.absolute(place))
        if let url = databaseURL {
            let address = ConnectionAddress(url)
            guard address.form == .postgres else {
                throw AppError(.invalidArgument, "--db-url must be a postgresql:// URL, not '\(address.shown)'")
            }
            try UpdateConfiguration.requireNoPassword(url)
        }
        try FileAccess.makeDirectory(workspace.path)
        try writeIfMissing(Self.gitignore, to: workspace.path + "/.gitignore")
        try writeIfMissing(Self.configuration, to: workspace.configurationPath)
        let current = try Configuration(workspace: workspace, environment: environment)
        if let databaseURL, databaseURL != current.databaseURL, try holdsStore(current, environment) {
            throw AppError(
                .refused, "the workspace keeps its tasks in \(ConnectionAddress(current.databaseURL).shown) already",
                hint: "Make another workspace, in another folder, for that database.")
        }
        let overrides = databaseURL.map { ["database.url": $0] } ?? [:]
        let configuration = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        let (url, schema) = (configuration.databaseURL, configuration.databaseSchema)
        let isNew = try !holdsStore(configuration, environment)
        if isNew { _ = try StoreOpener.create(url: url, schema: schema, environment: environment) }
        // Only once the database is there does the workspace point to it.
        if let databaseURL {
            var file = try TOMLFile(path: workspace.configurationPath)
            if file.values["database.url"] != databaseURL {
                try file.set("database.url", to: databaseURL, isNumber: false)
                try file.save()
            }
        }
        return Result(workspace: workspace, database: ConnectionAddress(url).shown, isNew: isNew)
    }

    /// Whether there is a store already; its triggers are put back where they are missing.
    private func holdsStore(_ configuration: Configuration, _ environment: Environment) throws -> Bool {
        let url = configuration.databaseURL
        guard ConnectionAddress(url).form == .postgres || FileAccess.exists(url) else { return false }
        let database = try StoreOpener.database(url: url, schema: configuration.databaseSchema, mustExist: true)
        do {
            let store = try Store(opening: database)
            if try !store.captureProblems().isEmpty { try store.restoreCapture() }
            return true
        } catch let error as StoreError where error.code == .notInitialized {
            return false
        }
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
        # Keys never go here: `minsky config set ai.apiKey` keeps them in a file that only you can read.

        [ai]
        # Who breaks tasks down: "builtin" (offline, from playbooks and earlier work), "openai-compatible" (any server that
        # speaks the OpenAI API), "openai" or "ollama".
        # provider = "openai-compatible"
        # baseUrl = "http://localhost:8080/v1"
        # model = "name-of-the-model"

        # [ai.embedding]
        # model = "name-of-the-embedding-model"

        """
}
