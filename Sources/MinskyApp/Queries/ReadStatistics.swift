import MinskyModel
import MinskyStore

/// Counts tasks: how they stand, how many come and go by the week, and whose they are.
public struct ReadStatistics: Sendable {
    /// Which tasks count; of every status.
    public var request: TaskRequest
    /// How many weeks are told, the present one included.
    public var weeks: Int

    /// What came and went in a week.
    public struct Week: Sendable, Hashable {
        /// Its Monday, a local day.
        public let monday: CalendarDay
        public var created = 0
        public var done = 0
        public var dropped = 0
        /// How many were open when it ended, or are now.
        public var open = 0

        /// The week as the documented JSON object.
        public var json: JSON {
            [
                "week": .string(monday.iso8601), "created": .integer(Int64(created)), "done": .integer(Int64(done)),
                "dropped": .integer(Int64(dropped)), "open": .integer(Int64(open)),
            ]
        }
    }

    /// How the tasks stand that have something in common.
    public struct Share: Sendable, Hashable {
        /// The project, the tag or the assignee; nil for those without.
        public let name: String?
        public var open = 0
        public var done = 0
        public var dropped = 0

        /// The share as the documented JSON object.
        public var json: JSON {
            [
                "name": .optional(name), "open": .integer(Int64(open)), "done": .integer(Int64(done)),
                "dropped": .integer(Int64(dropped)),
            ]
        }
    }

    /// What was counted.
    public struct Result: Sendable {
        public let statuses: [TaskStatus: Int]
        /// The oldest first.
        public let weeks: [Week]
        /// From when tasks were made to when they were done, on the average and in the middle, in seconds; nil when that is
        /// known of none.
        public let mean: Int?
        public let median: Int?
        public let projects: [Share]
        public let tags: [Share]
        public let assignees: [Share]

        /// The counts as the documented JSON object.
        public var json: JSON {
            func shares(_ shares: [Share]) -> JSON { .array(shares.map(\.json)) }
            let counts = TaskStatus.allCases.map { status in
                JSON.Member(status.rawValue, .integer(Int64(statuses[status] ?? 0)))
            }
            return .object(
                counts + [
                    .init("open", .integer(Int64(open))), .init("total", .integer(Int64(total))),
                    .init("meanSeconds", .optional(mean)), .init("medianSeconds", .optional(median)),
                    .init("weeks", .array(weeks.map(\.json))), .init("projects", shares(projects)),
                    .init("tags", shares(tags)), .init("assignees", shares(assignees)),
                ])
        }

        public var open: Int { statuses.reduce(0) { $0 + ($1.key.isOpen ? $1.value : 0) } }
        public var total: Int { statuses.values.reduce(0, +) }
    }

    /// Creates the request.
    public init(_ request: TaskRequest = TaskRequest(), weeks: Int = 8) {
        self.request = request
        self.weeks = weeks
    }

    /// Counts the tasks.
    /// - Throws: `AppError`, `MistypedPhrase`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        guard (1...520).contains(weeks) else {
            throw AppError(.invalidArgument, "the number of weeks goes from 1 to 520")
        }
        let selection = try request.selection(in: workspace, as: caller)
        let environment = workspace.environment
        let now = environment.now()
        let tasks = try workspace.store.read { try $0.lifetimes(TaskFilter(TaskSelection(selection.query), now: now)) }
        var statuses: [TaskStatus: Int] = [:]
        for task in tasks { statuses[task.status, default: 0] += 1 }
        let times = tasks.filter { $0.status == .done }.compactMap { task -> Int? in
            // Of what was there before it was made, nobody knows how long it took.
            guard let end = task.completedAt, end > task.createdAt else { return nil }
            return Int((end.microseconds - task.createdAt.microseconds) / 1_000_000)
        }.sorted()
        return Result(
            statuses: statuses, weeks: byWeek(tasks, now: now, environment.utcOffset),
            mean: times.isEmpty ? nil : times.reduce(0, +) / times.count,
            median: times.isEmpty ? nil : times[times.count / 2],
            projects: Self.shares(of: tasks) { [$0.project] },
            tags: Self.shares(of: tasks) { $0.tags.map(Optional.some) },
            assignees: Self.shares(of: tasks) { [$0.assignee] })
    }

    private func byWeek(_ tasks: [TaskLifetime], now: Timestamp, _ offset: (Timestamp) -> Int) -> [Week] {
        func monday(_ moment: Timestamp) -> CalendarDay {
            let day = moment.adding(seconds: offset(moment)).day
            return day + -day.weekday
        }
        let present = monday(now)
        var found = (0..<weeks).map { Week(monday: present + (($0 - weeks + 1) * 7)) }
        func place(_ moment: Timestamp) -> Int { (monday(moment).number - found[0].monday.number) / 7 }
        // What came or went before the first week counts as open from the beginning on, or not at all.
        var changes = [Int](repeating: 0, count: weeks)
        for task in tasks {
            // Other programs tell when a task was done, and not always when it was made.
            let birth = min(task.createdAt, task.completedAt ?? task.createdAt)
            let created = birth < now ? place(birth) : weeks - 1
            let isBefore = monday(birth) < found[0].monday
            if !isBefore, created < weeks { found[created].created += 1 }
            changes[isBefore ? 0 : min(created, weeks - 1)] += 1
            guard let end = task.completedAt else { continue }
            let isOver = monday(end) < found[0].monday
            let completed = min(place(end), weeks - 1)
            if !isOver {
                if task.status == .done { found[completed].done += 1 } else { found[completed].dropped += 1 }
            }
            changes[isOver ? 0 : completed] -= 1
        }
        var open = 0
        for week in found.indices {
            open += changes[week]
            found[week].open = open
        }
        return found
    }

    /// The most open tasks first.
    private static func shares(of tasks: [TaskLifetime], by names: (TaskLifetime) -> [String?]) -> [Share] {
        var shares: [String?: Share] = [:]
        for task in tasks {
            for name in names(task) {
                var share = shares[name] ?? Share(name: name)
                switch task.status {
                case .todo, .doing: share.open += 1
                case .done: share.done += 1
                case .dropped: share.dropped += 1
                }
                shares[name] = share
            }
        }
        return shares.values.sorted { left, right in
            (right.open, right.done, left.name ?? "") < (left.open, left.done, right.name ?? "")
        }
    }
}
