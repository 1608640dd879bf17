/// One field of a task: what the database, JSON and people call it, what kind of value it has, and how it is read.
///
/// `TaskField.all` is the one list of them: JSON, the sheet of a task, its history and the words of an undo go by it.
public struct TaskField: Sendable {
    /// How a value is to be understood when it is shown.
    public enum Kind: Sendable { case text, moment, minutes, number, task, words, object, recurrence }

    /// The column of `tasks`, or nil for what is kept in a table of its own.
    public let column: String?
    /// The key in JSON, or nil when JSON leaves it out.
    public let key: String?
    /// What people call it, or nil when they are not shown it.
    public let label: String?
    public let kind: Kind
    /// The value a task has.
    public let value: @Sendable (TaskItem) -> JSON

    private init(
        _ column: String?, key: String?, label: String?, _ kind: Kind, _ value: @escaping @Sendable (TaskItem) -> JSON
    ) {
        self.column = column
        self.key = key
        self.label = label
        self.kind = kind
        self.value = value
    }

    public static let id = TaskField("id", key: "id", label: "id", .text) { .string($0.id) }
    public static let title = TaskField("title", key: "title", label: "title", .text) { .string($0.title) }
    public static let description = TaskField("description", key: "description", label: "description", .text) {
        .optional($0.description)
    }
    public static let status = TaskField("status", key: "status", label: "status", .text) {
        .string($0.status.rawValue)
    }
    public static let priority = TaskField("priority", key: "priority", label: "priority", .text) {
        .optional($0.priority?.rawValue)
    }
    public static let parent = TaskField("parent_id", key: "parentId", label: "part of", .task) {
        .optional($0.parentID)
    }
    public static let tags = TaskField(nil, key: "tags", label: "tags", .words) { .array($0.tags.map(JSON.string)) }
    public static let dependsOn = TaskField(nil, key: "dependsOn", label: "depends on", .words) {
        .array($0.dependsOn.map(JSON.string))
    }
    public static let estimate = TaskField("estimate_minutes", key: "estimateMinutes", label: "estimate", .minutes) {
        .optional($0.estimateMinutes)
    }
    public static let complexity = TaskField("complexity", key: "complexity", label: "complexity", .number) {
        .optional($0.complexity)
    }
    public static let complexityReason = TaskField(
        "complexity_reason", key: nil, label: "reason for the complexity", .text
    ) { .optional($0.complexityReason) }
    public static let assignee = TaskField("assignee", key: "assignee", label: "assignee", .text) {
        .optional($0.assignee)
    }
    public static let project = TaskField("project", key: "project", label: "project", .text) {
        .optional($0.project)
    }
    public static let due = TaskField("due_at", key: "dueAt", label: "due", .moment) { .optional($0.dueAt?.iso8601) }
    public static let waitUntil = TaskField("wait_until", key: "waitUntil", label: "waits until", .moment) {
        .optional($0.waitUntil?.iso8601)
    }
    public static let scheduled = TaskField("scheduled_at", key: "scheduledAt", label: "scheduled", .moment) {
        .optional($0.scheduledAt?.iso8601)
    }
    public static let until = TaskField("until_at", key: "untilAt", label: "until", .moment) {
        .optional($0.untilAt?.iso8601)
    }
    public static let seriesID = TaskField("series_id", key: nil, label: nil, .text) { .optional($0.seriesID) }
    public static let seriesDay = TaskField("series_day", key: nil, label: nil, .text) { .optional($0.seriesDay) }
    public static let recurrence = TaskField("recurrence", key: "recurrence", label: "recurrence", .recurrence) {
        .optional($0.recurrence)
    }
    public static let created = TaskField("created_at", key: "createdAt", label: "created", .moment) {
        .string($0.createdAt.iso8601)
    }
    public static let creator = TaskField("created_by", key: "createdBy", label: "creator", .text) {
        .optional($0.createdBy)
    }
    public static let updated = TaskField("updated_at", key: "updatedAt", label: nil, .moment) {
        .string($0.updatedAt.iso8601)
    }
    public static let started = TaskField("started_at", key: "startedAt", label: "started", .moment) {
        .optional($0.startedAt?.iso8601)
    }
    public static let completed = TaskField("completed_at", key: "completedAt", label: "completed", .moment) {
        .optional($0.completedAt?.iso8601)
    }
    public static let deleted = TaskField("deleted_at", key: nil, label: nil, .moment) {
        .optional($0.deletedAt?.iso8601)
    }
    public static let rank = TaskField("rank", key: nil, label: nil, .text) { .string($0.rank) }
    public static let reference = TaskField("external_ref", key: "externalRef", label: "elsewhere", .text) {
        .optional($0.externalRef)
    }
    public static let metadata = TaskField("metadata", key: "metadata", label: "metadata", .object) { $0.metadata }

    /// Every field, in the order of the documented JSON.
    public static let all: [TaskField] = [
        id, title, description, status, priority, parent, tags, dependsOn, estimate, complexity, complexityReason,
        assignee, project, due, waitUntil, scheduled, until, recurrence, seriesID, seriesDay, created, creator, updated,
        started, completed, deleted, rank,
        reference, metadata,
    ]

    /// The field of a column, or nil when there is none.
    public static func named(column: String) -> TaskField? { all.first { $0.column == column } }
}
