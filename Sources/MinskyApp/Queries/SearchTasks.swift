import MinskyModel
import MinskyStore

/// Reads the tasks in which words stand, the best match first.
public struct SearchTasks: Sendable {
    public var request: TaskRequest

    /// A task that was found.
    public struct Match: Sendable {
        public let task: TaskItem
        /// From 0, exclusive, to 1: every word stands by itself in the title.
        public let score: Double
        /// Where the words stand: `title`, `tags`, `description`, `notes`.
        public let fields: [String]
    }

    /// What was found.
    public struct Result: Sendable {
        public let matches: [Match]
        public let list: TaskList
        /// Whether no task has all of the words, so that these have some.
        public let isPartial: Bool

        /// The tasks as the documented JSON array.
        public var json: JSON {
            .array(
                matches.map { match in
                    .object(
                        (list.json(of: match.task).members ?? []) + [
                            .init("score", JSON(floatLiteral: match.score.rounded4)),
                            .init("matched", .array(match.fields.map(JSON.string))),
                        ])
                })
        }
    }

    /// Creates the request. Its words may hold conditions, too.
    public init(_ request: TaskRequest) { self.request = request }

    /// Reads the tasks, closed ones included.
    /// - Throws: `AppError`, `MistypedPhrase`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let selection = try request.selection(in: workspace, as: caller)
        let words = selection.query.words
        guard !words.isEmpty else {
            throw AppError(
                .invalidArgument, "there is nothing to search for",
                hint: "minsky search WORD… looks for words; minsky list takes conditions alone.")
        }
        let now = workspace.environment.now()
        return try workspace.store.read { session in
            // A limit is of the best, which are not known before all are rated.
            var tasks = try session.tasks(TaskFilter(TaskSelection(selection.query.withTags), now: now))
            var isPartial = false
            if tasks.isEmpty, words.count > 1 {
                isPartial = true
                tasks = try session.tasks(TaskFilter(TaskSelection(selection.query.withAnyWord.withTags), now: now))
            }
            let notes = try session.notes(of: tasks.map(\.id))
            var matches = tasks.map { task in
                let rating = Rating(words, in: task, notes: notes[task.id]?.map(\.body) ?? [])
                return Match(task: task, score: rating.score, fields: rating.fields)
            }
            if selection.order == nil {
                matches.sort { left, right in
                    if left.task.status.isOpen != right.task.status.isOpen, left.score == right.score {
                        return left.task.status.isOpen
                    }
                    if left.score != right.score { return left.score > right.score }
                    return left.task.updatedAt == right.task.updatedAt
                        ? left.task.id < right.task.id : left.task.updatedAt > right.task.updatedAt
                }
            } else {
                let places = try session.tasks(
                    TaskFilter(
                        TaskSelection(.everything, order: selection.order), now: now,
                        coefficients: workspace.configuration.coefficients))
                let place = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1.id, $0) })
                matches.sort { (place[$0.task.id] ?? 0) < (place[$1.task.id] ?? 0) }
            }
            let found = Array(matches.prefix(selection.limit ?? .max))
            return Result(
                matches: found, list: try TaskList(tasks: found.map(\.task), in: session), isPartial: isPartial)
        }
    }

    /// How well words fit a task: the mean over the words of the best place each stands in. By itself a word counts twice
    /// as much as within another one.
    private struct Rating {
        var score = 0.0
        var fields: [String] = []

        init(_ words: [String], in task: TaskItem, notes: [String]) {
            let places: [(name: String, weight: Double, texts: [String])] = [
                ("title", 1, [task.title]), ("tags", 0.8, task.tags),
                ("description", 0.5, task.description.map { [$0] } ?? []), ("notes", 0.4, notes),
            ]
            var found: Set<String> = []
            for word in words {
                var best = 0.0
                for place in places {
                    let fit = place.texts.map { Self.fit(of: word.lowercased(), in: $0.lowercased()) }.max() ?? 0
                    if fit > 0 { found.insert(place.name) }
                    best = max(best, place.weight * fit)
                }
                score += best / Double(words.count)
            }
            fields = places.map(\.name).filter(found.contains)
        }

        private static func fit(of word: String, in text: String) -> Double {
            var rest = text[...]
            var fit = 0.0
            while let range = rest.firstRange(of: word) {
                let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
                let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
                let isWhole = [before, after].allSatisfy { $0.map { !$0.isLetter && !$0.isNumber } ?? true }
                if isWhole { return 1 }
                fit = 0.5
                rest = rest[range.upperBound...]
            }
            return fit
        }
    }
}

extension Query {
    /// The texts that it asks for outside of a `not`.
    fileprivate var words: [String] {
        switch self {
        case .condition(.words(let text)): [text]
        case .condition, .not: []
        case .and(let parts), .or(let parts): parts.flatMap(\.words)
        }
    }

    /// The same with words that may stand as a tag, too.
    fileprivate var withTags: Query {
        switch self {
        case .condition(.words(let text)):
            .any(of: [self] + Set([text, text.lowercased()]).sorted().map { .condition(.tag($0)) })
        case .condition, .not: self
        case .and(let parts): .all(of: parts.map(\.withTags))
        case .or(let parts): .any(of: parts.map(\.withTags))
        }
    }

    /// The same with one word for all of those that had to be there.
    fileprivate var withAnyWord: Query {
        guard case .and(let parts) = self else { return self }
        let isWord = { (part: Query) in if case .condition(.words) = part { true } else { false } }
        return .all(of: [.any(of: parts.filter(isWord))] + parts.filter { !isWord($0) })
    }
}
