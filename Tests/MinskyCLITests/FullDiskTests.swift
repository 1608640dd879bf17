import Foundation
import TestSupport
import Testing

/// No file may become longer than a limit, as on a disk that is full.
@Suite("moves: a full disk")
struct FullDiskTests {
    /// A workspace that is longer than the limits.
    private func movable() throws -> Movable {
        let movable = try Movable()
        for number in 0..<20 {
            _ = try movable.minsky.add(
                "Task \(number)", "--description", String(repeating: "word \(number) ", count: 2000))
        }
        return movable
    }

    /// Limits in blocks of 512 bytes, from one at which the backup stops to one at which nothing does.
    private static let limits = [16, 200, 600] + Array(stride(from: 1000, to: 3000, by: 100))

    private func run(_ minsky: Minsky, _ words: [String], blocks: Int) throws -> ProcessResult {
        // The signal would end the program; what is to be seen is the error.
        try minsky.shell(
            "trap '' XFSZ; ulimit -f \(blocks); exec \"$minsky\" \(words.map { "'\($0)'" }.joined(separator: " "))")
    }

    /// The files of the workspace but for what SQLite keeps beside the database, and the notes of a move.
    private func files(_ minsky: Minsky) throws -> [String] {
        try minsky.files(below: minsky.workspace).filter { !$0.contains("/tasks.db-") && !$0.contains("/relocation.") }
            .sorted()
    }

    /// Tries with more and more room, and looks each time at what was left behind.
    /// - Returns: What was said when there was too little.
    private func tryUntilItFits(_ words: [String], _ movable: Movable, looking check: () throws -> Void) throws
        -> [String]
    {
        var refusals: [String] = []
        for blocks in Self.limits {
            let result = try run(movable.minsky, words + ["--yes"], blocks: blocks)
            if result.exitCode == 0 { return refusals }
            refusals.append(result.errors)
            #expect(result.errors.contains("error: the disk is full or failing"), "\(blocks): \(result.errors)")
            try check()
        }
        throw ProcessFailure("the last limit is too low: \(refusals.last ?? "")")
    }

    @Test func aStoppedUpgradeLeavesTheWorkspaceAsItWas() throws {
        let movable = try movable()
        let minsky = movable.minsky
        let (titles, before) = (try movable.titles, try files(minsky))
        let refusals = try tryUntilItFits(movable.upgrade, movable) { () throws in
            #expect(try movable.titles == titles)
            #expect(try movable.openStores == 1)
            #expect(try movable.sqlite("SELECT phase FROM store_state").trimmed == "active")
            #expect(try files(minsky) == before)
        }
        #expect(refusals.count > 1)
        #expect(try movable.titles == titles)
        #expect(try movable.openStores == 1)
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test func aStoppedRollbackLeavesTheWorkspaceAsItWas() throws {
        let movable = try movable()
        let minsky = movable.minsky
        try minsky.ok(movable.upgrade + ["--yes"])
        // Nothing is there to begin with: the whole of it has to be written.
        for name in try minsky.files(below: minsky.workspace) where name.contains("/tasks.db") {
            try FileManager.default.removeItem(atPath: name)
        }
        let titles = try movable.titles
        let refusals = try tryUntilItFits(movable.rollback, movable) { () throws in
            #expect(try movable.titles == titles)
            #expect(try movable.psql("SELECT phase FROM \(movable.schema).store_state").trimmed == "active")
        }
        #expect(refusals.count > 1)
        #expect(try movable.titles == titles)
        #expect(try movable.openStores == 1)
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    /// The server's disk is a small one in memory, which only root can have.
    @Test func anUpgradeToAFullServerLeavesTheWorkspaceAsItWas() throws {
        let movable = try movable()
        let minsky = movable.minsky
        let folder = try #require(movable.url.firstMatch(of: /host=([^&]+)/).map { String($0.1) })
        let (disk, name) = (folder + "/\(movable.schema)", movable.schema)
        func mount(_ options: String) throws -> Bool {
            let words =
                "mkdir -p \(disk) && mount -t tmpfs -o \(options) tmpfs \(disk) && chown --reference=\(folder) \(disk)"
            return try minsky.shell(words).exitCode == 0
        }
        guard try mount("size=12m,mode=700") else { return }
        defer { _ = try? minsky.shell("umount -l \(disk)") }
        try movable.psql("CREATE TABLESPACE \(name) LOCATION '\(disk)'")
        try movable.psql("CREATE DATABASE \(name) TABLESPACE \(name)")
        defer {
            _ = try? movable.psql("DROP DATABASE \(name) WITH (FORCE)")
            _ = try? movable.psql("DROP TABLESPACE \(name)")
        }
        let upgrade = [
            "upgrade", "to-postgres", "--db-url", movable.url.replacing("/postgres?", with: "/\(name)?"), "--yes",
        ]
        let (titles, before) = (try movable.titles, try files(minsky))
        try movable.psql("CHECKPOINT")
        let fill = "dd if=/dev/zero of=\(disk)/ballast bs=16k 2>&1; truncate -s -500K \(disk)/ballast"
        let full = try minsky.shell(
            "(\(fill)) > dd.txt; exec \"$minsky\" \(upgrade.map { "'\($0)'" }.joined(separator: " "))")
        #expect(full.exitCode != 0 && full.errors.contains("error: the disk is full or failing"), "\(full.errors)")
        #expect(try movable.titles == titles)
        #expect(try movable.sqlite("SELECT phase FROM store_state").trimmed == "active")
        // The backup stays, as after every move that was begun.
        #expect(try files(minsky).filter { !before.contains($0) }.allSatisfy { !$0.contains("partial") })
        try #require(try minsky.shell("rm \(disk)/ballast && mount -o remount,size=100m \(disk)").exitCode == 0)
        try minsky.ok(upgrade)
        #expect(try movable.titles == titles)
        #expect(try minsky.json("migrate", "status")["phase"]?.string == "postgres")
        #expect(try minsky.run("doctor").exitCode == 0)
    }
}
