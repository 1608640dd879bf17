/// Where a task stands. Whether it is blocked follows from its dependencies and is not a status.
public enum TaskStatus: String, Sendable, CaseIterable {
    case todo, doing, done, dropped

    /// Whether the task still asks for work.
    public var isOpen: Bool { self == .todo || self == .doing }
}

/// How much a task matters; a task without a priority ranks below `low`.
public enum TaskPriority: String, Sendable, CaseIterable {
    case low, medium, high, critical

    /// A priority as people type it: its name, its first letter, or `p0` (critical) to `p3` (low).
    public init?(phrase: String) {
        switch phrase.lowercased() {
        case "critical", "c", "urgent", "p0", "0": self = .critical
        case "high", "h", "p1", "1": self = .high
        case "medium", "m", "med", "p2", "2": self = .medium
        case "low", "l", "p3", "3": self = .low
        default: return nil
        }
    }
}

/// One task, with the tags and dependencies that hang on it.
public struct TaskItem: Sendable, Hashable {
    /// 16 characters of Crockford base32; never changes, never used again.
    public var id: String
    public var title: String
    public var description: String?
    public var status: TaskStatus
    public var priority: TaskPriority?
    public var parentID: String?
    /// The place among its siblings (`Rank`).
    public var rank: String
    public var assignee: String?
    /// What it belongs to; a project within another one follows it after a dot.
    public var project: String?
    public var dueAt: Timestamp?
    /// When the task comes into view, for tasks put aside.
    public var waitUntil: Timestamp?
    public var scheduledAt: Timestamp?
    /// When the task has lost its point, unless it was done before.
    public var untilAt: Timestamp?
    /// Estimated work, in minutes.
    public var estimateMinutes: Int?
    /// 1 (trivial) to 10 (hardest).
    public var complexity: Int?
    public var complexityReason: String?
    /// How it comes back (`RecurrenceSeries`).
    public var recurrence: String?
    /// The id of the first task of its series.
    public var seriesID: String?
    /// The day of the series that it stands for, as in 2026-11-20.
    public var seriesDay: String?
    /// The id this task has elsewhere, with its source: `taskwarrior:<uuid>`. Unique where present.
    public var externalRef: String?
    /// A JSON object of anything else.
    public var metadata: JSON
    public var createdAt: Timestamp
    public var createdBy: String?
    public var updatedAt: Timestamp
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    /// When the task was deleted; a deleted task is kept so that the deletion can be undone and synced.
    public var deletedAt: Timestamp?
    /// What is wrong with the stored task, such as metadata that cannot be read, or nil when nothing is.
    public var problem: String?
    /// Sorted, without repetition.
    public var tags: [String]
    /// The ids of the tasks that must be done first, sorted.
    public var dependsOn: [String]

    /// Creates a task that is to do, at the given place, with everything optional absent.
    public init(id: String, title: String, rank: String, createdAt: Timestamp, createdBy: String? = nil) {
        self.id = id
        self.title = title
        self.rank = rank
        self.createdAt = createdAt
        self.createdBy = createdBy
        updatedAt = createdAt
        status = .todo
        metadata = .object([])
        tags = []
        dependsOn = []
    }

    /// Moves the task to a status and keeps the times that depend on it true: started when work begins, completed when
    /// it is done or dropped, neither when it is open again.
    public mutating func move(to status: TaskStatus, at now: Timestamp) {
        guard status != self.status else { return }
        self.status = status
        switch status {
        case .doing:
            startedAt = startedAt ?? now
            completedAt = nil
        case .todo:
            startedAt = nil
            completedAt = nil
        case .done, .dropped: completedAt = now
        }
    }
}
