import MinskyApp
import MinskyModel
import MinskyStore

/// Conflicts as people read them: fields as people call them, tasks by their titles, moments in local time.
struct ConflictWords {
    /// The titles of the tasks they are about, by id.
    let titles: [String: String]
    /// This replica, whose values are `here`.
    let replica: String
    let environment: Environment

    /// A longer text is cut.
    private static let longest = 200

    /// A conflict on three lines, safe for a terminal: what it is about, what was kept and what was not.
    func lines(_ conflict: Conflict, _ style: Style) -> [String] {
        let state = conflict.isOpen ? "open" : "resolved"
        return [
            "\(style.bold(conflict.shortID))  \(subject(conflict).terminalSafe())  \(style.dim(state))",
            "  kept  \(side(conflict.kept, conflict, isKept: true))".terminalSafe(),
            "  lost  \(side(conflict.lost, conflict, isKept: false))".terminalSafe(),
        ]
    }

    /// What a conflict is about, not yet safe for a terminal.
    func subject(_ conflict: Conflict) -> String {
        let (task, other) = conflict.rowParts
        switch conflict.table {
        case "tasks" where conflict.field == nil: return "all of \(name(task))"
        case "tasks": return "\(conflict.fieldName) of \(name(task))"
        case "task_tags": return "tag \(other) of \(name(task))"
        case "task_dependencies": return "\(name(task)) waits for \(name(other))"
        default: return "\(conflict.table) \(conflict.rowID)" + (conflict.field.map { ", \($0)" } ?? "")
        }
    }

    /// A value as people read it, not yet safe for a terminal.
    func value(_ side: Conflict.Side, _ conflict: Conflict, isKept: Bool) -> String {
        guard let field = conflict.field else {
            // Older upstreams note a dependency that was not kept on both sides.
            let isThere = side.value != .null && !(isKept && conflict.kept.value == conflict.lost.value)
            guard isThere, !["task_tags", "task_dependencies"].contains(conflict.table) else {
                return isThere ? "yes" : "no"
            }
            return String(side.value.text().prefix(Self.longest))
        }
        guard conflict.table == "tasks" else { return text(side.value) }
        switch (field, side.value) {
        case ("deleted_at", .null): return "no"
        case ("deleted_at", .string(let moment)):
            return Timestamp(iso8601: moment).map { "since " + DatePresentation(environment).minute($0) } ?? moment
        case ("parent_id", .string(let id)): return name(id)
        default:
            let known = TaskField.named(column: field)
            let shown = known.flatMap { FieldText(dates: DatePresentation(environment)).text($0, side.value) }
            return shown.map { String($0.prefix(Self.longest)) } ?? text(side.value)
        }
    }

    private func text(_ value: JSON) -> String {
        switch value {
        case .null: "nothing"
        case .string(let text): String(text.prefix(Self.longest))
        default: String(value.text().prefix(Self.longest))
        }
    }

    private func side(_ side: Conflict.Side, _ conflict: Conflict, isKept: Bool) -> String {
        let here = side.replicaID == replica ? ", here" : ""
        let moment = DatePresentation(environment).minute(side.at)
        return "\(value(side, conflict, isKept: isKept))  (\(side.actor)\(here), \(moment))"
    }

    private func name(_ id: String) -> String { titles[id].map { "'\($0.prefix(60))'" } ?? id }
}
