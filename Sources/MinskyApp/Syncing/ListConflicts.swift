import MinskyModel
import MinskyStore

/// Lists values of which one was kept, because neither of those who wrote them had seen the other.
public struct ListConflicts: Sendable {
    /// Whether those that were decided about are among them.
    public var isAll: Bool

    /// Creates the request.
    public init(isAll: Bool = false) { self.isAll = isAll }

    /// Reads them.
    /// - Returns: The conflicts, oldest first, with the titles of the tasks they are about.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace) throws -> (conflicts: [Conflict], titles: [String: String]) {
        try workspace.store.read { session in
            let conflicts = try session.conflicts(all: isAll)
            var tasks: Set<String> = []
            for conflict in conflicts {
                tasks.insert(conflict.rowParts.task)
                switch (conflict.table, conflict.field) {
                case ("task_dependencies", _): tasks.insert(conflict.rowParts.other)
                case ("tasks", "parent_id"): tasks.formUnion([conflict.kept, conflict.lost].compactMap(\.value.string))
                default: break
                }
            }
            return (conflicts, try session.titles(of: tasks.sorted()))
        }
    }
}
