import MinskyModel
import Testing

struct TaskTests {
    let created = Timestamp(microseconds: 1_000_000)
    let later = Timestamp(microseconds: 2_000_000)
    let latest = Timestamp(microseconds: 3_000_000)

    private func task() -> TaskItem {
        TaskItem(id: "abcd", title: "Title", rank: "i", createdAt: created)
    }

    @Test func aNewTaskIsToDoAndEmpty() {
        let task = task()
        #expect(task.status == .todo)
        #expect(task.updatedAt == created)
        #expect(task.metadata == [:])
        #expect(task.tags.isEmpty && task.dependsOn.isEmpty)
    }

    @Test func startingSetsTheStart() {
        var task = task()
        task.move(to: .doing, at: later)
        #expect(task.status == .doing && task.startedAt == later && task.completedAt == nil)
    }

    @Test(arguments: [TaskStatus.done, .dropped])
    func closingSetsTheCompletionAndKeepsTheStart(status: TaskStatus) {
        var task = task()
        task.move(to: .doing, at: later)
        task.move(to: status, at: latest)
        #expect(task.startedAt == later && task.completedAt == latest)
    }

    @Test func closingAtOnceHasNoStart() {
        var task = task()
        task.move(to: .done, at: later)
        #expect(task.startedAt == nil && task.completedAt == later)
    }

    @Test func reopeningClearsBothTimes() {
        var task = task()
        task.move(to: .doing, at: created)
        task.move(to: .done, at: later)
        task.move(to: .todo, at: latest)
        #expect(task.startedAt == nil && task.completedAt == nil)
    }

    @Test func resumingKeepsTheFirstStart() {
        var task = task()
        task.move(to: .doing, at: created)
        task.move(to: .done, at: later)
        task.move(to: .doing, at: latest)
        #expect(task.startedAt == created && task.completedAt == nil)
    }

    @Test func movingToTheSameStatusChangesNothing() {
        var task = task()
        task.move(to: .done, at: later)
        let before = task
        task.move(to: .done, at: latest)
        #expect(task == before)
    }

    @Test func droppingWhatWasDoneNotesTheNewMoment() {
        var task = task()
        task.move(to: .done, at: later)
        task.move(to: .dropped, at: latest)
        #expect(task.completedAt == latest)
    }

    @Test func onlyTodoAndDoingAreOpen() {
        #expect(TaskStatus.allCases.filter(\.isOpen) == [.todo, .doing])
    }

    @Test(
        arguments: [
            ("critical", .critical), ("URGENT", .critical), ("p0", .critical), ("H", .high), ("1", .high),
            ("med", .medium), ("p2", .medium), ("l", .low), ("P3", .low), ("p4", nil), ("", nil), ("hi", nil),
        ] as [(String, TaskPriority?)])
    func prioritiesAsPeopleTypeThem(phrase: String, priority: TaskPriority?) {
        #expect(TaskPriority(phrase: phrase) == priority)
    }
}

struct ChangeJSONTests {
    @Test func aChangeHasItsDocumentedKeysInOrder() {
        let change = Change(table: "task", rowID: "abcd", kind: .update, before: ["title": "a"], after: nil)
        let operation = LoggedOperation(
            number: 7, id: "o", sequence: 3, replicaID: "r", actor: "ada", role: nil, command: "edit", reverts: nil,
            hlc: HybridTimestamp(milliseconds: 1500, counter: 4), base: nil, schemaVersion: 1,
            recordedAt: Timestamp(microseconds: 0), changes: [change, change])
        #expect(operation.changesJSON.count == 2)
        #expect(
            operation.changesJSON.first?.text()
                == #"{"sequence":3,"operationId":"o","actor":"ada","at":"1970-01-01T00:00:01.500000Z","table":"task","#
                + #""rowId":"abcd","kind":"update","before":{"title":"a"},"after":null,"role":null,"command":"edit","#
                + #""reverts":null,"lost":null}"#)
    }
}
