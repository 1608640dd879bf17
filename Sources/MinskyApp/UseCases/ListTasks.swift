import MinskyModel
import MinskyStore

/// Reads the tasks that pass a filter.
public struct ListTasks: Sendable {
    /// Statuses to show; nil for those that are open.
    public var statuses: Set<TaskStatus>?
    /// Whether tasks of every status are shown.
    public var all: Bool
    public var tags: [String]
    public var assignee: String?
    /// The task whose subtree is shown, as typed.
    public var under: String?

    /// Creates the request.
    public init(
        statuses: Set<TaskStatus>? = nil, all: Bool = false, tags: [String] = [], assignee: String? = nil,
        under: String? = nil
    ) {
        self.statuses = statuses
        self.all = all
        self.tags = tags
        self.assignee = assignee
        self.under = under
    }

    /// Reads the tasks, in the order of the tree.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> TaskList {
        try workspace.store.read { session in
            var filter = TaskFilter()
            filter.statuses = all ? nil : statuses ?? [.todo, .doing]
            filter.tags = try tags.map(TaskEdit.checkedTag)
            filter.assignee = assignee
            filter.under = try under.map { try session.resolveTask($0) }
            return try TaskList(tasks: TaskForest(try session.tasks(filter)).nodes.map(\.task), in: session)
        }
    }
}

/// Tasks with what is needed to show them to a person.
public struct TaskList: Sendable {
    public let tasks: [TaskItem]
    /// The shortest unique beginning of each id.
    public let shortIDs: [String: String]
    /// The ids of the tasks that wait for another one which is not done.
    public let blocked: Set<String>

    init(tasks: [TaskItem], in session: some StoreSession) throws {
        self.tasks = tasks
        shortIDs = try session.shortIDs(of: tasks.map(\.id) + Set(tasks.flatMap(\.dependsOn)))
        blocked = try session.blockedTasks(among: tasks.map(\.id))
    }
}

extension TaskList {
    /// The same facts for some of the tasks only.
    public func restricted(to tasks: [TaskItem]) -> TaskList {
        TaskList(tasks: tasks, shortIDs: shortIDs, blocked: blocked)
    }

    private init(tasks: [TaskItem], shortIDs: [String: String], blocked: Set<String>) {
        self.tasks = tasks
        self.shortIDs = shortIDs
        self.blocked = blocked
    }

    /// What is needed to show tasks that a command has just written.
    /// - Throws: `SQLError`.
    public init(_ tasks: [TaskItem], in workspace: OpenWorkspace) throws {
        self = try workspace.store.read { try TaskList(tasks: tasks, in: $0) }
    }
}
