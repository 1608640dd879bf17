import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Undo, after anything, on every database", .timeLimit(.minutes(10)))
struct UndoScheduleTests {
    /// Runs one random operation and returns its id, or nil when it was refused or changed nothing.
    private func step(_ fixture: StoreFixture, _ random: inout RandomValues) throws -> String? {
        let operation = fixture.operation()
        let ids = try fixture.all().map(\.id)
        let fresh = random.task(parents: ids)
        do {
            try fixture.store.perform(operation) { session in
                guard !ids.isEmpty, random.chance(70) else { return try session.insert(fresh) }
                let id = random.pick(ids)
                switch random.number(0...9) {
                case 0: _ = try session.delete(id)
                case 1:
                    let vector = (0..<random.number(1...3)).map { Float($0) }
                    try session.save([StoredEmbedding(ownerID: id, model: "m", contentHash: fresh.id, vector: vector)])
                case 2:
                    try session.writer.execute(
                        """
                        INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                        VALUES (\(fresh.id), \(id), \(fresh.title), 'ada', \(operation.now), \(operation.now))
                        """)
                case 3:
                    // By hand: what minsky itself never does.
                    try session.writer.execute("DELETE FROM task_tags WHERE task_id = \(id)")
                    try session.writer.execute("UPDATE task_dependencies SET created_at = \(operation.now)")
                case 4:
                    // Several edits of one row in one operation.
                    try session.insert(fresh)
                    try session.rename(fresh.id, to: "once")
                    try session.rename(fresh.id, to: "twice")
                    if random.chance(50) { _ = try session.delete(fresh.id) }
                default:
                    let old = try session.task(id)
                    var new = fresh
                    (new.id, new.createdAt, new.createdBy, new.externalRef) = (
                        id, old.createdAt, old.createdBy, old.externalRef
                    )
                    if random.chance(50) { new.title = old.title }
                    if random.chance(50) { new.tags = old.tags }
                    if random.chance(50) { new.metadata = old.metadata }
                    try session.update(old, to: new)
                }
            }
        } catch let error as StoreError where error.code == .conflict {
            return nil
        }
        let logged = try fixture.store.read { try $0.operation(operation.id) }
        return logged == nil ? nil : operation.id
    }

