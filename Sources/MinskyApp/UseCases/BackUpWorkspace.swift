import Foundation
import MinskyModel
import MinskyStore

/// Writes everything a workspace's store holds into one file, while others go on working, and reads it back.
public struct BackUpWorkspace: Sendable {
    /// The file, which must not be there yet, or a folder; nil for the workspace's own folder and a name after the time.
    public var path: String?
    public var reason: BackupReason
    /// A backup that is not removed for this one, as it is in use.
    var sparing: BackupFile?

    /// What was written, and what was removed for it.
    public struct Result: Sendable {
        public let file: BackupFile
        /// Older automatic backups beyond `backup.keep`, which an automatic one removes.
        public let removed: [BackupFile]

        /// The backup as the documented JSON object.
        public var json: JSON { file.json }
    }

    /// Creates the request.
    public init(to path: String? = nil, reason: BackupReason = .manual) {
        self.path = path
        self.reason = reason
    }

    /// Makes the backup. When it fails, nothing is left behind.
    /// - Parameter progress: Told the rows of a table that have been copied so far.
    /// - Throws: `AppError` with code `.conflict` when there is such a file already, or `.file`; `StoreError`, `SQLError`.
    public func run(
        in workspace: OpenWorkspace, _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws -> Result {
        let now = workspace.environment.now()
        let folder = BackupFolder(workspace.workspace)
        let path: String
        if let named = self.path.map(workspace.environment.absolute) {
            path = FileAccess.isDirectory(named) ? BackupFolder.newPath(in: named, at: now) : named
        } else {
            try folder.make()
            try folder.removeLeftovers()
            path = BackupFolder.newPath(in: folder.path, at: now)
        }
        guard !FileAccess.exists(path) else { throw FileAccess.taken(path) }
        let names = BackupFolder.partialPaths(of: path)
        let partial = try OpenFile(making: names.backup)
        defer { for name in [names.backup, names.database, names.database + "-journal"] { unlink(name) } }
        guard partial.take() else { throw FileAccess.failure(names.backup, "locked") }
        // An empty file is an empty database; made here, it is its owner's alone.
        _ = try OpenFile(making: names.database)
        let image = try StoreImage(
            copying: workspace.store,
            into: StoreOpener.database(url: names.database, schema: "", mustExist: true), now: now, progress)
        let file = try BackupFile.write(names.database, to: path, by: partial) { bytes, hash in
            BackupManifest(createdAt: now, reason: reason, image: image, payloadBytes: bytes, payloadHash: hash)
        }
        return Result(file: file, removed: try removed(folder, workspace))
    }

    private func removed(_ folder: BackupFolder, _ workspace: OpenWorkspace) throws -> [BackupFile] {
        guard reason.isAutomatic, path == nil else { return [] }
        return try folder.prune(keeping: workspace.configuration.number("backup.keep")) {
            $0.manifest.reason.isAutomatic && $0.manifest != sparing?.manifest
        }
    }
}
