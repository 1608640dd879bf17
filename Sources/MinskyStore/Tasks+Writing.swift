import MinskyModel
import MinskySQL

extension WriteSession {
    /// Writes a new task with its tags and dependencies.
    /// - Throws: `StoreError` with code `.conflict` when its parent is deleted or its dependencies close a circle;
    ///   `SQLError`.
    public func insert(_ task: TaskItem) throws {
        // A task that hangs on no other cannot close a circle, and need not wait.
        if task.parentID != nil || !task.dependsOn.isEmpty { try lockGraph() }
        try requireLive(task.parentID)
        try connection.execute(
            """
            INSERT INTO tasks (\(unsafeRaw: TaskItem.columnList))
            VALUES (\(list: TaskItem.columns.map { $0.value(task) }))
            """)
        for tag in task.tags { try addTag(tag, to: task.id) }
        for id in task.dependsOn { try addDependency(of: task.id, on: id) }
    }

    /// Writes what differs between two states of a task; `updated_at` becomes the operation's moment when anything does.
    ///
    /// Only changed columns are written, so edits of other fields made meanwhile stay.
    /// - Returns: Whether anything differed.
    /// - Throws: `StoreError` with code `.conflict` when the new parent or dependency closes a circle; `SQLError`.
    @discardableResult
    public func update(_ old: TaskItem, to new: TaskItem) throws -> Bool {
        if old.parentID != new.parentID || old.dependsOn != new.dependsOn { try lockGraph() }
        if let parent = new.parentID, old.parentID != parent { try requireNotBelow(parent, old.id) }
        var assignments: [SQL] = []
        for column in TaskItem.columns where column.name != Column.updatedAt {
            let value = column.value(new)
            if value != column.value(old) { assignments.append("\(unsafeRaw: column.name) = \(value)") }
        }
        let removedTags = Self.texts(old.tags, without: new.tags)
        let addedTags = Self.texts(new.tags, without: old.tags)
        let differs =
            !assignments.isEmpty || !removedTags.isEmpty || !addedTags.isEmpty || old.dependsOn != new.dependsOn
        guard differs else { return false }
        assignments.append("\(unsafeRaw: Column.updatedAt) = \(operation.now)")
        try connection.execute(
            "UPDATE tasks SET \(SQL.joined(assignments, separator: ", ")) WHERE id = \(old.id)")
        for tag in removedTags {
            try connection.execute("DELETE FROM task_tags WHERE task_id = \(old.id) AND tag = \(tag)")
        }
        for tag in addedTags { try addTag(tag, to: old.id) }
        for id in Set(old.dependsOn).subtracting(new.dependsOn).sorted() {
            try connection.execute(
                "DELETE FROM task_dependencies WHERE task_id = \(old.id) AND depends_on_id = \(id)")
        }
        for id in Set(new.dependsOn).subtracting(old.dependsOn).sorted() { try addDependency(of: old.id, on: id) }
        return true
    }

    /// Marks a task and everything below it as deleted.
    /// - Returns: The tasks that were deleted, as they are now.
    public func delete(_ id: String) throws -> [TaskItem] {
        try lockGraph()
        var filter = TaskFilter()
        filter.under = id
        let tasks = try tasks(filter)
        try connection.execute(
            """
            UPDATE tasks SET deleted_at = \(operation.now), updated_at = \(operation.now)
            WHERE id IN (\(Subtree.sql(of: id)) SELECT id FROM subtree) AND deleted_at IS NULL
            """)
        return tasks
    }

    /// The texts that are not among others, byte for byte, as a database compares them.
    private static func texts(_ texts: [String], without others: [String]) -> [String] {
        let others = Set(others.map { Array($0.utf8) })
        return texts.filter { !others.contains(Array($0.utf8)) }.sorted()
    }

    private func addTag(_ tag: String, to id: String) throws {
        try connection.execute(
            """
            INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(id), \(tag), \(operation.now))
            ON CONFLICT (task_id, tag) DO NOTHING
            """)
    }

    private func addDependency(of id: String, on other: String) throws {
        guard id != other else { throw StoreError(.conflict, "task \(id) cannot depend on itself") }
        try requireLive(other)
        let circle = try connection.first(
            """
            WITH RECURSIVE reachable (id) AS (
                SELECT depends_on_id FROM task_dependencies WHERE task_id = \(other)
                UNION SELECT d.depends_on_id FROM task_dependencies AS d JOIN reachable ON d.task_id = reachable.id
            )
            SELECT id FROM reachable WHERE id = \(id)
            """
        ) { try $0.text(0) }
        guard circle == nil else {
            throw StoreError(.conflict, "task \(other) already waits for task \(id), so \(id) cannot wait for it")
        }
        try connection.execute(
            """
            INSERT INTO task_dependencies (task_id, depends_on_id, created_at)
            VALUES (\(id), \(other), \(operation.now)) ON CONFLICT (task_id, depends_on_id) DO NOTHING
            """)
    }

    private func requireNotBelow(_ parent: String, _ id: String) throws {
        try requireLive(parent)
        let below = try connection.first(
            "\(Subtree.sql(of: id)) SELECT id FROM subtree WHERE id = \(parent)", as: { try $0.text(0) })
        guard below == nil else {
            throw StoreError(
                .conflict,
                id == parent
                    ? "task \(id) cannot stand under itself"
                    : "task \(id) cannot stand under task \(parent), which is part of it")
        }
    }

    private func requireLive(_ id: String?) throws {
        guard let id else { return }
        let found = try connection.first("SELECT id FROM tasks WHERE id = \(id) AND deleted_at IS NULL") {
            try $0.text(0)
        }
        guard found != nil else { throw StoreError(.notFound, "there is no task \(id)") }
    }

    /// Lets one writer at a time change how tasks hang together, so that two edits, each harmless, cannot close a circle.
    ///
    /// In SQLite every writer is alone already.
    func lockGraph() throws {
        guard connection.dialect == .postgres else { return }
        try connection.query("SELECT pg_advisory_xact_lock(hashtext('minsky.graph'), hashtext(current_schema()))") {
            _ in
        }
    }
}
