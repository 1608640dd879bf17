import MinskyAI
import MinskyModel
import MinskyStore

/// What the workspace holds about the task, read before the planner is asked.
struct Situation: Sendable {
    let parent: TaskItem
    let isNewParent: Bool
    let namesake: TaskItem?
    let request: BreakdownRequest
    let earlier: [EarlierBreakdown]

    init(_ use: DecomposeTask, in session: ReadSession, workspace: OpenWorkspace) throws {
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
            isNewParent = false
            namesake = nil
            if let above = try session.liveTask(parent.parentID) {
                request.ancestors = try [above.title] + session.ancestors(of: above.id).map(\.title)
            }
            request.siblings = try session.siblings(under: parent.parentID).filter { $0.id != id && $0.status.isOpen }
                .prefix(50).map(\.title)
            request.existing = try session.children(of: id).map(\.title)
        } else {
            let title = try TaskEdit.checkedTitle(use.target)
            var task = TaskItem(
                id: workspace.environment.newID(), title: title, rank: "", createdAt: workspace.environment.now(),
                createdBy: workspace.configuration.actor)
            task.description = use.description
            parent = task
            isNewParent = true
            namesake = try session.openTask(titled: title)
        }
        request.title = parent.title
        request.description = parent.description
        self.request = request
        earlier = workspace.configuration.usesModelServer ? [] : try session.earlierBreakdowns(except: parent.id)
    }

    /// The task a text means when it can be an id; nil when it is a title.
    private static func existing(_ target: String, in session: ReadSession) throws -> String? {
        guard Identifier.prefix(target) != nil else { return nil }
        do {
            return try session.resolveTask(target)
        } catch let error as StoreError where error.code == .notFound {
            // A word without a digit that no id begins with is a title; with one it is rather a mistyped id.
            if !target.contains(where: \.isNumber) { return nil }
            throw AppError(
                .notFound, "there is no task whose id begins with '\(target)'",
                hint: "If it is the title of a new task, decompose what this adds: minsky add -- \(target.shellQuoted)")
        }
    }
}
