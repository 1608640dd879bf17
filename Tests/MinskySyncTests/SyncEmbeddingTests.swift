import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Vectors are in no log; they travel beside the rows.
struct SyncEmbeddingTests {
    static let kinds: [TestDatabase] = [.sqliteFile, .postgres]
    let t = "t000000000000001"
    let u = "v000000000000002"

    private func sites(_ kind: TestDatabase) throws -> (sites: SyncSites, ada: Store, bob: Store) {
        let sites = try SyncSites(upstream: kind)
        try sites.add(sites.upstream, "owner", t)
        return (sites, try sites.clone("ada"), try sites.clone("bob", on: kind))
    }

    @discardableResult
    private func embed(_ sites: SyncSites, _ store: Store, _ id: String, _ hash: String, _ vector: [Float]) throws
        -> String
    {
        try sites.edit(store, "ada") {
            try $0.save([StoredEmbedding(ownerID: id, model: "m/1", contentHash: hash, vector: vector)])
        }
    }

    private func vector(_ store: Store, _ id: String) throws -> [Float]? {
        try store.read { try $0.embeddings(model: "m/1", of: [id])[id]?.vector }
    }

    @Test(arguments: kinds)
    func aVectorGoesWithItsRow(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try embed(sites, ada, t, "one", [1, 2, 3])
        try sites.sync(ada, bob)
        for store in [sites.upstream, ada, bob] { #expect(try vector(store, t) == [1, 2, 3]) }
        try embed(sites, bob, t, "two", [4, 5])
        try sites.sync(bob, ada)
        for store in [sites.upstream, ada, bob] { #expect(try vector(store, t) == [4, 5]) }
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// The vector that is at hand is of a later text: the row that is pushed has none until its own comes.
    @Test(arguments: kinds)
    func aVectorOfAnotherTextDoesNotGoAlong(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try embed(sites, ada, t, "one", [1, 2, 3])
        let early = try ada.read { try $0.operations(where: "sequence IS NULL") }
        try embed(sites, ada, t, "two", [4, 5, 6])
        _ = try Replica(ada, upstream: sites.upstream).send(early)
        #expect(try vector(sites.upstream, t) == nil)
        try sites.sync(bob)
        #expect(try vector(bob, t) == nil, "it is to be computed")
        try sites.sync(ada, bob)
        for store in [sites.upstream, ada, bob] { #expect(try vector(store, t) == [4, 5, 6]) }
    }

    @Test(arguments: kinds)
    func whatNobodyHasIsToBeComputed(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try embed(sites, ada, t, "one", [1, 2, 3])
        try ada.database.write { try $0.execute("UPDATE embeddings SET vector = NULL") }
        try sites.sync(ada, bob)
        #expect(try vector(bob, t) == nil)
        #expect(
            try bob.database.read { try $0.first("SELECT content_hash FROM embeddings") { try $0.text(0) } } == "one")
    }

    /// What waits is taken back and laid over again; the upstream has nothing of it yet.
    @Test(arguments: kinds)
    func aVectorThatWaitsStaysWhenOthersChangeTheTree(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.edit(ada, "ada") { session in
            var task = TaskItem(id: u, title: "U", rank: "i00000", createdAt: session.operation.now)
            task.parentID = t
            try session.insert(task)
            try session.save([StoredEmbedding(ownerID: u, model: "m/1", contentHash: "one", vector: [1, 2])])
        }
        try sites.add(bob, "bob", "w000000000000003") { $0.parentID = t }
        try sites.sync(bob)
        _ = try Replica(ada, upstream: sites.upstream).pull()
        #expect(try vector(ada, u) == [1, 2])
        try sites.sync(ada, bob)
        for store in [sites.upstream, ada, bob] { #expect(try vector(store, u) == [1, 2]) }
    }

    /// Two embed the same task: the row of the one that wins has its own vector.
    @Test(arguments: kinds)
    func theVectorIsThatOfTheRowThatWins(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let early = try embed(sites, ada, t, "one", [1, 2])
        try sites.shiftClock(ada, of: early, seconds: -10)
        try embed(sites, bob, t, "two", [3, 4, 5])
        try sites.sync(bob, ada, bob)
        for store in [sites.upstream, ada, bob] { #expect(try vector(store, t) == [3, 4, 5]) }
        #expect(try sites.differences(ada, bob).isEmpty)
    }
}
