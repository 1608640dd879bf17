import Foundation
import MinskyModel
import MinskyStore
import Synchronization
import TestSupport
import Testing

@testable import MinskyApp

/// Somebody writes between the backup of what is replaced and the replacing.
@Suite("A restore beside writers", .timeLimit(.minutes(10)))
final class RestoreRaceTests {
    private let scratch: ScratchFolder
    /// Kept as long as the schema is needed.
    private var storage: TestStorage?

    init() throws { scratch = try ScratchFolder() }

    deinit { scratch.remove() }

    /// A workspace with a backup and one task more.
    private func workspace(_ kind: TestDatabase) throws -> (environment: Environment, backup: BackupFile) {
        var environment = TestEnvironment.make(folder: scratch.path, home: scratch.path)
        if kind == .postgres {
            let storage = try kind.make()
            self.storage = storage
            environment.variables["MINSKY_DATABASE_URL"] = try storage.url
            environment.variables["MINSKY_DATABASE_SCHEMA"] = storage.location
        }
        _ = try InitializeWorkspace().run(in: environment)
        try Self.add("old", environment)
        let backup = try BackUpWorkspace().run(in: try OpenWorkspace(nil, in: environment))
        try Self.add("new", environment)
        return (environment, backup)
    }

    private static func add(_ title: String, _ environment: Environment) throws {
        _ = try AddTask(title: title).run(in: OpenWorkspace(nil, in: environment), as: Caller("ada"))
    }

    private func titles(_ environment: Environment) throws -> [String] {
        try OpenWorkspace(nil, in: environment).store.read { try $0.tasks() }.map(\.title).sorted()
    }

    /// An environment in which somebody writes whenever a restore draws an id, which it does right before it replaces.
    private func withWriter(_ environment: Environment, times: Int) -> Environment {
        var meddling = environment
        let count = Mutex(0)
        meddling.newID = {
            let number = count.withLock { number in
                number += 1
                return number
            }
            if number <= times {
                do { try Self.add("late \(number)", environment) } catch { Issue.record(error) }
            }
            return environment.newID()
        }
        return meddling
    }

    @Test(arguments: TestDatabase.shared)
    func whatIsWrittenInBetweenIsInTheBackup(kind: TestDatabase) throws {
        let (environment, backup) = try workspace(kind)
        let result = try RestoreBackup(backup.path).run(directory: nil, in: withWriter(environment, times: 2))
        #expect(try titles(environment) == ["old"])
        let saved = try #require(result.saved)
        let backups = try ListBackups().run(directory: nil, in: environment).backups
        #expect(backups == [backup, saved], "one for each time it was tried would only be in the way")
        _ = try RestoreBackup(saved.path).run(directory: nil, in: environment)
        #expect(try titles(environment) == ["late 1", "late 2", "new", "old"])
    }

    @Test(arguments: TestDatabase.shared)
    func whereOthersDoNotStopNothingIsReplaced(kind: TestDatabase) throws {
        let (environment, backup) = try workspace(kind)
        do {
            _ = try RestoreBackup(backup.path).run(directory: nil, in: withWriter(environment, times: 1000))
            Issue.record("it was restored")
        } catch let error as StoreError {
            #expect(error.code == .conflict)
        }
        let expected = (1...5).map { "late \($0)" } + ["new", "old"]
        #expect(try titles(environment) == expected)
    }
}
