import MinskyModel
import MinskyStore

/// Reads one task with what hangs on it.
public struct ShowTask: Sendable {
    /// The task's id as typed.
    public var id: String

    /// A task with its surroundings.
    public struct Result: Sendable {
        public let task: TaskItem
        public let parent: TaskItem?
        public let subtasks: [TaskItem]
        /// The tasks it depends on.
        public let dependencies: [TaskItem]
        /// The open tasks that wait for it.
        public let waiting: [TaskItem]
        /// The oldest first.
        public let notes: [Note]
        /// The oldest first.
        public let links: [Link]
        /// The seconds that people have worked on it, of which what runs counts until now.
        public let trackedSeconds: Int
        /// Who works on it, by their names.
        public let running: [String]
        public let list: TaskList
        /// The fields that the user defined.
        public let customFields: [CustomField]

        /// The task as the documented JSON object, with its subtasks, notes and links.
        public var json: JSON {
            .object(
                (list.json(of: task).members ?? []) + [
                    .init("subtasks", list.restricted(to: subtasks).json),
                    .init("notes", .array(notes.map(\.json))),
                    .init("links", .array(links.map(\.json))),
                    .init("trackedSeconds", .integer(Int64(trackedSeconds))),
                    .init("running", .array(running.map(JSON.string))),
                ])
        }
    }

    /// Creates the request.
    public init(id: String) { self.id = id }

    /// Reads the task.
    /// - Throws: `AppError` with code `.notFound` when it is deleted; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> Result {
        try workspace.store.read { session in
            let id = try session.resolveTaskOrDeleted(id)
            guard let task = try session.liveTask(id) else {
                throw AppError(
                    .notFound, "task \(id) is deleted",
                    hint: "minsky tasks history \(id) shows what happened to it; minsky undo --operation ID takes the "
                        + "deletion back.")
            }
            let parent = try session.liveTask(task.parentID)
            let subtasks = try session.children(of: task.id)
            func tasks(_ ids: [String]) throws -> [TaskItem] {
                var filter = TaskFilter()
                filter.ids = ids
                return try session.tasks(filter)
            }
            let dependencies = try tasks(task.dependsOn)
            let waiting = try tasks(try session.waitingTasks(for: [task.id])[task.id] ?? [])
            let list = try TaskList(
                tasks: [task] + subtasks + dependencies + waiting + (parent.map { [$0] } ?? []), in: session)
            let now = workspace.environment.now()
            let times = try session.timeEntries(of: task.id).withoutOverlaps(now: now)
            let tracked = times.reduce(0) { sum, entry in
                var whole = entry
                whole.endedAt = entry.endedAt ?? max(now, entry.startedAt)
                return sum + max(0, whole.seconds)
            }
            return Result(
                task: task, parent: parent, subtasks: subtasks, dependencies: dependencies, waiting: waiting,
                notes: try session.notes(of: [task.id])[task.id] ?? [], links: try session.links(of: task.id),
                trackedSeconds: tracked, running: times.filter { $0.endedAt == nil }.map(\.actor).exact.sortedTexts(),
                list: list,
                customFields: workspace.configuration.customFields)
        }
    }
}
