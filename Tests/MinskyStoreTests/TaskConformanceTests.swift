import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Tasks, on every database")
struct TaskConformanceTests {
    @Test(arguments: TestDatabase.allCases)
    func everyFieldComesBackAsItWas(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let first = try fixture.add("First")
        let task = try fixture.add("Zażółć 🦊 مرحبا") { task in
            task.description = "two\nlines\ttab \u{202E} and 'quotes' \"too\""
            task.move(to: .doing, at: StoreFixture.start)
            task.priority = .critical
            task.parentID = first.id
            task.assignee = "grace"
            task.dueAt = Timestamp(microseconds: 1_800_000_000_000_001)
            task.waitUntil = Timestamp(microseconds: -1)
            task.scheduledAt = Timestamp(microseconds: 253_402_300_799_999_999)
            task.estimateMinutes = 90
            task.complexity = 10
            task.complexityReason = "many parts"
            task.recurrence = "weekly"
            task.externalRef = "taskwarrior:1"
            task.metadata = [
                "int": .integer(.max), "min": .integer(.min), "float": 0.1, "nested": ["a": [1, .null, "x", true]],
                "big": 1e300, "text": "\u{1F98A}\u{7F}",
            ]
            task.startedAt = StoreFixture.start
            task.tags = ["a/b", "db", "ü"]
            task.dependsOn = [first.id]
        }
        let reread = try fixture.store.read { try $0.task(task.id) }
        #expect(reread == task)
        #expect(reread.title == "Zażółć 🦊 مرحبا")
        #expect(reread.metadata["int"] == .integer(.max))
        #expect(reread.metadata["min"] == .integer(.min))
        #expect(reread.metadata["float"] == 0.1)
        #expect(reread.metadata["big"] == 1e300)
        #expect(reread.dueAt == Timestamp(microseconds: 1_800_000_000_000_001))
        #expect(reread.scheduledAt == Timestamp(microseconds: 253_402_300_799_999_999))
        #expect(reread.tags == ["a/b", "db", "ü"])
        #expect(reread.dependsOn == [first.id])
    }

    @Test(arguments: TestDatabase.allCases)
    func anUpdateWritesOnlyWhatDiffers(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("Old") { $0.tags = ["x", "y"] }
        try fixture.edit(task.id) {
            $0.title = "New"
            $0.tags = ["y", "z"]
        }
        let changes = try fixture.store.history(ofTask: task.id).suffix(3)
        #expect(changes.map(\.table) == ["tasks", "task_tags", "task_tags"])
        #expect(changes.first?.before?["title"] == "Old")
        #expect(changes.first?.after?.members?.map(\.key) == ["title", "updated_at"])
        #expect(changes.map(\.kind) == [.update, .delete, .insert])

        let count = try fixture.store.changes().count
        try fixture.edit(task.id) { $0.title = "New" }
        #expect(try fixture.store.changes().count == count, "an edit that changes nothing is not logged")
    }

    @Test(arguments: TestDatabase.allCases)
    func aMegabyteOfTitleSurvives(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let title = String(repeating: "é🦊x", count: 150_000)
        let task = try fixture.add(title)
        #expect(try fixture.store.read { try $0.task(task.id).title } == title)
    }

    @Test(arguments: TestDatabase.allCases)
    func aNULCharacterIsRefused(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        #expect(throws: SQLError.self) { try fixture.add("a\0b") }
        #expect(throws: SQLError.self) { try fixture.add("a") { $0.metadata = ["k": "a\0b"] } }
        #expect(try fixture.all().isEmpty)
    }

