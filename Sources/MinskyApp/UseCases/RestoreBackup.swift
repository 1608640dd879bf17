import Foundation
import MinskyModel
import MinskySQL
import MinskyStore

/// Puts what a backup holds in the place of what the workspace holds, in one step: whoever looks sees the old or the new.
///
/// Nothing is lost by it: what is replaced is backed up first, and a file that cannot be read is kept beside the new one.
public struct RestoreBackup: Sendable {
    public var path: String

    /// What was done.
    public struct Result: Sendable {
        /// The backup that was restored.
        public let file: BackupFile
        /// The backup of what it has replaced, or nil when there was nothing that could be read.
        public let saved: BackupFile?
        /// Where the damaged file is now, or nil when there was none.
        public let movedAside: String?
        /// The place of the tasks; a password in it is hidden.
        public let database: String

        /// The restoration as the documented JSON object.
        public var json: JSON {
            [
                "path": .string(file.path), "createdAt": .string(file.manifest.createdAt.iso8601),
                "schemaVersion": .integer(Int64(file.manifest.image.schemaVersion)), "database": .string(database),
                "tables": .array(
                    file.manifest.image.tables.map { ["table": .string($0.table), "rows": .integer(Int64($0.rows))] }),
                "backup": .optional(saved?.path), "movedAside": .optional(movedAside),
            ]
        }
    }

    /// Creates the request.
    public init(_ path: String) { self.path = path }

