import MinskyModel

/// An earlier task of the workspace that was broken down.
public struct EarlierBreakdown: Sendable {
    public var id: String
    public var title: String
    public var description: String?
    public var subtasks: [PlannedSubtask]

    /// Creates a record.
    public init(id: String, title: String, description: String?, subtasks: [PlannedSubtask]) {
        self.id = id
        self.title = title
        self.description = description
        self.subtasks = subtasks
    }
}

/// The planner that needs no network and pretends to be no model: it reuses the breakdown of the most similar earlier
/// task, or else the playbook whose words fit best, adapted to the task.
public struct BuiltinPlanner: Planner {
    /// The name of this provider.
    public static let providerName = "builtin"

    private let library: PlaybookLibrary
    private let earlier: [EarlierBreakdown]
    /// How alike two tasks must be for one's breakdown to serve the other: the cosine of their vectors.
    private static let reuseSimilarity: Float = 0.7

    /// Creates a planner.
    /// - Parameter earlier: Tasks of the workspace with the subtasks they were broken down into.
    public init(library: PlaybookLibrary, earlier: [EarlierBreakdown]) {
        self.library = library
        self.earlier = earlier
    }

    public func breakDown(
        _ request: BreakdownRequest, onSubtask: @escaping @Sendable (String) -> Void
    ) async throws -> Breakdown {
        var breakdown = try plan(request)
        let known = Set(request.existing.map { $0.lowercased() })
        let fresh = breakdown.subtasks.indices.filter { !known.contains(breakdown.subtasks[$0].title.lowercased()) }
        guard !fresh.isEmpty else {
            throw AIError(
                .nothingNew,
                "the built-in planner has nothing to add: the task has every step of \(breakdown.model) already")
        }
        breakdown.subtasks = Self.keep(fresh, of: breakdown.subtasks)
        if let count = request.count { breakdown.subtasks = Self.limit(breakdown.subtasks, to: count) }
        for subtask in breakdown.subtasks { onSubtask(subtask.title) }
        return breakdown
    }

    private func plan(_ request: BreakdownRequest) throws -> Breakdown {
        if let (task, similarity) = mostSimilar(to: request), similarity >= Self.reuseSimilarity {
            return Breakdown(
                subtasks: Self.adapt(task, to: request), provider: Self.providerName, model: "earlier:\(task.id)",
                usage: nil,
                origin: "Taken over from the earlier breakdown of “\(task.title)”; no model was asked.")
        }
        let background = [request.description, request.context].compactMap { $0 }.joined(separator: "\n")
        guard let playbook = library.best(title: request.title, description: background) else {
            throw AIError(.badPlaybook, "there is no playbook to go by")
        }
        return Breakdown(
            subtasks: Self.instantiate(playbook, for: request, background: background), provider: Self.providerName,
            model: "playbook:\(playbook.name)", usage: nil,
            origin: "From the playbook “\(playbook.title)”; no model was asked.")
    }

    private func mostSimilar(to request: BreakdownRequest) -> (EarlierBreakdown, Float)? {
        let vector = BuiltinEmbedder.vector(of: Self.text(request.title, request.description))
        return earlier.map { task in
            (
                task,
                BuiltinEmbedder.similarity(vector, BuiltinEmbedder.vector(of: Self.text(task.title, task.description)))
            )
        }.max { $0.1 < $1.1 }
    }

    private static func text(_ title: String, _ description: String?) -> String {
        title + "\n" + (description ?? "")
    }

    /// The subtasks of an earlier task, with what that was about replaced by what this one is about.
    private static func adapt(_ task: EarlierBreakdown, to request: BreakdownRequest) -> [PlannedSubtask] {
        let (old, new) = (Subject.of(task.title), Subject.of(request.title))
        return task.subtasks.map { subtask in
            var adapted = subtask
            adapted.title = replace(old, by: new, in: subtask.title)
            adapted.description = subtask.description.map { replace(old, by: new, in: $0) }
            return adapted
        }
    }

    /// Replaces whole words, in upper or lower case: "art" is not in "start".
    private static func replace(_ old: String, by new: String, in text: String) -> String {
        guard !old.isEmpty else { return text }
        let (needle, haystack) = (old.map { $0.lowercased() }, Array(text))
        func isInWord(_ index: Int) -> Bool {
            haystack.indices.contains(index) && (haystack[index].isLetter || haystack[index].isNumber)
        }
        var result = ""
        var index = 0
        while index < haystack.count {
            let end = index + needle.count
            if end <= haystack.count, zip(needle, haystack[index..<end]).allSatisfy({ $0 == $1.lowercased() }),
                !isInWord(index - 1), !isInWord(end)
            {
                result += new
                index = end
            } else {
                result.append(haystack[index])
                index += 1
            }
        }
        return result
    }

    private static func instantiate(
        _ playbook: Playbook, for request: BreakdownRequest, background: String
    ) -> [PlannedSubtask] {
        let subject = Subject.of(request.title)
        let items = Array(Subject.items(in: request.description).prefix(20))
        let words = WordIndex(Words.stems(of: request.title + "\n" + background, keepingCommon: true))
        var subtasks: [PlannedSubtask] = []
        // The positions that each step of the playbook became; a repeated step became several.
        var places: [[Int]] = []
        for step in playbook.steps {
            var place: [Int] = []
            for item in step.isEachItem && !items.isEmpty ? items : [subject] {
                place.append(subtasks.count)
                let title = Subject.fill(step.title, subject: subject, item: item)
                subtasks.append(
                    PlannedSubtask(
                        title: title, description: Subject.fill(step.description, subject: subject, item: item),
                        estimateMinutes: step.estimateMinutes, complexity: step.complexity,
                        dependsOn: step.after.flatMap { places[$0] }.sorted()))
            }
            places.append(place)
        }
        let kept = playbook.steps.indices.filter { index in
            let when = playbook.steps[index].when
            return when.isEmpty || when.contains { words.contains(Words.stems(of: $0, keepingCommon: true)) }
        }
        return keep(kept.flatMap { places[$0] }, of: subtasks)
    }

    /// The most telling subtasks, in their order: the least complex are left out first, later ones before earlier ones.
    private static func limit(_ subtasks: [PlannedSubtask], to count: Int) -> [PlannedSubtask] {
        let ordered = subtasks.indices.sorted {
            let (left, right) = (subtasks[$0].complexity ?? 0, subtasks[$1].complexity ?? 0)
            return left == right ? $0 < $1 : left > right
        }
        return keep(ordered.prefix(max(1, count)).sorted(), of: subtasks)
    }

    /// Some of the subtasks, by position, ascending. What depended on one that is left out depends on what that
    /// depended on.
    private static func keep(_ kept: [Int], of subtasks: [PlannedSubtask]) -> [PlannedSubtask] {
        var newPlace: [Int: Int] = [:]
        for (place, old) in kept.enumerated() { newPlace[old] = place }
        // For each subtask, the kept ones it waits for; dependencies point backwards, so one pass is enough.
        var waits: [Set<Int>] = []
        for subtask in subtasks {
            var set: Set<Int> = []
            for other in subtask.dependsOn where waits.indices.contains(other) {
                if let place = newPlace[other] { set.insert(place) } else { set.formUnion(waits[other]) }
            }
            waits.append(set)
        }
        return kept.map { old in
            var subtask = subtasks[old]
            subtask.dependsOn = waits[old].sorted()
            return subtask
        }
    }
}
