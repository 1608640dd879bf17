import MinskyModel
import MinskySQL

// Tasks that wait for each other could never be done, and tasks that are part of each other could not be shown. The lock
// of the graph has to be held: what two writers add, each harmless, may be a circle together.

extension StoreSession {
    /// Makes sure that no task of some waits for itself, over whatever others.
    /// - Throws: `StoreError` with code `.conflict` that names the circle; `SQLError`.
    func requireNoCircle(throughDependenciesOf ids: [String]) throws {
        try requireNoCircle(
            ids, "waits for",
            """
            WITH RECURSIVE reachable (id) AS (
                @ UNION SELECT d.depends_on_id FROM task_dependencies AS d JOIN reachable ON d.task_id = reachable.id
            )
            SELECT d.task_id, d.depends_on_id FROM task_dependencies AS d JOIN reachable ON d.task_id = reachable.id
            ORDER BY d.task_id, d.depends_on_id
            """)
    }

    /// Makes sure that no task of some stands below itself.
    /// - Throws: `StoreError` with code `.conflict` that names the circle; `SQLError`.
    func requireNoCircle(throughParentsOf ids: [String]) throws {
        try requireNoCircle(
            ids, "is part of",
            """
            WITH RECURSIVE reachable (id) AS (
                @ UNION SELECT tasks.parent_id FROM tasks JOIN reachable ON tasks.id = reachable.id
                WHERE tasks.parent_id IS NOT NULL
            )
            SELECT tasks.id, tasks.parent_id FROM tasks JOIN reachable ON tasks.id = reachable.id
            WHERE tasks.parent_id IS NOT NULL ORDER BY tasks.id
            """)
    }

    /// Reads everything that can be reached, and looks for a circle in it once.
    /// - Parameter query: Finds the pairs from some tasks on, whose ids come in the place of `@`.
    private func requireNoCircle(_ ids: [String], _ verb: String, _ query: String) throws {
        guard !ids.isEmpty else { return }
        let parts = query.split(separator: "@")
        guard let head = parts.first, let tail = parts.last else { return }
        var graph = DependencyGraph()
        try reader.query(SQL(unsafeRaw: String(head)) + reader.listed(ids) + SQL(unsafeRaw: String(tail))) { row in
            graph.add(try row.text(0), waitsFor: try row.text(1))
        }
        let found = ids.count == 1 ? graph.cycle(through: ids[0]) : graph.firstCycle()
        guard let circle = found, let first = circle.first else { return }
        let path = (circle.prefix(8) + (circle.count > 8 ? ["…"] : []) + [first]).joined(separator: " \(verb) ")
        throw StoreError(.conflict, "that would close a circle: \(path)")
    }
}
