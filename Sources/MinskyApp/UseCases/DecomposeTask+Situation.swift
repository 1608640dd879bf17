import MinskyAI
import MinskyModel
import MinskyStore

/// What the workspace holds about the task, read before the planner is asked.
struct Situation: Sendable {
    /// Thrown when what the planner was told is no longer true.
    struct Outdated: Error {}

    let parent: TaskItem
    let isNewParent: Bool
    let namesake: TaskItem?
    let request: BreakdownRequest
    let earlier: [EarlierBreakdown]
    /// The subtasks the parent had.
    private let children: [TaskItem]

    init(_ use: DecomposeTask, in session: ReadSession, workspace: OpenWorkspace, caller: Caller) throws {
        var request = BreakdownRequest(title: "", count: use.count)
        request.context = use.context
        if let id = try Self.existing(use.target, in: session) {
            guard use.description == nil else {
                throw AppError(
                    .invalidArgument, "--description is for a new task, and '\(use.target)' is a task there is",
                    hint:
                        "minsky tasks edit \(use.target.shellQuoted) --description … changes it; --context tells the planner more."
                )
            }
            parent = try session.task(id)
            try Self.requireOpen(parent)
            isNewParent = false
            namesake = nil
            request.ancestors = try session.liveAncestors(of: parent).map(\.title)
            request.siblings = try session.siblings(under: parent.parentID).filter { $0.id != id && $0.status.isOpen }
                .prefix(50).map(\.title)
            children = try session.children(of: id)
            request.existing = children.map(\.title)
        } else {
            let title = try TaskEdit.checkedTitle(use.target)
            var task = TaskItem(
                id: workspace.environment.newID(), title: title, rank: "", createdAt: workspace.environment.now(),
                createdBy: caller.name)
            task.description = use.description
            parent = task
            isNewParent = true
            children = []
            namesake = try session.openTask(titled: title)
        }
        request.title = parent.title
        request.description = parent.description
        self.request = request
        earlier =
            use.asksModel(workspace.configuration) || use.playbook != nil
            ? [] : try session.earlierBreakdowns(except: parent.id)
    }

    /// The parent as it is now, when what the planner was told of it still holds.
    /// - Throws: `Outdated` when its words or its subtasks have changed; `AppError` with code `.conflict` when it was closed
    ///   or deleted.
    func requireUnchanged(in session: WriteSession) throws -> TaskItem {
        guard let now = try session.liveTask(parent.id) else {
            throw AppError(.conflict, "task \(parent.id) was deleted while it was planned", hint: "Nothing was stored.")
        }
        try Self.requireOpen(now)
        func words(_ task: TaskItem) -> [String?] { [task.id, task.title, task.description] }
        let isSame = words(now) == words(parent)
        let subtasks = try session.children(of: parent.id)
        guard isSame, subtasks.map({ [$0.id, $0.title] }) == children.map({ [$0.id, $0.title] }) else {
            throw Outdated()
        }
        return now
    }

    private static func requireOpen(_ task: TaskItem) throws {
        guard task.status.isOpen else {
            throw AppError(
                .conflict, "task \(task.id) is \(task.status.rawValue) and gets no subtasks",
                hint: "minsky tasks reopen \(task.id) opens it again.")
        }
    }

    /// Whether a text that could be the beginning of an id is rather a mistyped one than a title: typed in one case, and
    /// with a digit or without a vowel, as words seldom are.
    private static func looksLikeID(_ text: String) -> Bool {
        let lower = text.lowercased()
        guard text == lower || text == text.uppercased() else { return false }
        return text.contains(where: \.isNumber) || text == lower && !text.contains { "aeiouy".contains($0) }
    }

    /// The task a text means when it can be an id; nil when it is a title.
    private static func existing(_ target: String, in session: ReadSession) throws -> String? {
        guard Identifier.prefix(target) != nil else { return nil }
        do {
            return try session.resolveTask(target)
        } catch let error as StoreError where error.code == .notFound {
            if !looksLikeID(target) { return nil }
            throw AppError(
                .notFound, "there is no task whose id begins with '\(target)'",
                hint: "If it is the title of a new task, decompose what this adds: minsky add -- \(target.shellQuoted)")
        }
    }
}
