import MinskyModel

/// Where a workspace is: its `.minsky` folder.
public struct Workspace: Sendable, Hashable {
    /// The `.minsky` folder's absolute path.
    public var path: String

    /// The folder's usual name.
    public static let folderName = ".minsky"

    /// Names a workspace by the path of its folder.
    public init(path: String) { self.path = path }

    public var configurationPath: String { path + "/config.toml" }
    public var playbooksPath: String { path + "/playbooks" }

    /// The workspace's own playbooks, by name.
    /// - Throws: `AppError` with code `.file`.
    public func playbooks() throws -> [(name: String, markdown: String)] {
        try FolderListing.names(in: playbooksPath, ending: ".md").compactMap { name in
            try FileAccess.text(at: playbooksPath + "/" + name).map { (String(name.dropLast(3)), $0) }
        }
    }

    /// Finds the workspace a command means: that of `-C`, else that of `MINSKY_DIR`, else the nearest one at or above the
    /// working directory, up to the home directory's parent.
    /// - Parameter directory: What stands after `-C`: a folder that holds `.minsky`, or that folder itself.
    /// - Throws: `AppError` with code `.noWorkspace`.
    public static func find(_ directory: String?, in environment: Environment) throws -> Workspace {
        if let named = directory ?? environment.variables["MINSKY_DIR"].flatMap({ $0.isEmpty ? nil : $0 }) {
            let workspace = placed(at: environment.absolute(named))
            guard FileAccess.isDirectory(workspace.path) else {
                throw AppError(
                    .noWorkspace, "there is no workspace in \(named)",
                    hint: "This makes one there: minsky init -C \(named.shellQuoted)")
            }
            return workspace
        }
        let limit = parent(of: environment.absolute(environment.homeDirectory))
        var folder = environment.absolute(environment.workingDirectory)
        while true {
            let candidate = folder == "/" ? "/" + folderName : folder + "/" + folderName
            if FileAccess.isDirectory(candidate) { return Workspace(path: candidate) }
            if folder == limit || folder == "/" { break }
            folder = parent(of: folder)
        }
        throw AppError(
            .noWorkspace, "there is no minsky workspace here or in a folder above", hint: "minsky init makes one here.")
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
