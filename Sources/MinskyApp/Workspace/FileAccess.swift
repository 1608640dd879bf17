import Foundation

/// Reading and writing small files, with errors that name them.
enum FileAccess {
    /// The text of a file, or nil when there is none.
    /// - Throws: `AppError` with code `.file` when it cannot be read or is not UTF-8.
    static func text(at path: String) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(path, "read")
        }
        defer { close(descriptor) }
        guard let bytes = bytes(of: descriptor) else { throw failure(path, "read") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AppError(.file, "\(path) is not UTF-8 text")
        }
        return text
    }

    /// Everything from a descriptor until its end; nil when reading fails, and `errno` says why.
    private static func bytes(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
    }

    /// Writes a file whole or not at all: readers see the old text or the new one. A link stays, and what it leads to is
    /// written.
    /// - Parameter mode: The permissions of a new file; an existing file keeps its own unless they are wider.
    static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let path = resolved.map { String(cString: $0) } ?? path
        var old = stat()
        let isNew = stat(path, &old) != 0
        let temporary = path + ".\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isNew ? mode : old.st_mode & mode)
        guard descriptor >= 0 else { throw failure(path, "written") }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let error = failure(path, "written")
                close(descriptor)
                unlink(temporary)
                throw error
            }
            bytes = bytes.dropFirst(count)
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = failure(path, "written")
            unlink(temporary)
            throw error
        }
    }

    /// Makes a folder and those it is in, as far as they are missing.
    /// - Throws: `AppError` with code `.file`.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws {
        guard mkdir(path, mode) != 0, !(errno == EEXIST && isDirectory(path)) else { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard errno == ENOENT, !parent.isEmpty else {
            throw failure("the folder \(path)", "made")
        }
        try makeDirectory(parent)
        guard mkdir(path, mode) == 0 || (errno == EEXIST && isDirectory(path)) else {
            throw failure("the folder \(path)", "made")
        }
    }

    /// The names of what is in a folder, but for those that begin with a dot.
    /// - Throws: `AppError` with code `.file`.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw failure("the folder \(folder)", "read") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            if let name, !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Makes a folder with those above it and returns the paths that were missing, the innermost first.
    /// - Throws: `AppError` with code `.file`.
    static func makeDirectories(_ path: String) throws -> [String] {
        var missing: [String] = []
        var folder = path
        while !exists(folder), folder != "/", !folder.isEmpty {
            missing.append(folder)
            folder = URL(fileURLWithPath: folder).deletingLastPathComponent().path
        }
        try makeDirectory(path)
        return missing
    }

    /// Removes folders, innermost first, as far as they are empty.
    static func removeEmptyDirectories(_ paths: [String]) {
        for path in paths where rmdir(path) != 0 { return }
    }

    /// Removes a file, if it is there.
    /// - Throws: `AppError` with code `.file`.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "removed") }
    }

    /// Gives a file another name, in the place of one that has it already.
    /// - Throws: `AppError` with code `.file`.
    static func move(_ path: String, to name: String) throws {
        guard rename(path, name) == 0 else { throw failure(path, "renamed") }
    }

    /// The bytes of a file; 0 when there is none.
    static func size(_ path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether two paths lead to one file, by a link or by another name of it.
    static func isSameFile(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// What `errno` says of a path.
    static func failure(_ path: String, _ verb: String) -> AppError {
        AppError(.file, "\(path) cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
