import MinskyModel
import MinskySQL

/// Which tasks to read; deleted ones are never among them.
public struct TaskFilter: Sendable {
    /// The statuses wanted, or nil for all.
    public var statuses: Set<TaskStatus>?
    /// Tags a task must all have.
    public var tags: [String] = []
    public var assignee: String?
    /// The id of a task whose whole subtree is wanted, itself included.
    public var under: String?
    public var ids: [String]?
    /// Whether only tasks without a parent are wanted.
    public var isTop = false
    /// The ids of the tasks whose subtasks are wanted.
    public var parentIDs: [String]?

    /// Creates a filter that lets every task through.
    public init() {}

    var condition: SQL {
        var conditions: [SQL] = ["deleted_at IS NULL"]
        if let statuses {
            conditions.append("status IN (\(list: statuses.map(\.rawValue).sorted()))")
        }
        for tag in tags {
            conditions.append("id IN (SELECT task_id FROM task_tags WHERE tag = \(tag))")
        }
        if let assignee { conditions.append("assignee = \(assignee)") }
        if let ids { conditions.append(ids.isEmpty ? "1 = 0" : "id IN (\(list: ids))") }
        if isTop { conditions.append("parent_id IS NULL") }
        if let parentIDs { conditions.append(parentIDs.isEmpty ? "1 = 0" : "parent_id IN (\(list: parentIDs))") }
        if let under {
            conditions.append("id IN (\(Subtree.sql(of: under)) SELECT id FROM subtree)")
        }
        return SQL.joined(conditions, separator: " AND ")
    }
}
