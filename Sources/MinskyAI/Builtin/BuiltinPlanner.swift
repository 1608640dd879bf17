/// How the built-in planner comes to its playbook.
public enum PlaybookSelection: Sendable, Hashable {
    /// By an earlier breakdown or the playbook that fits, if there is one.
    case fitting
    /// The same, or else by the playbook that comes nearest, or else by the frame.
    case nearest
    /// By the playbook of a name.
    case named(String)
}

/// The planner that needs no network and pretends to be no model: it reuses the breakdown of an earlier task of the same
/// kind, or else the playbook that fits, adapted to the task. When none fits it says so and proposes no subtasks.
public struct BuiltinPlanner: Planner {
    /// The name of this provider.
    public static let providerName = "builtin"
    /// The name in place of a model's when nothing fits.
    public static let noModel = "none"
    /// The name in place of a model's when the title holds several tasks, which are the subtasks.
    public static let partsModel = "parts"

    private let library: PlaybookLibrary
    private let earlier: [EarlierBreakdown]
    private let selection: PlaybookSelection

    /// Creates a planner.
    /// - Parameter earlier: Tasks of the workspace with the subtasks they were broken down into.
    public init(library: PlaybookLibrary, earlier: [EarlierBreakdown], selection: PlaybookSelection = .fitting) {
        self.library = library
        self.earlier = earlier
        self.selection = selection
    }

    /// Plans by what fits. When nothing does, the breakdown has no subtasks, and names the nearest playbooks.
    /// - Throws: `AIError` with code `.nothingNew` when the task has every step already, `.badPlaybook` when there is no
    ///   playbook of the name asked for.
    public func breakDown(
        _ request: BreakdownRequest, onSubtask: @escaping @Sendable (String) -> Void
    ) async throws -> Breakdown {
        var (breakdown, core) = try plan(request)
        guard !breakdown.subtasks.isEmpty else { return breakdown }
        let coreTitles = Set(core.map { breakdown.subtasks[$0].title })
        _ = breakdown.leaveOutRepeats(existing: request.existing)
        guard !breakdown.subtasks.isEmpty else {
            throw AIError(
                .nothingNew,
                "the built-in planner has nothing to add: the task has every step of \(breakdown.model) already")
        }
        if let count = request.count {
            let left = breakdown.subtasks
            let core = left.indices.filter { coreTitles.contains(left[$0].title) }
            breakdown.subtasks = left.keeping(left.positions(ofMost: count, core: core))
        }
        for subtask in breakdown.subtasks { onSubtask(subtask.title) }
        return breakdown
    }

    /// A breakdown, and the positions of the subtasks that do the work.
    private func plan(_ request: BreakdownRequest) throws -> (Breakdown, core: [Int]) {
        if case .named(let name) = selection {
            guard let playbook = library.playbook(named: name) else {
                throw AIError(.badPlaybook, "there is no playbook '\(name)'")
            }
            return instantiate(playbook, for: request)
        }
        let alike = earlier.compactMap { task in task.likeness(to: request.title).map { (task, $0) } }
        if let task = mostAlike(alike.filter { $0.0.suffices(for: request.count) }) {
            return (takenOver(task, for: request), [])
        }
        let choice = library.choice(title: request.title, description: background(request))
        if let playbook = choice.playbook { return instantiate(playbook, for: request) }
        if let several = SeveralTasks(in: request.title) { return (parts(several, request.count), []) }
        // A short one is better than none, unless more was asked for.
        if request.count == nil, let task = mostAlike(alike) { return (takenOver(task, for: request), []) }
        if selection == .nearest {
            guard let playbook = choice.candidates.first ?? library.playbook(named: PlaybookLibrary.frameName) else {
                throw AIError(.badPlaybook, "there is no playbook to go by")
            }
            var (breakdown, core) = instantiate(playbook, for: request)
            breakdown.origin =
                "No playbook fits. This is " + (choice.candidates.isEmpty ? "" : "the nearest, ")
                + "“\(playbook.title)”; no model was asked."
            return (breakdown, core)
        }
        let breakdown = Breakdown(
            subtasks: [], provider: Self.providerName, model: Self.noModel, usage: nil, origin: "No playbook fits.",
            candidates: choice.candidates.map(\.name))
        return (breakdown, [])
    }

