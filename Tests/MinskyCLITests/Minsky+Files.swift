import Foundation
import TestSupport

extension Minsky {
    /// The `.minsky` folder.
    var workspace: String { folder + "/.minsky" }
    var configuration: String { workspace + "/config.toml" }
    var database: String { workspace + "/tasks.db" }
    /// The folder of the user's own settings.
    var userFolder: String { home + "/.config/minsky" }
    var secrets: String { userFolder + "/secrets.toml" }

    /// Writes a file, with the folders it is in.
    func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// The text of a file.
    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The permissions of a file, as in `0o600`.
    func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return attributes[.posixPermissions] as? Int ?? 0
    }

    /// Every file below a folder.
    func files(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).map { folder + "/" + $0 }.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    /// Runs SQL in the workspace's database as a person would by hand, with `sqlite3` or `psql`; the columns of a row are
    /// separated by `|`.
    @discardableResult
    func sql(_ statement: String) throws -> String {
        let words =
            switch storage {
            case .sqlite: ["sqlite3", "-cmd", ".timeout 10000", database, statement]
            case .postgres:
                [
                    "psql", try TestStorage.postgresURL(), "-AtqX", "-v", "ON_ERROR_STOP=1", "-c",
                    "SET search_path TO \(schema)",
                    "-c", "SET client_min_messages TO warning", "-c", statement,
                ]
            }
        let arguments = Array(words.dropFirst())
        let result = try ChildProcess(words[0], arguments, environment: environment(), folder: folder).wait()
        guard result.exitCode == 0 else { throw ProcessFailure("\(words[0]): \(result.errors)") }
        return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
    }

    /// The number of rows of a table.
    func count(_ table: String) throws -> Int { Int(try sql("SELECT count(*) FROM \(table)")) ?? -1 }

    /// Inserts a task by hand; the id has to have 16 characters.
    func insert(id: String, title: String) throws {
        func quoted(_ text: String) -> String {
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }
        try sql(
            """
            INSERT INTO tasks (id, title, created_at, updated_at) VALUES (\(quoted(id)), \(quoted(title)),
                '2026-11-01T00:00:00.000000Z', '2026-11-01T00:00:00.000000Z')
            """)
    }
}
