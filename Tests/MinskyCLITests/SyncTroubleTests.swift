import Foundation
import MinskyModel
import TestSupport
import Testing

/// What people are told, and what is left behind, when an upstream is not what it should be.
@Suite("sync: an upstream that is not what it should be")
struct SyncTroubleTests {
    private static func configuration(_ minsky: Minsky) throws -> String {
        try String(contentsOfFile: minsky.workspace + "/config.toml", encoding: .utf8)
    }

    /// A workspace is not its own upstream, by whatever name; who was refused is as before.
    @Test(arguments: ["symbolic", "hard", "replica"])
    func whatIsRefusedLeavesNothingBehind(kind: String) throws {
        let pair = try SyncPair(.sqlite)
        try pair.ada.ok("sync", "disable")
        let before = try Self.configuration(pair.ada)
        let own = pair.ada.workspace + "/tasks.db"
        var place = pair.ada.scratch.path + "/link.db"
        switch kind {
        case "symbolic": try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: own)
        case "hard": try FileManager.default.linkItem(atPath: own, toPath: place)
        default: place = pair.grace.workspace + "/tasks.db"
        }
        #expect(try pair.ada.run("sync", "enable", "--remote-db", place).exitCode != 0)
        #expect(try Self.configuration(pair.ada) == before)
        #expect(
            try pair.ada.sql("SELECT (SELECT count(*) FROM sync_state), (SELECT base IS NULL FROM store_state)")
                == "0|1")
        try pair.ada.ok(["sync", "enable", "--remote-db"] + pair.place)
        try pair.ada.ok("sync")
    }

    @Test func anUpstreamThatIsGoneIsPutBackOrMadeAnew() throws {
        let pair = try SyncPair(.sqlite)
        try FileManager.default.moveItem(atPath: pair.place[0], toPath: pair.place[0] + ".away")
        let failure = try pair.ada.failure("sync")
        #expect(failure.exitCode == 3)
        #expect(failure.hint?.contains("sync disable") == true && failure.hint?.contains("minsky init") == false)
    }

    @Test func aRowThatRefersToNothingIsNamed() throws {
        let pair = try SyncPair(.sqlite)
        _ = try pair.ada.add("Report")
        try pair.ada.ok("sync")
        try pair.atUpstream("UPDATE tasks SET parent_id = 'nobody0000000000'")
        let id = try pair.ada.id(of: "Report")
        for failure in [
            try Minsky().failure("init", "--clone", pair.place[0]),
            try pair.grace.failure("sync", "reset", "--from", "upstream"),
        ] {
            #expect(failure.message.contains(id) && failure.message.contains("nobody0000000000"), "\(failure.message)")
        }
    }

    @Test func aPushDoesNotHideThatThePullFailed() throws {
        let pair = try SyncPair(.sqlite)
        _ = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try pair.atUpstream("UPDATE tasks SET title = 'x'")
        try pair.atUpstream(
            #"UPDATE changes SET fields = '{"status":["todo","bogus"]}' WHERE position = (SELECT max(position) FROM changes)"#
        )
        #expect(try pair.ada.run("sync").exitCode != 0)
        _ = try pair.ada.add("More")
        try pair.ada.ok("sync", "--push")
        let status = try pair.ada.json("sync", "status")
        #expect(status["error"]?.string?.contains("cannot be taken") == true, "\(status)")
        try pair.atUpstream(
            #"UPDATE changes SET fields = '{"title":["Report","x"]}' WHERE position = (SELECT min(position) FROM changes WHERE fields LIKE '%bogus%')"#
        )
        try pair.ada.ok("sync")
        #expect(try pair.ada.json("sync", "status")["error"] == .null)
    }

    /// One that nobody can decide about keeps no other one open.
    @Test func conflictsOfNoRowAreDecidedAbout() throws {
        let pair = try SyncPair(.sqlite)
        _ = try pair.ada.add("Report")
        let id = try pair.ada.id(of: "Report")
        func side(_ value: String) -> String {
            #"{"value":"\#(value)","actor":"ada","at":"2026-01-01T00:00:00.000000Z"}"#
        }
        func insert(_ rows: [(id: String, table: String, row: String)]) throws {
            for row in rows {
                try pair.ada.sql(
                    """
                    INSERT INTO conflicts (id, table_name, row_id, field, kept, lost, state, created_at)
                    VALUES ('\(row.id)000000000001', '\(row.table)', '\(row.row)', 'title', '\(side("Report"))',
                        '\(side("Lost"))', 'open', '2026-01-01T00:00:00.000000Z')
                    """)
            }
        }
        try insert([("aaaa", "nosuch", "x"), ("bbbb", "tasks", "nobody0000000000"), ("cccc", "tasks", id)])
        #expect(try pair.ada.run("sync", "resolve", "aaaa00000000", "--lost").exitCode != 0)
        #expect(try pair.ada.json("sync", "resolve", "--all", "--lost").array?.map { $0["id"] } == ["cccc000000000001"])
        #expect(try pair.ada.titles == ["Lost"])
        #expect(try pair.ada.json("sync", "conflicts").array?.count == 2)
        let shown = try pair.ada.run("sync", "resolve", "--all", "--lost")
        #expect(shown.exitCode == 0 && shown.errors.contains("Left open"), "\(shown)")
        #expect(try pair.ada.json("sync", "resolve", "--all", "--kept").array?.count == 2)
        #expect(try pair.ada.json("sync", "conflicts") == [])
    }
}
