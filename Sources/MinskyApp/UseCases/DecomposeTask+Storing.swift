import MinskyAI
import MinskyModel
import MinskyStore

/// A breakdown as tasks, with ids but without ranks.
struct Plan: Sendable {
    let breakdown: Breakdown
    let leftOut: [String]
    let tasks: [TaskItem]

    init(
        breakdown: Breakdown, leftOut: [String], under parent: TaskItem, in workspace: OpenWorkspace, as caller: Caller
    ) {
        self.breakdown = breakdown
        self.leftOut = leftOut
        let ids = breakdown.subtasks.map { _ in workspace.environment.newID() }
        tasks = zip(ids, breakdown.subtasks).map { id, planned in
            var task = TaskItem(
                id: id, title: planned.title, rank: "", createdAt: workspace.environment.now(),
                createdBy: caller.name)
            task.description = planned.description
            task.parentID = parent.id
            task.estimateMinutes = planned.estimateMinutes
            task.complexity = planned.complexity
            task.dependsOn = planned.dependsOn.map { ids[$0] }.sorted()
            return task
        }
    }
}

extension DecomposeTask {
    /// Stores a plan in one operation, or returns nil when the task's subtasks are no longer those the planner was told.
    /// - Throws: `AppError` with code `.conflict` when the task was closed or deleted; `StoreError`, `SQLError`.
    func store(
        _ plan: Plan, _ embedded: EmbeddedTexts, _ situation: Situation, _ calls: CallLog,
        in workspace: OpenWorkspace, as caller: Caller
    ) throws -> Result? {
        let operation = workspace.operation("decompose", of: caller)
        do {
            return try workspace.perform(operation) { session in
                try session.lockGraph()
                var parent = situation.parent
                if situation.isNewParent {
                    parent.rank = Rank.between(try session.lastRank(under: nil), nil)
                    parent.createdAt = operation.now
                    parent.updatedAt = operation.now
                    try session.insert(parent)
                } else {
                    parent = try situation.requireUnchanged(in: session)
                }
                var rank = try session.lastRank(under: parent.id)
                var subtasks: [TaskItem] = []
                for var task in plan.tasks {
                    let next = Rank.between(rank, nil)
                    rank = next
                    task.rank = next
                    task.createdAt = operation.now
                    task.updatedAt = operation.now
                    subtasks.append(task)
                }
                try session.insert(subtasks)
                try session.save(
                    zip([parent] + subtasks, embedded.vectors).map { owner, vector in
                        StoredEmbedding(
                            ownerID: owner.id, model: embedded.model, contentHash: ContentHash.of(owner.embeddingText),
                            vector: vector)
                    })
                try calls.record(taskID: parent.id, in: session)
                return try result(
                    plan, situation, parent: try session.task(parent.id),
                    subtasks: try subtasks.map { try session.task($0.id) }, embedded: embedded,
                    isStandIn: asksModel(workspace.configuration) && !workspace.configuration.usesEmbeddingServer,
                    session)
            }
        } catch is Situation.Outdated {
            return nil
        }
    }

    func result(
        _ plan: Plan, _ situation: Situation, parent: TaskItem, subtasks: [TaskItem], embedded: EmbeddedTexts?,
        isStandIn: Bool = false, _ session: some StoreSession
    ) throws -> Result {
        Result(
            parent: parent, isParentStored: !situation.isNewParent || !isDryRun,
            isNewParent: situation.isNewParent, subtasks: subtasks, breakdown: plan.breakdown, leftOut: plan.leftOut,
            candidates: [],
            list: try TaskList(tasks: [parent] + subtasks, in: session), namesake: situation.namesake,
            standInEmbeddings: isStandIn ? embedded?.model : nil, warnings: [embedded?.warning].compactMap { $0 })
    }

    /// The result when the built-in planner has no subtasks to propose.
    func nothingFits(_ breakdown: Breakdown, _ situation: Situation, in workspace: OpenWorkspace) throws -> Result {
        let library = try PlaybookLibrary(own: try workspace.workspace.playbooks())
        let candidates = breakdown.candidates.compactMap(library.playbook(named:))
        return try workspace.store.read { session in
            Result(
                parent: situation.parent, isParentStored: !situation.isNewParent,
                isNewParent: situation.isNewParent, subtasks: [], breakdown: breakdown,
                leftOut: [], candidates: candidates.map { PlaybookSummary($0, in: library) },
                list: try TaskList(tasks: [situation.parent], in: session), namesake: situation.namesake,
                standInEmbeddings: nil, warnings: [])
        }
    }
}
