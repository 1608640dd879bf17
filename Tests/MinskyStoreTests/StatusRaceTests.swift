import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("Several writers of one task, on every database", .serialized, .timeLimit(.minutes(10)))
struct StatusRaceTests {
    private static let verbs: [TaskStatus] = [.todo, .doing, .done, .dropped]

    /// What a verb does: it reads the task, decides, and writes.
    private func move(_ id: String, to status: TaskStatus, in store: Store, _ fixture: StoreFixture) throws {
        let operation = fixture.operation(status.rawValue)
        try store.perform(operation) { session in
            let old = try session.task(id)
            var new = old
            new.move(to: status, at: operation.now)
            try session.update(old, to: new)
        }
    }

    private func holdsTheInvariants(_ task: TaskItem) -> Bool {
        (task.completedAt != nil) == !task.status.isOpen && (task.status != .doing || task.startedAt != nil)
            && (task.status != .todo || task.startedAt == nil)
    }

    /// Each pair of verbs at once on one task: one of them is last, and the task is as that one leaves it.
    @Test(arguments: TestDatabase.shared)
    func twoVerbsAtOnceLeaveWhatOneOfThemLeavesBehindTheOther(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let stores = try (0..<2).map { _ in try fixture.reopened() }
        for first in Self.verbs {
            for second in Self.verbs {
                for _ in 0..<(kind == .postgres ? 6 : 2) {
                    let task = try fixture.add("A") { if first == .todo { $0.move(to: .done, at: StoreFixture.start) } }
                    let start = MeetingPoint(2)
                    let errors = inThreads(2) { index in
                        start.meet()
                        try move(task.id, to: index == 0 ? first : second, in: stores[index], fixture)
                    }
                    #expect(errors.isEmpty, "\(errors)")
                    let result = try fixture.store.read { try $0.task(task.id) }
                    #expect(holdsTheInvariants(result), "\(first) and \(second) left \(result.status)")
                }
            }
        }
        #expect(try fixture.disagreements().isEmpty)
    }

    /// A bare update in a shell that leaves the times behind is refused, in both databases, by a name that says why.
    @Test(
        arguments: TestDatabase.shared,
        [
            ("status = 'done'", "completed_at_exactly_when_finished"),
            ("status = 'doing'", "started_at_when_doing_and_not_when_todo"),
            ("completed_at = created_at", "completed_at_exactly_when_finished"),
            ("started_at = created_at", "started_at_when_doing_and_not_when_todo"),
        ])
    func aShellCannotPartStatusAndTimes(kind: TestDatabase, edit: (assignment: String, check: String)) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let error = #expect(throws: ProcessFailure.self) {
            _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET \(edit.assignment)")
        }
        #expect("\(String(describing: error))".contains(edit.check))
        #expect(try fixture.all() == [task])
    }

    @Test(arguments: TestDatabase.shared)
    func aShellThatSetsBothIsLogged(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("A")
        let tasks = fixture.storage.table("tasks")
        _ = try fixture.storage.runShell("UPDATE \(tasks) SET status = 'done', completed_at = updated_at")
        #expect(try fixture.all().map(\.status) == [.done])
        #expect(try fixture.store.changes().last?.after?.members?.map(\.key) == ["completed_at", "status"])
    }
}
