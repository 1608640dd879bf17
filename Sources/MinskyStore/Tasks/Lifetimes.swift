import MinskyModel
import MinskySQL

/// When a task was made and ended, and whose it is: what figures about many tasks are made of.
public struct TaskLifetime: Sendable {
    public let id: String
    public let status: TaskStatus
    public let createdAt: Timestamp
    /// When it was done or dropped, or nil while it is open.
    public let completedAt: Timestamp?
    public let project: String?
    public let assignee: String?
    /// Sorted.
    public var tags: [String]
}

extension StoreSession {
    /// The lifetimes of the tasks that pass a filter, and nothing else of them.
    public func lifetimes(_ filter: TaskFilter) throws -> [TaskLifetime] {
        let compiler = QueryCompiler(dialect: reader.dialect, schema: schema, now: filter.now)
        let condition = filter.condition(compiler)
        let project: SQL = schema.table("tasks")?.column("project") == nil ? "NULL" : "project"
        var places: [String: Int] = [:]
        var found: [TaskLifetime] = []
        try reader.query(
            """
            SELECT id, status, created_at, completed_at, \(project), assignee FROM tasks WHERE \(condition) ORDER BY id
            """
        ) { row in
            let id = try row.text(0)
            places[id] = found.count
            found.append(
                TaskLifetime(
                    id: id, status: TaskStatus(rawValue: try row.text(1)) ?? .todo, createdAt: try row.timestamp(2),
                    completedAt: try row.optionalTimestamp(3), project: try row.optionalText(4),
                    assignee: try row.optionalText(5), tags: []))
        }
        try reader.query(
            "SELECT task_id, tag FROM task_tags WHERE task_id IN (SELECT id FROM tasks WHERE \(condition)) ORDER BY tag"
        ) { row in
            if let place = places[try row.text(0)] { found[place].tags.append(try row.text(1)) }
        }
        return found
    }
}
