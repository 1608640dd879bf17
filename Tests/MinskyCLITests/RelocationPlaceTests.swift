import Foundation
import MinskyModel
import TestSupport
import Testing

/// Which places a workspace goes to, and which it does not.
@Suite("upgrade, migrate: places")
struct RelocationPlaceTests {
    /// A server that counts who comes and says nothing.
    private final class Listener {
        private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port: UInt16

        init() throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = self.descriptor
            let code = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(descriptor, address, length) | listen(descriptor, 8)
                        | getsockname(descriptor, address, &length)
                }
            }
            guard code == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw ProcessFailure("no listener") }
            port = UInt16(bigEndian: address.sin_port)
        }

        /// Whether anybody has come since this was asked last.
        var hasVisitor: Bool {
            let visitor = accept(descriptor, nil, nil)
            if visitor >= 0 { close(visitor) }
            return visitor >= 0
        }

        deinit { close(descriptor) }
    }

    /// A row that somebody has written into the file sends nobody, and no password, to a server of his.
    @Test(arguments: ["fenced", "moved"])
    func aRowAloneLeadsNobodyElsewhere(phase: String) throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let listener = try Listener()
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        try minsky.write("", to: minsky.configuration)
        let there = "postgresql://postgres@127.0.0.1:\(listener.port)/postgres"
        _ = try movable.sqlite("UPDATE store_state SET phase = '\(phase)', peer = '\(there)'")
        for command in [["list"], ["add", "x"], ["migrate", "status"]] {
            let result = try minsky.start(command, environment: ["PGPASSWORD": "canary"]).wait()
            #expect(result.exitCode == 6)
            #expect(result.errors.contains("nobody has moved them there"))
        }
        #expect(!listener.hasVisitor)
    }

    /// What a rollback is told of files by a shared database holds on the machine that wrote it.
    @Test func aRollbackStaysInTheWorkspacesOwnFolder() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let outside = minsky.folder + "/outside.db"
        try FileManager.default.copyItem(atPath: minsky.database, toPath: outside)
        let before = try Data(contentsOf: URL(fileURLWithPath: outside))
        for path in [outside, minsky.workspace + "/../outside.db"] {
            try movable.psql("UPDATE \(movable.schema).store_state SET peer = '\(path)', peer_schema = NULL")
            let back = try minsky.json("migrate", "rollback")
            #expect(back["database"]?.string == minsky.database)
            #expect(try Data(contentsOf: URL(fileURLWithPath: outside)) == before)
            try minsky.ok(movable.upgrade)
        }
    }

    /// An attempt that was stopped may have left a file with nothing in it.
    @Test func anEmptyFileIsFilledByARollback() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        for name in ["tasks.db-wal", "tasks.db-shm"] {
            try? FileManager.default.removeItem(atPath: minsky.workspace + "/" + name)
        }
        try minsky.write("", to: minsky.database)
        try minsky.ok("migrate", "rollback", "--yes")
        #expect(try movable.titles == ["First"])
        #expect(try movable.openStores == 1)
    }

    /// The file on which the outcome of a rollback depends is not there: that is not the same as one with nothing in it.
    @Test func aMissingFileIsNotTakenForAnEmptyOne() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let settings = try minsky.text(minsky.configuration)
        try minsky.ok("migrate", "rollback", "--yes")
        try minsky.write(settings, to: minsky.configuration)
        try movable.psql("UPDATE \(movable.schema).store_state SET phase = 'fenced'")
        let aside = minsky.folder + "/aside"
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
        _ = try minsky.shell("mv .minsky/tasks.db* \(aside)")
        for command in ["list", "init"] {
            let result = try minsky.start(command == "init" ? ["add", "x"] : [command]).wait()
            #expect(result.exitCode == 5)
            #expect(result.errors.contains("Put the file back"))
        }
        #expect(!minsky.exists(minsky.database))
        #expect(try movable.psql("SELECT phase FROM \(movable.schema).store_state") == "fenced\n")
        _ = try minsky.shell("mv \(aside)/* .minsky/")
        #expect(try movable.titles == ["First"])
        #expect(try movable.openStores == 1)
    }

    /// What is no setting could not be written down in the end.
    @Test(arguments: ["n\nl", "\u{202E}x", "\u{1B}[2J", "", String(repeating: "x", count: 64)])
    func aSchemaHasANameThatCanBeWrittenDown(schema: String) throws {
        let movable = try Movable()
        let arguments = ["upgrade", "to-postgres", "--db-url", movable.url, "--schema", schema]
        let result = try movable.minsky.start(arguments).wait()
        #expect(result.exitCode == 2)
        #expect(!result.errors.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        #expect(try movable.minsky.json("migrate", "status")["phase"]?.string == "local")
    }

    /// From one server to a file and on to another one, and back: old settings lead to where the tasks are now.
    @Test func oldSettingsAreLedOnOverSeveralMoves() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        let second = movable.schema + "_2"
        defer { _ = try? movable.psql("DROP SCHEMA IF EXISTS \(second) CASCADE") }
        let toSecond = ["upgrade", "to-postgres", "--db-url", movable.url, "--schema", second]
        _ = try minsky.add("First")
        let inFile = try minsky.text(minsky.configuration)
        try minsky.ok(movable.upgrade)
        let inFirst = try minsky.text(minsky.configuration)
        _ = try minsky.add("Second")
        try minsky.ok("migrate", "rollback", "--yes")
        _ = try minsky.add("Third")
        try minsky.ok(toSecond)
        let inSecond = try minsky.text(minsky.configuration)
        _ = try minsky.add("Fourth")
        let all = ["First", "Fourth", "Second", "Third"]
        for settings in [inFirst, inFile, inSecond] {
            try minsky.write(settings, to: minsky.configuration)
            #expect(try movable.titles == all)
            #expect(try minsky.text(minsky.configuration).contains(second))
        }
        // And back the same way.
        try minsky.ok("migrate", "rollback", "--yes")
        for settings in [inFirst, inSecond, inFile] {
            try minsky.write(settings, to: minsky.configuration)
            #expect(try movable.titles == all)
            #expect(try minsky.json("migrate", "status")["phase"]?.string == "local")
        }
        try minsky.ok(movable.upgrade)
        #expect(try movable.titles == all)
        for settings in [inSecond, inFile] {
            try minsky.write(settings, to: minsky.configuration)
            #expect(try movable.titles == all)
        }
        // One place of the chain that nobody has moved the tasks to from here ends it.
        let notes = try minsky.text(minsky.workspace + "/relocation.json")
        try minsky.write(
            notes.replacingOccurrences(of: minsky.database, with: "/elsewhere/tasks.db"),
            to: minsky.workspace + "/relocation.json")
        try minsky.write(inSecond, to: minsky.configuration)
        #expect(try minsky.run("list").exitCode == 6)
    }

    /// A copy of the file from before the rollback, put back after it.
    @Test func anOlderFileThatWasPutBackIsRecognized() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let save = try minsky.shell("mkdir old new && cp .minsky/tasks.db* old/")
        #expect(save.exitCode == 0)
        try minsky.ok("migrate", "rollback", "--yes")
        _ = try minsky.add("Second")
        try minsky.ok("backup", "create")
        _ = try minsky.shell("mv .minsky/tasks.db* new/ && cp old/* .minsky/")
        for command in [["list"], ["add", "x"], ["migrate", "status"]] {
            let result = try minsky.start(command).wait()
            #expect(result.exitCode == 6)
            #expect(result.errors.contains("\(minsky.database) is an older copy"))
            #expect(result.errors.contains("minsky backup list"))
        }
        // The way out that is told.
        let hint = try minsky.failure("list").hint ?? ""
        let command = try #require(hint.firstMatch(of: /\((mkdir .*)\), and/)?.1)
        #expect(try minsky.shell(String(command)).exitCode == 0)
        let backup = try #require(try minsky.json("backup", "list").array?.last?["path"]?.string)
        try minsky.ok("backup", "restore", backup)
        #expect(try movable.titles == ["First", "Second"])
        #expect(try movable.openStores == 1)
    }

    /// After a restore between two moves the old place holds what the workspace does not know; the way on is told, and works.
    @Test func aRestoreBetweenTwoMovesLeavesAWay() throws {
        let movable = try Movable()
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok("backup", "create", minsky.folder + "/saved")
        _ = try minsky.add("Second")
        try minsky.ok(movable.upgrade)
        try minsky.ok("backup", "restore", minsky.folder + "/saved")
        _ = try minsky.add("Third")
        let back = try minsky.failure("migrate", "rollback")
        #expect(back.exitCode == 4)
        #expect(try movable.openStores == 1)
        let command = try #require(back.hint?.firstMatch(of: /mkdir .*/)?.0)
        #expect(try minsky.shell(String(command)).exitCode == 0)
        try minsky.ok("migrate", "rollback")
        #expect(try movable.titles == ["First", "Third"])
        #expect(try movable.openStores == 1)

        try minsky.ok("backup", "restore", minsky.folder + "/saved")
        let there = try minsky.start(["--json"] + movable.upgrade).wait()
        #expect(there.exitCode == 4)
        #expect(there.errors.contains("--schema"))
        let second = movable.schema + "_2"
        defer { _ = try? movable.psql("DROP SCHEMA IF EXISTS \(second) CASCADE") }
        try minsky.ok("upgrade", "to-postgres", "--db-url", movable.url, "--schema", second)
        #expect(try movable.titles == ["First"])
    }

    /// Settings that lead past the store make no second, empty one.
    @Test func initMakesNoSecondStoreOfAWorkspace() throws {
        let movable = try Movable(isAlone: true)
        let minsky = movable.minsky
        _ = try minsky.add("First")
        try minsky.ok(movable.upgrade)
        let settings = try minsky.text(minsky.configuration)
        let wrong = movable.schema + "_typo"
        defer { _ = try? movable.psql("DROP SCHEMA IF EXISTS \(wrong) CASCADE") }
        try minsky.write(
            settings.replacingOccurrences(of: "\"\(movable.schema)\"", with: "\"\(wrong)\""), to: minsky.configuration)
        let notes = try minsky.text(minsky.workspace + "/relocation.json")
        // The database knows, and so does the folder.
        for isNoted in [true, false] {
            try minsky.write(isNoted ? notes : "[]", to: minsky.workspace + "/relocation.json")
            let refused = try minsky.failure("init")
            #expect(refused.exitCode == 6)
            #expect(refused.message.contains("schema \(movable.schema);"))
            #expect(refused.hint?.contains("minsky config set database.schema \(movable.schema)") == true)
            #expect(try movable.psql("SELECT count(*) FROM pg_namespace WHERE nspname = '\(wrong)'") == "0\n")
        }
        let hint = try #require(try minsky.failure("init").hint?.split(separator: "\n").first)
        let command = hint.replacingOccurrences(of: "Let the settings lead there: minsky", with: "$minsky")
        #expect(try minsky.shell(command).exitCode == 0)
        #expect(try movable.titles == ["First"])

        // Without the settings' word of a database, and without the file.
        try minsky.write(notes, to: minsky.workspace + "/relocation.json")
        let id = try #require(settings.firstMatch(of: /\[workspace\][^\[]*/)?.0)
        try minsky.write(String(id), to: minsky.configuration)
        _ = try minsky.shell("rm .minsky/tasks.db*")
        let refused = try minsky.failure("init")
        #expect(refused.exitCode == 6)
        #expect(refused.message.contains("schema \(movable.schema);"))
        #expect(!minsky.exists(minsky.database))
    }

    /// Two machines, each with a folder of its own, bring one workspace back at once: one of them has it, the other one is told.
    @Test(arguments: 0..<6)
    func twoMachinesRollBackAtOnce(delay: Int) throws {
        let movable = try Movable()
        let minsky = movable.minsky
        for title in ["First", "Second"] { _ = try minsky.add(title) }
        try minsky.ok(movable.upgrade)
        let other = minsky.scratch.path + "/other/.minsky"
        try minsky.write(try minsky.text(minsky.configuration), to: other + "/config.toml")
        let folder = minsky.scratch.path + "/other"
        try minsky.ok("list", in: folder)
        let mine = try minsky.start(["migrate", "rollback", "--yes"])
        usleep(UInt32(delay) * 40_000)
        let theirs = try minsky.start(["migrate", "rollback", "--yes"], in: folder)
        let results = [try mine.wait(), try theirs.wait()]
        let codes = results.map(\.exitCode)
        #expect(codes.filter { $0 == 0 }.count == 1, "\(codes) \(results.map(\.errors))")
        #expect(codes.filter { [4, 5, 6].contains($0) }.count == 1, "\(codes) \(results.map(\.errors))")
        let winner = codes[0] == 0 ? minsky.folder : folder
        let loser = codes[0] == 0 ? folder : minsky.folder
        let phases = ["active", "copying", "following"]
        var open: [String] = []
        for place in [winner, loser] where minsky.exists(place + "/.minsky/tasks.db") {
            // A rollback that was told in time has left a file with nothing in it.
            let phase = try? Process.output(
                "sqlite3", [place + "/.minsky/tasks.db", "SELECT phase FROM store_state"])
            if let phase, phases.contains(phase.trimmed) { open.append(place) }
        }
        #expect(open == [winner])
        #expect(try movable.psql("SELECT phase FROM \(movable.schema).store_state") == "moved\n")
        #expect(try minsky.json("list", in: winner).titles.sorted() == ["First", "Second"])
        let told = try minsky.run("list", in: loser)
        #expect(told.exitCode == 6)
        #expect(told.errors.contains(winner + "/.minsky/tasks.db"))
    }
}
