import MinskyModel
import MinskyStore

/// What to do with one field of a task.
public enum FieldEdit<Value: Sendable>: Sendable {
    case keep
    case clear
    case set(Value)

    func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .clear: nil
        case .set(let value): value
        }
    }
}

/// The fields of a task a person can give; ids of other tasks are as typed.
public struct TaskEdit: Sendable {
    public var title: String?
    public var description: FieldEdit<String> = .keep
    public var priority: FieldEdit<TaskPriority> = .keep
    public var assignee: FieldEdit<String> = .keep
    public var due: FieldEdit<Timestamp> = .keep
    public var estimateMinutes: FieldEdit<Int> = .keep
    public var complexity: FieldEdit<Int> = .keep
    public var addedTags: [String] = []
    public var removedTags: [String] = []
    public var addedDependencies: [String] = []
    public var removedDependencies: [String] = []

    /// Creates an edit that changes nothing.
    public init() {}

    /// Whether nothing is asked for.
    public var isEmpty: Bool {
        func keeps<Value>(_ edit: FieldEdit<Value>) -> Bool { if case .keep = edit { true } else { false } }
        return title == nil && keeps(description) && keeps(priority) && keeps(assignee) && keeps(due)
            && keeps(estimateMinutes) && keeps(complexity) && addedTags.isEmpty && removedTags.isEmpty
            && addedDependencies.isEmpty && removedDependencies.isEmpty
    }

    func apply(to task: inout TaskItem, in session: some StoreSession) throws {
        if let title { task.title = try Self.checkedTitle(title) }
        task.description = description.applied(to: task.description).flatMap { $0.isEmpty ? nil : $0 }
        task.priority = priority.applied(to: task.priority)
        task.assignee = assignee.applied(to: task.assignee)
        task.dueAt = due.applied(to: task.dueAt)
        task.estimateMinutes = estimateMinutes.applied(to: task.estimateMinutes)
        task.complexity = complexity.applied(to: task.complexity)
        let added = try addedTags.map(Self.checkedTag)
        let removed = try removedTags.map(Self.checkedTag)
        task.tags = Set(task.tags).subtracting(removed).union(added).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        let dependencies = try addedDependencies.map { try session.resolveTask($0) }
        let dropped = try removedDependencies.map { try session.resolveTask($0) }
        task.dependsOn = Set(task.dependsOn).subtracting(dropped).union(dependencies).sorted()
    }

    /// A title without white space around it.
    /// - Throws: `AppError` with code `.invalidArgument` when nothing is left.
    static func checkedTitle(_ title: String) throws -> String {
        let trimmed = title.trimmingSpace
        guard !trimmed.isEmpty else { throw AppError(.invalidArgument, "the title is empty") }
        return trimmed
    }

    static func checkedTag(_ tag: String) throws -> String {
        let name = tag.hasPrefix("+") ? String(tag.dropFirst()) : tag
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "," }) else {
            throw AppError(.invalidArgument, "'\(tag)' cannot be a tag: a tag is one word")
        }
        return name
    }
}

/// A person's words for a field, read.
public enum FieldPhrase {
    /// A date as people say it, read with the environment's clock and zone.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func date(_ phrase: String, in environment: Environment) throws -> Timestamp {
        guard let moment = DatePhrase.moment(phrase, now: environment.now(), utcOffset: environment.utcOffset) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a date",
                hint:
                    "Dates look like: today, 'tomorrow 14:00', fri, noon, 3d, 'dec 1', 'end of month', 2026-12-01."
            )
        }
        return moment
    }

    /// An amount of work.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func minutes(_ phrase: String) throws -> Int {
        guard let minutes = DurationPhrase.minutes(phrase) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not an amount of work",
                hint: "Estimates look like: 45m, 2h, 1h30m, 1d.")
        }
        return minutes
    }

    /// A priority.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func priority(_ phrase: String) throws -> TaskPriority {
        guard let priority = TaskPriority(phrase: phrase) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a priority", hint: "Priorities are: low, medium, high, critical.")
        }
        return priority
    }

    /// A status.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func status(_ phrase: String) throws -> TaskStatus {
        guard let status = TaskStatus(rawValue: phrase.lowercased()) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a status", hint: "Statuses are: todo, doing, done, dropped.")
        }
        return status
    }

    /// A complexity.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func complexity(_ phrase: String) throws -> Int {
        guard let value = Int(phrase), (1...10).contains(value) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a complexity", hint: "A complexity is a number from 1 to 10.")
        }
        return value
    }
}
