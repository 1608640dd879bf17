import MinskyModel
import MinskySQL

extension WriteSession {
    /// Writes new tasks with their tags and dependencies, in a handful of statements however many they are.
    /// - Parameter tasks: A task's parent stands before it, or is there already.
    /// - Throws: `StoreError` with code `.notFound` when a parent or a dependency is missing or deleted, `.conflict` when
    ///   dependencies close a circle; `SQLError`.
    public func insert(_ tasks: [TaskItem]) throws {
        let tasks = try tasks.map { try review?(nil, $0) ?? $0 }
        let new = Set(tasks.map(\.id))
        let others = Set(tasks.compactMap(\.parentID) + tasks.flatMap(\.dependsOn)).subtracting(new)
        let dependencies = tasks.flatMap { task in task.dependsOn.map { (task: task.id, on: $0) } }
        // Tasks that hang on no other cannot close a circle, and need not wait.
        if !others.isEmpty || !dependencies.isEmpty { try writer.lockGraph() }
        try requireLive(others)
        try writer.insert(
            into: "tasks", columns: TaskItem.columnNames,
            rows: tasks.map { task in TaskItem.columns.map { $0.value(task) } })
        try insertTags(tasks.flatMap { task in task.tags.map { (task: task.id, tag: $0) } })
        try insertDependencies(dependencies)
    }

    /// Writes a new task.
    public func insert(_ task: TaskItem) throws { try insert([task]) }

    /// Writes what differs between two states of a task; `updated_at` becomes the operation's moment when anything does.
    ///
    /// Only changed columns are written, so edits of other fields made meanwhile stay.
    /// - Returns: Whether anything differed.
    /// - Throws: `StoreError` with code `.conflict` when the new parent or dependency closes a circle; `SQLError`.
    @discardableResult
    public func update(_ old: TaskItem, to new: TaskItem) throws -> Bool {
        let new = try review?(old, new) ?? new
        let addedDependencies = Set(new.dependsOn).subtracting(old.dependsOn).sorted()
        let removedDependencies = Set(old.dependsOn).subtracting(new.dependsOn).sorted()
        let isMoved = old.parentID != new.parentID
        if new.parentID == old.id { throw StoreError(.conflict, "task \(old.id) cannot stand under itself") }
        if isMoved || !addedDependencies.isEmpty || !removedDependencies.isEmpty { try writer.lockGraph() }
        try requireLive(Set(addedDependencies + (isMoved ? [new.parentID].compactMap { $0 } : [])))
        var assignments: [SQL] = []
        for column in TaskItem.columns where column.name != Column.updatedAt {
            let value = column.value(new)
            if value != column.value(old) { assignments.append("\(unsafeRaw: column.name) = \(value)") }
        }
        let removedTags = old.tags.exact.subtracting(new.tags.exact).sortedTexts()
        let addedTags = new.tags.exact.subtracting(old.tags.exact).sortedTexts()
        guard
            !assignments.isEmpty || !removedTags.isEmpty || !addedTags.isEmpty || !addedDependencies.isEmpty
                || !removedDependencies.isEmpty
        else { return false }
        assignments.append("\(unsafeRaw: Column.updatedAt) = \(operation.now)")
        try writer.execute("UPDATE tasks SET \(SQL.joined(assignments, separator: ", ")) WHERE id = \(old.id)")
        if isMoved { try requireNoCircle(throughParentsOf: [old.id]) }
        for tag in removedTags {
            try writer.execute("DELETE FROM task_tags WHERE task_id = \(old.id) AND tag = \(tag)")
        }
        try insertTags(addedTags.map { (task: old.id, tag: $0) })
        for id in removedDependencies {
            try writer.execute("DELETE FROM task_dependencies WHERE task_id = \(old.id) AND depends_on_id = \(id)")
        }
        try insertDependencies(addedDependencies.map { (task: old.id, on: $0) })
        return true
    }

    /// Marks a task and everything below it as deleted.
    /// - Returns: The tasks that were deleted, as they were.
    public func delete(_ id: String) throws -> [TaskItem] {
        try writer.lockGraph()
        var filter = TaskFilter()
        filter.under = id
        let tasks = try tasks(filter)
        try writer.execute(
            """
            UPDATE tasks SET deleted_at = \(operation.now), updated_at = \(operation.now)
            WHERE id IN (\(Subtree.sql(of: id)) SELECT id FROM subtree) AND deleted_at IS NULL
            """)
        return tasks
    }

    func insertTags(_ tags: [(task: String, tag: String)]) throws {
        try writer.insert(
            into: "task_tags", columns: ["task_id", "tag", "created_at"],
            rows: tags.map { [$0.task.sqlValue, $0.tag.sqlValue, operation.now.sqlValue] })
    }

    func insertDependencies(_ dependencies: [(task: String, on: String)]) throws {
        guard !dependencies.isEmpty else { return }
        if let own = dependencies.first(where: { $0.task == $0.on }) {
            throw StoreError(.conflict, "task \(own.task) cannot depend on itself")
        }
        try writer.insert(
            into: "task_dependencies", columns: ["task_id", "depends_on_id", "created_at"],
            rows: dependencies.map { [$0.task.sqlValue, $0.on.sqlValue, operation.now.sqlValue] })
        try requireNoCircle(throughDependenciesOf: dependencies.map(\.task))
    }

    /// Makes sure that tasks are there and not deleted.
    private func requireLive(_ ids: Set<String>) throws {
        guard !ids.isEmpty else { return }
        let live = Set(
            try reader.rows(
                "SELECT id FROM tasks WHERE id IN (\(reader.listed(ids.sorted()))) AND deleted_at IS NULL ORDER BY id\(rowLock)"
            ) { try $0.text(0) })
        if let missing = ids.subtracting(live).min() {
            throw StoreError(.notFound, "there is no task \(missing)")
        }
    }
}

extension Writer {
    /// Inserts rows, few by a statement, many the fastest way there is.
    func insert(into table: String, columns: [String], rows: [[SQLValue]]) throws {
        guard rows.count <= 50 else {
            try load(into: table, columns: columns) { add in
                for row in rows { try add(row) }
            }
            return
        }
        guard !rows.isEmpty else { return }
        let values = rows.map { row in "(\(list: row))" as SQL }
        try execute(
            """
            INSERT INTO \(unsafeRaw: table) (\(unsafeRaw: columns.joined(separator: ", ")))
            VALUES \(SQL.joined(values, separator: ", "))
            """)
    }
}
