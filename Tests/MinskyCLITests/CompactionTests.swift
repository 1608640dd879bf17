import Foundation
import TestSupport
import Testing

/// The log is kept short without anybody asking for it.
@Suite("Compaction by itself")
struct CompactionTests {
    private static let yesterday = "touch -d '25 hours ago' .minsky/compaction.lock"

    /// Makes a workspace with so many old changes.
    private static func pair(changes: Int) throws -> SyncPair {
        let pair = try SyncPair(.sqlite)
        try pair.ada.sql(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(changes))
            INSERT INTO tasks (id, title, created_at, updated_at) SELECT printf('%016d', i), 'x',
                '2020-01-01T00:00:00.000000Z', '2020-01-01T00:00:00.000000Z' FROM n
            """)
        _ = try pair.ada.add("Later")
        try pair.ada.ok("sync")
        try pair.ada.sql("UPDATE operations SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE command = 'sql'")
        return pair
    }

    private static func changes(_ pair: SyncPair) throws -> Int {
        Int(try pair.ada.sql("SELECT count(*) FROM changes")) ?? -1
    }

    @Test func inTheBackgroundOnceADay() throws {
        let pair = try Self.pair(changes: 10_000)
        try pair.ada.ok("sync")
        #expect(try Self.changes(pair) > 10_000, "never while somebody waits")
        try pair.ada.ok("config", "set", "sync.compact", "off")
        try pair.ada.ok("sync", "--in-background")
        #expect(try Self.changes(pair) > 10_000)
        try pair.ada.ok("config", "unset", "sync.compact")
        #expect(try pair.ada.shell("touch .minsky/compaction.lock").exitCode == 0)
        try pair.ada.ok("sync", "--in-background")
        #expect(try Self.changes(pair) > 10_000, "it was tried today")
        #expect(try pair.ada.shell(Self.yesterday).exitCode == 0)
        try pair.ada.ok("sync", "--in-background")
        #expect(try Self.changes(pair) < 100)
        #expect(try pair.ada.run("doctor").exitCode == 0)
        try pair.ada.ok("sync")
        #expect(try pair.ada.json("sync", "status")["error"] == .null)
    }

    @Test func fewChangesAreLeftAlone() throws {
        let pair = try Self.pair(changes: 9_000)
        try pair.ada.ok("sync", "--in-background")
        #expect(try Self.changes(pair) > 9_000)
    }
}
