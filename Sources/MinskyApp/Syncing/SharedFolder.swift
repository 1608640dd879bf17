import Foundation

/// Folders in which a SQLite file is no good upstream, as its write-ahead log needs one machine's memory and its files have to
/// change together.
enum SharedFolder {
    /// Why a file must not be in a folder, or nil.
    static func objection(to path: String) -> String? {
        var folder = (path as NSString).deletingLastPathComponent
        var present = folder
        while !FileAccess.exists(present), present.count > 1 {
            present = (present as NSString).deletingLastPathComponent
        }
        if let name = networkFileSystem(present) {
            return "\(present) is on a network (\(name)), where SQLite's locks and its write-ahead log do not hold"
        }
        while folder.count > 1 {
            let name = (folder as NSString).lastPathComponent
            let marks = [".stfolder", ".dropbox", ".sync", ".owncloudsync.log"]
            let isShared =
                ["Dropbox", "OneDrive", "Google Drive", "GoogleDrive", "Nextcloud", "ownCloud", "Mobile Documents"]
                .contains(name)
                || marks.contains { FileAccess.exists(folder + "/" + $0) }
            if isShared {
                return
                    "another program copies what is in \(folder), one file at a time; a database does not survive that"
            }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return nil
    }

    /// The kind of file system a folder is on, when it is one of a network.
    private static func networkFileSystem(_ folder: String) -> String? {
        #if os(Linux)
            // Each line has a device, the folder it is mounted on, and the kind, as in proc_pid_mounts(5).
            let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
            let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path + "/"
            let found = mounts.split(separator: "\n").compactMap { line -> (folder: String, kind: String)? in
                let words = line.split(separator: " ")
                guard words.count > 2 else { return nil }
                let mounted = words[1].replacingOccurrences(of: "\\040", with: " ")
                return path.hasPrefix(mounted == "/" ? "/" : mounted + "/") ? (mounted, String(words[2])) : nil
            }
            let kind = found.max { $0.folder.utf8.count < $1.folder.utf8.count }?.kind
            let kinds = [
                "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "glusterfs", "fuse.sshfs", "fuse.davfs",
                "davfs",
            ]
            return kind.flatMap { kinds.contains($0) ? $0 : nil }
        #else
            var status = statfs()
            guard statfs(folder, &status) == 0 else { return nil }
            return Int32(status.f_flags) & MNT_LOCAL == 0 ? "not local" : nil
        #endif
    }
}
