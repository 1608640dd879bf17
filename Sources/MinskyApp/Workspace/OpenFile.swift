import Foundation

/// A file that is read or written piece by piece; closed when it goes away.
public final class OpenFile {
    let path: String
    private let descriptor: Int32

    /// Opens a regular file to read it.
    /// - Throws: `AppError` with code `.notFound` or `.file`.
    init(reading path: String) throws {
        self.path = path
        // Opening a pipe would wait for its writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw AppError(.notFound, "there is no file \(path)") }
            throw FileAccess.failure(path, "read")
        }
        guard try status().st_mode & S_IFMT == S_IFREG else { throw AppError(.file, "\(path) is no file") }
    }

    /// Opens whatever can be read to an end, a pipe as well.
    /// - Parameter name: What somebody typed, by which errors call it.
    /// - Throws: `AppError` with code `.notFound` or `.file`.
    public init(streaming name: String, in environment: Environment) throws {
        path = name
        descriptor = open(environment.absolute(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw AppError(.notFound, "there is no file \(name)") }
            throw FileAccess.failure(name, "read")
        }
        guard try status().st_mode & S_IFMT != S_IFDIR else { throw AppError(.file, "\(name) is a folder") }
    }

    /// Makes a file that only its owner can read, to write it.
    /// - Throws: `AppError` with code `.file`, also when there is one already.
    init(making path: String) throws {
        self.path = path
        descriptor = try Self.make(path)
    }

    /// Makes such a file, and takes it for this process as long as it is open.
    /// - Throws: `AppError` with code `.file`, also when there is one already.
    init(taking path: String) throws {
        self.path = path
        while true {
            let descriptor = try Self.make(path)
            var status = stat()
            while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
            // Whoever clears away what others have left may have found it before it was taken.
            if fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    private static func make(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileAccess.failure(path, "written") }
        return descriptor
    }

    deinit { close(descriptor) }

    /// The size in bytes.
    func size() throws -> Int { Int(try status().st_size) }

    /// Some bytes from here on; none at the end.
    func read(atMost count: Int = 1 << 20) throws -> [UInt8] {
        var count = count
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            repeat {
                count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0
                && errno == EINTR
            written = max(0, count)
        }
        guard count >= 0 else { throw FileAccess.failure(path, "read") }
        return bytes
    }

    /// Everything from here to the end, but not much more than some number of bytes.
    public func bytes(upTo most: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= most, case let more = try read(), !more.isEmpty { bytes += more }
        return bytes
    }

    /// Goes on reading elsewhere.
    func seek(to offset: Int) throws {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw FileAccess.failure(path, "read") }
    }

    /// Reads from here to the end.
    func readAll(_ each: ([UInt8]) throws -> Void) throws {
        while case let bytes = try read(), !bytes.isEmpty { try each(bytes) }
    }

    /// Writes bytes, all of them.
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileAccess.failure(path, "written") }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw FileAccess.failure(path, "written") }
    }

    /// Takes the file for this process as long as it is open; false when another one has it.
    func take() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    private func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileAccess.failure(path, "read") }
        return status
    }
}

extension FileAccess {
    /// The folder a path is in.
    static func folder(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// Gives a file its final name, once it is on the disk; never over another one.
    /// - Throws: `AppError` with code `.conflict` when there is one of that name, or `.file`.
    static func place(_ temporary: String, at path: String) throws {
        if link(temporary, path) == 0 {
            unlink(temporary)
        } else {
            // Some file systems have no links.
            guard errno != EEXIST, !exists(path) else { throw taken(path) }
            guard rename(temporary, path) == 0 else { throw failure(path, "written") }
        }
        synchronizeFolder(of: path)
    }

    static func taken(_ path: String) -> AppError {
        AppError(.conflict, "there is a file \(path) already", hint: "Name another one, or move that one away.")
    }

    /// Has a file written to the disk.
    /// - Throws: `AppError` with code `.file`.
    static func synchronize(_ path: String) throws { try OpenFile(reading: path).synchronize() }

    /// Has what was done to the names in a path's folder written to the disk.
    static func synchronizeFolder(of path: String) {
        let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
