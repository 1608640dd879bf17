import Foundation

/// Reading and writing small files, with errors that name them.
enum FileAccess {
    /// The text of a file, or nil when there is none.
    /// - Throws: `AppError` with code `.file` when it cannot be read or is not UTF-8.
    static func text(at path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw AppError(.file, "\(path) cannot be read: \(reason(error))")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw AppError(.file, "\(path) is not UTF-8 text")
        }
        return text
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

    static func makeDirectory(_ path: String, mode: Int = 0o755) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw AppError(.file, "the folder \(path) cannot be made: \(reason(error))")
        }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func failure(_ path: String, _ verb: String) -> AppError {
        AppError(.file, "\(path) cannot be \(verb): \(String(cString: strerror(errno)))")
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(underlying.code)))
        }
        return error.localizedDescription
    }
}
