import Foundation
import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// What two replicas do that neither of them could do alone, one by one.
struct SyncHardCaseTests {
    static let kinds: [TestDatabase] = [.sqliteFile, .postgres]
    let t = "t000000000000001"
    let u = "v000000000000002"
    let v = "w000000000000003"

    /// An upstream with three tasks, and two people.
    private func sites(_ kind: TestDatabase, on replicas: TestDatabase = .sqliteMemory) throws -> (
        sites: SyncSites, ada: Store, bob: Store
    ) {
        let sites = try SyncSites(upstream: kind)
        for id in [t, u, v] { try sites.add(sites.upstream, "owner", id) }
        return (sites, try sites.clone("ada", on: replicas), try sites.clone("bob", on: replicas))
    }

    private func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    // MARK: What rows must be together

    @Test(arguments: kinds)
    func twoMovesThatWouldBeACircle(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "parent_id = \(u)")
        try sites.update(bob, "bob", u, "parent_id = \(t), title = 'B'")
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(t).parentID == u)
        #expect(try sites.task(u).parentID == nil)
        #expect(try sites.task(u).title == "B", "the rest of the edit stands")
        let conflict = try #require(try sites.conflicts().first)
        #expect(try sites.conflicts().count == 1)
        #expect(conflict.field == "parent_id")
        #expect(conflict.lost.value == .string(t))
        #expect(conflict.lost.actor == "bob")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// The circle goes through a task that only one of them has touched.
    @Test(arguments: kinds)
    func aCircleOfThreeMoves(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "parent_id = \(u)")
        try sites.update(ada, "ada", u, "parent_id = \(v)")
        try sites.update(bob, "bob", v, "parent_id = \(t)")
        try sites.sync(bob, ada, bob)
        let parents = try [t, u, v].map { try sites.task($0).parentID }
        #expect(parents == [u, nil, t])
        #expect(try sites.conflicts().map(\.rowID) == [u])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func twoDependenciesThatWouldBeACircle(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        for (store, name, task, other) in [(ada, "ada", t, u), (bob, "bob", u, t)] {
            try sites.edit(store, name) { session in
                try session.writer.execute(
                    """
                    INSERT INTO task_dependencies (task_id, depends_on_id, created_at)
                    VALUES (\(task), \(other), \(session.operation.now))
                    """)
            }
        }
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(t).dependsOn == [u])
        #expect(try sites.task(u).dependsOn == [])
        #expect(try sites.conflicts("task_dependencies").map(\.rowID) == ["\(u)/\(t)"])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func twoTasksOfOnePlaceStandSideBySide(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "rank = 'i5'")
        try sites.update(bob, "bob", u, "rank = 'i5'")
        try sites.sync(ada, bob, ada)
        #expect(try sites.conflicts().isEmpty)
        #expect(try [t, u].map { try sites.task($0).rank } == ["i5", "i5"])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    // MARK: Imports

    private func imported(_ reference: String) -> String {
        DerivedIdentifier.of(workspace: "workspace0000000", source: "taskwarrior", reference: reference)
    }

    @Test(arguments: kinds)
    func oneThingThatBothImportIsOneTask(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let id = imported("x")
        try sites.add(bob, "bob", id, title: "X") { $0.externalRef = "taskwarrior:x" }
        try sites.update(
            bob, "bob", id, "status = 'done', completed_at = '2026-01-01T00:00:00.000000Z', description = 'B'")
        try sites.add(ada, "ada", id, title: "X") { $0.externalRef = "taskwarrior:x" }
        try sites.sync(bob, ada, bob)
        #expect(try sites.task(id).createdBy == "bob")
        #expect(try sites.task(id).status == .done, "importing it again is no edit of what it has been since")
        #expect(try sites.task(id).description == "B")
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func whatTheTwoImportsHaveDifferentConflicts(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let id = imported("x")
        try sites.add(bob, "bob", id, title: "old") { $0.externalRef = "taskwarrior:x" }
        try sites.add(ada, "ada", id, title: "new") { $0.externalRef = "taskwarrior:x" }
        try sites.sync(bob, ada, bob)
        #expect(try sites.conflicts().map(\.field) == ["title"])
        #expect(try sites.task(id).title == "new")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func theFirstOfTwoTasksKeepsAReference(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "external_ref = 'jira:1'")
        try sites.update(bob, "bob", u, "external_ref = 'jira:1', title = 'B'")
        try sites.add(bob, "bob", "z000000000000009") { $0.externalRef = "jira:2" }
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(t).externalRef == "jira:1")
        #expect(try sites.task(u).externalRef == nil)
        #expect(try sites.task(u).title == "B")
        #expect(try sites.task("z000000000000009").externalRef == "jira:2")
        let conflict = try #require(try sites.conflicts().first)
        #expect((conflict.field, conflict.rowID, conflict.lost.value) == ("external_ref", u, "jira:1"))
        #expect(conflict.kept.actor == "ada")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// Somebody has changed the reference that the other one wants to change too, but to one that is taken.
    @Test(arguments: kinds)
    func aReferenceThatIsTakenLeavesWhatSomebodyElseGave(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "external_ref = 'jira:1'")
        try sites.update(ada, "ada", u, "external_ref = 'jira:2'")
        try sites.update(bob, "bob", t, "external_ref = 'jira:2'")
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(t).externalRef == "jira:1")
        #expect(try sites.conflicts().map(\.lost.value) == ["jira:2"])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func aReferenceMovesFromOneTaskToAnother(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(sites.upstream, "owner", t, "external_ref = 'jira:1'")
        try sites.sync(ada, bob)
        try sites.edit(ada, "ada") { session in
            try session.writer.execute("UPDATE tasks SET external_ref = NULL WHERE id = \(t)")
            try session.writer.execute("UPDATE tasks SET external_ref = 'jira:1' WHERE id = \(u)")
        }
        try sites.update(bob, "bob", t, "external_ref = 'jira:7'")
        try sites.sync(ada, bob, ada)
        #expect(try sites.task(u).externalRef == "jira:1")
        #expect(try sites.task(t).externalRef == "jira:7", "the later edit")
        #expect(try sites.conflicts().map(\.lost.value) == [.null])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// Where the row is one thing, a later edit brings along what its author saw; not what was refused.
    @Test(arguments: kinds)
    func aReferenceThatWasRefusedDoesNotComeBack(kind: TestDatabase) throws {
        let sites = try SyncSites(upstream: kind, strategy: .lastWriteWins)
        for id in [t, u, v] { try sites.add(sites.upstream, "owner", id) }
        try sites.update(sites.upstream, "owner", v, "external_ref = 'jira:2'")
        let (ada, bob) = (try sites.clone("ada"), try sites.clone("bob"))
        try sites.update(ada, "ada", t, "external_ref = 'jira:1'")
        try sites.edit(ada, "ada") { session in
            try session.writer.execute("UPDATE tasks SET external_ref = NULL WHERE id = \(v)")
            try session.writer.execute("UPDATE tasks SET external_ref = 'jira:2' WHERE id = \(u)")
        }
        try sites.update(bob, "bob", u, "external_ref = 'jira:1'")
        try sites.update(bob, "bob", u, "description = 'B'")
        try sites.update(bob, "bob", v, "title = 'B'")
        try sites.sync(ada, bob, ada)
        #expect(try [t, u, v].map { try sites.task($0).externalRef } == ["jira:1", nil, "jira:2"])
        #expect(try sites.task(u).description == "B")
        #expect(try sites.task(v).title == "B")
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// One waiting edit frees what another one takes; somebody else edits the task of the first.
    @Test(arguments: kinds)
    func waitingEditsThatDependOnEachOtherAreTakenBackTogether(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(sites.upstream, "owner", v, "external_ref = 'jira:2'")
        try sites.sync(ada, bob)
        try sites.update(bob, "bob", v, "external_ref = NULL")
        try sites.update(bob, "bob", u, "external_ref = 'jira:2'")
        try sites.update(ada, "ada", v, "title = 'A'")
        try sites.sync(ada)
        _ = try Replica(bob, upstream: sites.upstream).pull()
        #expect(try sites.task(v, in: bob).title == "A")
        #expect(try [u, v].map { try sites.task($0, in: bob).externalRef } == ["jira:2", nil])
        try sites.sync(bob, ada)
        #expect(try [u, v].map { try sites.task($0).externalRef } == ["jira:2", nil])
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    // MARK: Who was first

    @Test(arguments: kinds)
    func theFirstWhoTakesATaskHasItWhateverTheClocksSay(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let start: (String) -> SQL = {
            "status = 'doing', started_at = '2026-01-01T00:00:00.000000Z', assignee = \($0)"
        }
        try sites.update(ada, "ada", t, start("ada"))
        let late = try sites.update(bob, "bob", t, start("bob"))
        try sites.shiftClock(bob, of: late, seconds: 3600)
        try sites.sync(ada, bob)
        for store in [sites.upstream, bob] {
            #expect(try sites.task(t, in: store).assignee == "ada")
            #expect(try sites.task(t, in: store).status == .doing)
        }
        let told = try #require(try bob.read { try $0.conflicts(all: true) }.first)
        #expect((told.field, told.kept.value, told.lost.value) == ("assignee", "ada", "bob"))
        #expect((told.kept.actor, told.lost.actor) == ("ada", "bob"))
    }

    @Test(arguments: kinds)
    func anUndoMeetsWhatTheOtherHasMadeOfIt(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "title = 'A', description = 'A'")
        try sites.sync(ada, bob)
        try sites.update(bob, "bob", t, "title = 'B'")
        try ada.undo(as: sites.context("ada")) { _, _ in }
        try sites.sync(bob, ada, bob)
        #expect(try sites.task(t).title == t, "the undo is the later edit")
        #expect(try sites.task(t).description == nil)
        #expect(try sites.conflicts().map(\.lost.value) == ["B"])
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// What goes with a field is judged by what the author saw, which may be an edit of their own that was sent before.
    @Test(arguments: kinds)
    func anEarlierEditOfOnesOwnIsNoSurprise(kind: TestDatabase) throws {
        let sites = try SyncSites(upstream: kind, strategy: .localWins)
        try sites.add(sites.upstream, "owner", t) { ($0.complexity, $0.complexityReason) = (1, "0") }
        let (ada, bob) = (try sites.clone("ada"), try sites.clone("bob"))
        try sites.update(bob, "bob", t, "complexity = 8")
        try sites.sync(bob)
        try sites.update(ada, "ada", t, "complexity = 3")
        try sites.update(ada, "ada", t, "complexity_reason = 'A'")
        var replica = Replica(ada, upstream: sites.upstream)
        replica.batch = 1
        _ = try replica.push()
        #expect(try sites.task(t).complexity == 3)
        #expect(try sites.task(t).complexityReason == "A")
        #expect(try sites.conflicts().map(\.lost.value) == ["8"])
        try sites.sync(ada, bob)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    // MARK: Clocks

    /// An edit that was received counts as made by then.
    @Test(arguments: kinds)
    func aClockThatIsAheadWinsNothingAgainstLaterEdits(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        let early = try sites.update(ada, "ada", t, "title = 'A'")
        try sites.shiftClock(ada, of: early, seconds: 3600)
        try sites.sync(ada)
        Thread.sleep(forTimeInterval: 0.01)
        try sites.update(bob, "bob", t, "title = 'B'")
        try sites.sync(bob, ada)
        #expect(try sites.task(t).title == "B")
        #expect(try sites.conflicts().map(\.lost.value) == ["A"])
        let (clock, now) = try sites.upstream.database.read { reader in
            (
                try reader.first("SELECT max(hlc) FROM operations") { HybridTimestamp(rawValue: try $0.integer(0)) },
                try reader.first("SELECT max(recorded_at) FROM operations") { try $0.timestamp(0) }
            )
        }
        #expect(try #require(clock).milliseconds <= (try #require(now).microseconds / 1000) + 60_000)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func aClockThatIsBehindLosesNothingThatWasSeen(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        try sites.update(ada, "ada", t, "title = 'A'")
        try sites.sync(ada, bob)
        let seen = try sites.update(bob, "bob", t, "title = 'B'")
        try sites.shiftClock(bob, of: seen, seconds: -3600)
        try sites.sync(bob, ada)
        #expect(try sites.task(t).title == "B")
        #expect(try sites.conflicts().isEmpty)
    }

    @Test(arguments: kinds)
    func aClockThatJumpsLeavesNoTrace(kind: TestDatabase) throws {
        let (sites, ada, bob) = try sites(kind)
        for (number, seconds) in [86_400 * 3650, -86_400 * 3650, 0].enumerated() {
            let edit = try sites.update(ada, "ada", t, "title = \("A\(number)")")
            try sites.shiftClock(ada, of: edit, seconds: seconds)
        }
        try sites.sync(ada, bob)
        #expect(try sites.task(t).title == "A2")
        let first = try sites.update(bob, "bob", t, "title = 'B'")
        try sites.sync(bob, ada)
        #expect(try sites.task(t).title == "B")
        #expect(try sites.count(first) == 1)
        #expect(try sites.conflicts().isEmpty)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    // MARK: Copies and backups

    /// The old copy has the id of the replica, and does not know what that one has done since.
    @Test(arguments: kinds, [true, false])
    func aReplicaThatWasRestoredFromAnOldCopy(kind: TestDatabase, pushesFirst: Bool) throws {
        let (sites, ada, bob) = try sites(kind)
        let restored = try sites.clone("ada")
        let since = [
            try sites.update(ada, "ada", t, "title = 'A'"), try sites.update(ada, "ada", u, "title = 'A'"),
        ]
        try sites.sync(ada)
        let again = try sites.update(restored, "carl", t, "title = 'C'")
        if pushesFirst { _ = try Replica(restored, upstream: sites.upstream).push() }
        try sites.sync(restored, bob)
        for operation in since + [again] { #expect(try sites.count(operation) == 1) }
        let ids = try [ada, restored].map {
            try $0.database.read { try $0.first("SELECT replica_id FROM store_state") { try $0.text(0) } }
        }
        #expect(ids[0] != ids[1], "it goes on as another replica")
        #expect(try sites.task(t).title == "C")
        let conflict = try #require(try sites.conflicts().first)
        #expect((conflict.lost.value, conflict.lost.actor) == ("A", "ada"), "it had not seen what it overwrote")
        #expect(try sites.task(u).title == "A")
        #expect(try sites.differences(restored, bob).isEmpty)
    }

    @Test(arguments: kinds)
    func anUpstreamThatWasRestoredFromAnOldCopyIsNotMixed(kind: TestDatabase) throws {
        let (sites, ada, _) = try sites(kind)
        let old = try kind.make()
        let database = try old.open()
        try Replica.copy(sites.upstream, to: database, replicaID: "restored00000000", now: SyncSites.start)
        let restored = try Store(opening: database)
        try sites.update(ada, "ada", t, "title = 'A'")
        try sites.sync(ada)
        let left = try sites.update(ada, "ada", u, "title = 'A'")
        let before = try sites.dump(ada)
        for isOvertaken in [false, true] {
            // It goes on, until it has as many operations.
            if isOvertaken { for title in 0..<5 { try sites.update(restored, "owner", t, "title = \("R\(title)")") } }
            let rows = try sites.dump(restored)
            #expect(code { _ = try Replica(ada, upstream: restored).pull() } == .diverged)
            #expect(code { _ = try Replica(ada, upstream: restored).push() } == .diverged)
            #expect(try sites.dump(restored) == rows)
        }
        #expect(try sites.dump(ada) == before)
        #expect(try sites.waiting(ada) == [left])
    }
}
