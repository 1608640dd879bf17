import MinskyModel
import MinskyStore

/// Decides about conflicts, all in one operation: gives each row one of its two values, or a third one.
public struct ResolveConflict: Sendable {
    /// Which value the row is to have.
    public enum Choice: Sendable, Hashable {
        /// The one that was written in this replica, or by the caller.
        case ours
        /// The other one.
        case theirs
        /// The one that was kept.
        case kept
        /// The one that was not.
        case lost
        /// Another one: fields with what a person typed for them.
        case set([String: String])
    }

    /// What is decided about one conflict.
    public struct Decision: Sendable {
        /// The beginning of the conflict's id.
        public var id: String
        public var choice: Choice

        /// Describes a decision.
        public init(id: String, _ choice: Choice) {
            self.id = id
            self.choice = choice
        }
    }

    public var decisions: [Decision]
    /// Whether a conflict whose row cannot get what is chosen stays open, rather than keeping all others open too.
    public var passesOver = false

    /// Creates the request.
    public init(_ decisions: [Decision]) { self.decisions = decisions }

    /// What has been decided.
    public struct Result: Sendable {
        /// The conflicts as they were.
        public var decided: [Conflict] = []
        /// Those that stay open, with the reason.
        public var left: [(conflict: Conflict, reason: String)] = []
    }

    /// Decides about all of them, or about none.
    /// - Throws: `AppError` with code `.invalidArgument` or `.notFound`; `StoreError` with code `.ambiguous` or `.conflict`;
    ///   `SQLError`.
    @discardableResult
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        try workspace.perform(workspace.operation("sync resolve", of: caller)) { session in
            try session.lockGraph()
            var result = Result()
            for decision in decisions {
                let conflict = try session.oneConflict(decision.id)
                let takesLost: Bool?
                do {
                    takesLost = try self.takesLost(decision.choice, conflict, workspace, caller)
                } catch let error as AppError where passesOver {
                    result.left.append((conflict, error.message))
                    continue
                }
                if passesOver, let takesLost,
                    let reason = try session.objection(to: conflict, takingLost: takesLost)
                {
                    result.left.append((conflict, reason))
                    continue
                }
                let old = try session.taskMoved(by: conflict)
                if case .set(let phrases) = decision.choice {
                    let values = try phrases.sorted { $0.key < $1.key }.flatMap { name, phrase in
                        try conflict.reading(phrase, for: name, in: session, workspace.environment)
                    }
                    try session.resolve(conflict, with: .object(values))
                } else if let takesLost {
                    try session.resolve(conflict, takingLost: takesLost)
                }
                try session.requireApart(after: conflict, was: old)
                result.decided.append(conflict)
            }
            return result
        }
    }

    /// Whether a choice is the value that was not kept; nil for a third one.
    private func takesLost(
        _ choice: Choice, _ conflict: Conflict, _ workspace: OpenWorkspace, _ caller: Caller
    ) throws -> Bool? {
        switch choice {
        case .kept: false
        case .lost: true
        case .ours: try isOursLost(conflict, workspace, caller)
        case .theirs: try !isOursLost(conflict, workspace, caller)
        case .set: nil
        }
    }

    /// Whether the value of this replica, or of the caller, is the one that was not kept.
    private func isOursLost(_ conflict: Conflict, _ workspace: OpenWorkspace, _ caller: Caller) throws -> Bool {
        let own = workspace.store.installed.replicaID
        let (kept, lost) = (conflict.kept, conflict.lost)
        switch (kept.replicaID == own, lost.replicaID == own, kept.actor == caller.name, lost.actor == caller.name) {
        case (true, false, _, _), (false, false, true, false): return false
        case (false, true, _, _), (false, false, false, true): return true
        default:
            throw AppError(
                .invalidArgument,
                "of conflict \(conflict.shortID) neither side alone is yours: one is \(kept.actor)'s, the other \(lost.actor)'s",
                hint: "--kept takes the value that was kept, --lost the other one.")
        }
    }
}

extension StoreSession {
    /// The one conflict whose id begins with what a person typed.
    /// - Throws: `AppError` with code `.notFound`, or `.invalidArgument` when there are several.
    public func oneConflict(_ text: String) throws -> Conflict {
        let found = try conflicts(beginning: text)
        guard let first = found.first else {
            throw AppError(
                .notFound, "there is no conflict \(text)", hint: "minsky sync conflicts --all shows their ids.")
        }
        guard found.count == 1 else {
            throw AppError(
                .invalidArgument, "several conflicts' ids begin with '\(text)'",
                hint: "Type more of it: " + found.prefix(10).map(\.id).joined(separator: ", "))
        }
        return first
    }
}

extension WriteSession {
    /// The task that deciding about a conflict may put elsewhere, as it is before.
    fileprivate func taskMoved(by conflict: Conflict) throws -> TaskItem? {
        guard conflict.table == "tasks" else { return nil }
        return try? task(conflict.rowID)
    }

    /// Makes sure that no task waits for one above or below it.
    fileprivate func requireApart(after conflict: Conflict, was old: TaskItem?) throws {
        switch conflict.table {
        case "tasks":
            guard let old, let new = try? task(conflict.rowID) else { return }
            try requireApart(new, movedFrom: old)
        case "task_dependencies":
            let parts = conflict.rowParts
            guard let task = try? task(parts.task), task.dependsOn.contains(parts.other) else { return }
            try requireApart(task, from: [parts.other])
        default: break
        }
    }
}

extension Conflict {
    /// The beginning of its id that is shown and may be typed.
    public var shortID: String { String(id.prefix(8)) }

    /// The two parts of a compound key: the task, and a tag or the task that is waited for.
    public var rowParts: (task: String, other: String) {
        let parts = rowID.unicodeScalars.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
}
