import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Undo overlooks nothing, on every database", .timeLimit(.minutes(10)))
struct UndoGuardTests {
    /// Whatever others have added to a row since goes with it unless it is noticed: every column is compared.
    @Test(arguments: TestDatabase.allCases)
    func aRowThatOthersHaveAddedToIsNotTakenBack(kind: TestDatabase) throws {
        let additions: [(inout TaskItem) -> Void] = [
            { $0.description = "d" }, { $0.dueAt = StoreFixture.start }, { $0.priority = .high }, { $0.assignee = "x" },
            { $0.estimateMinutes = 5 }, { $0.complexity = 2 }, { $0.complexityReason = "r" },
            { $0.waitUntil = StoreFixture.start },
            { $0.scheduledAt = StoreFixture.start }, { $0.recurrence = "r" }, { $0.externalRef = "e" },
            { $0.metadata = ["a": 1] }, { $0.rank = "zz" }, { $0.title = "T" },
            { $0.move(to: .done, at: StoreFixture.start) },
        ]
        for addition in additions {
            let fixture = try StoreFixture(kind)
            let task = try fixture.add("A")
            let made = try fixture.last()
            let edited = try fixture.edit(task.id, actor: "grace", addition)
            let error = #expect(throws: StoreError.self) { try fixture.undo(operation: made) }
            #expect(error?.code == .overtaken)
            #expect(error?.overtaken?.operation?.actor == "grace", "it says who")
            #expect(error?.overtaken?.field != nil, "and what")
            #expect(try fixture.all() == [edited])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func anOperationIsTakenBackOnceUntilItIsRedone(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("A")
        let made = try fixture.last()
        try fixture.undo(operation: made)
        let deletion = try fixture.store.changes().last { $0.after?["deleted_at"] != nil }?.after
        #expect(code { try fixture.undo(operation: made) } == .alreadyUndone)
        #expect(
            try fixture.store.changes().last { $0.after?["deleted_at"] != nil }?.after == deletion, "not stamped again")
        // Undo of the undo, of that again, and so on.
        var last = try fixture.last()
        for round in 0..<4 {
            try fixture.undo(operation: last)
            #expect(try fixture.all().count == (round % 2 == 0 ? 1 : 0))
            #expect(code { try fixture.undo(operation: last) } == .alreadyUndone)
            if round % 2 == 1 { #expect(code { try fixture.undo(operation: made) } == .alreadyUndone) }
            last = try fixture.last()
        }
    }

    /// Choosing an operation and taking it back are one transaction.
    @Test(arguments: TestDatabase.shared)
    func threeUndosAtOnceTakeThreeOperationsBack(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let stores = try (0..<3).map { _ in try fixture.reopened() }
        for round in 0..<10 {
            for _ in 0..<3 { try fixture.add("\(round)") }
            let start = MeetingPoint(3)
            let undone = Shared<[String]>([])
            let errors = inThreads(3) { index in
                start.meet()
                let id = try stores[index].undo(as: fixture.operation()) { operation, _ in operation.id }
                undone.update { $0.append(id) }
            }
            #expect(errors.isEmpty, "\(errors)")
            #expect(Set(undone.value).count == 3)
            #expect(try fixture.all().isEmpty)
        }
    }

    /// A vector belongs to the text it was made of: when that is another one again, it has to be made anew.
    @Test(arguments: TestDatabase.allCases)
    func aVectorIsForgottenWithTheTextItWasMadeOf(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        for (hash, vector) in [("h", [Float(1)]), ("i", [1, 2])] {
            try fixture.store.perform(fixture.operation()) {
                try $0.save([StoredEmbedding(ownerID: task.id, model: "m", contentHash: hash, vector: vector)])
            }
        }
        #expect(try fixture.store.read { try $0.embeddings(model: "m", of: [task.id]) }.count == 1)
        try fixture.undo()
        #expect(try fixture.store.read { try $0.embeddings(model: "m", of: [task.id]) }.isEmpty)
        #expect(try fixture.disagreements().isEmpty)
    }
}

@Suite("One bad value stops nobody, on every database")
struct BadValueTests {
    /// What `json_valid` lets in, as SQL texts.
    private static let bad = [
        #"'{"a":"\ud800"}'"#, #"'{"a":"\u0000"}'"#, #"'{"a":1e2000}'"#, #"'{"a":1,"a":2}'"#,
        #"CAST(x'7b2261223a22ff227d' AS TEXT)"#,
    ]

    @Test(arguments: bad)
    func aTaskWithBadMetadataSaysSoAndTheOthersAreThere(value: String) throws {
        let fixture = try StoreFixture(.sqliteFile)
        let (bad, good) = (try fixture.add("Bad"), try fixture.add("Good"))
        _ = try fixture.storage.runShell("UPDATE tasks SET metadata = \(value) WHERE id = '\(bad.id)'")
        let tasks = try fixture.all()
        #expect(tasks.map(\.title) == ["Bad", "Good"])
        #expect(tasks.map { $0.problem != nil } == [!value.contains("u0000"), false])
        func listed(_ table: String) throws -> Int {
            try fixture.store.unreadableValues().filter { $0.contains(" of \(table) ") }.count
        }
        #expect(try listed("tasks") == 1, "doctor lists it")
        #expect(try fixture.store.unreadableValues().contains { $0.hasPrefix("metadata of tasks \(bad.id): ") })
        #expect(try listed("changes") == 1, "it is in the log, too")
        // The log of it is read, the task can be edited, and writing the field anew puts it right.
        #expect(try !fixture.store.history(ofTask: bad.id).isEmpty)
        try fixture.edit(bad.id) { $0.title = "Better" }
        #expect(try fixture.all().map(\.title) == ["Better", "Good"])
        try fixture.edit(bad.id) { $0.metadata = ["a": 1] }
        #expect(try fixture.all().allSatisfy { $0.problem == nil })
        #expect(try listed("tasks") == 0)
        _ = good
    }

    /// What PostgreSQL's own type refuses, and what SQLite can refuse.
    @Test(arguments: TestDatabase.shared, ["'[1]'", "'{'", "'1'", "'{\"a\":}'"])
    func whatIsNoObjectIsRefusedByBoth(kind: TestDatabase, value: String) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        #expect(throws: ProcessFailure.self) {
            try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET metadata = \(value)")
        }
        #expect(try fixture.all() == [task])
    }

    /// A change of a row with bad JSON can be shown, and is not taken back by guessing.
    @Test func aChangeThatCannotBeReadIsToldNotFollowed() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        _ = try fixture.storage.runShell(#"UPDATE tasks SET metadata = '{"a":1,"a":2}'"#)
        let last = try fixture.last()
        #expect(try fixture.store.history(ofTask: task.id).count == 2)
        #expect(code { try fixture.undo(operation: last) } == .corrupt)
    }
}