    /// Verifies the backup, saves what there is, and restores.
    /// - Parameter progress: Told the rows of a table that have been brought so far.
    /// - Throws: `AppError` with code `.damaged`, `.refused` for a backup of another workspace or one that PostgreSQL cannot
    ///   hold, `.unavailable` while the workspace is being moved; `StoreError` with code `.moved` when it has gone elsewhere,
    ///   `.conflict` when others do not stop writing, `.outcomeUnknown`; `SQLError`.
    public func run(
        directory: String?, in environment: Environment,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws -> Result {
        let workspace = try Workspace.find(directory, in: environment)
        let backup = try UnpackedBackup(environment.absolute(path), in: environment)
        try Self.settle(workspace, environment)
        guard let lock = try RelocationLock(workspace, waiting: 3) else {
            throw AppError(
                .unavailable, "the workspace is being moved to another database, or restored",
                hint: "Try again in a moment.")
        }
        defer { withExtendedLifetime(lock) {} }
        let configuration = try Configuration(workspace: workspace, environment: environment)
        let place = StorePlace(configuration)
        if place.isPostgres { try Self.requireStorable(backup, in: place) }
        let id = backup.file.manifest.image.workspaceID
        var (saved, movedAside): (BackupFile?, String?)
        if let store = try present(place) {
            try configuration.requireOwn(store)
            guard try store.installed.workspaceID == id || !store.holdsOperations() else { throw foreign(backup.file) }
            do {
                saved = try replace(
                    OpenWorkspace(workspace, configuration, store), by: backup, environment, progress)
            } catch let error as SQLError where error.kind == .corrupt && !place.isPostgres {
                movedAside = try putInPlace(of: place, backup, environment, progress)
            }
        } else {
            guard configuration.workspaceID == nil || configuration.workspaceID == id else {
                throw foreign(backup.file)
            }
            if place.isPostgres {
                try StoreOpener.create(place, from: backup.database, environment: environment, progress)
            } else {
                movedAside = try putInPlace(of: place, backup, environment, progress)
            }
        }
        try note(id, workspace)
        return Result(file: backup.file, saved: saved, movedAside: movedAside, database: place.place.description)
    }

    /// Replaces what a store holds, once nobody has done anything between what is saved of it and what is replaced.
    /// - Returns: The backup of what was there, or nil when there was nothing.
    private func replace(
        _ workspace: OpenWorkspace, by backup: UnpackedBackup, _ environment: Environment,
        _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws -> BackupFile? {
        let store = workspace.store
        let isSameWorkspace = workspace.configuration.workspaceID == backup.file.manifest.image.workspaceID
        try store.migrateIfDue(now: environment.now())
        var saved: BackupFile?
        for attempt in 1... {
            // Asked before: what is done while it is saved is saved once more then.
            let extent = try store.logExtent()
            if try store.holdsOperations() {
                let earlier = saved
                saved = try BackUpWorkspace(reason: .restore).run(in: workspace)
                if let earlier { try FileAccess.remove(earlier.path) }
            }
            do {
                try forgetting(isSameWorkspace ? nil : workspace.workspace) {
                    try store.replace(
                        with: backup.database, replicaID: environment.newID(), now: environment.now(),
                        expecting: extent, progress)
                }
                break
            } catch let error as StoreError where error.code == .conflict && attempt < 5 {
                continue
            }
        }
        return saved
    }

    /// Puts in order what a stopped move of the workspace has left, so that the settings lead to where the tasks are.
    private static func settle(_ workspace: Workspace, _ environment: Environment) throws {
        let configuration = try Configuration(workspace: workspace, environment: environment)
        // What cannot be read is none that was left by a move.
        guard let store = try? StorePlace(configuration).store(), !store.installed.phase.isOpen else { return }
        _ = try OpenWorkspace.settle(store, configuration, [:], in: workspace)
    }

    /// Makes sure that PostgreSQL can hold what SQLite held.
    private static func requireStorable(_ backup: UnpackedBackup, in place: StorePlace) throws {
        let problems = try Store(opening: backup.database).unreadableValues()
        guard !problems.isEmpty else { return }
        throw AppError(
            .refused, "\(place.place) cannot hold everything in the backup, and nothing was changed",
            hint: problems.map { "– " + $0 }.joined(separator: "\n"))
    }

    /// The store that is there, or nil when there is nothing that can be read as one.
    private func present(_ place: StorePlace) throws -> Store? {
        do {
            let store = try place.store()
            if let store, !place.isPostgres, try !store.integrityProblems().isEmpty { return nil }
            return store
        } catch let error as SQLError where error.kind == .corrupt && !place.isPostgres {
            return nil
        } catch let error as StoreError where error.code == .corrupt && !place.isPostgres {
            return nil
        }
    }

    private func foreign(_ file: BackupFile) -> AppError {
        AppError(
            .refused, "\(file.path) is a backup of another workspace, \(file.manifest.image.workspaceID)",
            hint: "A new workspace takes it: in another folder, minsky init, then minsky backup restore "
                + file.path.shellQuoted)
    }

    // MARK: The file

    /// Puts a new file in the place of one that cannot be read, or is not there: it is whole before it gets its name.
    /// - Returns: Where the old file is now, if there was one.
    private func putInPlace(
        of place: StorePlace, _ backup: UnpackedBackup, _ environment: Environment,
        _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws -> String? {
        let new = "\(place.url)-restoring-\(getpid())"
        let beside = ["", "-wal", "-shm", "-journal"]
        func remove(_ path: String) { for ending in beside { unlink(path + ending) } }
        for left in try Self.leftovers(place.url) { remove(left) }
        defer { remove(new) }
        try FileAccess.makeDirectory(FileAccess.folder(of: place.url))
        try StoreOpener.create(
            StorePlace(DatabasePlace(url: new, schema: nil)), from: backup.database, environment: environment, progress)
        try FileAccess.synchronize(new)
        let aside = FileAccess.exists(place.url) ? Self.asidePath(place.url, environment.now()) : nil
        // What SQLite keeps beside a file belongs to that file, and would be taken for the new one's.
        for ending in beside.dropFirst() where FileAccess.exists(place.url + ending) {
            guard rename(place.url + ending, (aside ?? Self.asidePath(place.url, environment.now())) + ending) == 0
            else {
                throw FileAccess.failure(place.url + ending, "moved")
            }
        }
        if let aside, link(place.url, aside) != 0, rename(place.url, aside) != 0 {
            throw FileAccess.failure(place.url, "moved")
        }
        guard rename(new, place.url) == 0 else { throw FileAccess.failure(place.url, "written") }
        FileAccess.synchronizeFolder(of: place.url)
        return aside
    }

    /// The files that restores of processes which have ended have left beside a database.
    private static func leftovers(_ path: String) throws -> [String] {
        let folder = FileAccess.folder(of: path)
        guard FileAccess.isDirectory(folder) else { return [] }
        let start = path.dropFirst(folder.utf8.count + 1) + "-restoring-"
        return try FileAccess.names(in: folder).compactMap { name in
            guard name.hasPrefix(start), let process = pid_t(name.dropFirst(start.count).prefix(while: \.isNumber)),
                process == getpid() || kill(process, 0) != 0 && errno == ESRCH
            else { return nil }
            return "\(path)-restoring-\(process)"
        }
    }

    /// A name beside a file that tells what became of it, and that version control passes over as it does the file.
    private static func asidePath(_ path: String, _ moment: Timestamp) -> String {
        let name = path + "-damaged-" + moment.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
        var (result, number) = (name, 1)
        while FileAccess.exists(result) {
            number += 1
            result = "\(name)-\(number)"
        }
        return result
    }

    // MARK: The workspace's id

    /// Runs a body that may give the store another workspace's id; the id that the workspace has noted is taken out before,
    /// so that it finds its store whatever happens.
    private func forgetting(_ workspace: Workspace?, _ body: () throws -> Void) throws {
        guard let workspace else { return try body() }
        var file = try TOMLFile(path: workspace.configurationPath)
        guard let old = file.values[Configuration.workspaceIDName] else { return try body() }
        try file.unset(Configuration.workspaceIDName)
        try file.save()
        do {
            try body()
        } catch {
            try note(old, workspace)
            throw error
        }
    }

    private func note(_ id: String, _ workspace: Workspace) throws {
        var file = try TOMLFile(path: workspace.configurationPath)
        guard file.values[Configuration.workspaceIDName] != id else { return }
        try file.set(Configuration.workspaceIDName, to: id, isNumber: false)
        try file.save()
    }
}
