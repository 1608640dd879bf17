import MinskyModel
import MinskyStore

/// Changes fields of a task.
public struct EditTask: Sendable {
    /// The task's id as typed.
    public var id: String
    public var fields: TaskEdit

    /// Creates the request.
    public init(id: String, fields: TaskEdit) {
        self.id = id
        self.fields = fields
    }

    /// Changes the task.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> WrittenTask {
        guard !fields.isEmpty else {
            throw AppError(
                .invalidArgument, "there is nothing to change", hint: "minsky tasks edit --help lists the fields.")
        }
        return try workspace.perform(workspace.operation("edit", of: caller)) { session in
            if !fields.addedDependencies.isEmpty || !fields.removedDependencies.isEmpty { try session.lockGraph() }
            let old = try session.task(try session.resolveTask(id))
            var new = old
            try fields.apply(to: &new, in: session)
            let hasChanged = try session.update(old, to: new)
            try session.requireApart(new, from: Set(new.dependsOn).subtracting(old.dependsOn).sorted())
            return try WrittenTask(try session.task(old.id), was: old, hasChanged: hasChanged, in: session)
        }
    }
}
