import MinskyModel
import MinskyStore

/// Makes a workspace: its folder, its configuration file, its database. Repeating it changes nothing.
public struct InitializeWorkspace: Sendable {
    /// Where to make it, as after `-C`; nil for `MINSKY_DIR`, else the working directory.
    public var directory: String?
    /// A PostgreSQL URL to use instead of a SQLite file.
    public var databaseURL: String?
    /// The PostgreSQL schema to use.
    public var schema: String?

    /// What there is now.
    public struct Result: Sendable {
        public let workspace: Workspace
        /// The database's place; a password in it is hidden.
        public let database: String
        /// Whether there was no store before.
        public let isNew: Bool

        /// The workspace as the documented JSON object.
        public var json: JSON {
            ["path": .string(workspace.path), "database": .string(database), "created": .bool(isNew)]
        }
    }

    /// Creates the request.
    public init(directory: String? = nil, databaseURL: String? = nil, schema: String? = nil) {
        self.directory = directory
        self.databaseURL = databaseURL
        self.schema = schema
    }

    /// Makes what is missing; the database first, so that nothing is left behind when it cannot be made.
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
        let overrides = ["database.url": databaseURL, "database.schema": schema].compactMapValues { $0 }
        let configuration = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        let (url, schema) = (configuration.databaseURL, configuration.databaseSchema)
        guard self.schema == nil || isPostgres(url) else {
            throw AppError(
                .invalidArgument, "--schema is for PostgreSQL", hint: "Give --db-url postgresql://… with it.")
        }
        guard schema.utf8.count <= 63 else {
            throw AppError(.invalidArgument, "a schema's name has at most 63 bytes in PostgreSQL")
        }
        try requireSamePlace(configuration, workspace, environment)
        let made = try FileAccess.makeDirectories(workspace.path)
        let isNew: Bool
        do {
            isNew = try !holdsStore(configuration, environment)
            if isNew { _ = try StoreOpener.create(url: url, schema: schema, environment: environment) }
        } catch {
            FileAccess.removeEmptyDirectories(made)
            throw error
        }
        try writeIfMissing(Self.gitignore, to: workspace.path + "/.gitignore")
        try writeIfMissing(Self.configuration, to: workspace.configurationPath)
        if isPostgres(url) { try notePlace(configuration, workspace) }
        return Result(workspace: workspace, database: ConnectionAddress(url).shown, isNew: isNew)
    }

    /// Refuses to point a workspace away from the tasks it has.
    private func requireSamePlace(
        _ configuration: Configuration, _ workspace: Workspace, _ environment: Environment
    ) throws {
        let present = try Configuration(workspace: workspace, environment: environment)
        // What the file says, whatever variables say at the moment.
        let noted = try TOMLFile(path: workspace.configurationPath).values
        var overrides: [String: String] = [:]
        if isPostgres(present.databaseURL), noted["database.url"] == present.databaseURL {
            overrides["database.schema"] = noted["database.schema"] ?? Configuration.defaultSchema
        }
        let filed = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        let isSame =
            configuration.databaseURL == filed.databaseURL
            && (configuration.databaseSchema == filed.databaseSchema || !isPostgres(filed.databaseURL))
        guard try !isSame && holdsStore(filed, environment) else { return }
        var place = ConnectionAddress(filed.databaseURL).shown
        if isPostgres(filed.databaseURL) { place += ", schema \(filed.databaseSchema)," }
        throw AppError(
            .refused, "the workspace keeps its tasks in \(place) already",
            hint: "Make another workspace, in another folder, for that database.")
    }

    /// Writes down where the tasks are, so that the next command finds them without an option or a variable.
    private func notePlace(_ configuration: Configuration, _ workspace: Workspace) throws {
        var file = try TOMLFile(path: workspace.configurationPath)
        let before = file.text
        if let databaseURL, file.values["database.url"] != databaseURL {
            try file.set("database.url", to: databaseURL, isNumber: false)
        }
        let schema = try configuration.setting("database.schema")
        if let name = schema.value, schema.source != .default, file.values["database.schema"] != name {
            try file.set("database.schema", to: name, isNumber: false)
        }
        if file.text != before { try file.save() }
    }

    /// Whether there is a store already; its triggers are put back where they are missing.
    private func holdsStore(_ configuration: Configuration, _ environment: Environment) throws -> Bool {
        let url = configuration.databaseURL
        guard isPostgres(url) || FileAccess.exists(url) else { return false }
        let database = try StoreOpener.database(url: url, schema: configuration.databaseSchema, mustExist: true)
        do {
            let store = try Store(opening: database)
            if try !store.captureProblems().isEmpty { try store.restoreCapture() }
            return true
        } catch let error as StoreError where error.code == .notInitialized {
            return false
        }
    }

    private func isPostgres(_ url: String) -> Bool { ConnectionAddress(url).form == .postgres }

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
