import MinskyModel

/// Where a workspace is: its `.minsky` folder.
public struct Workspace: Sendable, Hashable {
    /// The `.minsky` folder's absolute path.
    public var path: String

    /// The folder's usual name.
    public static let folderName = ".minsky"

    /// Names a workspace by the path of its folder.
    public init(path: String) { self.path = path }

    /// The folder whose work it holds.
    var root: String { Self.parent(of: path) }

    public var configurationPath: String { path + "/config.toml" }
    public var playbooksPath: String { path + "/playbooks" }
    public var backupsPath: String { path + "/backups" }

    /// The workspace's own playbooks, by name.
    /// - Throws: `AppError` with code `.file`.
    public func playbooks() throws -> [(name: String, markdown: String)] {
        try FolderListing.names(in: playbooksPath, ending: ".md").compactMap { name in
            try FileAccess.text(at: playbooksPath + "/" + name).map { (String(name.dropLast(3)), $0) }
        }
    }

    /// Finds the workspace a command means: the nearest one at or above the folder of `-C`; else that of `MINSKY_DIR`, and
    /// no other; else the nearest one at or above the working directory. The search ends at the home directory's parent.
    /// - Parameter directory: What stands after `-C`: a folder, or a `.minsky` folder itself.
    /// - Throws: `AppError` with code `.noWorkspace`.
    public static func find(_ directory: String?, in environment: Environment) throws -> Workspace {
        if let directory {
            let folder = environment.absolute(directory)
            let isThere = FileAccess.isDirectory(folder)
            if isThere, let found = nearest(from: folder, in: environment) { return found }
            throw AppError(
                .noWorkspace,
                isThere
                    ? "there is no workspace in \(directory) or in a folder above" : "there is no folder \(directory)",
                hint: "This makes a workspace there: minsky init -C \(directory.shellQuoted)")
        }
        if let named = environment.variables["MINSKY_DIR"], !named.isEmpty {
            let workspace = placed(at: environment.absolute(named))
            if FileAccess.isDirectory(workspace.path) { return workspace }
            throw AppError(
                .noWorkspace, "there is no workspace in \(named)",
                hint: "This makes one there: minsky init -C \(named.shellQuoted)")
        }
        if let found = nearest(from: environment.absolute(environment.workingDirectory), in: environment) {
            return found
        }
        throw AppError(
            .noWorkspace, "there is no minsky workspace here or in a folder above", hint: "minsky init makes one here.")
    }

    /// The workspace that this one hides from the folder it is in and those below, or nil.
    func hidden(in environment: Environment) -> Workspace? {
        let folder = Self.parent(of: path)
        return folder == "/" ? nil : Self.nearest(from: Self.parent(of: folder), in: environment)
    }

    /// The workspace that a folder is, holds or stands below, up to the home directory's parent; nil when there is none.
    private static func nearest(from start: String, in environment: Environment) -> Workspace? {
        let limit = parent(of: environment.absolute(environment.homeDirectory))
        var folder = start
        while true {
            let workspace = placed(at: folder)
            if FileAccess.isDirectory(workspace.path) { return workspace }
            if folder == limit || folder == "/" { return nil }
            folder = parent(of: folder)
        }
    }

    /// The workspace a folder stands for: the folder itself when it is one, else `.minsky` in it.
    static func placed(at folder: String) -> Workspace {
        let isWorkspace = folder.hasSuffix("/" + folderName)
        return Workspace(path: isWorkspace ? folder : (folder == "/" ? "" : folder) + "/" + folderName)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
