import MinskyModel
import MinskyStore

/// Which tasks a person asks for, as typed: a query in words, with views by `@NAME`, an order and a number.
public struct TaskRequest: Sendable {
    public var words: [String]
    /// By what to sort (`TaskOrder`), or nil when it is left open.
    public var sort: String?
    /// The most tasks wanted.
    public var limit: Int?
    /// The most tasks where neither the words nor an option say how many.
    public var usualLimit: Int?

    /// Creates the request.
    public init(_ words: [String] = [], sort: String? = nil, limit: Int? = nil) {
        self.words = words
        self.sort = sort
        self.limit = limit
    }

    /// What is asked for. The workspace's context holds besides, unless the request names single tasks.
    /// - Throws: `AppError` with code `.invalidArgument`; `MistypedPhrase`.
    func selection(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskSelection {
        let configuration = workspace.configuration
        let context = configuration.queryContext(of: caller)
        var selections: [TaskSelection] = []
        let typed = words.filter { !$0.hasPrefix("@") }.joined(separator: " ")
        selections.append(try Self.read(typed) { try TaskSelection(parsing: $0, in: context) })
        for name in words where name.hasPrefix("@") {
            selections.append(try view(String(name.dropFirst()), in: configuration, context))
        }
        if let name = configuration.context, !selections[0].query.isAboutOneTask {
            // Of a context only its conditions count.
            selections.append(TaskSelection(try view(name, in: configuration, context).query))
        }
        var result = TaskSelection(
            Query.all(of: selections.map(\.query)), order: selections.lazy.compactMap(\.order).first,
            limit: selections.lazy.compactMap(\.limit).first)
        if let sort { result.order = try Self.read(sort) { try TaskOrder(parsing: $0, in: context) } }
        if let limit {
            guard limit > 0 else { throw AppError(.invalidArgument, "--limit must be at least 1") }
            result.limit = limit
        }
        result.limit = result.limit ?? usualLimit
        return result
    }

    private func view(
        _ name: String, in configuration: Configuration, _ context: QueryContext
    ) throws -> TaskSelection {
        let views = configuration.views
        guard let view = views.first(where: { $0.name == name }) else {
            let near = NearestMatch.of(name, among: views.map(\.name)).map { "Did you mean @\($0)?" }
            throw AppError(
                .invalidArgument, "there is no view '\(name)'",
                hint: near ?? "minsky config set view.\(name.shellQuoted) 'QUERY' makes it.")
        }
        return try Self.read(view.query) { try TaskSelection(parsing: $0, in: context) }
    }

    /// Reads a text that may be wrong in one place.
    /// - Throws: `MistypedPhrase`.
    private static func read<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        do {
            return try body(text)
        } catch let error as PhraseError {
            throw MistypedPhrase(text: text, error: error)
        }
    }
}

/// A text that was typed, and what is wrong where in it.
public struct MistypedPhrase: Error {
    public let text: String
    public let error: PhraseError
}

extension Query {
    /// Whether a condition stands somewhere in it.
    func contains(where isMeant: (QueryCondition) -> Bool) -> Bool {
        switch self {
        case .condition(let condition): isMeant(condition)
        case .not(let query): query.contains(where: isMeant)
        case .and(let parts), .or(let parts): parts.contains { $0.contains(where: isMeant) }
        }
    }

    /// Whether it asks for tasks by their ids.
    var isAboutOneTask: Bool {
        contains { if case .reference(.id, _) = $0 { true } else { false } }
    }

    /// Whether it says itself which statuses it is about.
    var isAboutStatus: Bool {
        isAboutOneTask
            || contains { condition in
                switch condition {
                case .status, .moment(.completed, _, _), .has(.moment(.completed)): true
                case .state(let state): state != .leaf
                default: false
                }
            }
    }

    /// Whether it says itself what becomes of tasks that are put aside or have no point any more.
    var isAboutWaiting: Bool {
        isAboutOneTask
            || contains { condition in
                switch condition {
                case .state(.waiting), .state(.expired), .state(.closed), .moment(.wait, _, _), .moment(.until, _, _),
                    .has(.moment(.wait)), .has(.moment(.until)), .status(.done), .status(.dropped):
                    true
                default: false
                }
            }
    }
}
