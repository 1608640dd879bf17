import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import TestSupport
import Testing

@testable import MinskyStore

@Suite("Restoring beside others", .timeLimit(.minutes(10)))
struct StoreRestoringTests {
    /// A store with tasks, and an image of it as it was before the last one.
    private static func replaceable(_ kind: TestDatabase) throws -> (fixture: StoreFixture, image: any Database) {
        let fixture = try StoreImageTests.filled(kind)
        let image = try image(of: fixture.store)
        try fixture.add("after the image")
        return (fixture, image)
    }

    private static func image(of store: Store) throws -> any Database {
        let image = try SQLiteDatabase(path: nil)
        _ = try StoreImage(copying: store, into: image, now: StoreFixture.start)
        return image
    }

    private func replace(
        _ store: Store, with image: any Database, replicaID: String = "replica333333333", expecting extent: LogExtent?,
        _ progress: (String, Int) throws -> Void = { _, _ in }
    ) throws {
        try store.replace(
            with: image, replicaID: replicaID, now: StoreFixture.start, expecting: extent, progress)
    }

    @Test(arguments: TestDatabase.shared)
    func whatIsDoneAfterItWasSavedIsNotReplaced(kind: TestDatabase) throws {
        let (fixture, image) = try Self.replaceable(kind)
        let extent = try fixture.store.logExtent()
        try Store(opening: try fixture.storage.open()).perform(fixture.operation("bot")) { session in
            try session.insert(TaskItem(id: fixture.newID(), title: "late", rank: "i", createdAt: StoreFixture.start))
        }
        let before = try RowImages(reading: fixture.store)
        #expect(code { try replace(fixture.store, with: image, expecting: extent) } == .conflict)
        #expect(try RowImages(reading: fixture.store) == before)
        try replace(fixture.store, with: image, expecting: try fixture.store.logExtent())
        #expect(try fixture.all().count == 3)
    }

    /// Operations get their numbers before they are committed: a lower one may come later.
    @Test func anOperationThatWasCommittedAfterALaterOneIsNotReplaced() throws {
        let (fixture, image) = try Self.replaceable(.postgres)
        let other = try fixture.reopened()
        var extent: LogExtent?
        try fixture.store.perform(fixture.operation()) { session in
            try session.insert(TaskItem(id: fixture.newID(), title: "slow", rank: "i", createdAt: StoreFixture.start))
            guard extent == nil else { return }
            try other.perform(fixture.operation("bot")) { session in
                try session.insert(
                    TaskItem(id: fixture.newID(), title: "fast", rank: "j", createdAt: StoreFixture.start))
            }
            extent = try other.logExtent()
        }
        #expect(code { try replace(other, with: image, expecting: extent) } == .conflict)
        #expect(try fixture.all().map(\.title).contains("slow"))
    }

