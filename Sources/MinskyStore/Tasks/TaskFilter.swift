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
    /// What was asked for in words.
    public var selection = TaskSelection()
    /// The moment that a selection is about.
    public var now = Timestamp(microseconds: 0)
    /// What the order by urgency goes by.
    public var coefficients = UrgencyCoefficients()

    /// Creates a filter that lets every task through.
    public init() {}

    /// Creates a filter of what was asked for.
    public init(_ selection: TaskSelection, now: Timestamp, coefficients: UrgencyCoefficients = UrgencyCoefficients()) {
        self.selection = selection
        self.now = now
        self.coefficients = coefficients
    }

    /// What stands after `WHERE`.
    func condition(_ compiler: QueryCompiler) -> SQL {
        var conditions: [SQL] = ["deleted_at IS NULL"]
        if selection.query != .everything { conditions.append(compiler.sql(selection.query)) }
        // Word for word what the indexes of open tasks are for; a bound value would keep the database from using them.
        if statuses == [.todo, .doing] {
            conditions.append("status IN ('todo', 'doing')")
        } else if let statuses {
            conditions.append("status IN (\(list: statuses.map(\.rawValue).sorted()))")
        }
        for tag in tags {
            conditions.append("id IN (SELECT task_id FROM task_tags WHERE tag = \(tag))")
        }
        if let assignee { conditions.append("assignee = \(assignee)") }
        if let ids { conditions.append("id IN (\(compiler.dialect.listed(ids)))") }
        if isTop { conditions.append("parent_id IS NULL") }
        if let parentIDs { conditions.append("parent_id IN (\(compiler.dialect.listed(parentIDs)))") }
        if let under {
            conditions.append("id IN (\(Subtree.sql(of: under)) SELECT id FROM subtree)")
        }
        return SQL.joined(conditions, separator: " AND ")
    }

    /// What stands after the condition.
    func ending(_ compiler: QueryCompiler) -> SQL {
        let order = selection.order.map { compiler.sql($0, coefficients) } ?? "rank, id"
        return "ORDER BY \(order)\(selection.limit.map { " LIMIT \(unsafeRaw: "\($0)")" as SQL } ?? "")"
    }
}
