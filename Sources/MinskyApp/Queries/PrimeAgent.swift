import MinskyModel
import MinskyStore

/// Reads what an agent has to know of a workspace before it begins.
public struct PrimeAgent: Sendable {
    /// How a workspace stands for somebody.
    public struct Result: Sendable {
        public let caller: Caller
        /// How many tasks there are, by a word for which.
        public let counts: [(name: String, count: Int)]
        /// What the caller is doing.
        public let doing: TaskList
        /// What can be begun, the most urgent first.
        public let ready: TaskList
        /// The view whose conditions hold for every list, or nil.
        public let context: String?
        /// The fields that the user defined, with their kinds.
        public let fields: [(name: String, kind: String)]

        /// The documented JSON object.
        /// - Parameter guide: The rules, as Markdown.
        public func json(guide: String) -> JSON {
            [
                "actor": .string(caller.name), "isAgent": .bool(caller.isAgent), "context": .optional(context),
                "counts": .object(counts.map { .init($0.name, .integer(Int64($0.count))) }),
                "doing": doing.json, "ready": ready.json,
                "fields": .object(fields.map { .init($0.name, .string($0.kind)) }), "guide": .string(guide),
            ]
        }
    }

    /// How many ready tasks are shown.
    private static let most = 5

    /// Creates the request.
    public init() {}

    /// Reads the workspace.
    /// - Throws: `AppError`, `MistypedPhrase`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let configuration = workspace.configuration
        let context = configuration.queryContext(of: caller)
        let now = workspace.environment.now()
        let counted = [
            "open": "is:open", "doing": "is:doing", "ready": "is:ready status:todo", "blocked": "is:blocked",
            "overdue": "is:overdue", "mine": "is:open assignee:me",
        ]
        let names = ["open", "doing", "ready", "blocked", "overdue", "mine"]
        let filters = try names.map { name in
            TaskFilter(try TaskSelection(parsing: counted[name] ?? "", in: context), now: now)
        }
        let doing = TaskFilter(try TaskSelection(parsing: "status:doing assignee:me", in: context), now: now)
        let counts = try workspace.store.read { session in try filters.map { try session.countTasks($0) } }
        let mine = try workspace.store.read { session in
            try TaskList(tasks: try session.tasks(doing), in: session)
        }
        let ready = try RankTasks(TaskRequest([], limit: Self.most), isFree: true).run(in: workspace, as: caller).list
        return Result(
            caller: caller, counts: Array(zip(names, counts)).map { (name: $0, count: $1) }, doing: mine, ready: ready,
            context: configuration.context,
            fields: configuration.customFields.map { (name: $0.name, kind: $0.kind.rawValue) })
    }
}
