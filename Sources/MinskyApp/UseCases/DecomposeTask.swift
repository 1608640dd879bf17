import MinskyAI
import MinskyModel
import MinskyStore

/// Breaks a task down into subtasks and stores them with their dependencies and embeddings, all in one operation.
public struct DecomposeTask: Sendable {
    /// The beginning of a task's id, or the title of a new task.
    public var target: String
    /// The description of a new task.
    public var description: String?
    /// How many subtasks are wanted.
    public var count: Int?
    /// Further text the planner should consider.
    public var context: String?
    /// Whether nothing is to be stored.
    public var isDryRun: Bool

    /// What came out.
    public struct Result: Sendable {
        public let parent: TaskItem
        /// Whether the parent was made for this.
        public let isNewParent: Bool
        public let subtasks: [TaskItem]
        public let breakdown: Breakdown
        public let list: TaskList
        /// An earlier task with the same title as the new parent.
        public let namesake: TaskItem?
        /// The model whose embeddings were stored.
        public let embeddingModel: String
        /// What went otherwise than it was configured, a sentence each.
        public let warnings: [String]
    }

    /// Creates the request.
    public init(
        target: String, description: String? = nil, count: Int? = nil, context: String? = nil, isDryRun: Bool = false
    ) {
        self.target = target
        self.description = description
        self.count = count
        self.context = context
        self.isDryRun = isDryRun
    }

    /// Asks the planner, then stores the whole answer; when anything fails, nothing of it is stored. Calls of a model over
    /// the network are recorded in any case.
    /// - Parameter onSubtask: Called with the title of each subtask as soon as the planner names it.
    /// - Throws: `AIError`, `AppError`, `StoreError`, `SQLError`.
    public func run(
        in workspace: OpenWorkspace, onSubtask: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Result {
        if let count, !(1...BreakdownRequest.maximumCount).contains(count) {
            throw AppError(.invalidArgument, "--count must be from 1 to \(BreakdownRequest.maximumCount)")
        }
        let calls = CallLog(workspace: workspace)
        let situation = try workspace.store.read { try Situation(self, in: $0, workspace: workspace) }
        let configuration = workspace.configuration
        if configuration.usesModelServer { try workspace.requireWritable() }
        do {
            let planner = try configuration.planner(earlier: situation.earlier, onCall: calls.noting("decompose"))
            let embedder = try configuration.embedder(onCall: calls.noting("embed"))
            let breakdown = try await planner.breakDown(situation.request) { title in
                onSubtask(configuration.redactor.redacted(title))
            }
            // A server that repeats what it was sent would spread the key to everybody who shares the workspace.
            let words = breakdown.subtasks.map { "\($0.title) \($0.description ?? "")" }
            guard !words.contains(where: configuration.redactor.holdsSecret) else {
                throw AIError(.malformed, "the model's answer cannot be used: it holds your key")
            }
            let tasks = subtasks(breakdown, under: situation.parent, in: workspace)
            let owners = [situation.parent] + tasks
            let texts = owners.map(\.embeddingText)
            let embedded = try await EmbeddedTexts(isDryRun ? [] : texts, by: embedder)
            let embeddings = zip(zip(owners, texts), embedded.vectors).map { owner, vector in
                StoredEmbedding(
                    ownerID: owner.0.id, model: embedded.model, contentHash: ContentHash.of(owner.1), vector: vector)
            }
            return try store(breakdown, tasks, embeddings, embedded, situation, calls, in: workspace)
        } catch {
            try calls.save()
            throw error
        }
    }

    /// The planned subtasks as tasks, with ids but without ranks.
    private func subtasks(_ breakdown: Breakdown, under parent: TaskItem, in workspace: OpenWorkspace) -> [TaskItem] {
        let ids = breakdown.subtasks.map { _ in workspace.environment.newID() }
        return zip(ids, breakdown.subtasks).map { id, planned in
            var task = TaskItem(
                id: id, title: planned.title, rank: "", createdAt: workspace.environment.now(),
                createdBy: workspace.configuration.actor)
            task.description = planned.description
            task.parentID = parent.id
            task.estimateMinutes = planned.estimateMinutes
            task.complexity = planned.complexity
            task.dependsOn = planned.dependsOn.map { ids[$0] }.sorted()
            return task
        }
    }

    private func store(
        _ breakdown: Breakdown, _ planned: [TaskItem], _ embeddings: [StoredEmbedding], _ embedded: EmbeddedTexts,
        _ situation: Situation, _ calls: CallLog, in workspace: OpenWorkspace
    ) throws -> Result {
        func result(_ parent: TaskItem, _ subtasks: [TaskItem], _ session: some StoreSession) throws -> Result {
            Result(
                parent: parent, isNewParent: situation.isNewParent, subtasks: subtasks, breakdown: breakdown,
                list: try TaskList(tasks: [parent] + subtasks, in: session), namesake: situation.namesake,
                embeddingModel: embedded.model, warnings: [embedded.warning].compactMap { $0 })
        }
        if isDryRun {
            try calls.save()
            return try workspace.store.read { try result(situation.parent, planned, $0) }
        }
        let operation = workspace.operation("decompose")
        return try workspace.store.perform(operation) { session in
            var parent = situation.parent
            if situation.isNewParent {
                parent.rank = Rank.between(try session.lastRank(under: nil), nil)
                parent.createdAt = operation.now
                parent.updatedAt = operation.now
                try session.insert(parent)
            } else {
                parent = try session.task(parent.id)
            }
            var rank = try session.lastRank(under: parent.id)
            var subtasks: [TaskItem] = []
            for var task in planned {
                let next = Rank.between(rank, nil)
                rank = next
                task.rank = next
                task.createdAt = operation.now
                task.updatedAt = operation.now
                subtasks.append(task)
            }
            try session.insert(subtasks)
            try session.save(embeddings)
            try calls.record(taskID: parent.id, in: session)
            return try result(parent, subtasks, session)
        }
    }
}

extension TaskItem {
    /// The text of which embeddings are made.
    var embeddingText: String { [title, description].compactMap { $0 }.joined(separator: "\n\n") }
}
