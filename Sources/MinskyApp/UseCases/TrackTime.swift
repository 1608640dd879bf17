import MinskyModel
import MinskyStore

/// Ends the work of the caller on a task, which is to do again.
public struct StopWork: Sendable {
    /// The task's id as typed, or nil for whatever the caller works on.
    public var id: String?

    /// What was ended.
    public struct Result: Sendable {
        /// A task, and what was ended of it, which may be nothing.
        public struct Stopped: Sendable {
            public let task: TaskItem
            public let entries: [TimeEntry]
            /// Whether anything about the task or its times is different from before.
            public let hasChanged: Bool
        }

        public let stopped: [Stopped]
        public let list: TaskList

        /// The tasks as the documented JSON array.
        public var json: JSON { .array(stopped.map { list.json(of: $0.task) }) }
    }

    /// Creates the request.
    public init(id: String? = nil) { self.id = id }

    /// Ends the work. A task on which somebody else works as well stays as it is.
    /// - Throws: `AppError` with code `.notFound` when the caller works on nothing; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation("stop", of: caller)
        return try workspace.perform(operation) { session in
            let ids: [String]
            if let id {
                ids = [try session.resolveTask(id)]
            } else {
                var filter = TaskFilter()
                filter.ids = try session.runningEntries(of: caller.name).map(\.taskID)
                ids = try session.tasks(filter).map(\.id)
                if ids.isEmpty {
                    throw AppError(
                        .notFound, "\(caller.name) works on nothing",
                        hint: "minsky list is:open status:doing shows what is being done; minsky stop ID puts one back."
                    )
                }
            }
            let stopped = try ids.map { id in
                let old = try session.task(id)
                let entries = try session.stopClocks(of: caller.name, on: [id])
                var new = old
                if old.status == .doing, try session.runningEntries(on: [id]).isEmpty {
                    new.move(to: .todo, at: operation.now)
                }
                let hasMoved = try session.update(old, to: new)
                return Result.Stopped(
                    task: try session.task(id), entries: entries, hasChanged: hasMoved || !entries.isEmpty)
            }
            return Result(stopped: stopped, list: try TaskList(tasks: stopped.map(\.task), in: session))
        }
    }
}

/// Adds a time that was not measured.
public struct TrackTime: Sendable {
    /// The task's id as typed.
    public var id: String
    /// How long, in minutes.
    public var minutes: Int
    /// When, as typed: a day, or the moment at which it began; nil for just now.
    public var on: String?

    /// What was added.
    public struct Result: Sendable {
        public let entry: TimeEntry
        public let task: TaskItem
        public let list: TaskList

        /// The entry as the documented JSON object.
        public var json: JSON { entry.json }
    }

    /// The hour at which work on a day begins when only the day is said.
    private static let hour = 9

    /// Creates the request.
    public init(id: String, minutes: Int, on: String? = nil) {
        self.id = id
        self.minutes = minutes
        self.on = on
    }

    /// Adds the time.
    /// - Throws: `AppError` with code `.invalidArgument` when it would not be over yet; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation("track", of: caller)
        let start = try start(now: operation.now, workspace.environment)
        let entryID = workspace.environment.newID()
        return try workspace.perform(operation) { session in
            let task = try session.task(try session.resolveTask(id))
            let entry = TimeEntry(
                id: entryID, taskID: task.id, actor: caller.name, startedAt: start,
                endedAt: start.adding(seconds: minutes * 60))
            try session.insert(entry)
            return Result(entry: entry, task: task, list: try TaskList(tasks: [task], in: session))
        }
    }

    private func start(now: Timestamp, _ environment: Environment) throws -> Timestamp {
        let latest = now.adding(seconds: -minutes * 60)
        guard let on else { return latest }
        let span = try FieldPhrase.past(on, in: environment)
        let day = span.start
        guard span.end > day.adding(seconds: 1) else {
            guard day <= latest else {
                throw AppError(.invalidArgument, "this time would not be over yet", hint: "Name when it began.")
            }
            return day
        }
        // Within the day when it fits, and over by now.
        let latestOfDay = max(0, 86_400 - minutes * 60)
        let local = day.adding(seconds: environment.utcOffset(day) + min(Self.hour * 3600, latestOfDay))
        return min(Timestamp(local: local, utcOffset: environment.utcOffset), latest)
    }
}
