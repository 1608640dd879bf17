import MinskyModel
import MinskyStore

// A task is done when what is part of it is done. So one that waited for a task it is part of could never begin, and one
// that waited for a part of itself would say nothing. The lock of the graph has to be held.

extension WriteSession {
    /// Makes sure that a task waits for nothing that it is part of, and for no part of itself.
    /// - Parameters:
    ///   - task: The task as it is stored now.
    ///   - ids: Those of its dependencies that are new.
    /// - Throws: `AppError` with code `.conflict`; `SQLError`.
    func requireApart(_ task: TaskItem, from ids: some Collection<String>) throws {
        guard !ids.isEmpty else { return }
        let above = Set(try liveAncestors(of: task).map(\.id))
        for id in ids {
            let other = try self.task(id)
            if above.contains(id) { throw try refusal(of: task, waitingFor: other, "which it is part of") }
            if try liveAncestors(of: other).contains(where: { $0.id == task.id }) {
                throw try refusal(of: task, waitingFor: other, "which is part of it")
            }
        }
    }

    /// Makes sure that neither a task that was moved nor anything below it waits for what it has become part of, or is
    /// waited for by that.
    /// - Throws: `AppError` with code `.conflict`; `SQLError`.
    func requireApart(_ task: TaskItem, movedFrom old: TaskItem) throws {
        guard task.parentID != old.parentID else { return }
        let before = Set(try liveAncestors(of: old).map(\.id))
        let above = try liveAncestors(of: task).filter { !before.contains($0.id) }
        guard !above.isEmpty else { return }
        var filter = TaskFilter()
        filter.under = task.id
        let parts = try tasks(filter)
        for (waiting, others, words) in [
            (parts, above, "which it would be part of"), (above, parts, "which would be part of it"),
        ] {
            let others = Dictionary(uniqueKeysWithValues: others.map { ($0.id, $0) })
            for task in waiting {
                guard let other = task.dependsOn.lazy.compactMap({ others[$0] }).first else { continue }
                throw try refusal(of: task, waitingFor: other, words, isThere: true)
            }
        }
    }

    private func refusal(
        of task: TaskItem, waitingFor other: TaskItem, _ words: String, isThere: Bool = false
    ) throws -> AppError {
        let ids = try shortIDs(of: [task.id, other.id])
        func name(_ task: TaskItem) -> String { "'\(task.title.prefix(60))' (\(ids[task.id] ?? task.id))" }
        let rule = "A task is done when what is part of it is done"
        func typed(_ task: TaskItem) -> String { (ids[task.id] ?? task.id).shellQuoted }
        return AppError(
            .conflict, "\(name(task)) cannot wait for \(name(other)), \(words)",
            hint: isThere
                ? "\(rule). This takes the dependency away: minsky tasks edit \(typed(task)) --no-depends-on \(typed(other))"
                : "\(rule), and waits for nothing above or below it.")
    }
}