    @Test(arguments: TestDatabase.shared)
    func anotherRestoreInBetweenIsSeen(kind: TestDatabase) throws {
        let (fixture, image) = try Self.replaceable(kind)
        let same = try Self.image(of: fixture.store)
        let extent = try fixture.store.logExtent()
        try replace(fixture.store, with: same, expecting: extent)
        #expect(
            code { try replace(fixture.store, with: image, replicaID: "replica444444444", expecting: extent) }
                == .conflict,
            "as many operations, and another log")
    }

    @Test(arguments: TestDatabase.shared, [StorePhase.fenced, .moved, .filling])
    func aStoreThatIsNotOpenRefuses(kind: TestDatabase, phase: StorePhase) throws {
        let (fixture, image) = try Self.replaceable(kind)
        try fixture.store.database.write { try $0.execute("UPDATE store_state SET phase = \(phase.rawValue)") }
        #expect(code { try replace(fixture.store, with: image, expecting: nil) } == .moved)
    }

    /// A move that was killed before it closed anything leaves these.
    @Test(arguments: TestDatabase.shared, [StorePhase.copying, .following])
    func aMoveThatHasClosedNothingIsGivenUp(kind: TestDatabase, phase: StorePhase) throws {
        let (fixture, image) = try Self.replaceable(kind)
        try fixture.store.database.write {
            try $0.execute("UPDATE store_state SET phase = \(phase.rawValue), relocation = 'move1'")
        }
        try replace(fixture.store, with: image, expecting: nil)
        #expect(try fixture.all().count == 3)
        #expect(try fixture.reopened().installed.phase == .active)
    }

    /// The server has committed, the client never hears of it: the restore took place, once.
    @Test func aLostAnswerToTheCommitIsLookedUp() throws {
        let (fixture, image) = try Self.replaceable(.postgres)
        let proxy = try PostgresProxy()
        defer { proxy.close() }
        let store = try Store(opening: PostgresDatabase(url: proxy.url, schema: fixture.storage.location))
        var rounds = 0
        try replace(store, with: image, expecting: try store.logExtent()) { table, rows in
            guard table == "tasks", rows == 0 else { return }
            rounds += 1
            proxy.cutAfter("COMMIT")
        }
        #expect(rounds == 1)
        #expect(try fixture.all().count == 3)
        #expect(try fixture.reopened().installed.replicaID == "replica333333333")
    }

    /// A connection that is lost before the commit is made again, and the store is replaced once.
    @Test func aConnectionThatIsLostBeforeTheCommitIsMadeAgain() throws {
        let (fixture, image) = try Self.replaceable(.postgres)
        let proxy = try PostgresProxy()
        defer { proxy.close() }
        let store = try Store(opening: PostgresDatabase(url: proxy.url, schema: fixture.storage.location))
        var rounds = 0
        try replace(store, with: image, expecting: try store.logExtent()) { table, rows in
            guard table == "tasks", rows == 0 else { return }
            rounds += 1
            if rounds == 1 { proxy.cutAfter("setval") }
        }
        #expect(rounds == 2)
        #expect(try fixture.all().count == 3)
    }

    /// A large store takes longer than a statement may otherwise.
    @Test func savingAndReplacingTakeTheirTime() throws {
        let (fixture, image) = try Self.replaceable(.postgres)
        let store = try Store(
            opening: PostgresDatabase(
                url: TestStorage.postgresURL(), schema: fixture.storage.location, statementTimeout: 1))
        try fixture.store.database.write { writer in
            try writer.executeScript(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
                CREATE TRIGGER slow BEFORE DELETE ON notes FOR EACH STATEMENT EXECUTE FUNCTION slow()
                """)
        }
        try replace(store, with: image, expecting: nil)
        try fixture.store.database.write { writer in
            try writer.executeScript(
                """
                ALTER TABLE notes RENAME TO few_notes;
                CREATE VIEW notes AS SELECT n.* FROM few_notes AS n, (SELECT pg_sleep(1.5)) AS s
                """)
        }
        _ = try Self.image(of: store)
    }

    /// A log without its beginning is known as one where it is restored: who syncs with it must not take it for whole.
    @Test(arguments: TestDatabase.shared)
    func fromWhereOnTheLogIsCompleteComesAlong(kind: TestDatabase) throws {
        let (fixture, whole) = try Self.replaceable(kind)
        _ = try fixture.store.compact(before: Timestamp(microseconds: 4_000_000_000_000_000), now: StoreFixture.start)
        let floor = try fixture.store.floor()
        #expect(floor > 0)
        let compacted = try Self.image(of: fixture.store)
        try replace(fixture.store, with: whole, expecting: nil)
        #expect(try fixture.store.floor() == 0)
        try replace(fixture.store, with: compacted, replicaID: "replica444444444", expecting: nil)
        #expect(try fixture.store.floor() == floor)
        let place = try kind.make()
        try Store.make(in: try place.open(), from: compacted, replicaID: "replica555555555", now: StoreFixture.start)
        #expect(try Store(opening: try place.open()).floor() == floor)
    }

    /// What a shell with another encoding has written is kept byte for byte.
    @Test func bytesThatAreNoTextComeBack() throws {
        let texts = ["CAST(x'4dff6c' AS TEXT)", "CAST(x'c3' AS TEXT)", "'\u{FFFD}'"]
        let objects = [
            "CAST(x'7b2261223a22ff227d' AS TEXT)", #"'{"a":"\ud800"}'"#, #"'{"a":1,"a":2}'"#, #"'{ "b" : 1e2 }'"#,
        ]
        let source = try StoreFixture(.sqliteFile)
        for text in texts {
            let task = try source.add("A")
            _ = try source.storage.runShell(
                "UPDATE tasks SET title = \(text), description = \(text) WHERE id = '\(task.id)'; "
                    + "INSERT INTO task_tags VALUES ('\(task.id)', \(text), '2026-11-01T00:00:00.000000Z')")
        }
        for object in objects {
            let task = try source.add("B")
            _ = try source.storage.runShell("UPDATE tasks SET metadata = \(object) WHERE id = '\(task.id)'")
        }
        let all = """
            SELECT hex(title), hex(description), hex(metadata) FROM tasks ORDER BY id;
            SELECT task_id, hex(tag) FROM task_tags ORDER BY task_id;
            SELECT position, hex(row_id), hex(fields) FROM changes ORDER BY position
            """
        let rows = try source.storage.runShell(all)
        let image = try TestDatabase.sqliteFile.make()
        let made = try StoreImage(copying: source.store, into: try image.open(), now: StoreFixture.start)
        #expect(try image.runShell(all) == rows)
        #expect(try StoreImage(reading: try image.open()) == made)
        let target = try StoreFixture(.sqliteFile)
        try replace(target.store, with: try image.open(), expecting: nil)
        #expect(try target.storage.runShell(all) == rows)

        // Another database is not given something else instead.
        let server = try StoreFixture(.postgres)
        try server.add("mine")
        #expect(throws: SQLError.self) { try replace(server.store, with: try image.open(), expecting: nil) }
        #expect(try server.all().map(\.title) == ["mine"])
        let listed = try Store(opening: try image.open()).unreadableValues()
        for field in ["title of tasks ", "tag of task_tags ", "fields of changes "] {
            #expect(listed.contains { $0.hasPrefix(field) && $0.hasSuffix("it holds bytes that are not UTF-8") })
        }
    }
}
