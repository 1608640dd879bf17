import Foundation
import MinskyModel
import MinskySQL
import MinskyStore

/// The database of a backup that has been looked at row by row. Its file has no name any more: nothing stays when the
/// process ends, however it does.
struct UnpackedBackup {
    let file: BackupFile
    let database: any Database

    /// Reads a whole backup, and makes sure that it holds what its manifest says.
    /// - Throws: `AppError` with code `.damaged`, `.notFound` or `.file`; `StoreError` with code `.newerSchema`.
    init(_ path: String, in environment: Environment) throws {
        let file = try BackupFile(reading: path)
        self.file = file
        let folder = try FileAccess.makeTemporaryDirectory(in: environment)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let place = folder + "/tasks.db"
            let copy = try OpenFile(making: place)
            try file.readPayload(into: copy)
            database = try StoreOpener.database(url: place, schema: "", mustExist: true)
            let found = try StoreImage(reading: database)
            guard found == file.manifest.image else {
                throw BackupFile.damaged(path, "it does not hold what its manifest says")
            }
        } catch {
            switch error {
            case let error as StoreError where error.code != .newerSchema: throw BackupFile.damaged(path, error.message)
            case let error as SQLError where error.kind != .storage: throw BackupFile.damaged(path, "\(error)")
            default: throw error
            }
        }
    }
}

extension FileAccess {
    /// Makes a folder for this process's user alone.
    /// - Throws: `AppError` with code `.file`.
    static func makeTemporaryDirectory(in environment: Environment) throws -> String {
        let named = environment.variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        var template = Array((named + "/minsky-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw failure("a folder in \(named)", "made") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
