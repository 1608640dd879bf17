import MinskyModel
import MinskyStore

/// Reads the tasks that somebody asks for.
public struct ListTasks: Sendable {
    public var request: TaskRequest
    /// Statuses to show; nil for those that the request is about, else for those that are open.
    public var statuses: Set<TaskStatus>?
    /// Whether tasks of every status are shown, and those that are put aside or have no point any more.
    public var all: Bool
    public var tags: [String]
    public var assignee: String?
    /// The task whose subtree is shown, as typed.
    public var under: String?

    /// What was found.
    public struct Result: Sendable {
        /// The tasks that were asked for: in the order that was asked for, else in that of the tree.
        public let list: TaskList
        /// The same with the closed tasks that open ones of them are part of, so that these stay where they belong.
        public let tree: TaskList
        /// Whether an order or a number was asked for, so that they are no tree.
        public let isOrdered: Bool
        /// How many open tasks are not among them because they are put aside or have no point any more.
        public let hidden: Int

        /// The tasks that pass the filter as the documented JSON array.
        public var json: JSON { list.json }
    }

    /// Creates the request.
    public init(
        _ request: TaskRequest = TaskRequest(), statuses: Set<TaskStatus>? = nil, all: Bool = false,
        tags: [String] = [], assignee: String? = nil, under: String? = nil
    ) {
        self.request = request
        self.statuses = statuses
        self.all = all
        self.tags = tags
        self.assignee = assignee
        self.under = under
    }

    /// Reads the tasks.
    /// - Throws: `AppError`, `MistypedPhrase`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let asked = try request.selection(in: workspace, as: caller)
        var selection = asked
        let isHiding = !all && statuses == nil && under == nil && !asked.query.isAboutWaiting
        let isPutAside = Query.any(of: [.condition(.state(.waiting)), .condition(.state(.expired))])
        if isHiding { selection.query = .all(of: [asked.query, .not(isPutAside)]) }
        return try workspace.store.read { session in
            var filter = TaskFilter(
                selection, now: workspace.environment.now(), coefficients: workspace.configuration.coefficients)
            filter.statuses = statuses ?? (all || asked.query.isAboutStatus ? nil : [.todo, .doing])
            filter.tags = try tags.map(TaskEdit.checkedTag)
            filter.assignee = assignee
            filter.under = try under.map { try session.resolveTask($0) }
            let found = try session.tasks(filter)
            var hidden = 0
            if isHiding, filter.selection.limit == nil {
                filter.selection = TaskSelection(.all(of: [asked.query, isPutAside]))
                hidden = try session.countTasks(filter)
            }
            guard asked.order == nil, asked.limit == nil else {
                let list = try TaskList(tasks: found, in: session)
                return Result(list: list, tree: list, isOrdered: true, hidden: hidden)
            }
            let parents = try closedParents(of: found, upTo: filter.under, in: session)
            let shown = parents.isEmpty ? found : (found + parents).sorted(by: TaskItem.stands(_:before:))
            let nodes = TaskForest(shown).tasks
            let context = Set(parents.map(\.id))
            let tree = try TaskList(tasks: nodes, in: session)
            return Result(
                list: context.isEmpty ? tree : tree.restricted(to: nodes.filter { !context.contains($0.id) }),
                tree: tree, isOrdered: false, hidden: hidden)
        }
    }

    /// The closed tasks that open ones stand under and that are not among them, up to the first open one or to a task.
    private func closedParents(
        of tasks: [TaskItem], upTo top: String?, in session: some StoreSession
    ) throws -> [TaskItem] {
        var known = Set(tasks.map(\.id))
        var parents: [TaskItem] = []
        func missing(above tasks: some Sequence<TaskItem>) -> Set<String> {
            var missing: Set<String> = []
            for task in tasks where task.id != top {
                if let parent = task.parentID, !known.contains(parent) { missing.insert(parent) }
            }
            return missing
        }
        var wanted = missing(above: tasks.lazy.filter(\.status.isOpen))
        while !wanted.isEmpty {
            var filter = TaskFilter()
            filter.ids = wanted.sorted()
            filter.statuses = [.done, .dropped]
            let found = try session.tasks(filter)
            parents += found
            known.formUnion(wanted)
            wanted = missing(above: found)
        }
        return parents
    }
}

extension TaskItem {
    /// Whether a task stands before another one among the same siblings.
    fileprivate static func stands(_ task: TaskItem, before other: TaskItem) -> Bool {
        let (left, right) = (task.rank.utf8, other.rank.utf8)
        return left.elementsEqual(right)
            ? task.id.utf8.lexicographicallyPrecedes(other.id.utf8) : left.lexicographicallyPrecedes(right)
    }
}
