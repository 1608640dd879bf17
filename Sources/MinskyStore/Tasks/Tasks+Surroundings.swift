import MinskyModel
import MinskySQL

/// How many subtasks stand right below a task.
public struct SubtaskCount: Sendable, Hashable {
    public var all: Int
    /// Those that are to do or being done.
    public var open: Int

    /// Counts none, unless told otherwise.
    public init(all: Int = 0, open: Int = 0) {
        self.all = all
        self.open = open
    }
}

extension StoreSession {
    /// Of some tasks, those that open tasks wait for as long as they are open themselves, each with the ids of these.
    public func waitingTasks(for ids: [String]) throws -> [String: [String]] {
        var waiting: [String: [String]] = [:]
        try reader.query(
            """
            SELECT d.depends_on_id, d.task_id FROM task_dependencies AS d
                JOIN tasks AS t ON t.id = d.task_id JOIN tasks AS o ON o.id = d.depends_on_id
            WHERE \(among(ids, "d.depends_on_id")) AND t.deleted_at IS NULL AND t.status IN ('todo', 'doing')
                AND o.deleted_at IS NULL AND o.status IN ('todo', 'doing')
            ORDER BY d.task_id
            """
        ) { waiting[try $0.text(0), default: []].append(try $0.text(1)) }
        return waiting
    }

    /// Of some tasks, those that have subtasks, each with their number.
    public func subtaskCounts(of ids: [String]) throws -> [String: SubtaskCount] {
        var counts: [String: SubtaskCount] = [:]
        try reader.query(
            """
            SELECT parent_id, count(*), count(CASE WHEN status IN ('todo', 'doing') THEN 1 END) FROM tasks
            WHERE \(among(ids, "parent_id")) AND parent_id IS NOT NULL AND deleted_at IS NULL GROUP BY parent_id
            """
        ) { counts[try $0.text(0)] = SubtaskCount(all: Int(try $0.integer(1)), open: Int(try $0.integer(2))) }
        return counts
    }

    /// Of many, all that there are is cheaper to ask for than each by itself.
    private func among(_ ids: [String], _ column: String) -> SQL {
        ids.count > 50 ? "1 = 1" : ids.isEmpty ? "1 = 0" : "\(unsafeRaw: column) IN (\(list: ids))"
    }
}
