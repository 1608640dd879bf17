import MinskyModel
import MinskySQL
import MinskyStore

/// Makes a workspace: its folder, its configuration file, its database. Repeating it changes nothing.
public struct InitializeWorkspace: Sendable {
    /// Where to make it, as after `-C`; nil for `MINSKY_DIR`, else the working directory.
    public var directory: String?
    /// A PostgreSQL URL to use instead of a SQLite file.
    public var databaseURL: String?
    /// The PostgreSQL schema to use.
    public var schema: String?
    /// The upstream to make a replica of: a PostgreSQL URL with `schema`, the path of a SQLite file or of a folder.
    public var clone: String?

    /// What there is now.
    public struct Result: Sendable {
        public let workspace: Workspace
        /// The database's place; a password in it is hidden.
        public let database: String
        /// Whether there was no store before.
        public let isNew: Bool
        /// Whether the folder held no workspace before.
        public let isNewFolder: Bool
        /// The workspace further up that commands in this folder and below find no longer.
        public let hidden: Workspace?
        /// Values of the upstream that no store can hold, by field, table and id: they are not here.
        public let leftOut: [String]

        /// The workspace as the documented JSON object.
        public var json: JSON {
            [
                "path": .string(workspace.path), "database": .string(database), "created": .bool(isNew),
                "hides": .optional(hidden?.path),
            ]
        }
    }

    /// Creates the request.
    public init(directory: String? = nil, databaseURL: String? = nil, schema: String? = nil, clone: String? = nil) {
        self.directory = directory
        self.databaseURL = databaseURL
        self.schema = schema
        self.clone = clone
    }

    /// Makes what is missing; the database first, so that nothing is left behind when it cannot be made.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in environment: Environment) throws -> Result {
        let folder = directory ?? environment.variables["MINSKY_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "."
        guard folder.hasPrefix("/") || !environment.workingDirectory.isEmpty else {
            throw AppError(.file, "the working directory is not there any more")
        }
        let workspace = Workspace.placed(at: environment.absolute(folder))
        if let url = databaseURL {
            let address = ConnectionAddress(url)
            guard address.form == .postgres else {
                throw AppError(.invalidArgument, "--db-url must be a postgresql:// URL, not '\(address.shown)'")
            }
            try UpdateConfiguration.requireNoPassword(url)
        }
        let upstream = try clone.map { try EnableSync.place($0, schema, environment) }
        let overrides = ["database.url": databaseURL, "database.schema": upstream == nil ? schema : nil]
            .compactMapValues { $0 }
        let configuration = try Configuration(workspace: workspace, overrides: overrides, environment: environment)
        let place = StorePlace(configuration)
        guard schema == nil || place.isPostgres || upstream != nil else {
            throw AppError(
                .invalidArgument, "--schema is for PostgreSQL", hint: "Give --db-url postgresql://… with it.")
        }
        guard place.schema.utf8.count <= 63 else {
            throw AppError(.invalidArgument, "a schema's name has at most 63 bytes in PostgreSQL")
        }
        let filed = try Configuration(workspace: workspace, environment: environment.withoutPlace)
        try StorePlace(filed).requireSameTasks(in: place, workspaceID: filed.workspaceID)
        let isNewFolder = !FileAccess.exists(workspace.configurationPath)
        let made = try FileAccess.makeDirectories(workspace.path)
        let (store, isNew): (Store, Bool)
        var leftOut: [String] = []
        do {
            if let upstream {
                (store, isNew) = (try replica(of: upstream, in: place, configuration, &leftOut), true)
            } else {
                (store, isNew) = try storeOrNew(in: place, configuration)
            }
        } catch {
            FileAccess.removeEmptyDirectories(made)
            throw error
        }
        try writeIfMissing(Self.gitignore, to: workspace.path + "/.gitignore")
        try writeIfMissing(Self.configuration, to: workspace.configurationPath)
        try note(store, in: place, configuration, workspace)
        if let upstream { try workspace.noteUpstream(upstream) }
        return Result(
            workspace: workspace, database: ConnectionAddress(place.url).shown, isNew: isNew, isNewFolder: isNewFolder,
            hidden: workspace.hidden(in: environment), leftOut: leftOut)
    }

