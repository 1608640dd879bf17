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
            /// Who else works on it, by their names.
            public let others: [String]
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
                // Where times only come from the upstream, that of the caller may still run.
                let others = try session.runningEntries(on: [id]).map(\.actor).exact
                    .subtracting([ExactText(caller.name)]).sortedTexts()
                var new = old
                if old.status == .doing, others.isEmpty { new.move(to: .todo, at: operation.now) }
                let hasMoved = try session.update(old, to: new)
                return Result.Stopped(
                    task: try session.task(id), entries: entries, others: others,
                    hasChanged: hasMoved || !entries.isEmpty)
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
        /// The seconds of it that lie within times which the caller has on the task already; they count once.
        public let repeated: Int
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

    /// Adds the time. Where nobody says when it began, it lies beside the times that the caller has on the task already.
    /// - Throws: `AppError` with code `.invalidArgument` when it would not be over yet; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let operation = workspace.operation("track", of: caller)
        let place = try place(now: operation.now, workspace.environment)
        let entryID = workspace.environment.newID()
        return try workspace.perform(operation) { session in
            let task = try session.task(try session.resolveTask(id))
            let mine = try session.timeEntries(of: task.id).filter { ExactText($0.actor) == ExactText(caller.name) }
            let start = start(place, beside: mine, now: operation.now)
            let entry = TimeEntry(
                id: entryID, taskID: task.id, actor: caller.name, startedAt: start,
                endedAt: start.adding(seconds: minutes * 60))
            func seconds(_ entries: [TimeEntry]) -> Int {
                entries.filter { $0.endedAt != nil }.withoutOverlaps(now: operation.now).reduce(0) { $0 + $1.seconds }
            }
            let repeated = seconds(mine) + entry.seconds - seconds(mine + [entry])
            try session.insert(entry)
            return Result(entry: entry, repeated: repeated, task: task, list: try TaskList(tasks: [task], in: session))
        }
    }

    /// Where a time is looked for.
    private enum Place {
        case at(Timestamp)
        /// From the first moment on where it is over by the second one, else the latest before that.
        case between(Timestamp, Timestamp)
    }

    private func place(now: Timestamp, _ environment: Environment) throws -> Place {
        let length = minutes * 60
        guard let on else { return .between(now.adding(seconds: -length), now) }
        let span = try FieldPhrase.past(on, in: environment)
        let day = span.start
        guard span.end > day.adding(seconds: 1) else {
            guard day.adding(seconds: length) <= now else {
                throw AppError(.invalidArgument, "this time would not be over yet", hint: "Name when it began.")
            }
            return .at(day)
        }
        let local = day.adding(seconds: environment.utcOffset(day) + Self.hour * 3600)
        return .between(Timestamp(local: local, utcOffset: environment.utcOffset), min(span.end, now))
    }

    private func start(_ place: Place, beside others: [TimeEntry], now: Timestamp) -> Timestamp {
        let (first, last): (Timestamp, Timestamp)
        switch place {
        case .at(let start): return start
        case .between(let from, let to): (first, last) = (from, to)
        }
        let length = minutes * 60
        func end(_ entry: TimeEntry) -> Timestamp { entry.endedAt ?? max(now, entry.startedAt) }
        var start = first
        for other in others where other.startedAt < start.adding(seconds: length) && end(other) > start {
            start = end(other)
        }
        if start.adding(seconds: length) <= last { return start }
        start = last.adding(seconds: -length)
        for other in others.reversed() where other.startedAt < start.adding(seconds: length) && end(other) > start {
            start = other.startedAt.adding(seconds: -length)
        }
        return start
    }
}
