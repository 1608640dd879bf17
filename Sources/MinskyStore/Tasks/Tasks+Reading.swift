import MinskyModel
import MinskySQL

enum Subtree {
    /// A common table expression `subtree (id)` of a task and all tasks below it that are not deleted.
    static func sql(of id: String) -> SQL {
        """
        WITH RECURSIVE subtree (id) AS (
            SELECT id FROM tasks WHERE id = \(id)
            UNION SELECT tasks.id FROM tasks JOIN subtree ON tasks.parent_id = subtree.id WHERE tasks.deleted_at IS NULL
        )
        """
    }
}

extension StoreSession {
    /// The tasks that pass a filter, with their tags and dependencies, in the order that it asks for, else in that of their
    /// ranks.
    public func tasks(_ filter: TaskFilter = TaskFilter()) throws -> [TaskItem] {
        if filter.ids?.isEmpty == true || filter.parentIDs?.isEmpty == true { return [] }
        let compiler = QueryCompiler(dialect: reader.dialect, schema: schema, now: filter.now)
        var tasks = try reader.rows(
            """
            SELECT \(unsafeRaw: TaskItem.columnList(in: schema))
            FROM tasks WHERE \(filter.condition(compiler)) \(filter.ending(compiler))\(rowLock)
            """, as: TaskItem.init(row:))
        if !tasks.isEmpty { try readPairs(of: &tasks) }
        return tasks
    }

    /// Reads the tags of tasks, and what they wait for.
    private func readPairs(of tasks: inout [TaskItem]) throws {
        let places = Dictionary(tasks.indices.map { (tasks[$0].id, $0) }) { first, _ in first }
        // Of many, all that there are are cheaper to read than those of each.
        let areMany = tasks.count > 2000
        let among: SQL = areMany ? "1 = 1" : "p.task_id IN (\(reader.listed(tasks.map(\.id))))"
        try reader.query("SELECT p.task_id, p.tag FROM task_tags AS p WHERE \(among) ORDER BY p.task_id, p.tag") {
            if let place = places[try $0.text(0)] { tasks[place].tags.append(try $0.text(1)) }
        }
        let isLive: SQL = "EXISTS (SELECT 1 FROM tasks AS o WHERE o.id = p.depends_on_id AND o.deleted_at IS NULL)"
        let condition: SQL = areMany ? among : "\(among) AND \(isLive)"
        var others: Set<String> = []
        try reader.query(
            """
            SELECT p.task_id, p.depends_on_id FROM task_dependencies AS p WHERE \(condition)
            ORDER BY p.task_id, p.depends_on_id
            """
        ) {
            guard let place = places[try $0.text(0)] else { return }
            let other = try $0.text(1)
            tasks[place].dependsOn.append(other)
            if areMany, places[other] == nil { others.insert(other) }
        }
        guard !others.isEmpty else { return }
        let live = Set(
            try reader.rows(
                "SELECT id FROM tasks WHERE id IN (\(reader.listed(others.sorted()))) AND deleted_at IS NULL"
            ) { try $0.text(0) })
        others.subtract(live)
        guard !others.isEmpty else { return }
        for place in tasks.indices { tasks[place].dependsOn.removeAll(where: others.contains) }
    }

    /// The first task of a filter that no other transaction holds, so that two who look at once find two.
    public func freeTask(_ filter: TaskFilter) throws -> TaskItem? {
        let compiler = QueryCompiler(dialect: reader.dialect, schema: schema, now: filter.now)
        let skipping: SQL = reader.dialect == .postgres ? "\(rowLock) SKIP LOCKED" : rowLock
        let id = try reader.first(
            "SELECT id FROM tasks WHERE \(filter.condition(compiler)) \(filter.ending(compiler))\(skipping)"
        ) { try $0.text(0) }
        return try id.map { try task($0) }
    }

    /// How many tasks pass a filter.
    public func countTasks(_ filter: TaskFilter) throws -> Int {
        let compiler = QueryCompiler(dialect: reader.dialect, schema: schema, now: filter.now)
        return try reader.first("SELECT count(*) FROM tasks WHERE \(filter.condition(compiler))") {
            Int(try $0.integer(0))
        } ?? 0
    }

    /// The task with an id.
    /// - Throws: `StoreError` with code `.notFound`; `SQLError`.
    public func task(_ id: String) throws -> TaskItem {
        var filter = TaskFilter()
        filter.ids = [id]
        guard let task = try tasks(filter).first else { throw StoreError(.notFound, "there is no task \(id)") }
        return task
    }

    /// The subtasks of a task, in order.
    public func children(of id: String) throws -> [TaskItem] {
        var filter = TaskFilter()
        filter.parentIDs = [id]
        return try tasks(filter)
    }

    /// The tasks under a parent, or at the top when the parent is nil, in order.
    public func siblings(under parentID: String?) throws -> [TaskItem] {
        if let parentID { return try children(of: parentID) }
        var filter = TaskFilter()
        filter.isTop = true
        return try tasks(filter)
    }

