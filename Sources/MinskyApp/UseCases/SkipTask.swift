import MinskyModel
import MinskyStore

/// Drops instances of series, each for the one that comes after it.
public struct SkipTask: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]
    /// Whether instances are skipped until one is due that is not over yet.
    public var past: Bool

    /// What became of a series.
    public struct Skipped: Sendable {
        /// The task that was named, as it is now.
        public let task: TaskItem
        /// How many instances were skipped, the named one included.
        public let count: Int
        /// The one that is to be done now, or nil when the series has come to its end.
        public let next: NextInstance?
    }

    /// What became of the series.
    public struct Result: Sendable {
        public let skipped: [Skipped]
        public let list: TaskList

        /// The tasks that come next as the documented JSON array.
        public var json: JSON { .array(skipped.compactMap(\.next).map { list.json(of: $0.task) }) }
    }

    /// Creates the request.
    public init(ids: [String], past: Bool = false) {
        self.ids = ids
        self.past = past
    }

    /// Skips the tasks.
    /// - Throws: `AppError` with code `.conflict` for a task that is closed or does not come again; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation("skip", of: caller)
        return try workspace.perform(operation) { session in
            try session.lockGraph()
            var skipped: [Skipped] = []
            for id in try ids.map({ try session.resolveTask($0) }) {
                let task = try session.task(id)
                guard task.status.isOpen else {
                    throw AppError(.conflict, "task \(id) is \(task.status.rawValue) already")
                }
                guard task.recurrence.flatMap(RecurrenceSeries.init(parsing:)) != nil else {
                    throw AppError(
                        .conflict, "task \(id) does not come again",
                        hint: "minsky drop \(id) gives it up; minsky edit \(id) --every week makes it come again.")
                }
                var next = try skip(task, in: session, workspace.environment)
                var count = 1
                // A year of days is the most that is worth going through one by one.
                while past, count < 400, let late = next?.task, late.status.isOpen, let due = late.dueAt,
                    due < operation.now
                {
                    next = try skip(late, in: session, workspace.environment)
                    count += 1
                }
                skipped.append(Skipped(task: try session.task(id), count: count, next: next))
            }
            let tasks = skipped.flatMap { [$0.task] + ($0.next.map { [$0.task] } ?? []) }
            return Result(skipped: skipped, list: try TaskList(tasks: tasks, in: session))
        }
    }

    private func skip(
        _ task: TaskItem, in session: WriteSession, _ environment: Environment
    ) throws -> NextInstance? {
        var new = task
        new.move(to: .dropped, at: session.operation.now)
        try session.update(task, to: new)
        try session.stopClocks(on: [task.id])
        return try session.makeNext(
            after: new, endedAt: session.operation.now, utcOffset: environment.utcOffset(ofZone:))
    }
}
