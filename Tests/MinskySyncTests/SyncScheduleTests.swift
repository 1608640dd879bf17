import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Schedules that somebody thought of while reading.
struct SyncScheduleTests {
    private func edit(_ store: Store, _ pair: SyncedPair, _ sql: SQL...) throws {
        try store.perform(pair.context()) { session in for statement in sql { try session.writer.execute(statement) } }
    }

    /// An acknowledgement that is not what was pushed leaves alone what was never pushed.
    @Test func isolatedRowsSurviveTheirOperation() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Report", to: pair.upstream)
        _ = try pair.replica.sync()
        _ = try pair.store.setPolicy(.isolated, of: "task_tags", as: pair.context())
        try edit(
            pair.upstream, pair, "UPDATE tasks SET description = 'theirs', updated_at = '2026-12-01T00:00:00.000000Z'")
        try edit(
            pair.store, pair, "UPDATE tasks SET title = 'Mine', description = 'mine'",
            "INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(id), 'private', '2026-01-01T00:00:00.000000Z')")
        _ = try pair.replica.sync()
        #expect(try pair.texts("SELECT tag FROM task_tags", pair.store) == ["private"])
        #expect(try pair.texts("SELECT tag FROM task_tags", pair.upstream) == [])
        #expect(try pair.texts("SELECT title FROM tasks", pair.upstream) == ["Mine"])
        let changes = try pair.store.read { try $0.history(limit: 10) }.flatMap(\.changes)
        #expect(changes.contains { $0.table == "task_tags" }, "the log tells of it as well")
    }

    @Test(arguments: ["merge_fields", "last_write_wins", "local_wins"])
    func aParentThatComesBackClosesNoCircle(strategy: String) throws {
        let pair = try SyncedPair(.sqliteMemory)
        let (top, task) = (try pair.add("U1", to: pair.upstream), try pair.add("T", to: pair.upstream))
        try edit(
            pair.upstream, pair, "INSERT INTO sync_strategies (table_name, strategy) VALUES ('*', \(strategy))",
            "UPDATE tasks SET parent_id = \(top) WHERE id = \(task)")
        _ = try pair.replica.sync()
        try edit(pair.upstream, pair, "UPDATE tasks SET parent_id = NULL WHERE id = \(task)")
        try edit(pair.upstream, pair, "UPDATE tasks SET parent_id = \(task) WHERE id = \(top)")
        // Later, and not having seen it.
        try edit(pair.store, pair, "UPDATE tasks SET rank = 'zz', title = 'T2' WHERE id = \(task)")
        _ = try pair.replica.sync()
        for store in [pair.store, pair.upstream] {
            try store.read { try $0.requireNoCircle(throughParentsOf: [task, top]) }
        }
        #expect(try pair.replica.sync() == Replica.Result())
    }

    /// What the log does not tell any more is not written over without a trace.
    @Test func whatWasForgottenIsKept() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Old", to: pair.upstream)
        _ = try pair.replica.sync()
        try edit(pair.upstream, pair, "UPDATE tasks SET title = 'Theirs', updated_at = '2026-11-01T00:00:00.000000Z'")
        try pair.add("Later", to: pair.upstream)
        let later = Timestamp(microseconds: 4_000_000_000_000_000)
        #expect(try pair.upstream.compact(before: later, now: later).changes > 0)
        try edit(pair.store, pair, "UPDATE tasks SET title = 'Mine' WHERE id = \(id)")
        _ = try pair.replica.sync()
        #expect(try pair.texts("SELECT title FROM tasks WHERE id = \(id)", pair.upstream) == ["Mine"])
        let conflicts = try pair.upstream.read { try $0.conflicts(all: true) }
        #expect(conflicts.map(\.lost.value) == ["Theirs"])
        #expect(conflicts.first?.lost.actor == "ada", "the operation is still there, without its changes")
    }

    @Test func aCopyKnowsFromWhereOnItsLogIsComplete() throws {
        let pair = try SyncedPair(.sqliteMemory)
        for number in 0..<3 { try pair.add("Task \(number)", to: pair.upstream) }
        let later = Timestamp(microseconds: 4_000_000_000_000_000)
        let floor = try pair.upstream.compact(before: later, now: later).floor
        let database = try TestDatabase.sqliteMemory.make().open()
        try Replica.clone(
            pair.upstream, at: Simulation.place, into: database, replicaID: "replica000000001", now: SyncedPair.start)
        #expect(floor > 0)
        #expect(try Store(opening: database).floor() == floor)
        // What cannot be told to another upstream is not told as nothing.
        let other = try TestDatabase.sqliteMemory.make().open()
        let empty = try Store(
            creatingIn: other, identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "upstream00000001"),
            now: SyncedPair.start)
        #expect(throws: StoreError.self) {
            try Replica(try Store(opening: database), upstream: empty).join(at: Simulation.place, now: SyncedPair.start)
        }
    }

    @Test func anUpstreamIsMadeWithoutWhatIsIsolated() throws {
        let pair = try SyncedPair(.sqliteMemory)
        _ = try pair.store.setPolicy(.isolated, of: "notes", as: pair.context())
        try pair.add("Public", to: pair.store, note: "secret thought")
        try pair.store.perform(pair.context("private-command")) { session in
            try session.writer.execute("UPDATE notes SET body = 'secret again'")
        }
        try pair.store.leaveUpstream()
        let wire = WiredDatabase(try TestDatabase.sqliteMemory.make().open())
        try Replica.copy(
            pair.store, to: wire, replicaID: "upstream00000001", now: SyncedPair.start,
            excluding: try pair.store.read { try $0.policies() }.unpushed(pair.store.schema))
        #expect(wire.hasSeen("Public") && !wire.hasSeen("secret"))
        let commands = try pair.texts("SELECT coalesce(command, '-') FROM operations", try Store(opening: wire))
        #expect(!commands.contains("private-command") && commands.contains("test"))
    }

    /// Two metadata keys that look alike are two, and null is a value.
    @Test func keysAreTheSameWhenTheirBytesAre() throws {
        let pair = try SyncedPair(.sqliteMemory)
        let id = try pair.add("Report", to: pair.upstream)
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let both: JSON = .object([.init(composed, "1"), .init(decomposed, "2"), .init("none", .null)])
        try edit(pair.upstream, pair, "UPDATE tasks SET metadata = \(both.canonical) WHERE id = \(id)")
        _ = try pair.replica.sync()
        try edit(
            pair.store, pair,
            "UPDATE tasks SET metadata = \(JSON.object((both.members ?? []) + [.init("mine", "x")]).canonical) WHERE id = \(id)"
        )
        try edit(
            pair.upstream, pair,
            "UPDATE tasks SET metadata = \(JSON.object((both.members ?? []) + [.init("theirs", "y")]).canonical) WHERE id = \(id)"
        )
        _ = try pair.replica.sync()
        for store in [pair.store, pair.upstream] {
            let metadata = try #require(
                try store.database.read { try $0.first("SELECT metadata FROM tasks") { try $0.json(0) } })
            #expect(metadata.members?.count == 5, "\(metadata.text())")
        }
    }

    /// Found by the simulation: of two operations in one push the first claimed a foreign id that another task had, and the
    /// second gave it up.
    @Test func whatHeldForAMomentOnlyIsRefused() throws {
        let schedule = Schedule(
            replicas: 2, strategies: [],
            steps: [
                .edit(replica: 0, .reference, task: 0, other: 0, clock: 0),
                .edit(replica: 1, .reference, task: 1, other: 2, clock: 0),
                .edit(replica: 1, .undo, task: 1, other: 5, clock: 0),
                .push(replica: 0, batch: 1, crash: nil),
                .push(replica: 1, batch: 3, crash: nil),
                .pull(replica: 1, batch: 1, crash: nil),
                .pull(replica: 0, batch: 1, crash: nil),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }

    /// Found by the simulation: what was pushed with a clock that is ahead, or refused, was never taken as the upstream has it
    /// by a store that left before that came back.
    @Test(arguments: [Schedule.Edit.description, .unfit])
    func whatNeverCameBackComesWhenTheStoreJoinsAgain(edit: Schedule.Edit) throws {
        let schedule = Schedule(
            replicas: 2, strategies: [],
            steps: [
                .edit(replica: 1, edit, task: 1, other: 0, clock: 3600),
                .push(replica: 1, batch: 100, crash: nil),
                .leave(replica: 1),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }

    /// Found by the simulation: a task was deleted by somebody who had not seen what came below it, and the log does not tell.
    @Test func whatCameBelowIsNotForgotten() throws {
        let schedule = Schedule(
            replicas: 2, strategies: [],
            steps: [
                .edit(replica: 1, .add, task: 2, other: 2, clock: 0),
                .edit(replica: 0, .delete, task: 2, other: 4, clock: 0),
                .hand(site: 0, writer: 1, .add, task: 1, other: 3),
                .pull(replica: 1, batch: 100, crash: nil),
                .end(site: 0, writer: 1, commits: true),
                .editUpstream(.complexity, task: 0, other: 0),
                .edit(replica: 0, .delete, task: 0, other: 4, clock: 0),
                .compact(site: 0, percent: 86, isLate: false),
                .snapshot(replica: 1, crash: nil),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }

    /// Found by the simulation: of two conflicts of one operation about one field, the second one took the place of the first.
    @Test func oneOperationMeetsOneFieldTwice() throws {
        let schedule = Schedule(
            replicas: 4, strategies: [("*", "last_write_wins")],
            steps: [
                .edit(replica: 3, .move, task: 5, other: 2, clock: 3600),
                .edit(replica: 1, .depend, task: 4, other: 0, clock: 5),
                .edit(replica: 1, .delete, task: 0, other: 3, clock: 0),
                .edit(replica: 1, .metadata, task: 2, other: 0, clock: 0),
                .hand(site: 4, writer: 1, .titleAndDescription, task: 5, other: 5),
                .push(replica: 3, batch: 1, crash: 5),
                .repeatPush(5),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }

    /// Found by the simulation: what the log does not tell any more was written over, moved or stood upon without a trace.
    @Test func whatTheLogDoesNotTellIsKept() throws {
        let moved = Schedule(
            replicas: 2, strategies: [("*", "local_wins")],
            steps: [
                .edit(replica: 1, .move, task: 1, other: 2, clock: 0),
                .push(replica: 1, batch: 2, crash: nil),
                .hand(site: 0, writer: 0, .rank, task: 5, other: 2),
                .hand(site: 0, writer: 0, .metadata, task: 4, other: 5),
                .compact(site: 0, percent: 69, isLate: true),
                .edit(replica: 0, .delete, task: 2, other: 5, clock: 0),
            ])
        let deleted = Schedule(
            replicas: 3, strategies: [("tasks", "last_write_wins")],
            steps: [
                .edit(replica: 1, .delete, task: 1, other: 2, clock: 0),
                .push(replica: 1, batch: 4, crash: nil),
                .edit(replica: 2, .status, task: 3, other: 2, clock: 0),
                .hand(site: 0, writer: 0, .delete, task: 3, other: 5),
                .edit(replica: 2, .move, task: 2, other: 3, clock: 0),
                .compact(site: 0, percent: 96, isLate: true),
                .edit(replica: 1, .start, task: 1, other: 5, clock: 0),
                .edit(replica: 1, .undo, task: 5, other: 0, clock: 0),
            ])
        let overwritten = Schedule(
            replicas: 4, strategies: [("*", "last_write_wins")],
            steps: [
                .hand(site: 4, writer: 1, .status, task: 4, other: 2),
                .edit(replica: 1, .description, task: 0, other: 0, clock: 0),
                .editUpstream(.status, task: 2, other: 4),
                .editUpstream(.delete, task: 1, other: 5),
                .edit(replica: 3, .metadata, task: 0, other: 5, clock: 0),
                .compact(site: 0, percent: 89, isLate: true),
            ])
        for schedule in [moved, deleted, overwritten] {
            #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
        }
        #expect(SimulationTests.failure(of: overwritten, on: [.postgres, .sqliteMemory]) == nil)
    }

    /// Found by the simulation: an edit that its author saw overruled was there after all at the upstream, and was written over.
    @Test func whatWasOverruledOnlyHereIsKept() throws {
        let schedule = Schedule(
            replicas: 4, strategies: [("*", "last_write_wins")],
            steps: [
                .hand(site: 0, writer: 1, .rank, task: 5, other: 4),
                .edit(replica: 0, .reference, task: 3, other: 3, clock: 0),
                .edit(replica: 1, .metadata, task: 2, other: 0, clock: 0),
                .pull(replica: 0, batch: 2, crash: nil),
                .edit(replica: 0, .rank, task: 5, other: 1, clock: 3600),
                .edit(replica: 1, .delete, task: 1, other: 3, clock: 0),
                .edit(replica: 3, .metadata, task: 2, other: 4, clock: 0),
                .hand(site: 0, writer: 0, .reference, task: 5, other: 1),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }

    /// Found by the simulation: a deletion lost against an edit that its author had then seen, and came back with the author's
    /// next edit, which left a child under a deleted task.
    @Test func whatIsKnownToHaveLostDoesNotComeBack() throws {
        let schedule = Schedule(
            replicas: 5, strategies: [("*", "last_write_wins")],
            steps: [
                .edit(replica: 2, .add, task: 2, other: 3, clock: 0),
                .push(replica: 2, batch: 4, crash: nil),
                .edit(replica: 0, .delete, task: 4, other: 1, clock: 0),
                .edit(replica: 4, .reference, task: 4, other: 4, clock: 0),
                .push(replica: 4, batch: 2, crash: nil),
                .pull(replica: 0, batch: 2, crash: nil),
                .edit(replica: 0, .description, task: 1, other: 4, clock: 0),
            ])
        #expect(SimulationTests.failure(of: schedule, on: [.sqliteMemory]) == nil)
    }
}
