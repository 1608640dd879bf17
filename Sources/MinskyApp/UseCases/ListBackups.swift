import MinskyModel

/// Lists the backups in the workspace's folder.
public struct ListBackups: Sendable {
    /// What is there.
    public struct Result: Sendable {
        /// Oldest first, as far as their manifests are what was written.
        public let backups: [BackupFile]
        /// What is wrong with the others.
        public let problems: [AppError]
        public let folder: String
        /// How many pruning would leave, as far as the settings can be read.
        public let keep: Int?

        /// The backups as the documented JSON array.
        public var json: JSON { .array(backups.map(\.json)) }
    }

    /// Creates the request.
    public init() {}

    /// Reads the manifests; needs no database.
    /// - Throws: `AppError`.
    public func run(directory: String?, in environment: Environment) throws -> Result {
        let workspace = try Workspace.find(directory, in: environment)
        let folder = BackupFolder(workspace)
        let (backups, problems) = try folder.files()
        let keep = try? Configuration(workspace: workspace, environment: environment).number("backup.keep")
        return Result(backups: backups, problems: problems, folder: folder.path, keep: keep)
    }
}

/// Makes sure that a backup holds, byte by byte and row by row, what was written. Needs no workspace.
public struct VerifyBackup: Sendable {
    public var path: String

    /// Creates the request.
    public init(_ path: String) { self.path = path }

    /// Reads the whole backup.
    /// - Throws: `AppError` with code `.damaged` that says what is wrong, `.notFound` or `.file`; `StoreError` with code
    ///   `.newerSchema`.
    public func run(in environment: Environment) throws -> BackupFile {
        try UnpackedBackup(environment.absolute(path), in: environment).file
    }
}

/// Removes the oldest backups of the workspace's folder.
public struct PruneBackups: Sendable {
    /// How many to keep; nil for what `backup.keep` says.
    public var keep: Int?

    /// Creates the request.
    public init(keep: Int? = nil) { self.keep = keep }

    /// Removes them, and returns what was removed, oldest first. The newest always stays.
    /// - Throws: `AppError`.
    public func run(directory: String?, in environment: Environment) throws -> [BackupFile] {
        let workspace = try Workspace.find(directory, in: environment)
        let configuration = try Configuration(workspace: workspace, environment: environment)
        if let keep, keep < 1 {
            throw AppError(.invalidArgument, "--keep must be at least 1: the newest backup always stays")
        }
        let folder = BackupFolder(workspace)
        try folder.removeLeftovers()
        return try folder.prune(keeping: keep ?? configuration.number("backup.keep"))
    }
}