    @Test(
        arguments: TestDatabase.allCases,
        [
            "title = ''", "status = 'sleeping'", "priority = 'x'", "complexity = 11", "complexity = 0",
            "estimate_minutes = 0", "parent_id = id", "parent_id = 'missing000000000'", "metadata = '[]'",
            "metadata = 'x'", "due_at = 'tomorrow-ish'", "title = NULL",
        ])
    func theSchemaRefusesNonsense(kind: TestDatabase, assignment: String) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("Task")
        #expect(throws: SQLError.self) {
            try fixture.store.database.write { try $0.executeScript("UPDATE tasks SET \(assignment)") }
        }
        #expect(try fixture.all().map(\.title) == ["Task"])
    }

    @Test(arguments: TestDatabase.allCases)
    func foreignIdsAreUnique(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("A") { $0.externalRef = "beads:1" }
        let error = #expect(throws: SQLError.self) { try fixture.add("B") { $0.externalRef = "beads:1" } }
        #expect(error?.kind == .constraint)
    }

    @Test(arguments: TestDatabase.allCases)
    func nothingIsWrittenWhenABodyThrows(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try fixture.store.perform(fixture.operation()) { session in
                try session.insert(
                    TaskItem(id: fixture.newID(), title: "Half", rank: "i", createdAt: StoreFixture.start))
                throw Stop()
            }
        }
        #expect(try fixture.all().isEmpty)
        #expect(try fixture.store.changes().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func deletingTakesTheSubtreeAlongAndHidesIt(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let parent = try fixture.add("Parent")
        let child = try fixture.add("Child") { $0.parentID = parent.id }
        let grandchild = try fixture.add("Grandchild") { $0.parentID = child.id }
        let other = try fixture.add("Other") { $0.dependsOn = [grandchild.id] }
        let deleted = try fixture.store.perform(fixture.operation()) { try $0.delete(parent.id) }
        #expect(Set(deleted.map(\.id)) == [parent.id, child.id, grandchild.id])
        #expect(try fixture.all().map(\.id) == [other.id])
        #expect(try fixture.store.read { try $0.task(other.id).dependsOn }.isEmpty)
        #expect(code { _ = try fixture.store.read { try $0.resolveTask(child.id) } } == .notFound)
        #expect(try fixture.store.read { try $0.resolveTask(child.id, includingDeleted: true) } == child.id)
    }

    @Test(arguments: TestDatabase.allCases)
    func circlesAreRefused(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A")
        let b = try fixture.add("B") { $0.dependsOn = [a.id] }
        let c = try fixture.add("C") {
            $0.dependsOn = [b.id]
            $0.parentID = a.id
        }
        #expect(code { try fixture.edit(a.id) { $0.dependsOn = [c.id] } } == .conflict)
        #expect(code { try fixture.edit(a.id) { $0.dependsOn = [a.id] } } == .conflict)
        #expect(code { try fixture.edit(a.id) { $0.parentID = c.id } } == .conflict)
        #expect(code { try fixture.edit(a.id) { $0.parentID = a.id } } == .conflict)
        #expect(code { try fixture.edit(a.id) { $0.parentID = "0000000000000000" } } == .notFound)
        #expect(try fixture.store.read { try $0.task(a.id) } == a)
    }

    @Test(arguments: TestDatabase.allCases)
    func filtersSelect(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A") { $0.tags = ["x", "y"] }
        let b = try fixture.add("B") {
            $0.parentID = a.id
            $0.tags = ["x"]
        }
        let c = try fixture.add("C") {
            $0.parentID = b.id
            $0.move(to: .done, at: StoreFixture.start)
            $0.assignee = "grace"
        }
        func ids(_ change: (inout TaskFilter) -> Void) throws -> [String] {
            var filter = TaskFilter()
            change(&filter)
            return try fixture.store.read { try $0.tasks(filter).map(\.id) }
        }
        #expect(try ids { _ in } == [a.id, b.id, c.id])
        #expect(try ids { $0.statuses = [.todo, .doing] } == [a.id, b.id])
        #expect(try ids { $0.tags = ["x"] } == [a.id, b.id])
        #expect(try ids { $0.tags = ["x", "y"] } == [a.id])
        #expect(try ids { $0.under = b.id } == [b.id, c.id])
        #expect(try ids { $0.assignee = "grace" } == [c.id])
        #expect(try ids { $0.ids = [] } == [])
        #expect(try fixture.store.read { try $0.ancestors(of: c.id).map(\.id) } == [b.id, a.id])
        #expect(try fixture.store.read { try $0.children(of: a.id).map(\.id) } == [b.id])
    }

    @Test(arguments: TestDatabase.allCases)
    func idsResolveByPrefix(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let ids = ["abcd000000000000", "abcde00000000000", "zzzzzzzzzzzzzzzz"]
        try fixture.store.perform(fixture.operation()) { session in
            for id in ids { try session.insert(TaskItem(id: id, title: id, rank: "i", createdAt: StoreFixture.start)) }
        }
        try fixture.store.read { session in
            #expect(try session.resolveTask("abcde") == ids[1])
            #expect(try session.resolveTask("ABCD0") == ids[0])
            #expect(try session.resolveTask("zzzz") == ids[2])
            #expect(try session.shortIDs(of: ids) == [ids[0]: "abcd0", ids[1]: "abcde", ids[2]: "zzzz"])
            do {
                _ = try session.resolveTask("abcd")
                Issue.record("an ambiguous id was accepted")
            } catch let error as StoreError {
                #expect(error.code == .ambiguous)
                #expect(error.candidates.map(\.id) == Array(ids[0...1]))
            }
            #expect(code { _ = try session.resolveTask("abc") } == .notFound)
            #expect(code { _ = try session.resolveTask("' OR 1=1 --") } == .notFound)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func shortIdsAgreeHoweverManyAreAsked(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let ids = (0..<80).map { StoreFixture.id($0 % 40 + 1000).prefix(4) + StoreFixture.id($0).dropFirst(4) }.map(
            String.init)
        try fixture.store.perform(fixture.operation()) { session in
            for id in ids { try session.insert(TaskItem(id: id, title: id, rank: "i", createdAt: StoreFixture.start)) }
        }
        try fixture.store.read { session in
            let all = try session.shortIDs(of: ids)
            #expect(Set(all.values).count == ids.count)
            for id in ids {
                #expect(try session.shortIDs(of: [id])[id] == all[id])
                #expect(try session.resolveTask(all[id] ?? "") == id)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func embeddingsKeepTheirBits(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let vector: [Float] = [0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1]
        let embedding = StoredEmbedding(ownerID: task.id, model: "m", contentHash: "h", vector: vector)
        try fixture.store.perform(fixture.operation()) { try $0.save([embedding]) }
        let stored = try fixture.store.read { try $0.embeddings(model: "m", of: [task.id, "other"]) }
        #expect(stored == [task.id: embedding])
        #expect(stored[task.id]?.vector.map(\.bitPattern) == vector.map(\.bitPattern))
        var newer = embedding
        newer.vector = [1, 2]
        try fixture.store.perform(fixture.operation()) { try $0.save([newer]) }
        #expect(try fixture.store.read { try $0.embeddings(model: "m", of: [task.id]) } == [task.id: newer])
    }

    @Test func vectorsAreLittleEndianFloatsInSQLite() throws {
        let fixture = try StoreFixture(.sqliteFile)
        let task = try fixture.add("A")
        try fixture.store.perform(fixture.operation()) {
            try $0.save([StoredEmbedding(ownerID: task.id, model: "m", contentHash: "h", vector: [1, -2])])
        }
        let shell = try fixture.storage.runShell("SELECT dims, hex(vector) FROM embeddings")
        #expect(shell == "2|0000803F000000C0\n")
    }

    /// On a server 20 ms away every statement counts: however many tasks there are, it takes a handful.
    @Test(arguments: TestDatabase.allCases)
    func thousandsOfTasksTakeAHandfulOfStatements(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let recorder = RecordingDatabase(fixture.store.database)
        let store = try Store(opening: recorder)
        let root = try fixture.add("Root")
        var tasks: [TaskItem] = []
        for number in 0..<5000 {
            var task = TaskItem(
                id: fixture.newID(), title: "\(number)", rank: "i\(number)", createdAt: StoreFixture.start)
            task.parentID = tasks.last?.id ?? root.id
            task.dependsOn = tasks.last.map { [$0.id] } ?? []
            task.tags = ["a", "b"]
            tasks.append(task)
        }
        let before = recorder.statements.value.count
        try store.perform(fixture.operation()) { try $0.insert(tasks) }
        #expect(recorder.statements.value.count - before <= 14)
        #expect(try fixture.all().count == 5001)
        // A circle over all of them is found, and its path told.
        let last = try #require(tasks.last)
        let error = #expect(throws: StoreError.self) {
            try fixture.edit(tasks[0].id) { $0.dependsOn = [last.id] }
        }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains(tasks[0].id) == true)
        #expect(try fixture.disagreements().isEmpty)
    }
}
