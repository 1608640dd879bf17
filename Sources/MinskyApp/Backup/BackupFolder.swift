import Foundation
import MinskyModel

/// The folder of a workspace's backups.
struct BackupFolder {
    let path: String

    private static let ending = ".minsky-backup"
    private static let partialEnding = ".partial"

    init(_ workspace: Workspace) { path = workspace.backupsPath }

    /// Makes the folder, for its owner alone.
    /// - Throws: `AppError` with code `.file`.
    func make() throws { try FileAccess.makeDirectory(path, mode: 0o700) }

    /// Where a backup is to be.
    enum Name {
        /// Where somebody says; never over another file.
        case given(String)
        /// In a folder, after the moment.
        case drawn(folder: String, Timestamp)

        /// The path; a drawn one is in UTC, and no file has it now.
        var path: String {
            switch self {
            case .given(let path): return path
            case .drawn(let folder, let moment):
                let digits = moment.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }
                let name = "\(folder)/\(digits)Z"
                var path = name + ending
                var number = 1
                while FileAccess.exists(path) {
                    number += 1
                    path = "\(name)-\(number)\(ending)"
                }
                return path
            }
        }

        var isDrawn: Bool { if case .drawn = self { true } else { false } }
    }

    /// The names under which a backup is written until it is whole: of the backup, and of the database in it.
    static func partialPaths(of path: String) -> (backup: String, database: String) {
        let name = path + ".\(getpid())"
        return (name + partialEnding, name + ".database" + partialEnding)
    }

    /// The backups, oldest first, as far as their manifests are what was written; and what is wrong with the others.
    /// - Throws: `AppError` with code `.file`.
    func files() throws -> (backups: [BackupFile], problems: [AppError]) {
        var (backups, problems): ([BackupFile], [AppError]) = ([], [])
        for name in try FolderListing.names(in: path, ending: Self.ending) {
            do {
                backups.append(try BackupFile(reading: path + "/" + name))
            } catch let error as AppError {
                if error.code != .notFound { problems.append(error) }
            }
        }
        backups.sort {
            ($0.manifest.createdAt, $0.path.utf8.count, $0.path) < ($1.manifest.createdAt, $1.path.utf8.count, $1.path)
        }
        return (backups, problems)
    }

    /// The newest backup of which every byte is what was written.
    func newestSound() throws -> BackupFile? {
        try files().backups.last { (try? $0.readPayload()) != nil }
    }

    /// Removes the oldest backups, so that no more than some are left. One that cannot be read neither counts nor goes.
    /// - Parameter keep: How many are kept, at least 1.
    /// - Returns: What was removed, oldest first.
    /// - Throws: `AppError` with code `.file`.
    func prune(keeping keep: Int) throws -> [BackupFile] {
        let removed = try files().backups.dropLast(max(1, keep))
        for file in removed where unlink(file.path) != 0 && errno != ENOENT {
            throw FileAccess.failure(file.path, "removed")
        }
        return Array(removed)
    }

    /// Removes what backups that were killed have left behind. One in progress holds its file.
    func removeLeftovers() throws {
        for name in try FolderListing.names(in: path, ending: Self.partialEnding) {
            let path = path + "/" + name
            let isDatabase = name.hasSuffix(".database" + Self.partialEnding)
            let holder =
                isDatabase ? String(path.dropLast((".database" + Self.partialEnding).count)) + Self.partialEnding : path
            if let file = try? OpenFile(reading: holder), !file.take() { continue }
            unlink(path)
            unlink(path + "-journal")
        }
    }
}
