import Foundation
import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// What a shell wrote into rows, the log or the store's own numbers, on either side, and what no store can hold: it stops
/// nobody, is lost without a trace nowhere, and ends no program.
struct SyncUnreadableTests {
    let t = "t000000000000001"
    let u = "v000000000000002"

    private func sites(_ kind: TestDatabase = .sqliteFile) throws -> (sites: SyncSites, ada: Store, shell: TestStorage)
    {
        let sites = try SyncSites(upstream: kind)
        for id in [t, u] { try sites.add(sites.upstream, "owner", id) }
        let ada = try sites.clone("ada", on: .sqliteFile)
        return (sites, ada, try #require(sites.storages["ada"]))
    }

    private func text(_ store: Store, _ column: String) throws -> String? {
        try store.database.read {
            try $0.first("SELECT \(unsafeRaw: column) FROM tasks WHERE id = \(t)") { try $0.text(0) }
        }
    }

    // MARK: Rows of the upstream

    static let metadata = [
        #"'{"a":1,"a":2}'"#, #"'{"a":"\ud800"}'"#, #"'{"a":"\u0000"}'"#, "'{\"a\":1' || printf('%01500d', 0) || '}'",
        "'{\"a\":' || replace(printf('%300s', ''), ' ', '[') || replace(printf('%300s', ''), ' ', ']') || '}'",
        "'{\"a\":' || replace(printf('%250s', ''), ' ', '[') || replace(printf('%250s', ''), ' ', ']') || '}'",
        "cast(x'7b2261223a22ff227d' AS text)",
    ]

    @Test(arguments: metadata)
    func whatNoStoreCanHoldAtTheUpstreamStopsNobody(value: String) throws {
        let (sites, ada, _) = try sites()
        try sites.update(ada, "ada", t, #"metadata = '{"mine":1}'"#)
        try sites.sync(ada)
        let there = sites.upstreamStorage
        _ = try there.runShell("UPDATE tasks SET metadata = \(value), title = 'T' WHERE id = '\(t)'")
        try sites.update(sites.upstream, "owner", u, "title = 'after'")
        try sites.update(ada, "ada", t, "description = 'A'")
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.task(t, in: ada).title == "T")
        #expect(try sites.task(t, in: ada).description == "A")
        #expect(try sites.task(u, in: ada).title == "after")
        #expect(try text(ada, "metadata") == #"{"mine":1}"#, "what cannot be read stays what it was")
        try Replica(ada, upstream: sites.upstream).join(at: SyncSites.place, now: SyncSites.start)
        try sites.sync(ada)
        _ = try there.runShell(#"UPDATE tasks SET metadata = '{"b":1}' WHERE id = '\#(t)'"#)
        try sites.sync(ada)
        #expect(try text(ada, "metadata") == #"{"b":1}"#)
        #expect(try text(ada, "description") == "A")
    }

    @Test func aNewRowIsTakenAsFarAsItCanBeRead() throws {
        let (sites, ada, _) = try sites()
        let x = "x000000000000003"
        _ = try sites.upstreamStorage.runShell(
            """
            INSERT INTO tasks (id, title, metadata, created_at, updated_at) VALUES ('\(x)', 'N', '{"a":1e999999999}',
                '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z')
            """)
        try sites.update(sites.upstream, "owner", u, "title = 'after'")
        try sites.sync(ada)
        #expect(try sites.task(x, in: ada).title == "N")
        #expect(try sites.task(u, in: ada).title == "after")
    }

    /// As it is there by now, the row may refer to one that has yet to come.
    @Test func aRowThatRefersToWhatComesLaterWaitsForIt() throws {
        let (sites, ada, _) = try sites()
        let x = "x000000000000003"
        _ = try sites.upstreamStorage.runShell(#"UPDATE tasks SET metadata = '{"a":1,"a":2}' WHERE id = '\#(t)'"#)
        try sites.add(sites.upstream, "owner", x)
        try sites.update(sites.upstream, "owner", t, "parent_id = \(x)")
        var replica = Replica(ada, upstream: sites.upstream)
        replica.batch = 1
        _ = try replica.sync()
        #expect(try sites.task(t, in: ada).parentID == x)
    }

    /// The log of the upstream keeps what cannot be read after the row has been repaired.
    @Test(arguments: [TestDatabase.sqliteFile, .postgres], [true, false])
    func aWaitingEditOfSuchARowGoesThere(kind: TestDatabase, isRepaired: Bool) throws {
        let (sites, ada, _) = try sites(kind)
        let there = sites.upstreamStorage
        try sites.update(ada, "ada", t, "description = 'A'")
        let other = try sites.add(ada, "ada", "x000000000000003")
        let garbage = kind == .postgres ? #"metadata = '{"a":1e1001}'"# : "title = cast(x'61ff62' AS text)"
        _ = try there.runShell("UPDATE \(there.table("tasks")) SET \(garbage) WHERE id = '\(t)'")
        if isRepaired {
            let good = kind == .postgres ? "metadata = '{}'" : "title = 'good'"
            _ = try there.runShell("UPDATE \(there.table("tasks")) SET \(good) WHERE id = '\(t)'")
        }
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.count(other) == 1)
        #expect(try text(sites.upstream, "description") == "A")
        #expect(try text(ada, "description") == "A")
        #expect(try sites.conflicts().isEmpty)
        if isRepaired { #expect(try sites.differences(ada).filter { $0.contains(": tasks [") }.isEmpty) }
    }

    // MARK: What waits

    @Test(arguments: [
        "garbage", "{}", #"{"kind":"update"}"#, #"{"kind":"delete","fields":{}}"#,
        #"{"kind":"delete","fields":{"title":"x"}}"#, #"{"kind":"explode","fields":{"title":["a","b"]}}"#,
        #"{"kind":"update","fields":{"title":"no pair"}}"#,
    ])
    func anUnreadableOriginalIsKeptAsLost(original: String) throws {
        let (sites, ada, shell) = try sites()
        try sites.add(ada, "owner", "x000000000000003")
        try sites.update(ada, "owner", t, "title = 'edited'")
        _ = try shell.runShell(
            "UPDATE changes SET original = '\(original)' WHERE operation IN (SELECT number FROM operations WHERE sequence IS NULL)"
        )
        let after = try sites.update(ada, "owner", u, "title = 'after'")
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.count(after) == 1)
        let lost = try sites.conflicts()
        #expect(lost.map(\.rowID).sorted() == [t, "x000000000000003"])
        if !original.contains("delete") { #expect(lost.allSatisfy { $0.lost.value.members?.isEmpty == false }) }
        if !original.contains("fields") || original.contains("explode") {
            #expect(lost.first { $0.rowID == t }?.lost.value["title"] == "edited", "what it says by now is not lost")
        }
        #expect(try sites.task(t, in: ada).title == t)
        #expect(try sites.differences(ada).isEmpty)
    }

    @Test func aKindThatThereIsNotIsKeptAsLostAndNamed() throws {
        let (sites, ada, shell) = try sites()
        try sites.update(ada, "owner", t, "title = 'edited'")
        _ = try shell.runShell(
            """
            PRAGMA ignore_check_constraints = ON;
            UPDATE changes SET kind = 'explode' WHERE position = (SELECT max(position) FROM changes)
            """)
        let after = try sites.update(ada, "owner", u, "title = 'after'")
        #expect(try ada.logProblems().contains { $0.contains("explode") && $0.contains(t) })
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.count(after) == 1)
        #expect(try sites.conflicts().map(\.rowID) == [t])
        #expect(try sites.task(t, in: ada).title == t)
        #expect(try sites.differences(ada).isEmpty)
    }

    @Test(arguments: ["test", "sql"])
    func aMomentThatIsNoneStopsNothing(command: String) throws {
        let (sites, ada, shell) = try sites()
        try sites.update(ada, "owner", t, "title = 'edited'")
        _ = try shell.runShell(
            "UPDATE operations SET recorded_at = 'never', command = '\(command)' WHERE sequence IS NULL")
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.task(t).title == "edited")
    }

    // MARK: Numbers

    @Test func aNumberOfFailuresHasABound() throws {
        let (sites, ada, _) = try sites()
        for number in [Int64.max, .min] {
            try ada.database.write { try $0.execute("UPDATE sync_state SET failures = \(number)") }
            try ada.noteSyncFailure("away", now: SyncSites.start)
            let state = try #require(try ada.read { try $0.syncState() })
            #expect((1...1_000_001).contains(state.failures))
            #expect(state.retryAt.map { $0 > SyncSites.start } == true)
        }
        // Its files are there as long as it is.
        withExtendedLifetime(sites) {}
    }

    @Test(arguments: [
        "UPDATE operations SET sequence = 9223372036854775807 WHERE number = 2",
        "UPDATE store_state SET floor = 9223372036854775807", "UPDATE store_state SET floor = 50",
        "UPDATE store_state SET floor = -1",
    ])
    func numbersThatNoStoreGivesOutAreToldAndEndNothing(statement: String) throws {
        let (sites, ada, _) = try sites()
        let mine = try sites.update(ada, "owner", t, "title = 'edited'")
        try sites.upstream.database.write { try $0.execute(SQL(unsafeRaw: statement)) }
        let replica = Replica(ada, upstream: sites.upstream)
        let attempts: [() throws -> Void] = [
            { _ = try replica.pull() }, { _ = try replica.push() }, { _ = try replica.sync() },
            { try replica.takeSnapshot(keepsWaiting: true) },
            { try replica.join(at: SyncSites.place, now: SyncSites.start) }, { _ = try replica.behind() },
        ]
        for attempt in attempts {
            let error = #expect(throws: StoreError.self) { try attempt() }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("by hand") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("operation  ") == false)
        }
        #expect(try sites.waiting(ada) == [mine])
    }

    @Test func aGapInTheLogNamesWhereItIs() throws {
        let (sites, ada, _) = try sites()
        try sites.update(sites.upstream, "owner", t, "title = 'there'")
        try sites.upstream.database.write {
            try $0.execute(
                "UPDATE operations SET sequence = sequence + 5 WHERE sequence = (SELECT max(sequence) FROM operations)")
        }
        let error = #expect(throws: StoreError.self) { try sites.sync(ada) }
        #expect(error?.message.contains("after operation 2 ") == true, "\(error?.message ?? "")")
    }

    // MARK: What the log has forgotten

    /// The log has been compacted, but the row says when it was written, and the operations who did it.
    @Test(arguments: [TestDatabase.sqliteFile, .postgres], [true, false])
    func theLaterEditWinsAlsoWhereTheLogDoesNotTell(kind: TestDatabase, isAdaLater: Bool) throws {
        let (sites, ada, _) = try sites(kind)
        let bob = try sites.clone("bob")
        let edits: [() throws -> Void] = [
            { _ = try sites.update(bob, "bob", t, "title = 'B'") },
            { _ = try sites.update(ada, "ada", t, "title = 'A'") },
        ]
        for edit in isAdaLater ? edits : edits.reversed() {
            try edit()
            Thread.sleep(forTimeInterval: 0.005)
        }
        try sites.sync(ada)
        try sites.update(ada, "ada", u, "title = 'later'")
        try sites.sync(ada)
        let end = Timestamp(microseconds: 4_000_000_000_000_000)
        #expect(try sites.upstream.compact(before: end, now: end).changes > 0)
        try sites.sync(bob, ada)
        #expect(try sites.task(t).title == (isAdaLater ? "A" : "B"))
        let conflict = try #require(try sites.conflicts().first)
        #expect(try sites.conflicts().count == 1)
        #expect(conflict.kept.actor == (isAdaLater ? "ada" : "bob"))
        #expect(conflict.lost.actor == (isAdaLater ? "bob" : "ada"))
        #expect(conflict.lost.value == (isAdaLater ? "B" : "A"))
        #expect(conflict.lost.at > SyncSites.start)
        #expect(try sites.differences(bob).isEmpty)
    }
}
