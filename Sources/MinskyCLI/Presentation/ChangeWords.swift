import MinskyApp
import MinskyModel

/// What became of a task, in words: its fields as people call them, other tasks by their titles, moments in local time.
struct ChangeWords {
    let names: TaskNames
    let fields: FieldText

    /// A text longer than this is said to have changed, not shown.
    private static let longestValue = 60

    init(_ names: TaskNames, _ environment: Environment) {
        self.names = names
        fields = FieldText(dates: DatePresentation(environment))
    }

    /// What a change did, not yet safe for a terminal.
    /// - Parameters:
    ///   - operation: What it is a part of.
    ///   - isUndo: Whether the change is told as the undoing of its opposite.
    func words(_ change: Change, in operation: LoggedOperation, isUndo: Bool = false) -> [String] {
        let isGone = change.kind == .delete
        switch change.table {
        case "tasks" where change.kind == .update: return updated(change, isUndo)
        case "tasks": return [isGone ? (isUndo ? "removed again" : "removed") : (isUndo ? "brought back" : "created")]
        case "task_tags": return ["tag \(change.otherKey) " + (isGone ? "removed" : "added")]
        case "task_dependencies": return [(isGone ? "no longer waits for " : "waits for ") + name(change.otherKey)]
        case "notes":
            return [change.kind == .update ? "a note changed" : isGone ? "a note removed" : "a note added"]
        case "links":
            let fields = change.after ?? change.before
            let what = fields?["target"]?.string.map { " \($0.prefix(Self.longestValue))" } ?? ""
            return ["link\(what) " + (change.kind == .update ? "renamed" : isGone ? "removed" : "added")]
        case "time_entries": return time(change, in: operation)
        case "ai_calls" where change.kind == .insert: return change.after.map { [asked($0)] } ?? []
        default: return []
        }
    }

    /// A time that was added by hand, or one that begins or ends, unless the status of the task tells that.
    private func time(_ change: Change, in operation: LoggedOperation) -> [String] {
        let entry = change.after ?? change.before
        func moment(_ name: String) -> Timestamp? { entry?[name]?.string.flatMap(Timestamp.init(iso8601:)) }
        if change.kind != .update, let start = moment("started_at"), let end = moment("ended_at") {
            let minutes = Int((end.microseconds - start.microseconds) / 60_000_000)
            let isGone = change.kind == .delete
            return ["\(DurationPhrase.text(minutes: minutes)) \(isGone ? "no longer tracked" : "tracked")"]
        }
        let task = names.task(of: change)
        let isTold = operation.changes.contains { other in
            other.table == "tasks" && other.rowID == task
                && (other.kind != .update || other.after?["status"] != nil)
        }
        guard !isTold, change.kind != .update || change.after?["ended_at"] != nil else { return [] }
        switch change.kind {
        case .insert: return ["time begun"]
        case .delete: return ["time no longer taken"]
        case .update: return [change.after?["ended_at"] == .null ? "time goes on" : "time ended"]
        }
    }

    /// What a model was asked for, how it ended and what it cost.
    private func asked(_ call: JSON) -> String {
        let purpose =
            switch call["purpose"]?.string {
            case "decompose": "for a breakdown"
            case "embed": "for embeddings"
            case "test": "as a test"
            case let other: other ?? ""
            }
        let tokens = ["input_tokens", "output_tokens"].compactMap { call[$0]?.string.flatMap { Int($0) } }
        let cost = tokens.isEmpty ? "" : ", \(tokens.reduce(0, +)) tokens"
        return "asked \(call["model"]?.string ?? "a model") \(purpose): \(call["outcome"]?.string ?? "")\(cost)"
    }

    /// The change that takes one back.
    static func inverse(of change: Change) -> Change {
        var inverse = change
        (inverse.before, inverse.after) = (change.after, change.before)
        switch change.kind {
        case .insert: inverse.kind = .delete
        case .delete: inverse.kind = .insert
        case .update: break
        }
        return inverse
    }

    private func updated(_ change: Change, _ isUndo: Bool) -> [String] {
        let members = change.after?.members ?? []
        let keys = Set(members.map(\.key))
        var words: [String] = []
        for member in members {
            let (old, new) = (change.before?[member.key] ?? .null, member.value)
            switch member.key {
            case "deleted_at":
                let again = isUndo ? " again" : ""
                words.append(new == .null ? "brought back" : "deleted" + again)
            case "parent_id": words.append(new.string.map { "moved under " + name($0) } ?? "moved to the top")
            case "rank": if keys.isDisjoint(with: ["parent_id"]) { words.append("moved among its siblings") }
            // They follow from the status.
            case "started_at" where keys.contains("status"), "completed_at" where keys.contains("status"): break
            case "updated_at": break
            // What people call it, the recurrence says.
            case "series_id", "series_day": break
            default: words.append(changed(member.key, old, new))
            }
        }
        for member in change.lost?.members ?? [] where member.key != "updated_at" {
            words.append("\(TaskField.named(column: member.key)?.label ?? member.key) not kept, as another edit was")
        }
        return words
    }

    private func changed(_ column: String, _ old: JSON, _ new: JSON) -> String {
        let field = TaskField.named(column: column)
        let label = field?.label ?? column
        func text(_ value: JSON) -> String? { field.map { fields.text($0, value) } ?? value.string ?? value.text() }
        let (before, after) = (text(old) ?? "nothing", text(new) ?? "nothing")
        let isLong = [before, after].contains { $0.utf8.count > Self.longestValue || $0.contains("\n") }
        return isLong ? "\(label) changed" : "\(label): \(before) → \(after)"
    }

    private func name(_ id: String) -> String {
        names.shortID(of: id) + (names.title(of: id).map { " (\($0.prefix(Self.longestValue)))" } ?? "")
    }
}
