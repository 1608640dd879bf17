import MinskyModel
import MinskyStore

/// Decides about a conflict: gives the row one of its two values, or a third one.
public struct ResolveConflict: Sendable {
    /// Which value the row is to have.
    public enum Choice: Sendable, Hashable {
        /// The one that was written in this replica, or by the caller.
        case ours
        /// The other one.
        case theirs
        /// The one that the row has.
        case kept
        /// The one that it does not have.
        case lost
        /// Another one: fields with their texts.
        case set([String: String])
    }

    /// The beginning of the conflict's id.
    public var id: String
    public var choice: Choice

    /// Creates the request.
    public init(id: String, _ choice: Choice) {
        self.id = id
        self.choice = choice
    }

    /// Decides.
    /// - Returns: The conflict as it was.
    /// - Throws: `AppError` with code `.invalidArgument`; `StoreError` with code `.notFound`, `.ambiguous`, `.conflict`;
    ///   `SQLError`.
    @discardableResult
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Conflict {
        try workspace.perform(workspace.operation("sync resolve", of: caller)) { session in
            let conflict = try session.conflict(id)
            try session.resolve(conflict, with: try values(conflict, workspace, caller))
            return conflict
        }
    }

    /// The fields the row is to get; nil for those that it has.
    private func values(_ conflict: Conflict, _ workspace: OpenWorkspace, _ caller: Caller) throws -> JSON? {
        switch choice {
        case .kept: return nil
        case .lost: return values(of: conflict.lost, conflict)
        case .ours, .theirs:
            let sides = try ours(conflict, workspace, caller)
            let side = choice == .ours ? sides.mine : sides.other
            // What the row has is left as it is, also where somebody has edited it since.
            return side == conflict.kept ? nil : values(of: side, conflict)
        case .set(let texts):
            guard conflict.field != nil else {
                throw AppError(
                    .invalidArgument, "this conflict is about a whole row of \(conflict.table)",
                    hint: "--kept leaves it as it is, --lost takes the other side.")
            }
            return .object(try texts.sorted { $0.key < $1.key }.map { try member($0.key, $0.value, conflict) })
        }
    }

    private func values(of side: Conflict.Side, _ conflict: Conflict) -> JSON {
        if let fields = side.fields { return fields }
        guard let field = conflict.field else { return side.value == .null ? .object([]) : side.value }
        return .object([.init(field, side.value)])
    }

    private func ours(_ conflict: Conflict, _ workspace: OpenWorkspace, _ caller: Caller) throws -> (
        mine: Conflict.Side, other: Conflict.Side
    ) {
        let own = workspace.store.installed.replicaID
        let (kept, lost) = (conflict.kept, conflict.lost)
        switch (kept.replicaID == own, lost.replicaID == own, kept.actor == caller.name, lost.actor == caller.name) {
        case (true, false, _, _), (false, false, true, false): return (kept, lost)
        case (false, true, _, _), (false, false, false, true): return (lost, kept)
        default:
            throw AppError(
                .invalidArgument, "neither side alone is yours: one is \(kept.actor)'s, the other \(lost.actor)'s",
                hint: "--kept leaves what is there, --lost takes the other value.")
        }
    }

    private func member(_ name: String, _ text: String, _ conflict: Conflict) throws -> JSON.Member {
        let base = name.split(separator: ".", maxSplits: 1).first.map(String.init) ?? name
        guard let table = Schema.current.table(conflict.table), let column = table.column(base),
            conflict.field == name || conflict.kept.fields?[name] != nil
        else {
            throw AppError(
                .invalidArgument, "the conflict is about \(conflict.field ?? conflict.table), not '\(name)'")
        }
        if text.isEmpty { return .init(name, .null) }
        switch column.kind {
        case .timestamp:
            guard let moment = Timestamp(iso8601: text) else {
                throw AppError(
                    .invalidArgument, "\(name) must be a time such as 2026-12-01T09:00:00.000000Z, not '\(text)'")
            }
            return .init(name, .string(moment.iso8601))
        case .integer:
            guard Int64(text) != nil else {
                throw AppError(.invalidArgument, "\(name) must be a whole number, not '\(text)'")
            }
            return .init(name, .string(text))
        case .json where name == base:
            throw AppError(.invalidArgument, "\(name) is set key by key")
        case .text, .json, .blob: return .init(name, .string(text))
        }
    }
}
