import Foundation
import MinskyModel
import MinskyStore

/// Writes everything a workspace's store holds into one file, while others go on working, and reads it back.
public struct BackUpWorkspace: Sendable {
    /// The file, which must not be there yet, or a folder; nil for the workspace's own folder and a name after the time.
    public var path: String?
    public var reason: BackupReason
    /// Where the database in it is put as well, in the place of what is there; nil for nowhere.
    var databasePath: String?

    /// Creates the request.
    public init(to path: String? = nil, reason: BackupReason = .manual) {
        self.path = path
        self.reason = reason
    }

    /// Makes the backup. When it fails, nothing is left behind.
    /// - Parameter progress: Told the rows of a table that have been copied so far.
    /// - Throws: `AppError` with code `.conflict` when there is such a file already, or `.file`; `StoreError`, `SQLError`.
    @discardableResult
    public func run(
        in workspace: OpenWorkspace, _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws -> BackupFile {
        let now = workspace.environment.now()
        let name = try name(in: workspace, now)
        let path = name.path
        guard !FileAccess.exists(path) else { throw FileAccess.taken(path) }
        let names = BackupFolder.partialPaths(of: path)
        let partial = try OpenFile(taking: names.backup)
        defer { for name in [names.backup, names.database, names.database + "-journal"] { unlink(name) } }
        // An empty file is an empty database; made here, it is its owner's alone.
        _ = try OpenFile(making: names.database)
        let image = try StoreImage(
            copying: workspace.store,
            into: StoreOpener.database(url: names.database, schema: "", mustExist: true), now: now, progress)
        let file = try BackupFile.write(names.database, to: name, by: partial) { bytes, hash in
            BackupManifest(createdAt: now, reason: reason, image: image, payloadBytes: bytes, payloadHash: hash)
        }
        if let databasePath {
            try FileAccess.synchronize(names.database)
            try FileAccess.move(names.database, to: databasePath)
        }
        return file
    }

    private func name(in workspace: OpenWorkspace, _ now: Timestamp) throws -> BackupFolder.Name {
        if let named = path.map(workspace.environment.absolute) {
            return FileAccess.isDirectory(named) ? .drawn(folder: named, now) : .given(named)
        }
        let folder = BackupFolder(workspace.workspace)
        try folder.make()
        try folder.removeLeftovers()
        return .drawn(folder: folder.path, now)
    }
}