    /// A new store with an upstream, filled from there.
    private func replica(
        of upstream: DatabasePlace, in place: StorePlace, _ configuration: Configuration, _ leftOut: inout [String]
    ) throws -> Store {
        guard place.place != upstream else {
            throw AppError(.invalidArgument, "a workspace cannot be a replica of itself")
        }
        if let store = try place.store() {
            throw AppError(
                .refused, "there are tasks in \(place.place) already, of workspace \(store.installed.workspaceID)",
                hint: "Clone in another folder, or join the upstream from here: minsky sync enable --remote-db")
        }
        let environment = configuration.environment
        // Opened first: where there is none, nothing is made here.
        let source = try StorePlace(upstream).open()
        let isThere = place.isPostgres || FileAccess.exists(place.url)
        let database = try StoreOpener.database(url: place.url, schema: place.schema, mustExist: false)
        do {
            leftOut = try Replica.clone(
                source, at: upstream, into: database, replicaID: environment.newID(), now: environment.now())
        } catch {
            if !isThere { try? FileAccess.remove(place.url) }
            throw error
        }
        try StoreOpener.prepare(database)
        return try Store(opening: database)
    }

    /// The store that is in a place, its triggers put back where they are missing, or a new one.
    private func storeOrNew(
        in place: StorePlace, _ configuration: Configuration
    ) throws -> (store: Store, isNew: Bool) {
        guard let store = try place.store() else {
            try requireNoneElsewhere(than: place, configuration)
            let store = try StoreOpener.create(
                place, workspaceID: configuration.workspaceID, environment: configuration.environment)
            return (store, true)
        }
        try configuration.requireOwn(store)
        if try !store.captureProblems().isEmpty { try store.restoreCapture() }
        return (store, false)
    }

    /// Makes sure that a workspace does not get a second, empty store because its settings lead past the one it has.
    /// - Throws: `AppError` with code `.refused` that names the store it has, `.unavailable` when that cannot be asked.
    private func requireNoneElsewhere(than place: StorePlace, _ configuration: Configuration) throws {
        guard let id = configuration.workspaceID, let workspace = configuration.workspace else { return }
        var known: [DatabasePlace] = []
        for moved in try workspace.movedPlaces().reversed() where moved != place.place && known.isEmpty {
            do {
                if try StorePlace(moved).store()?.installed.workspaceID == id { known.append(moved) }
            } catch let error as SQLError where error.kind == .connection || error.kind == .permission {
                throw AppError(
                    .unavailable, "the tasks of this workspace may be in \(moved), which does not answer: \(error)",
                    hint: "Try again when it does.")
            }
        }
        if known.isEmpty, place.isPostgres {
            let database = try StoreOpener.database(url: place.url, schema: place.schema, mustExist: true)
            known += try Store.schemas(of: id, in: database).map { DatabasePlace(url: place.url, schema: $0) }
        }
        guard let first = known.first else { return }
        throw AppError(
            .refused, "this workspace has its tasks in \(first); there are none in \(place.place)",
            hint: "Let the settings lead there: " + first.settings(from: place.place, workspace)
                + "\nA workspace of its own is made in another folder.")
    }

    /// Writes down which workspace it is and where its tasks are, so that the next command finds them without an option, a
    /// variable or the user's own settings.
    private func note(
        _ store: Store, in place: StorePlace, _ configuration: Configuration, _ workspace: Workspace
    ) throws {
        var file = try TOMLFile(path: workspace.configurationPath)
        let before = file.text
        func note(_ name: String, _ value: String) throws {
            if file.values[name] != value { try file.set(name, to: value, isNumber: false) }
        }
        try note(Configuration.workspaceIDName, store.installed.workspaceID)
        let setting = try configuration.setting("database.url")
        if let url = setting.value.map({ ConnectionAddress($0).withoutSecrets }),
            url != file.values["database.url"] ?? setting.key.defaultValue
        {
            try note("database.url", url)
        }
        if place.isPostgres { try note("database.schema", place.schema) }
        if file.text != before { try file.save() }
    }

    private func writeIfMissing(_ text: String, to path: String) throws {
        guard !FileAccess.exists(path) else { return }
        try FileAccess.write(text, to: path)
    }

    private static let gitignore = """
        # The database is local; the configuration and the playbooks can be shared.
        tasks.db
        tasks.db-*
        *-backup.db*
        *.lock
        relocation.json
        backups/
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
