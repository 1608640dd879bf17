import Foundation
import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("The change log, on every database")
struct ChangeLogTests {
    @Test(arguments: TestDatabase.allCases)
    func everyChangeIsLoggedInOrder(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") {
            $0.estimateMinutes = 30
            $0.metadata = ["k": [1, "two"]]
        }
        try fixture.edit(task.id) { $0.priority = .high }
        _ = try fixture.store.perform(fixture.operation()) { try $0.delete(task.id) }
        let changes = try fixture.store.changes()
        #expect(changes.map(\.sequence) == [1, 1, 2, 3], "a sequence is an operation's")
        #expect(changes.map(\.table) == ["actors", "tasks", "tasks", "tasks"])
        #expect(changes.map(\.kind) == [.insert, .insert, .update, .update])
        #expect(changes.allSatisfy { $0.actor == "ada" && $0.replicaID == "replica000000000" && $0.schemaVersion == 1 })
        #expect(Set(changes.map(\.operationID)).count == 3)
        #expect(changes.map(\.command) == ["test", "test", "test", "test"])
        #expect(changes[0].hlc < changes[2].hlc && changes[2].hlc < changes[3].hlc)
        #expect(changes[1].before == nil)
        #expect(changes[1].after?["title"] == "A")
        #expect(changes[1].after?["estimate_minutes"] == "30", "integers are logged as strings")
        #expect(changes[1].after?["metadata"] == ["k": [1, "two"]])
        #expect(changes[1].after?["description"] == nil, "absent fields are not logged")
        #expect(changes[1].after?["created_at"]?.string == task.createdAt.iso8601)
        #expect(changes[2].before == ["priority": .null, "updated_at": .string(task.createdAt.iso8601)])
        #expect(changes[3].after?.members?.map(\.key) == ["deleted_at", "updated_at"])
    }

    @Test func bothDatabasesLogTheSame() throws {
        func log(_ kind: TestDatabase) throws -> [[JSON]] {
            let fixture = try StoreFixture(kind)
            let task = try fixture.add("Ü \"q\" \\ \u{1B}[31m \u{202E}🦊") {
                $0.description = "\u{7F}\n"
                $0.metadata = ["b": 1.5, "a": [true, .null, .integer(.max)]]
                $0.tags = ["t"]
                $0.dueAt = Timestamp(microseconds: 1_800_000_000_000_010)
            }
            try fixture.edit(task.id) {
                $0.dueAt = nil
                $0.complexity = 3
                $0.tags = []
            }
            try fixture.store.perform(fixture.operation()) {
                try $0.save([StoredEmbedding(ownerID: task.id, model: "m", contentHash: "h", vector: [1, 0.5])])
            }
            return try fixture.store.changes().map {
                [
                    .string($0.table), .string($0.rowID), .string($0.kind.rawValue), $0.before ?? .null,
                    $0.after ?? .null,
                ]
            }
        }
        let sqlite = try log(.sqliteFile)
        #expect(sqlite == (try log(.postgres)))
        #expect(sqlite.last?[4]["dims"] == "2")
        #expect(sqlite.last?[4]["vector"] == nil, "what is derived is not logged")
    }

    /// What a person does with `sqlite3` or `psql` is logged like everything else.
    @Test(arguments: TestDatabase.shared)
    func editsByHandAreLogged(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A")
        let b = try fixture.add("B")
        let before = try fixture.store.changes().last?.sequence ?? 0
        let tasks = fixture.storage.table("tasks")
        _ = try fixture.storage.runShell("UPDATE \(tasks) SET title = title || '!'")
        let now = kind == .postgres ? "now()" : "'2026-01-01T00:00:00.000000Z'"
        _ = try fixture.storage.runShell("UPDATE \(tasks) SET deleted_at = \(now) WHERE id = '\(b.id)'")
        let changes = try fixture.store.changes(after: before)
        #expect(changes.map(\.kind) == [.update, .update, .update])
        #expect(changes.map(\.sequence) == [before + 1, before + 1, before + 2])
        #expect(changes[0].before == ["title": "A"])
        #expect(changes[0].after == ["title": "A!"])
        #expect(changes[2].before == ["deleted_at": .null])
        #expect(changes.allSatisfy { $0.command == "sql" })
        #expect(
            changes.allSatisfy { Identifier.prefix($0.operationID) == $0.operationID && $0.operationID.count == 16 })
        #expect(changes.allSatisfy { $0.role == (kind == .postgres ? "postgres" : nil) })
        #expect(changes[0].operationID == changes[1].operationID, "one statement is one operation")
        #expect(changes[1].operationID != changes[2].operationID)
        #expect(changes.allSatisfy { $0.actor == (kind == .postgres ? "postgres" : "sql") })
        #expect(changes.allSatisfy { $0.replicaID == "replica000000000" })
        #expect(changes[1].hlc < changes[2].hlc)

        try fixture.undo(operation: changes[2].operationID)
        try fixture.undo(operation: changes[0].operationID)
        #expect(try fixture.all().map(\.title) == ["A", "B"])
        #expect(try fixture.all().map(\.id) == [a.id, b.id])
    }

    /// For `jsonb` these are equal, but they are given back as two texts, and a reader of the log must get the right one.
    @Test(arguments: TestDatabase.shared)
    func aNumberInJSONThatIsSpelledAnotherWayIsAChange(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("A") { $0.metadata = ["a": 1] }
        _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET metadata = '{\"a\": 1.0}'")
        #expect(try fixture.store.changes().last?.after?["metadata"]?.text() == #"{"a":1.0}"#)
        #expect(try fixture.disagreements().isEmpty)
    }

    /// The context of an operation ends with its transaction.
    @Test(arguments: TestDatabase.shared)
    func anEditByHandNeverInheritsAnOperation(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A", actor: "ada")
        let database = fixture.store.database
        try database.write { try $0.execute("UPDATE tasks SET title = 'B' WHERE id = \(task.id)") }
        let last = try #require(try fixture.store.changes().last)
        #expect(last.actor != "ada")
        #expect(last.command == "sql")
    }

    @Test func replaceByHandIsLogged() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        _ = try fixture.storage.runShell(
            "REPLACE INTO task_tags VALUES ('\(task.id)', 't', '2026-01-01T00:00:00.000000Z')")
        _ = try fixture.storage.runShell(
            "REPLACE INTO task_tags VALUES ('\(task.id)', 't', '2026-01-02T00:00:00.000000Z')")
        #expect(try fixture.store.history(ofTask: task.id).map(\.kind) == [.insert, .insert, .insert])
        try fixture.store.database.write {
            try $0.executeScript("REPLACE INTO task_tags VALUES ('\(task.id)', 't', '2026-01-03T00:00:00.000000Z')")
        }
        #expect(
            try fixture.store.history(ofTask: task.id).suffix(2).map(\.kind) == [.delete, .insert],
            "the driver's own REPLACE logs the removed row too")
    }

    @Test(arguments: TestDatabase.allCases)
    func aRestartContinuesTheSequence(kind: TestDatabase) throws {
        guard kind != .sqliteMemory else { return }
        let fixture = try StoreFixture(kind)
        try fixture.add("A")
        let second = try fixture.reopened()
        try second.perform(fixture.operation()) {
            try $0.insert(TaskItem(id: fixture.newID(), title: "B", rank: "i", createdAt: StoreFixture.start))
        }
        let changes = try fixture.store.changes()
        #expect(changes.map(\.sequence) == [1, 1, 2])
        #expect(changes[1].hlc < changes[2].hlc)
    }

    @Test(arguments: TestDatabase.allCases)
    func theClockOnlyGrows(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        // As after a change from a replica whose clock runs a minute ahead.
        let ahead = Int64(Date().timeIntervalSince1970 * 1000 + 60_000) << 16
        try fixture.store.database.write {
            try $0.execute(
                """
                INSERT INTO operations (id, replica_id, actor, hlc, schema_version, recorded_at)
                VALUES ('pulled', 'elsewhere', 'grace', \(ahead), 1, \(StoreFixture.start))
                """)
        }
        try fixture.add("A")
        try fixture.add("B")
        let clocks = try fixture.store.read { try $0.history(limit: 10) }.map(\.hlc.rawValue)
        #expect(clocks == [ahead + 1, ahead + 2])
    }

    /// Whoever can write the log could else stop all writing with the last reading there is.
    @Test(arguments: TestDatabase.allCases, [Int64.max, 1 << 62])
    func aClockAtTheEndOfTimeIsPassedOver(kind: TestDatabase, reading: Int64) throws {
        let fixture = try StoreFixture(kind)
        try fixture.store.database.write {
            try $0.execute(
                """
                INSERT INTO operations (id, replica_id, actor, hlc, schema_version, recorded_at)
                VALUES ('pulled', 'elsewhere', 'grace', \(reading), 1, \(StoreFixture.start))
                """)
        }
        try fixture.add("A")
        try fixture.add("B")
        let clocks = try fixture.store.read { try $0.history(limit: 10) }.map(\.hlc)
        #expect(clocks.count == 2 && clocks[0] < clocks[1] && clocks[1] < HybridTimestamp.horizon)
    }

    @Test(arguments: TestDatabase.allCases)
    func historyOfATaskHoldsItsTagsAndNoOthers(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A") { $0.tags = ["x"] }
        try fixture.add("B") {
            $0.tags = ["x"]
            $0.dependsOn = [a.id]
        }
        let history = try fixture.store.history(ofTask: a.id)
        #expect(history.map(\.rowID) == [a.id, a.id + "/x"])
    }
}