    /// Of several that are as much alike, the newest, which comes first.
    private func mostAlike(_ tasks: [(EarlierBreakdown, Double)]) -> EarlierBreakdown? {
        tasks.reduce(nil as (EarlierBreakdown, Double)?) { best, next in
            best.map { $0.1 >= next.1 } == true ? best : next
        }?.0
    }

    private func takenOver(_ task: EarlierBreakdown, for request: BreakdownRequest) -> Breakdown {
        Breakdown(
            subtasks: task.subtasks(for: request.title), provider: Self.providerName, model: "earlier:\(task.id)",
            usage: nil, origin: "Taken over from the earlier breakdown of “\(task.title)”; no model was asked.")
    }

    /// What a title holds, one subtask for each of its tasks; how long they take is not known.
    private func parts(_ several: SeveralTasks, _ count: Int?) -> Breakdown {
        Breakdown(
            subtasks: several.titles(ofMost: count).map { PlannedSubtask(title: $0) }, provider: Self.providerName,
            model: Self.partsModel, usage: nil, origin: "The title holds several tasks; no model was asked.")
    }

    private func background(_ request: BreakdownRequest) -> String {
        // Each is cut by itself: a long description must not hide the context.
        [request.description, request.context].compactMap { $0 }
            .map { Words.beginning(of: $0, bytes: Words.byteLimit / 2) }.joined(separator: "\n")
    }

    private func instantiate(_ playbook: Playbook, for request: BreakdownRequest) -> (Breakdown, core: [Int]) {
        // What is taken by its name only knows no kind of work, so no verb either.
        let subject = playbook.keywords.isEmpty ? Subject.whole(request.title) : Subject.of(request.title)
        let items = Array(Subject.items(in: request.description).prefix(20))
        let title = Words.beginning(of: request.title, bytes: TaskTitle.byteLimit)
        let words = WordIndex(Words.stems(of: title + "\n" + background(request), keepingCommon: true))
        var subtasks: [PlannedSubtask] = []
        // The positions that each step of the playbook became; a repeated step became several.
        var places: [[Int]] = []
        for step in playbook.steps {
            var place: [Int] = []
            for item in step.isEachItem && !items.isEmpty ? items : [subject] {
                place.append(subtasks.count)
                subtasks.append(
                    PlannedSubtask(
                        title: Subject.fill(step.title, subject: subject, item: item),
                        description: Subject.fill(step.description, subject: subject, item: item),
                        estimateMinutes: step.estimateMinutes, complexity: step.complexity,
                        dependsOn: step.after.flatMap { places[$0] }.sorted()))
            }
            places.append(place)
        }
        let kept = playbook.steps.indices.filter { index in
            let (step, when) = (playbook.steps[index], playbook.steps[index].when)
            return when.isEmpty || (step.isEachItem && !items.isEmpty)
                || when.contains { words.contains(Words.stems(of: $0, keepingCommon: true)) }
        }
        let positions = kept.flatMap { places[$0] }
        let doing = playbook.coreSteps(among: kept)
        let core = positions.indices.filter { place in doing.contains { places[$0].contains(positions[place]) } }
        let breakdown = Breakdown(
            subtasks: subtasks.keeping(positions), provider: Self.providerName, model: "playbook:\(playbook.name)",
            usage: nil, origin: "From the playbook “\(playbook.title)”; no model was asked.")
        return (breakdown, core)
    }
}

extension Playbook {
    /// The positions of the steps, among some, that do the work: those marked as such, or else those that are repeated for
    /// every item.
    fileprivate func coreSteps(among kept: [Int]) -> [Int] {
        let marked = kept.filter { steps[$0].isCore }
        return marked.isEmpty ? kept.filter { steps[$0].isEachItem } : marked
    }
}
