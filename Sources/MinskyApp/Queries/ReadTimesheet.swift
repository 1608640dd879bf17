import MinskyModel
import MinskyStore

/// Sums up who worked on what, by local days.
public struct ReadTimesheet: Sendable {
    /// What times are summed up by.
    public enum Grouping: String, Sendable, CaseIterable { case day, task, project, actor }

    /// Which tasks count; of every status.
    public var request: TaskRequest
    public var grouping: Grouping
    /// From when on times count, as typed: a day, or a moment of the past.
    public var since: String
    /// Until when, that included, as typed; nil for the present.
    public var until: String?

    /// What was found.
    public struct Result: Sendable {
        /// Times that belong together.
        public struct Group: Sendable {
            /// The day as `2026-11-20`, the task's id, the project or the actor; nil for tasks without a project.
            public let name: String?
            /// In the order of time.
            public let pieces: [TimePiece]

            /// All of them together, in seconds.
            public var seconds: Int { pieces.reduce(0) { $0 + $1.seconds } }
            /// Whether one of them goes on.
            public var isRunning: Bool { pieces.contains(where: \.isRunning) }
        }

        public let grouping: Grouping
        public let since: Timestamp
        public let until: Timestamp
        public let groups: [Group]
        public let list: TaskList

        /// Everything together, in seconds.
        public var seconds: Int { groups.reduce(0) { $0 + $1.seconds } }

        /// The sums as the documented JSON object.
        public var json: JSON {
            let tasks = Dictionary(uniqueKeysWithValues: list.tasks.map { ($0.id, $0) })
            let groups = groups.map { group -> JSON in
                [
                    "name": .optional(group.name), "seconds": .integer(Int64(group.seconds)),
                    "running": .bool(group.isRunning),
                    "entries": .array(
                        group.pieces.map { piece in
                            let task = tasks[piece.entry.taskID]
                            return [
                                "id": .string(piece.entry.id), "taskId": .string(piece.entry.taskID),
                                "title": .optional(task?.title), "project": .optional(task?.project),
                                "actor": .string(piece.entry.actor), "day": .string(piece.day.iso8601),
                                "startedAt": .string(piece.start.iso8601), "endedAt": .string(piece.end.iso8601),
                                "seconds": .integer(Int64(piece.seconds)), "running": .bool(piece.isRunning),
                            ]
                        }),
                ]
            }
            return [
                "since": .string(since.iso8601), "until": .string(until.iso8601), "by": .string(grouping.rawValue),
                "seconds": .integer(Int64(seconds)), "groups": .array(groups),
            ]
        }
    }

    /// Creates the request.
    public init(_ request: TaskRequest, by grouping: Grouping = .day, since: String, until: String? = nil) {
        self.request = request
        self.grouping = grouping
        self.since = since
        self.until = until
    }

    /// Reads the times.
    /// - Throws: `AppError`, with code `.invalidArgument` when the beginning is after the end; `MistypedPhrase`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let selection = try request.selection(in: workspace, as: caller)
        let (now, offset) = (workspace.environment.now(), workspace.environment.utcOffset)
        let start = try FieldPhrase.past(since, in: workspace.environment).start
        let end = try until.map { try FieldPhrase.pastEnd($0, in: workspace.environment) } ?? now
        guard start <= end else {
            let dates = DatePresentation(workspace.environment)
            throw AppError(
                .invalidArgument,
                "'\(since)' (\(dates.minute(start))) is after '\(until ?? "now")' (\(dates.minute(end)))",
                hint: "Such as: --since monday --until friday, on a Saturday.")
        }
        return try workspace.store.read { session in
            let entries = try session.timeEntries(from: start, to: end).withoutOverlaps(now: now)
            let worked = Set(entries.map(\.taskID)).sorted()
            var filter = TaskFilter(TaskSelection(selection.query), now: now)
            filter.ids = worked
            let tasks = try session.tasks(filter)
            let known = Dictionary(uniqueKeysWithValues: tasks.map { ($0.id, $0) })
            let pieces = entries.filter { known[$0.taskID] != nil }.flatMap {
                $0.pieces(from: start, to: end, now: now, utcOffset: offset)
            }
            let groups = Dictionary(grouping: pieces) { piece -> String? in
                switch grouping {
                case .day: piece.day.iso8601
                case .task: piece.entry.taskID
                case .project: known[piece.entry.taskID]?.project
                case .actor: piece.entry.actor
                }
            }.map { Result.Group(name: $0, pieces: $1.sorted { $0.start < $1.start }) }
            let sorted = groups.sorted { left, right in
                if grouping != .day, left.seconds != right.seconds { return left.seconds > right.seconds }
                return (left.name ?? "") < (right.name ?? "")
            }
            return Result(
                grouping: grouping, since: start, until: end, groups: sorted,
                list: try TaskList(tasks: tasks, in: session))
        }
    }
}
