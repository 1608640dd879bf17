import MinskyModel
import MinskyStore

/// What may be meant where a person has typed the beginning of a word of a command.
public struct SuggestWords: Sendable {
    /// What kind of word stands there.
    public enum Kind: Sendable {
        case task, tag, project, assignee, setting, template
        /// Of a query: `+tag`, `@view`, `project:…`, `is:…`.
        case query
    }

    /// A word with what it stands for, if that is something else.
    public struct Word: Sendable, Hashable {
        public let text: String
        public let meaning: String?

        init(_ text: String, _ meaning: String? = nil) {
            self.text = text
            self.meaning = meaning
        }
    }

    public var kind: Kind
    /// What has been typed of the word.
    public var prefix: String

    /// The most tasks that are suggested.
    private static let most = 100

    /// Creates the request.
    public init(_ kind: Kind, prefix: String) {
        self.kind = kind
        self.prefix = prefix
    }

    /// Finds the words.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(_ directory: String?, in environment: Environment) throws -> [Word] {
        if kind == .setting {
            return ConfigurationKey.all.map { Word($0.name, $0.summary) }.filter { $0.text.hasPrefix(prefix) }
        }
        let workspace = try OpenWorkspace(directory, in: environment)
        let words: [Word]
        switch kind {
        case .setting: words = []
        case .template: words = try TaskTemplate.all(in: workspace.workspace).map { Word($0.name) }
        case .task: words = try tasks(in: workspace)
        case .tag: words = try workspace.store.read { try $0.tags() }.map { Word($0) }
        case .project: words = try workspace.store.read { try $0.projects() }.map { Word($0) }
        case .assignee: words = try workspace.store.read { try $0.assignees() }.map { Word($0) }
        case .query: words = try query(in: workspace)
        }
        return words.filter { $0.text.hasPrefix(prefix) }
    }

    /// The open tasks whose ids begin so, those last changed first.
    private func tasks(in workspace: OpenWorkspace) throws -> [Word] {
        let typed = prefix.count >= 4 ? Identifier.prefix(prefix).map { " id:\($0)" } ?? "" : ""
        let context = workspace.configuration.queryContext(of: workspace.configuration.caller)
        let selection = try TaskSelection(parsing: "is:open sort:-updated limit:\(Self.most)" + typed, in: context)
        return try workspace.store.read { session in
            let tasks = try session.tasks(TaskFilter(selection, now: workspace.environment.now()))
            let ids = try session.shortIDs(of: tasks.map(\.id))
            return tasks.map { task in
                let short = ids[task.id] ?? task.id
                return Word(prefix.count > short.count ? task.id : short, task.title)
            }
        }
    }

    private func query(in workspace: OpenWorkspace) throws -> [Word] {
        if prefix.hasPrefix("@") {
            return workspace.configuration.views.map { Word("@" + $0.name, $0.query) }
        }
        if let sign = prefix.first, sign == "+" || sign == "-" {
            return try workspace.store.read { try $0.tags() }.map { Word("\(sign)\($0)") }
        }
        let key = prefix.prefix { $0 != ":" }
        guard key.count < prefix.count else {
            return (QueryField.all.map(\.key) + ["is", "has", "no", "sort", "limit"]).map { Word($0 + ":") }
        }
        let values: [String]
        switch key {
        case "tag": values = try workspace.store.read { try $0.tags() }
        case "project": values = try workspace.store.read { try $0.projects() }
        case "assignee": values = try workspace.store.read { try $0.assignees() } + ["me", "none"]
        case "status": values = TaskStatus.allCases.map(\.rawValue) + ["open", "closed"]
        case "priority": values = TaskPriority.allCases.map(\.rawValue)
        case "is": values = QueryState.allCases.map(\.rawValue) + TaskStatus.allCases.map(\.rawValue)
        case "has", "no": values = QueryField.all.filter(\.isOptional).map(\.key)
        default: values = []
        }
        return values.map { Word("\(key):\($0)") }
    }
}
