import MinskyModel
import MinskyStore

/// Takes a task to work on, so that of several who want it exactly one has it.
public struct ClaimTask: Sendable {
    /// The task's id as typed, or nil for the most urgent one of the request that is free.
    public var id: String?
    /// Which tasks come into question when none is named.
    public var request: TaskRequest

    /// Creates the request.
    public init(id: String? = nil, from request: TaskRequest = TaskRequest()) {
        self.id = id
        self.request = request
    }

    /// Takes the task: it is the caller's, and being done. One that the caller is doing already stays as it is.
    /// - Throws: `AppError` with code `.conflict` when another one holds the task, or it is closed; `.notFound` when nothing
    ///   is free; `MistypedPhrase`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> WrittenTask {
        let operation = workspace.operation("claim", of: caller)
        let context = workspace.configuration.queryContext(of: caller)
        var selection = try request.selection(in: workspace, as: caller)
        let free = try TaskSelection(parsing: "is:ready status:todo (no:assignee or assignee:me)", in: context)
        selection.query = .all(of: [free.query, selection.query])
        selection.order = try selection.order ?? TaskOrder(parsing: "-urgency", in: context)
        selection.limit = 1
        let filter = TaskFilter(selection, now: operation.now, coefficients: workspace.configuration.coefficients)
        return try workspace.perform(operation) { session in
            let old: TaskItem
            if let id {
                old = try session.task(try session.resolveTask(id))
            } else if let found = try session.freeTask(filter) {
                old = found
            } else {
                throw AppError(.notFound, "no task is free", hint: "minsky ready shows what can be begun.")
            }
            guard old.status.isOpen else {
                throw AppError(
                    .conflict, "task \(old.id) is \(old.status.rawValue)",
                    hint: "minsky tasks reopen \(old.id) opens it again.")
            }
            if let holder = old.assignee, !holder.utf8.elementsEqual(caller.name.utf8) {
                throw AppError(
                    .conflict, "task \(old.id) is in the hands of \(holder)",
                    hint: "minsky ready shows what is free.")
            }
            if old.assignee == nil, old.status == .doing {
                throw AppError(
                    .conflict, "task \(old.id) is being done by somebody who did not say who",
                    hint: "minsky tasks reopen \(old.id) frees it.")
            }
            var new = old
            new.assignee = caller.name
            new.move(to: .doing, at: operation.now)
            let hasStarted = try session.startClock(on: old.id)
            let hasChanged = try session.update(old, to: new) || hasStarted
            return try WrittenTask(try session.task(old.id), was: old, hasChanged: hasChanged, in: session)
        }
    }
}