    @Test(arguments: TestDatabase.allCases, [1, 2] as [UInt64])
    func undoingEverythingGoesBackThroughEveryStateToTheFirst(kind: TestDatabase, seed: UInt64) throws {
        let fixture = try StoreFixture(kind)
        var random = RandomValues(seed: seed)
        var states: [(operation: String, before: RowImages)] = []
        for _ in 0..<40 {
            let before = try RowImages(reading: fixture.store).live()
            if let operation = try step(fixture, &random) { states.append((operation, before)) }
        }
        #expect(states.count > 25)
        for (operation, before) in states.reversed() {
            #expect(try fixture.undo().id == operation)
            #expect(try RowImages(reading: fixture.store).live().differences(from: before).isEmpty)
        }
        #expect(try RowImages(reading: fixture.store).live().isEmpty)
        #expect(code { try fixture.undo() } == .nothingToUndo)
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func undoAndRedoOfAnythingChangesNothing(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        var random = RandomValues(seed: 3)
        for _ in 0..<20 {
            let before = try RowImages(reading: fixture.store).live()
            guard let operation = try step(fixture, &random) else { continue }
            let after = try RowImages(reading: fixture.store).live()
            var last = operation
            for round in 0..<4 {
                let undo = fixture.operation()
                try fixture.store.undo(.operation(last), as: undo) { _, _ in }
                let state = try RowImages(reading: fixture.store).live()
                #expect(state.differences(from: round % 2 == 0 ? before : after).isEmpty)
                last = undo.id
            }
        }
        #expect(try fixture.disagreements().isEmpty)
    }

    // What an undo would bring back may no longer fit what others have done since.

    private func lastOperation(_ fixture: StoreFixture) throws -> String {
        try fixture.last()
    }

    private func expectConflict(_ fixture: StoreFixture, undoing operation: String) throws {
        let before = try RowImages(reading: fixture.store)
        #expect([.conflict, .overtaken].contains(code { try fixture.undo(operation: operation) }))
        #expect(try RowImages(reading: fixture.store).differences(from: before).isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func anUndoNeverClosesACircleOfDependencies(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A")
        let b = try fixture.add("B") { $0.dependsOn = [a.id] }
        try fixture.edit(b.id) { $0.dependsOn = [] }
        let removal = try lastOperation(fixture)
        let c = try fixture.add("C", actor: "grace") { $0.dependsOn = [b.id] }
        try fixture.edit(a.id, actor: "grace") { $0.dependsOn = [c.id] }
        try expectConflict(fixture, undoing: removal)
        try fixture.edit(a.id, actor: "grace") { $0.dependsOn = [] }
        try fixture.undo(operation: removal)
        #expect(try fixture.store.read { try $0.task(b.id).dependsOn } == [a.id])
    }

    @Test(arguments: TestDatabase.allCases)
    func anUndoNeverClosesACircleOfParents(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A")
        let b = try fixture.add("B") { $0.parentID = a.id }
        try fixture.edit(b.id) { $0.parentID = nil }
        let move = try lastOperation(fixture)
        let c = try fixture.add("C", actor: "grace") { $0.parentID = b.id }
        try fixture.edit(a.id, actor: "grace") { $0.parentID = c.id }
        try expectConflict(fixture, undoing: move)
        try fixture.edit(a.id, actor: "grace") { $0.parentID = nil }
        try fixture.undo(operation: move)
        #expect(try fixture.store.read { try $0.task(b.id).parentID } == a.id)
    }

    @Test(arguments: TestDatabase.allCases)
    func anUndoNeverPutsATaskUnderADeletedOne(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let parent = try fixture.add("Parent")
        let child = try fixture.add("Child") { $0.parentID = parent.id }
        let other = try fixture.add("Other") { $0.parentID = parent.id }
        _ = try fixture.store.perform(fixture.operation()) { try $0.delete(child.id) }
        let deletion = try lastOperation(fixture)
        try fixture.edit(other.id) { $0.parentID = nil }
        let move = try lastOperation(fixture)
        _ = try fixture.store.perform(fixture.operation("grace")) { try $0.delete(parent.id) }
        try expectConflict(fixture, undoing: deletion)
        try expectConflict(fixture, undoing: move)
        try fixture.undo(by: "grace")
        try fixture.undo(operation: deletion)
        try fixture.undo(operation: move)
        #expect(try fixture.store.read { try $0.children(of: parent.id).map(\.id) } == [child.id, other.id].sorted())
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsThereAgainIsNotBroughtBackTwice(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") { $0.tags = ["x"] }
        try fixture.edit(task.id) { $0.tags = [] }
        let removal = try lastOperation(fixture)
        try fixture.edit(task.id, actor: "grace") { $0.tags = ["x"] }
        try expectConflict(fixture, undoing: removal)
    }

    @Test(arguments: TestDatabase.shared)
    func editsOfKeysAndOfJSONByHandCanBeTakenBack(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") {
            $0.tags = ["wrok"]
            $0.metadata = ["a": 1]
        }
        let (tasks, tags) = (fixture.storage.table("tasks"), fixture.storage.table("task_tags"))
        // Not the form in which minsky itself would have written it.
        _ = try fixture.storage.runShell("UPDATE \(tasks) SET metadata = '{\"b\": 1.0,  \"a\": [1e2, 0.10]}'")
        let metadata = try lastOperation(fixture)
        _ = try fixture.storage.runShell("UPDATE \(tags) SET tag = 'work'")
        let tag = try lastOperation(fixture)
        #expect(try fixture.all().first?.tags == ["work"])
        #expect(try fixture.disagreements().isEmpty)

        try fixture.undo(operation: metadata)
        try fixture.undo(operation: tag)
        var restored = try fixture.store.read { try $0.task(task.id) }
        restored.updatedAt = task.updatedAt
        #expect(restored == task)
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test(arguments: TestDatabase.shared)
    func metadataChangedSinceIsNotOverwritten(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        try fixture.edit(task.id) { $0.metadata = ["a": 1] }
        let edit = try lastOperation(fixture)
        try fixture.edit(task.id, actor: "grace") { $0.metadata = ["a": 2] }
        try expectConflict(fixture, undoing: edit)
        _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET metadata = '{ \"a\" : 1e0 }'")
        try fixture.undo(operation: edit)
        #expect(try fixture.all().first?.metadata == .object([]))
    }
}
