import Crypto
import Foundation
import MinskyModel

/// A backup: one file of which every byte is accounted for.
///
/// The first line names the format and the SHA-256 of the second, the second is the manifest as JSON, which has the SHA-256
/// and the length of all that follows: a SQLite database.
public struct BackupFile: Sendable, Hashable {
    public let path: String
    /// The size of the file.
    public let bytes: Int
    public let manifest: BackupManifest
    private let payloadStart: Int

    private static let magic = "minsky backup 1 "
    /// The most bytes the two lines before the database may have.
    private static let longestHeader = 64 << 10

    /// The backup as the documented JSON object.
    public var json: JSON {
        [
            "path": .string(path), "bytes": .integer(Int64(bytes)), "createdAt": .string(manifest.createdAt.iso8601),
            "schemaVersion": .integer(Int64(manifest.image.schemaVersion)), "tables": manifest.tablesJSON,
            "workspace": .string(manifest.image.workspaceID), "reason": .string(manifest.reason.rawValue),
        ]
    }

    /// Reads the manifest, and makes sure that it is as it was written and fits the file's size.
    /// - Throws: `AppError` with code `.damaged`, `.notFound` or `.file`.
    init(reading path: String) throws {
        try self.init(path, OpenFile(reading: path))
    }

    private init(_ path: String, _ file: OpenFile) throws {
        func damaged(_ what: String) -> AppError { Self.damaged(path, what) }
        self.path = path
        bytes = try file.size()
        var header: [UInt8] = []
        while header.count < Self.longestHeader, case let more = try file.read(atMost: Self.longestHeader),
            !more.isEmpty
        {
            header += more
        }
        let lines = header.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard header.starts(with: Self.magic.utf8), lines.count == 3 else {
            throw damaged("it does not begin as a backup does")
        }
        guard lines[0].elementsEqual((Self.magic + Self.hex(SHA256.hash(data: Array(lines[1])))).utf8) else {
            throw damaged("its manifest is not what was written")
        }
        let json: JSON
        do {
            json = try JSON(parsing: Array(lines[1]))
        } catch {
            throw damaged("its manifest is no JSON: \(error)")
        }
        guard let manifest = BackupManifest(json: json) else { throw damaged("its manifest makes no sense") }
        payloadStart = lines[0].count + lines[1].count + 2
        guard bytes - payloadStart == manifest.payloadBytes else {
            let difference = bytes - payloadStart < manifest.payloadBytes ? "cut off" : "longer than what was written"
            throw damaged("it is \(difference)")
        }
        self.manifest = manifest
    }

    /// Reads the database, and makes sure that it is as it was written.
    /// - Parameter copy: Where to write it, if anywhere.
    /// - Throws: `AppError` with code `.damaged` or `.file`.
    func readPayload(into copy: OpenFile? = nil) throws {
        let file = try OpenFile(reading: path)
        try file.seek(to: payloadStart)
        var hash = SHA256()
        var count = 0
        try file.readAll { bytes in
            hash.update(data: bytes)
            count += bytes.count
            try copy?.write(bytes)
        }
        guard count == manifest.payloadBytes, Self.hex(hash.finalize()) == manifest.payloadHash else {
            throw Self.damaged(path, "its content is not what was written")
        }
    }

    /// Writes a backup: under another name until it is whole, on the disk, and read back.
    /// - Parameters:
    ///   - name: Where there is no file yet. Of a drawn name the next one is taken when somebody else was faster.
    ///   - payload: The path of a SQLite database that nobody writes to.
    ///   - manifest: Describes it, given its size and hash.
    ///   - partial: The name until then; what is left of it after a failure is removed.
    /// - Throws: `AppError` with code `.conflict` when there is a file already, `.file`, or `.damaged` when what was read back
    ///   is not what was written.
    static func write(
        _ payload: String, to name: BackupFolder.Name, by partial: OpenFile,
        manifest: (_ bytes: Int, _ hash: String) -> BackupManifest
    ) throws -> BackupFile {
        defer { unlink(partial.path) }
        var hash = SHA256()
        let source = try OpenFile(reading: payload)
        try source.readAll { hash.update(data: $0) }
        let line = manifest(try source.size(), hex(hash.finalize())).json.text()
        try partial.write(Array((magic + hex(SHA256.hash(data: Array(line.utf8))) + "\n" + line + "\n").utf8))
        try source.seek(to: 0)
        try source.readAll { try partial.write($0) }
        try partial.synchronize()
        try BackupFile(reading: partial.path).readPayload()
        while true {
            let path = name.path
            do {
                try FileAccess.place(partial.path, at: path)
                return try BackupFile(reading: path)
            } catch let error as AppError where error.code == .conflict && name.isDrawn {
                continue
            }
        }
    }

    static func damaged(_ path: String, _ what: String) -> AppError {
        AppError(.damaged, "\(path) is no sound backup: \(what)", hint: "minsky backup list shows the others.")
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