    /// The latest tasks that have several subtasks.
    public func parentsOfSeveral(limit: Int) throws -> TaskFilter {
        var filter = TaskFilter()
        filter.ids = try reader.rows(
            """
            SELECT parent_id FROM tasks WHERE parent_id IS NOT NULL AND deleted_at IS NULL
            GROUP BY parent_id HAVING count(*) > 1 ORDER BY max(created_at) DESC LIMIT \(limit)
            """
        ) { try $0.text(0) }
        return filter
    }

    /// An open task with exactly this title, or nil.
    public func openTask(titled title: String) throws -> TaskItem? {
        let id = try reader.first(
            """
            SELECT id FROM tasks WHERE title = \(title) AND status IN ('todo', 'doing') AND deleted_at IS NULL
            ORDER BY created_at LIMIT 1
            """
        ) { try $0.text(0) }
        return try id.map { try task($0) }
    }

    /// The ids of those tasks among some that wait for another task which is still open.
    public func blockedTasks(among ids: [String]) throws -> Set<String> {
        // Of many, all that are blocked are cheaper to find than each by itself.
        let condition: SQL = ids.count > 50 ? "1 = 1" : ids.isEmpty ? "1 = 0" : "d.task_id IN (\(list: ids))"
        return Set(
            try reader.rows(
                """
                SELECT DISTINCT d.task_id FROM task_dependencies AS d JOIN tasks AS t ON t.id = d.depends_on_id
                WHERE \(condition) AND t.deleted_at IS NULL AND t.status IN ('todo', 'doing')
                """
            ) { try $0.text(0) })
    }

    /// The titles of some tasks by id, deleted ones included.
    public func titles(of ids: [String]) throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        let found = try reader.rows("SELECT id, title FROM tasks WHERE id IN (\(reader.listed(ids)))") {
            (try $0.text(0), try $0.text(1))
        }
        return Dictionary(found) { first, _ in first }
    }

    /// The tasks above a task, its parent first.
    public func ancestors(of id: String) throws -> [TaskItem] {
        var ancestors: [TaskItem] = []
        var next = try task(id).parentID
        while let id = next, !ancestors.contains(where: { $0.id == id }), ancestors.count < 100 {
            let parent = try task(id)
            ancestors.append(parent)
            next = parent.parentID
        }
        return ancestors
    }

    /// The id of the one task whose id begins with what a person typed.
    /// - Parameter includingDeleted: Whether deleted tasks are found too.
    /// - Throws: `StoreError` with code `.notFound` or `.ambiguous`; `SQLError`.
    public func resolveTask(_ text: String, includingDeleted: Bool = false) throws -> String {
        guard let prefix = Identifier.prefix(text) else {
            let isShort = text.count < Identifier.shortestPrefix
            throw StoreError(
                .notFound,
                isShort
                    ? "'\(text)' is too short for an id; it takes \(Identifier.shortestPrefix) characters at least"
                    : "'\(text)' is not the beginning of a task's id")
        }
        let end = prefix + "{"  // the character after z
        let condition: SQL = includingDeleted ? "" : " AND deleted_at IS NULL"
        let found = try reader.rows(
            "SELECT id, title FROM tasks WHERE id >= \(prefix) AND id < \(end)\(condition) ORDER BY id LIMIT 11"
        ) { StoreError.Candidate(id: try $0.text(0), title: try $0.text(1)) }
        guard let first = found.first else {
            throw StoreError(.notFound, "there is no task whose id begins with '\(text)'")
        }
        guard found.count == 1 else {
            let count = found.count > 10 ? "more than 10" : "\(found.count)"
            throw StoreError(
                .ambiguous, "\(count) tasks' ids begin with '\(text)'", candidates: Array(found.prefix(10)))
        }
        return first.id
    }

    /// The shortest unique beginning of each task's id, at least 4 characters; deleted tasks count as neighbours.
    public func shortIDs(of ids: [String]) throws -> [String: String] {
        var short: [String: String] = [:]
        short.reserveCapacity(ids.count)
        if ids.count > 50 {
            // Many: one pass over all ids in order is cheaper than looking each up.
            let all = try reader.rows("SELECT id FROM tasks ORDER BY id") { try $0.text(0) }
            for index in all.indices {
                short[all[index]] = Identifier.shortest(
                    all[index], between: index > 0 ? all[index - 1] : nil,
                    and: index + 1 < all.count ? all[index + 1] : nil)
            }
            return short
        }
        for id in ids {
            let neighbours = try reader.first(
                """
                SELECT (SELECT max(id) FROM tasks WHERE id < \(id)), (SELECT min(id) FROM tasks WHERE id > \(id))
                """
            ) { (try $0.optionalText(0), try $0.optionalText(1)) }
            short[id] = Identifier.shortest(id, between: neighbours?.0, and: neighbours?.1)
        }
        return short
    }

    /// The last rank among a parent's subtasks, or among the tasks at the top when the parent is nil.
    public func lastRank(under parentID: String?) throws -> String? {
        let condition: SQL = parentID.map { "parent_id = \($0)" } ?? "parent_id IS NULL"
        return try reader.first("SELECT rank FROM tasks WHERE \(condition) ORDER BY rank DESC LIMIT 1") {
            try $0.text(0)
        }
    }
}
