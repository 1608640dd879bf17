import Foundation
import MinskyModel
import MinskyStore
import Synchronization
import TestSupport
import Testing

@testable import MinskyApp

@Suite("The file of a backup")
final class BackupFileTests {
    private let scratch: ScratchFolder
    private let environment: Environment

    init() throws {
        scratch = try ScratchFolder()
        var environment = TestEnvironment.make(folder: scratch.path, home: scratch.path)
        let seconds = Mutex(0)
        environment.now = {
            seconds.withLock {
                $0 += 1
                return TestEnvironment.now.adding(seconds: $0)
            }
        }
        self.environment = environment
    }

    deinit { scratch.remove() }

    private func workspace() throws -> OpenWorkspace {
        _ = try InitializeWorkspace().run(in: environment)
        let workspace = try OpenWorkspace(nil, in: environment)
        for title in ["A", "B"] { _ = try AddTask(title: title).run(in: workspace, as: Caller("ada")) }
        return workspace
    }

    private func write(_ bytes: some Collection<UInt8>, _ name: String = "changed") throws -> String {
        let path = scratch.path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func code(_ path: String) -> AppError.Code? {
        do {
            try BackupFile(reading: path).readPayload()
            return nil
        } catch {
            return (error as? AppError)?.code
        }
    }

    /// A backup of a database of a few pages: the container does not look into it.
    private func small() throws -> BackupFile {
        let database = scratch.path + "/small.db"
        _ = try Process.output(
            "sqlite3",
            [database, "PRAGMA page_size = 512; CREATE TABLE t (x); INSERT INTO t VALUES (randomblob(6000))"])
        let image = StoreImage(
            schemaVersion: 1, workspaceID: "0123456789abcdef", tables: [.init(table: "t", rows: 1, hash: "00")])
        return try BackupFile.write(
            database, to: .given(scratch.path + "/small.minsky-backup"),
            by: OpenFile(making: scratch.path + "/small.partial")
        ) {
            BackupManifest(
                createdAt: TestEnvironment.now, reason: .manual, image: image, payloadBytes: $0, payloadHash: $1)
        }
    }

    @Test func everyFlippedByteIsRecognized() throws {
        let file = try small()
        #expect(file.bytes <= 32 << 10)
        #expect(code(file.path) == nil)
        let descriptor = open(file.path, O_RDWR)
        defer { close(descriptor) }
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
        for place in bytes.indices {
            // Another bit each time; every bit of the lines before the database.
            for bit in place < 600 ? Array(0..<8) : [place % 8] {
                bytes[place] ^= 1 << UInt8(bit)
                pwrite(descriptor, [bytes[place]], 1, off_t(place))
                if code(file.path) != .damaged { Issue.record("bit \(bit) of byte \(place) is not missed") }
                bytes[place] ^= 1 << UInt8(bit)
                pwrite(descriptor, [bytes[place]], 1, off_t(place))
            }
        }
        #expect(code(file.path) == nil)
    }

    @Test func everyLengthIsRecognized() throws {
        let file = try small()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
        for length in 0..<bytes.count where length < 1200 || length % 97 == 0 || length > bytes.count - 50 {
            #expect(code(try write(Array(bytes[..<length]))) == .damaged)
        }
        for more in [1, 511, 512, 100_000] {
            #expect(code(try write(bytes + [UInt8](repeating: 0, count: more))) == .damaged)
        }
    }

    @Test func swappedPartsAreRecognized() throws {
        let file = try small()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
        let pages = stride(from: manifestBytes(bytes), to: bytes.count, by: 512).map { $0 }
        for (left, right) in zip(pages, pages.dropFirst()) where bytes[left..<left + 512] != bytes[right..<right + 512]
        {
            var changed = bytes
            changed.replaceSubrange(left..<left + 512, with: bytes[right..<right + 512])
            changed.replaceSubrange(right..<right + 512, with: bytes[left..<left + 512])
            #expect(code(try write(changed)) == .damaged)
        }
        // The lines of one backup before the database of another.
        let workspace = try workspace()
        let other = try BackUpWorkspace().run(in: workspace)
        let more = [UInt8](try Data(contentsOf: URL(fileURLWithPath: other.path)))
        #expect(code(try write(bytes[..<manifestBytes(bytes)] + more[manifestBytes(more)...])) == .damaged)
        #expect(code(try write(more[..<manifestBytes(more)] + bytes[manifestBytes(bytes)...])) == .damaged)
    }

    /// How many bytes stand before the database.
    private func manifestBytes(_ bytes: [UInt8]) -> Int {
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        return ends[1] + 1
    }

    @Test func samplesOfALargeBackup() throws {
        let workspace = try workspace()
        for number in 0..<200 {
            _ = try AddTask(title: "\(number) " + String(repeating: "long ", count: 60)).run(
                in: workspace, as: Caller("ada"))
        }
        let file = try BackUpWorkspace().run(in: workspace)
        #expect(file.bytes > 300_000)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
        for place in stride(from: 0, to: bytes.count, by: 7919) {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            let path = try write(changed)
            #expect(throws: AppError.self) { try VerifyBackup(path).run(in: environment) }
        }
    }

    /// The file with another manifest, whose hash is right.
    private func forged(_ file: BackupFile, _ change: (String) -> String) throws -> String {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        let manifest = change(String(decoding: lines[1], as: UTF8.self))
        let scratch = try write(Array(manifest.utf8), "manifest")
        let hash = try Process.output("sha256sum", [scratch]).prefix(64)
        return try write(Array("minsky backup 1 \(hash)\n\(manifest)\n".utf8) + Array(lines[2]))
    }

    @Test(arguments: [
        (#""rows":2"#, #""rows":3"#), (#""table":"tasks""#, #""table":"tasks; DROP TABLE tasks""#),
        (#""schemaVersion":1"#, #""schemaVersion":7"#), (#""schemaVersion":1"#, #""schemaVersion":-1"#),
        (#""payloadBytes":"#, #""payloadBytes":9"#), (#""payloadBytes":"#, #""payloadBytes":-"#),
        (#""payloadBytes":"#, #""payloadBytes":9223372036854775807,"x":"#),
        (#""payloadBytes":"#, #""payloadBytes":1e999,"x":"#),
        (#""workspace":""#, #""workspace":"../../"#), (#""workspace":""#, #""workspace":"0123456789abcdef","y":""#),
        (#""tables":["#, #""tables":[7,"#), (#""tables":["#, #""tables":[],"z":["#), (#""hash":""#, #""hash":"0"#),
        ("{", "["), (#""createdAt":""#, #""createdAt":"x"#),
    ])
    func aManifestThatLiesIsRecognized(old: String, new: String) throws {
        let file = try BackUpWorkspace().run(in: try workspace())
        var isChanged = false
        let path = try forged(file) { manifest in
            let range = manifest.range(of: old)
            isChanged = range != nil
            return range.map { manifest.replacingCharacters(in: $0, with: new) } ?? manifest
        }
        #expect(isChanged)
        do {
            _ = try VerifyBackup(path).run(in: environment)
            Issue.record("\(new) was believed")
        } catch let error as AppError {
            #expect(error.code == .damaged)
        }
    }

    @Test func whatIsNoDatabaseIsRecognized() throws {
        let file = try small()
        #expect(throws: AppError.self) { try VerifyBackup(file.path).run(in: environment) }
        for script in ["mkfifo \(scratch.path)/pipe", "mkdir \(scratch.path)/folder"] {
            _ = try Process.output("sh", ["-c", script])
        }
        for name in ["pipe", "folder"] {
            #expect(throws: AppError.self) { try VerifyBackup(scratch.path + "/" + name).run(in: environment) }
        }
    }

    @Test func onlyItsOwnerCanReadItAndNothingElseIsLeft() throws {
        let workspace = try workspace()
        let file = try BackUpWorkspace().run(in: workspace)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let folder = workspace.workspace.backupsPath
        #expect(try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }

    @Test func anotherFileIsNeverWrittenOver() throws {
        let workspace = try workspace()
        let path = try write([1, 2, 3], "mine")
        do {
            _ = try BackUpWorkspace(to: path).run(in: workspace)
            Issue.record("it was written over")
        } catch let error as AppError {
            #expect(error.code == .conflict)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        let inFolder = try BackUpWorkspace(to: scratch.path).run(in: workspace)
        #expect(inFolder.path.hasPrefix(scratch.path + "/20"))
    }

    @Test func aMigrationIsPrecededByABackupAndNoneGoesUnasked() throws {
        let workspace = try workspace()
        _ = try UpdateConfiguration(name: "backup.keep", value: "2").run(directory: nil, in: environment)
        let manual = try BackUpWorkspace().run(in: try OpenWorkspace(nil, in: environment))
        for version in 2...5 {
            let schema = Schema(
                migrations: Schema.current.migrations
                    + (2...version).map {
                        SchemaMigration(
                            version: $0, title: "later", steps: [.addColumn(.optional("c\($0)", .text), table: "tasks")]
                        )
                    })
            var store = try Store(opening: workspace.store.database, schema: schema)
            store.beforeMigrating = try OpenWorkspace(nil, in: environment).store.beforeMigrating
            try store.migrateIfDue(now: environment.now())
        }
        let backups = try ListBackups().run(directory: nil, in: environment).backups
        #expect(backups.map(\.manifest.reason) == [.manual] + [BackupReason](repeating: .migration, count: 4))
        #expect(backups.first == manual)
        #expect(backups.map(\.manifest.image.schemaVersion) == [1, 1, 2, 3, 4])
        #expect(try PruneBackups().run(directory: nil, in: environment) == Array(backups.dropLast(2)))
    }

    @Test func pruneKeepsTheNewest() throws {
        let workspace = try workspace()
        let files = try (0..<4).map { _ in try BackUpWorkspace().run(in: workspace) }
        let damaged = workspace.workspace.backupsPath + "/0.minsky-backup"
        try Data([1]).write(to: URL(fileURLWithPath: damaged))
        #expect(try PruneBackups(keep: 3).run(directory: nil, in: environment) == [files[0]])
        #expect(throws: AppError.self) { try PruneBackups(keep: 0).run(directory: nil, in: environment) }
        #expect(try PruneBackups(keep: 1).run(directory: nil, in: environment) == Array(files[1...2]))
        let left = try ListBackups().run(directory: nil, in: environment)
        #expect(left.backups == [files[3]] && left.problems.count == 1)
        #expect(FileManager.default.fileExists(atPath: damaged), "what cannot be read is not removed")
    }
}
