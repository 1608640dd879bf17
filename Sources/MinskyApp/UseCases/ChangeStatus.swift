import MinskyModel
import MinskyStore

/// Moves tasks to a status, all in one operation.
public struct ChangeStatus: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]
    public var status: TaskStatus
    /// Whether the open tasks below them go with them.
    public var includesSubtasks: Bool

    /// What became of the tasks.
    public struct Result: Sendable {
        /// A task as it is now.
        public struct Moved: Sendable {
            public let task: TaskItem
            /// The status it had before, which may be the same.
            public let was: TaskStatus
            /// Whether a time of the caller's began with it.
            public let hasStartedClock: Bool
            /// The task of the same series that comes after it, when it was ended.
            public internal(set) var next: NextInstance?
        }

        /// The tasks named, each followed by those that went with it.
        public let moved: [Moved]
        /// The tasks that are still open below those that are closed now, in the order of the tree.
        public let stillOpen: [TaskItem]
        /// The open tasks that those which were started or finished depend on, by id.
        public let blockers: [String: TaskItem]
        public let list: TaskList

        /// The tasks as they are told: each that comes again is followed by the next one of its series.
        public var tasks: [TaskItem] { moved.flatMap { [$0.task] + ($0.next.map { [$0.task] } ?? []) } }

        /// The tasks as the documented JSON array.
        public var json: JSON { .array(tasks.map(list.json(of:))) }
    }

    /// Creates the request.
    public init(ids: [String], status: TaskStatus, includesSubtasks: Bool = false) {
        self.ids = ids
        self.status = status
        self.includesSubtasks = includesSubtasks
    }

    /// Moves the tasks; one that has the status already stays as it is.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation(command, of: caller)
        return try workspace.perform(operation) { session in
            // What hangs below may come in any order, so that two of these could wait for each other.
            let named = try ids.map { try session.resolveTask($0) }
            let recurs = try !status.isOpen && session.hasRecurrence(among: named)
            if includesSubtasks || ids.count > 1 || recurs { try session.lockGraph() }
            var moved: [Result.Moved] = []
            func move(_ old: TaskItem) throws {
                guard !moved.contains(where: { $0.task.id == old.id }) else { return }
                var new = old
                new.move(to: status, at: operation.now)
                // Who starts a task that is nobody's takes it: whoever starts it elsewhere meanwhile is told.
                if status == .doing, old.status != .doing, new.assignee == nil { new.assignee = operation.actor }
                try session.update(old, to: new)
                // Whoever works on a task has it done, given up or put back: nobody works on it any more.
                let hasStarted = status == .doing ? try session.startClock(on: old.id) : false
                if status != .doing { try session.stopClocks(on: [old.id]) }
                moved.append(
                    Result.Moved(task: try session.task(old.id), was: old.status, hasStartedClock: hasStarted))
            }
            for id in named {
                try move(try session.task(id))
                if includesSubtasks { for task in try openTasks(below: id, in: session) { try move(task) } }
            }
            for place in moved.indices where named.contains(moved[place].task.id) {
                moved[place].next = try next(after: moved[place], among: moved, in: session, workspace.environment)
            }
            var stillOpen: [TaskItem] = []
            if !status.isOpen {
                for id in moved.map(\.task.id) {
                    for task in try openTasks(below: id, in: session) where !stillOpen.contains(task) {
                        stillOpen.append(task)
                    }
                }
            }
            let blockers = try blockers(of: moved, in: session)
            return Result(
                moved: moved, stillOpen: stillOpen,
                blockers: Dictionary(uniqueKeysWithValues: blockers.map { ($0.id, $0) }),
                list: try TaskList(
                    tasks: moved.map(\.task) + moved.compactMap(\.next?.task) + stillOpen + blockers, in: session))
        }
    }

    /// The task that comes after one that was ended. What ended together with the task above it does not come again: that
    /// one does, with its parts.
    private func next(
        after moved: Result.Moved, among all: [Result.Moved], in session: WriteSession, _ environment: Environment
    ) throws -> NextInstance? {
        guard !status.isOpen, moved.was.isOpen, moved.task.recurrence != nil else { return nil }
        let above = Set(try session.liveAncestors(of: moved.task).map(\.id))
        guard !all.contains(where: { above.contains($0.task.id) }) else { return nil }
        return try session.makeNext(
            after: moved.task, endedAt: session.operation.now, utcOffset: environment.utcOffset(ofZone:))
    }

    private func blockers(of moved: [Result.Moved], in session: some StoreSession) throws -> [TaskItem] {
        guard [.doing, .done].contains(status) else { return [] }
        var filter = TaskFilter()
        filter.ids = Set(moved.filter { $0.was != status }.flatMap(\.task.dependsOn)).sorted()
        filter.statuses = [.todo, .doing]
        return try session.tasks(filter)
    }

    /// What is typed for it.
    private var command: String {
        switch status {
        case .todo: "reopen"
        case .doing: "start"
        case .done: "done"
        case .dropped: "drop"
        }
    }

    private func openTasks(below id: String, in session: some StoreSession) throws -> [TaskItem] {
        var filter = TaskFilter()
        filter.under = id
        filter.statuses = [.todo, .doing]
        return TaskForest(try session.tasks(filter)).tasks.filter { $0.id != id }
    }
}
