import MinskyModel
import MinskyStore

/// Changes fields of tasks, all in one operation.
public struct EditTask: Sendable {
    /// The tasks' ids as typed.
    public var ids: [String]
    /// The sequence of the last operation on the task that the caller has seen, or nil when it does not matter.
    public var seen: Int64?
    public var fields: TaskEdit

    /// Creates the request.
    public init(ids: [String], fields: TaskEdit, ifUnchangedSince seen: Int64? = nil) {
        self.ids = ids
        self.fields = fields
        self.seen = seen
    }

    /// Changes the tasks.
    /// - Throws: `AppError`, with code `.conflict` when a task has been changed since the caller saw it; `StoreError`,
    ///   `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> [WrittenTask] {
        guard !fields.isEmpty else {
            throw AppError(
                .invalidArgument, "there is nothing to change", hint: "minsky tasks edit --help lists the fields.")
        }
        return try workspace.perform(workspace.operation("edit", of: caller)) { session in
            if !fields.addedDependencies.isEmpty || !fields.removedDependencies.isEmpty { try session.lockGraph() }
            return try ids.map { id in
                let old = try session.task(try session.resolveTask(id))
                if let seen { try requireUnchanged(old, since: seen, in: session) }
                var new = old
                try fields.apply(to: &new, in: session)
                let hasChanged = try session.update(old, to: new)
                try session.requireApart(new, from: Set(new.dependsOn).subtracting(old.dependsOn).sorted())
                return try WrittenTask(try session.task(old.id), was: old, hasChanged: hasChanged, in: session)
            }
        }
    }

    private func requireUnchanged(_ task: TaskItem, since seen: Int64, in session: some StoreSession) throws {
        guard let last = try session.history(ofTask: task.id, limit: 1).last,
            last.sequence.map({ $0 > seen }) ?? true
        else { return }
        let when = last.sequence.map { "in operation \($0)" } ?? "in an operation without a number yet"
        throw AppError(
            .conflict, "task \(task.id) has been changed by \(last.actor) since, \(when)",
            hint: "minsky history \(task.id) shows what happened to it.")
    }
}
