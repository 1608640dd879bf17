import MinskyModel
import MinskySQL

extension StoreSession {
    /// The links of a task, the oldest first.
    public func links(of task: String) throws -> [Link] {
        try reader.rows(
            """
            SELECT id, task_id, target, title, created_at, created_by FROM links WHERE task_id = \(task)
            ORDER BY created_at, id\(rowLock)
            """
        ) { row in
            Link(
                id: try row.text(0), taskID: try row.text(1), target: try row.text(2), title: try row.optionalText(3),
                createdAt: try row.timestamp(4), createdBy: try row.optionalText(5))
        }
    }
}

extension WriteSession {
    /// Writes a new link.
    public func insert(_ link: Link) throws {
        try writer.insert(
            into: "links", columns: ["id", "task_id", "target", "title", "created_at", "created_by"],
            rows: [
                [
                    link.id.sqlValue, link.taskID.sqlValue, link.target.sqlValue, link.title.sqlValue,
                    link.createdAt.sqlValue, link.createdBy.sqlValue,
                ]
            ])
    }

    /// Gives a link another title.
    public func rename(_ link: Link, to title: String?) throws {
        try writer.execute("UPDATE links SET title = \(title) WHERE id = \(link.id)")
    }

    /// Removes a link.
    public func remove(_ link: Link) throws { try writer.execute("DELETE FROM links WHERE id = \(link.id)") }
}
