import MinskySQL

extension StoreSession {
    /// The tags that tasks have, sorted.
    /// - Throws: `SQLError`.
    public func tags() throws -> [String] {
        try reader.rows(
            """
            SELECT DISTINCT tag FROM task_tags JOIN tasks ON tasks.id = task_tags.task_id
            WHERE tasks.deleted_at IS NULL ORDER BY tag
            """
        ) { try $0.text(0) }
    }

    /// The projects that tasks are in, sorted.
    /// - Throws: `SQLError`.
    public func projects() throws -> [String] {
        try reader.rows(
            "SELECT DISTINCT project FROM tasks WHERE deleted_at IS NULL AND project IS NOT NULL ORDER BY project"
        ) { try $0.text(0) }
    }

    /// Those who have tasks, sorted.
    /// - Throws: `SQLError`.
    public func assignees() throws -> [String] {
        try reader.rows(
            "SELECT DISTINCT assignee FROM tasks WHERE deleted_at IS NULL AND assignee IS NOT NULL ORDER BY assignee"
        ) { try $0.text(0) }
    }
}
