import MinskyAI
import MinskyModel
import MinskySQL
import MinskyStore

extension StoreSession {
    /// A task, or nil when it is deleted: an edit by hand can leave a task under one.
    func liveTask(_ id: String?) throws -> TaskItem? {
        do {
            return try id.map { try task($0) }
        } catch let error as StoreError where error.code == .notFound {
            return nil
        }
    }

    /// The tasks above a task, its parent first, up to one that is deleted or comes again.
    func liveAncestors(of task: TaskItem) throws -> [TaskItem] {
        var ancestors: [TaskItem] = []
        var next = try liveTask(task.parentID)
        while let above = next, above.id != task.id, !ancestors.contains(where: { $0.id == above.id }),
            ancestors.count < 100
        {
            ancestors.append(above)
            next = try liveTask(above.parentID)
        }
        return ancestors
    }

    /// The id of the task whose id begins with what a person typed; a deleted one only where no other is meant.
    /// - Throws: `StoreError` with code `.notFound` or `.ambiguous`; `SQLError`.
    func resolveTaskOrDeleted(_ text: String) throws -> String {
        do {
            return try resolveTask(text)
        } catch let error as StoreError where error.code == .notFound {
            return try resolveTask(text, includingDeleted: true)
        }
    }

    /// The earlier breakdowns of the workspace, newest first: tasks with at least two subtasks that were not dropped, and
    /// more of these than of those that were.
    func earlierBreakdowns(except id: String) throws -> [EarlierBreakdown] {
        let parents = try tasks(try parentsOfSeveral(limit: 500))
        let children = Dictionary(grouping: try tasks(try childrenFilter(of: parents.map(\.id)))) { $0.parentID ?? "" }
        return parents.filter { $0.id != id }.compactMap { parent in
            let all = children[parent.id] ?? []
            let subtasks = all.filter { $0.status != .dropped }
            guard subtasks.count >= 2, subtasks.count > all.count - subtasks.count else { return nil }
            let places = Dictionary(uniqueKeysWithValues: subtasks.enumerated().map { ($1.id, $0) })
            return EarlierBreakdown(
                id: parent.id, title: parent.title, description: parent.description,
                subtasks: subtasks.enumerated().map { place, task in
                    PlannedSubtask(
                        title: task.title, description: task.description, estimateMinutes: task.estimateMinutes,
                        complexity: task.complexity,
                        dependsOn: task.dependsOn.compactMap { places[$0] }.filter { $0 < place }.sorted())
                })
        }
    }

    private func childrenFilter(of parents: [String]) throws -> TaskFilter {
        var filter = TaskFilter()
        filter.parentIDs = parents
        return filter
    }
}
