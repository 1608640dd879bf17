import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Replicas and an upstream of different versions of the schema.
struct SyncVersionTests {
    static let kinds: [TestDatabase] = [.sqliteFile, .postgres]
    /// The version that comes after the current one.
    static let next = Schema(
        migrations: Schema.current.migrations + [
            SchemaMigration(
                version: Schema.current.version + 1, title: "what comes next",
                steps: [
                    .addColumn(.optional("colour", .text), table: "tasks"),
                    .addColumn(.required("weight", .integer, default: "1", check: "weight > 0"), table: "tasks"),
                ])
        ])
    let t = "t000000000000001"
    let u = "v000000000000002"

    private func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    private func upgraded(_ store: Store) throws -> Store {
        try Store(opening: store.database, schema: Self.next).migrateIfDue(now: SyncSites.start)
        return try Store(opening: store.database, schema: Self.next)
    }

    @Test(arguments: kinds)
    func anOlderReplicaStopsBeforeWhatItDoesNotKnowAndGoesOnPushing(kind: TestDatabase) throws {
        let sites = try SyncSites(upstream: kind)
        try sites.add(sites.upstream, "owner", t)
        let (ada, bob) = (try sites.clone("ada"), try sites.clone("bob"))
        try sites.update(bob, "bob", t, "description = 'B'")
        try sites.sync(bob)
        try sites.migrateUpstream(to: Self.next)
        try sites.update(sites.upstream, "owner", t, "colour = 'red'")
        let cursor = try Replica(ada, upstream: sites.upstream).sequence()
        let edits = [
            try sites.update(ada, "ada", t, "title = 'A'"), try sites.add(ada, "ada", u, title: "A"),
        ]
        let older = Replica(ada, upstream: try sites.upstream(for: .current))
        for _ in 0..<2 {
            #expect(code { _ = try older.sync() } == .newerSchema)
            #expect(try older.sequence() == cursor + 1, "what came before is there")
        }
        #expect(try edits.map { try sites.count($0) } == [1, 1], "what it has made is at the upstream")
        #expect(try sites.task(t, in: ada).description == "B")
        #expect(try sites.task(t).title == "A")

        let newer = try upgraded(ada)
        try sites.sync(newer)
        #expect(try sites.differences(newer).isEmpty)
        let colour = try newer.database.read {
            try $0.rows("SELECT colour, weight FROM tasks ORDER BY id") { (try $0.optionalText(0), try $0.integer(1)) }
        }
        #expect(colour.map(\.0) == ["red", nil])
        #expect(colour.map(\.1) == [1, 1], "what the older one did not say has its default")
        #expect(try sites.conflicts().isEmpty)
    }

    @Test(arguments: kinds)
    func whatTheUpstreamDoesNotKnowYetWaitsAndWhatCameBeforeDoesNot(kind: TestDatabase) throws {
        let sites = try SyncSites(upstream: kind)
        try sites.add(sites.upstream, "owner", t)
        let ada = try sites.clone("ada")
        let early = try sites.update(ada, "ada", t, "title = 'A'")
        let newer = try upgraded(ada)
        let late = try sites.update(newer, "ada", t, "colour = 'red', weight = 2")
        for _ in 0..<2 {
            #expect(
                code { _ = try Replica(newer, upstream: try sites.upstream(for: .current)).sync() } == .migrationNeeded)
            #expect(try sites.count(early) == 1)
            #expect(try sites.count(late) == 0)
            #expect(try sites.waiting(newer).contains(late))
        }
        let bob = try sites.clone("bob")
        try sites.add(bob, "bob", u)
        try sites.sync(bob)
        try sites.migrateUpstream(to: Self.next)
        try sites.sync(newer)
        #expect(try sites.count(late) == 1)
        #expect(try sites.differences(newer).isEmpty)
        #expect(try sites.conflicts().isEmpty)
    }
}
