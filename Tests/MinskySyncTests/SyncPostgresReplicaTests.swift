import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// A replica that is PostgreSQL itself, in which several write at once: an operation may have a lower number than one that it
/// has seen.
struct SyncPostgresReplicaTests {
    static let kinds: [TestDatabase] = [.sqliteMemory, .postgres]
    let t = "t000000000000001"
    let u = "v000000000000002"

    /// Ada's store, in which the first of two transactions has committed last and seen what the other one wrote.
    private func sites(_ kind: TestDatabase) throws -> (sites: SyncSites, ada: Store, bob: Store) {
        let sites = try SyncSites(upstream: kind)
        for id in [t, u] { try sites.add(sites.upstream, "owner", id) }
        let (ada, bob) = (try sites.clone("ada", on: .postgres), try sites.clone("bob"))
        let storage = try #require(sites.storages["ada"])
        let other = try storage.open()
        try ada.database.write { first in
            try first.execute("UPDATE tasks SET title = 'A', updated_at = now() WHERE id = \(t)")
            try other.write { try $0.execute("UPDATE tasks SET title = 'B' WHERE id = \(u)") }
            try first.execute("UPDATE tasks SET title = 'A over ' || title WHERE id = \(u)")
        }
        #expect(try sites.task(u, in: ada).title == "A over B")
        return (sites, ada, bob)
    }

    @Test(arguments: kinds)
    func whatWaitsIsPushedInTheOrderOfCommits(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        #expect(try ada.rowsAgainstLog().isEmpty)
        try sites.sync(ada, bob)
        #expect(try sites.task(u).title == "A over B")
        #expect(try sites.conflicts().isEmpty, "neither of them had not seen the other")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// What somebody else has done is brought before; one of the two is laid over it, the other one is not touched.
    @Test(arguments: kinds)
    func theOrderStaysWhenSomeOfItIsLaidOver(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(bob, "bob", t, "title = 'bob', description = 'bob'")
        try sites.update(bob, "bob", u, "description = 'bob'")
        try sites.sync(bob)
        _ = try Replica(ada, upstream: sites.upstream).pull()
        #expect(try sites.task(u, in: ada).title == "A over B")
        #expect(try sites.task(u, in: ada).description == "bob")
        #expect(try ada.rowsAgainstLog().isEmpty)
        try sites.sync(ada, bob)
        #expect(try sites.task(u).title == "A over B")
        #expect(try sites.conflicts().map(\.rowID) == [t], "of what met without having been seen")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// Without it the planner takes tables to be empty that have just been filled.
    @Test func thePlannerKnowsWhatWasBrought() throws {
        let (sites, _, _) = try sites(.sqliteMemory)
        let storage = try #require(sites.storages["ada"])
        let known = try storage.runShell(
            "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = '\(storage.location)'")
        #expect(
            Set(["tasks", "operations", "changes"]).isSubset(of: Set(known.split(separator: "\n").map(String.init))))
    }

    @Test(arguments: kinds)
    func whatWaitsIsNumberedInThatOrderWhenTheStoreLeaves(kind: TestDatabase) throws {
        let (sites, ada, _) = try sites(kind)
        try ada.leaveUpstream()
        let titles = try ada.operations(after: 0).suffix(2).map { operation in
            operation.changes.last?.after?["title"]?.string
        }
        #expect(titles == ["B", "A over B"])
        #expect(try ada.rowsAgainstLog().isEmpty)
        try Replica(ada, upstream: sites.upstream).join(at: SyncSites.place, now: SyncSites.start)
        try sites.sync(ada)
        #expect(try sites.task(u).title == "A over B")
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada).isEmpty)
    }
}
