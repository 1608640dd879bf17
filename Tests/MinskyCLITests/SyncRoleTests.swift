import Foundation
import TestSupport
import Testing

/// Whom PostgreSQL lets sync.
@Suite("sync: roles of PostgreSQL", .serialized)
struct SyncRoleTests {
    /// An upstream that `ada` has made, and another role.
    private final class Team {
        let pair: (ada: Minsky, grace: Minsky)
        let ada = "ada_\(UInt64.random(in: 0...UInt64.max))"
        let grace = "grace_\(UInt64.random(in: 0...UInt64.max))"

        init() throws {
            pair = (try Minsky(.sqlite), try Minsky())
            try sql(
                """
                CREATE ROLE \(ada) LOGIN; CREATE ROLE \(grace) LOGIN; CREATE SCHEMA \(ada) AUTHORIZATION \(ada);
                """)
            try pair.ada.ok("config", "set", "sync.auto", "off")
            _ = try pair.ada.add("First")
            try pair.ada.ok("sync", "enable", "--remote-db", try url(ada), "--schema", ada)
        }

        deinit { try? sql("DROP SCHEMA \(ada) CASCADE; DROP OWNED BY \(grace); DROP ROLE \(grace); DROP ROLE \(ada)") }

        func sql(_ text: String) throws {
            _ = try Process.output("psql", [try TestStorage.postgresURL(), "-qX", "-v", "ON_ERROR_STOP=1", "-c", text])
        }

        func url(_ role: String) throws -> String {
            try TestStorage.postgresURL().replacingOccurrences(of: "user=postgres", with: "user=\(role)")
        }
    }

    /// As in docs/sync.md.
    @Test func aMemberOfTheOwnersRoleSyncs() throws {
        let team = try Team()
        try team.sql("GRANT \(team.ada) TO \(team.grace)")
        let grace = team.pair.grace
        try grace.ok("init", "--clone", try team.url(team.grace), "--schema", team.ada)
        try grace.ok("config", "set", "sync.auto", "off")
        _ = try grace.add("Second")
        try grace.ok("sync")
        try team.pair.ada.ok("sync")
        for minsky in [grace, team.pair.ada] { #expect(try minsky.titles == ["First", "Second"]) }
        #expect(try grace.run("doctor").exitCode == 0)
        try grace.ok("sync", "reset", "--from", "upstream", "--yes")
        #expect(try grace.titles == ["First", "Second"])
    }

    /// Who may only read gets everything and brings nothing; nothing of theirs is lost.
    @Test func whoMayOnlyReadIsRefusedAndLosesNothing() throws {
        let team = try Team()
        try team.sql(
            "GRANT USAGE ON SCHEMA \(team.ada) TO \(team.grace); GRANT SELECT ON ALL TABLES IN SCHEMA \(team.ada) TO \(team.grace)"
        )
        let grace = team.pair.grace
        try grace.ok("init", "--clone", try team.url(team.grace), "--schema", team.ada)
        try grace.ok("config", "set", "sync.auto", "off")
        #expect(try grace.titles == ["First"])
        _ = try team.pair.ada.add("Third")
        try team.pair.ada.ok("sync")
        try grace.ok("sync", "--pull")
        #expect(try grace.titles == ["First", "Third"])
        _ = try grace.add("Mine")
        let refused = try grace.failure("sync")
        #expect(refused.exitCode == 6, "\(refused.message)")
        #expect(try grace.json("sync", "status")["ahead"] == 1)
        #expect(try grace.titles == ["First", "Mine", "Third"])
        try team.sql("GRANT \(team.ada) TO \(team.grace)")
        try grace.ok("sync")
        try team.pair.ada.ok("sync")
        #expect(try team.pair.ada.titles == ["First", "Mine", "Third"])
    }
}
