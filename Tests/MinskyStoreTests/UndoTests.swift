import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Undo, on every database")
struct UndoTests {
    @Test(arguments: TestDatabase.allCases)
    func undoWalksBackThroughTime(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A") { $0.tags = ["x"] }
        let b = try fixture.add("B") { $0.dependsOn = [a.id] }
        let edited = try fixture.edit(b.id) {
            $0.priority = .high
            $0.tags = ["y"]
            $0.dependsOn = []
            $0.metadata = ["k": 1]
            $0.dueAt = StoreFixture.start
        }
        _ = try fixture.store.perform(fixture.operation()) { try $0.delete(a.id) }
        #expect(try fixture.all().map(\.id) == [b.id])

        try fixture.undo()
        #expect(try fixture.all().map(\.id) == [a.id, b.id])
        #expect(try fixture.store.read { try $0.task(a.id).tags } == ["x"])
        #expect(try fixture.store.read { try $0.task(b.id) } == edited)
        try fixture.undo()
        var restored = try fixture.store.read { try $0.task(b.id) }
        restored.updatedAt = b.updatedAt
        #expect(restored == b)
        try fixture.undo()
        #expect(try fixture.all().map(\.id) == [a.id])
        try fixture.undo()
        #expect(try fixture.all().isEmpty)
        #expect(code { try fixture.undo() } == .nothingToUndo)
    }

    @Test(arguments: TestDatabase.allCases)
    func anUndoCanBeTakenBack(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") { $0.tags = ["x"] }
        try fixture.undo()
        #expect(try fixture.all().isEmpty)
        let undoing = try #require(try fixture.store.changes().last { $0.reverts != nil })
        try fixture.undo(operation: undoing.operationID)
        #expect(try fixture.all().map(\.id) == [task.id])
        #expect(try fixture.all().first?.tags == ["x"])
        try fixture.undo()
        #expect(try fixture.all().isEmpty, "after a redo the operation can be undone again")
    }

    /// Whose first act it is to undo is logged as having done so, too.
    @Test(arguments: TestDatabase.allCases)
    func anotherOnesOperationIsTakenBackByItsId(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("A")
        let id = try fixture.last()
        try fixture.undo(operation: id, by: "grace")
        #expect(try fixture.store.read { try $0.history(limit: 1) }.last?.reverts == id)
        #expect(code { try fixture.undo(operation: id, by: "grace") } == .alreadyUndone)
    }

    @Test(arguments: TestDatabase.allCases)
    func undoIsEachActorsOwn(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let mine = try fixture.add("Mine", actor: "ada")
        let theirs = try fixture.add("Theirs", actor: "robot")
        let undone = try fixture.undo(by: "ada")
        #expect(undone.changes.map(\.rowID) == [mine.id])
        #expect(try fixture.all().map(\.id) == [theirs.id])
        #expect(code { try fixture.undo(by: "ada") } == .nothingToUndo)
        try fixture.undo(by: "robot")
        #expect(try fixture.all().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func whatHasChangedSinceIsNotOverwritten(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        try fixture.edit(task.id) { $0.priority = .high }
        let raise = try fixture.last()
        try fixture.edit(task.id, actor: "grace") { $0.priority = .low }
        #expect(code { try fixture.undo(operation: raise) } == .overtaken)
        #expect(try fixture.all().first?.priority == .low)

        try fixture.edit(task.id, actor: "grace") {
            $0.priority = .high
            $0.title = "B"
        }
        try fixture.undo(operation: raise)
        #expect(try fixture.all().first?.priority == nil)
        #expect(try fixture.all().first?.title == "B", "other fields stay as others left them")
    }

    @Test(arguments: TestDatabase.allCases)
    func aTaskInUseIsNotUndone(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let parent = try fixture.add("Parent")
        let made = try fixture.last()
        try fixture.add("Child", actor: "grace") { $0.parentID = parent.id }
        #expect(code { try fixture.undo(operation: made) } == .conflict)
        #expect(try fixture.all().count == 2)
        #expect(code { try fixture.undo(operation: "nonsense") } == .unknownOperation)
    }

    @Test(arguments: TestDatabase.allCases)
    func aPaidModelCallStaysOnRecord(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let id = fixture.newID()
        try fixture.store.perform(fixture.operation()) { session in
            try session.insert(TaskItem(id: id, title: "A", rank: "i", createdAt: session.operation.now))
            try session.save([StoredEmbedding(ownerID: id, model: "m", contentHash: "h", vector: [1])])
            try session.record(
                ModelCall(
                    id: fixture.newID(), purpose: "decompose", taskID: id, provider: "p", model: "m",
                    startedAt: session.operation.now, milliseconds: 12, inputTokens: 3, outputTokens: nil, outcome: "ok"
                ))
        }
        try fixture.undo()
        #expect(try fixture.all().isEmpty)
        #expect(try fixture.store.read { try $0.embeddings(model: "m", of: [id]) }.isEmpty)
        let calls = try fixture.store.database.read { connection in
            try connection.rows("SELECT outcome, input_tokens FROM ai_calls") { (try $0.text(0), try $0.integer(1)) }
        }
        #expect(calls.map(\.0) == ["ok"])
        #expect(code { try fixture.undo() } == .nothingToUndo, "a record of a call is no operation to undo")
    }
}
