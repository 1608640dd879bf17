import MinskyModel
import MinskySQL

extension TaskItem {
    /// The columns of `tasks` in the order in which `init(row:)` reads them, with the value each gets from a task.
    static let columns: [(name: String, value: @Sendable (TaskItem) -> SQLValue)] = [
        ("id", { $0.id.sqlValue }),
        ("title", { $0.title.sqlValue }),
        ("description", { $0.description.sqlValue }),
        ("status", { $0.status.rawValue.sqlValue }),
        ("priority", { ($0.priority?.rawValue).sqlValue }),
        ("parent_id", { $0.parentID.sqlValue }),
        ("rank", { $0.rank.sqlValue }),
        ("assignee", { $0.assignee.sqlValue }),
        ("due_at", { $0.dueAt.sqlValue }),
        ("wait_until", { $0.waitUntil.sqlValue }),
        ("scheduled_at", { $0.scheduledAt.sqlValue }),
        ("estimate_minutes", { $0.estimateMinutes.sqlValue }),
        ("complexity", { $0.complexity.sqlValue }),
        ("complexity_reason", { $0.complexityReason.sqlValue }),
        ("recurrence", { $0.recurrence.sqlValue }),
        ("external_ref", { $0.externalRef.sqlValue }),
        ("metadata", { $0.metadata.sqlValue }),
        ("created_at", { $0.createdAt.sqlValue }),
        ("created_by", { $0.createdBy.sqlValue }),
        ("updated_at", { $0.updatedAt.sqlValue }),
        ("started_at", { $0.startedAt.sqlValue }),
        ("completed_at", { $0.completedAt.sqlValue }),
        ("deleted_at", { $0.deletedAt.sqlValue }),
        ("project", { $0.project.sqlValue }),
        ("until_at", { $0.untilAt.sqlValue }),
        ("series_id", { $0.seriesID.sqlValue }),
        ("series_day", { $0.seriesDay.sqlValue }),
    ]

    static let columnNames = columns.map(\.name)

    /// What to select, in the order of `columns`; a column that an older schema does not have yet is null.
    static func columnList(in schema: Schema) -> String {
        guard let table = schema.table("tasks"), table.columns.count < columns.count else {
            return columnNames.joined(separator: ", ")
        }
        return columnNames.map { table.column($0) == nil ? "NULL" : $0 }.joined(separator: ", ")
    }

    /// Reads a row of `tasks`; tags and dependencies stay empty.
    init(row: any Row) throws {
        self.init(
            id: try row.text(0), title: try row.text(1), rank: try row.text(6), createdAt: try row.timestamp(17),
            createdBy: try row.optionalText(18))
        description = try row.optionalText(2)
        let statusText = try row.text(3)
        guard let status = TaskStatus(rawValue: statusText) else {
            throw StoreError(.corrupt, "task \(id) has the unknown status '\(statusText)'")
        }
        self.status = status
        priority = try row.optionalText(4).flatMap(TaskPriority.init(rawValue:))
        parentID = try row.optionalText(5)
        assignee = try row.optionalText(7)
        dueAt = try row.optionalTimestamp(8)
        waitUntil = try row.optionalTimestamp(9)
        scheduledAt = try row.optionalTimestamp(10)
        estimateMinutes = try row.optionalInteger(11).map { Int($0) }
        complexity = try row.optionalInteger(12).map { Int($0) }
        complexityReason = try row.optionalText(13)
        recurrence = try row.optionalText(14)
        externalRef = try row.optionalText(15)
        do {
            metadata = try row.json(16)
        } catch let error as SQLError where error.kind == .corrupt {
            // An edit by hand can write JSON that is none; it must not hide the task, nor all others.
            problem = "metadata: \(error.message)"
        }
        updatedAt = try row.timestamp(19)
        startedAt = try row.optionalTimestamp(20)
        completedAt = try row.optionalTimestamp(21)
        deletedAt = try row.optionalTimestamp(22)
        project = try row.optionalText(23)
        untilAt = try row.optionalTimestamp(24)
        seriesID = try row.optionalText(25)
        seriesDay = try row.optionalText(26)
    }
}
