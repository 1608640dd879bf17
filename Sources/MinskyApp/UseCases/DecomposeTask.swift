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
    /// The name of the playbook to go by; the built-in planner is asked, whichever is configured.
    public var playbook: String?
    /// Whether the nearest playbook, or the frame, is taken when none fits.
    public var takesNearest: Bool

    /// What came out.
    public struct Result: Sendable {
        /// The task that was broken down. It is in the store only when `isParentStored`.
        public let parent: TaskItem
        public let isParentStored: Bool
        /// Whether what was named is the title of a new task, not the id of one there is.
        public let isNewParent: Bool
        /// Empty when the built-in planner found no playbook that fits; then nothing was stored.
        public let subtasks: [TaskItem]
        public let breakdown: Breakdown
        /// Titles the planner proposed although they were there already, or proposed twice.
        public let leftOut: [String]
        /// The playbooks that come nearest when none fits.
        public let candidates: [PlaybookSummary]
        public let list: TaskList
        /// An earlier task with the same title as the new parent.
        public let namesake: TaskItem?
        /// The model whose embeddings were stored, when the breakdown came from a server and they did not.
        public let standInEmbeddings: String?
        /// What went otherwise than it was configured, a sentence each.
        public let warnings: [String]
    }

    /// Creates the request.
    public init(
        target: String, description: String? = nil, count: Int? = nil, context: String? = nil, isDryRun: Bool = false,
        playbook: String? = nil, takesNearest: Bool = false
    ) {
        self.target = target
        self.description = description
        self.count = count
        self.context = context
        self.isDryRun = isDryRun
        self.playbook = playbook
        self.takesNearest = takesNearest
    }

    /// Asks the planner, then stores the whole answer; when anything fails, nothing of it is stored. Calls of a model over
    /// the network are recorded in any case.
    ///
    /// When the task's subtasks have changed while the planner was at work, it is asked once more.
    /// - Parameter onSubtask: Called with the title of each subtask as soon as the planner names it.
    /// - Throws: `AIError`, `AppError`, `StoreError`, `SQLError`; `AppError` with code `.conflict` when the task is not
    ///   open, or did not stay as the planner was told.
    public func run(
        in workspace: OpenWorkspace, as caller: Caller, onSubtask: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Result {
        if let count, !(1...BreakdownRequest.maximumCount).contains(count) {
            throw AppError(.invalidArgument, "--count must be from 1 to \(BreakdownRequest.maximumCount)")
        }
        let calls = CallLog(workspace: workspace, caller: caller)
        do {
            for _ in 0..<2 {
                let situation = try workspace.store.read {
                    try Situation(self, in: $0, workspace: workspace, caller: caller)
                }
                if let result = try await attempt(situation, calls, in: workspace, as: caller, onSubtask) {
                    return result
                }
            }
            throw AppError(
                .conflict, "the subtasks changed while they were planned, twice", hint: "Nothing was stored; try again."
            )
        } catch {
            // What went wrong first is what counts, above all when it is not known whether the plan was stored.
            try? calls.save()
            throw error
        }
    }

    /// Asks the planner once and stores its answer; nil when what it was told is no longer true.
    private func attempt(
        _ situation: Situation, _ calls: CallLog, in workspace: OpenWorkspace, as caller: Caller,
        _ onSubtask: @escaping @Sendable (String) -> Void
    ) async throws -> Result? {
        let configuration = workspace.configuration
        let planner = try planner(for: situation, in: workspace, calls: calls)
        // What its settings lack, and whether the answer can be stored, is known before anything is paid for. Of a dry run
        // the calls are stored.
        let embedder = try configuration.embedder(onCall: calls.noting("embed"))
        if asksModel(configuration) { try workspace.requireWritable(as: caller) }
        var breakdown = try await planner.breakDown(situation.request) { title in
            onSubtask(configuration.redactor.redacted(title))
        }
        guard !breakdown.subtasks.isEmpty else { return try nothingFits(breakdown, situation, in: workspace) }
        // A server that repeats what it was sent would spread the key to everybody who shares the workspace.
        let words = breakdown.subtasks.map { "\($0.title) \($0.description ?? "")" }
        guard !words.contains(where: configuration.redactor.holdsSecret) else {
            throw AIError(.malformed, "the model's answer cannot be used: it holds your key")
        }
        let leftOut = breakdown.leaveOutRepeats(existing: situation.request.existing)
        guard !breakdown.subtasks.isEmpty else {
            throw AIError(.nothingNew, "\(breakdown.model) proposed only subtasks that are there already")
        }
        let plan = Plan(breakdown: breakdown, leftOut: leftOut, under: situation.parent, in: workspace, as: caller)
        if isDryRun {
            try calls.save()
            return try workspace.store.read {
                try result(plan, situation, parent: situation.parent, subtasks: plan.tasks, embedded: nil, $0)
            }
        }
        let texts = ([situation.parent] + plan.tasks).map(\.embeddingText)
        return try store(
            plan, try await EmbeddedTexts(texts, by: embedder), situation, calls, in: workspace, as: caller)
    }

    private func planner(for situation: Situation, in workspace: OpenWorkspace, calls: CallLog) throws -> any Planner {
        if let playbook {
            try ListPlaybooks.require(playbook, in: try PlaybookLibrary(own: try workspace.workspace.playbooks()))
        }
        return try workspace.configuration.planner(
            of: asksModel(workspace.configuration) ? workspace.configuration.chatProvider : .builtin,
            earlier: situation.earlier,
            selection: playbook.map { .named($0) } ?? (takesNearest ? .nearest : .fitting),
            onCall: calls.noting("decompose"))
    }

    /// Whether a model on a server plans, rather than the built-in planner.
    public func asksModel(_ configuration: Configuration) -> Bool { playbook == nil && configuration.usesModelServer }
}

extension TaskItem {
    /// The text of which embeddings are made.
    var embeddingText: String { [title, description].compactMap { $0 }.joined(separator: "\n\n") }
}
