import MinskyApp
import MinskyModel

/// One task with everything about it, for people.
struct TaskSheet {
    let shown: ShowTask.Result
    let console: Console

    func lines() -> [String] {
        let task = shown.task
        let style = console.style
        let dates = DatePresentation(console.environment)
        var lines = TextWidth.wrap(task.title.terminalSafe(), to: console.width).map(style.bold)
        func field(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            for (index, line) in TextWidth.wrap(value.terminalSafe(), to: max(10, console.width - 12)).enumerated() {
                lines.append(style.dim(TextWidth.pad(index == 0 ? name : "", to: 12)) + line)
            }
        }
        func reference(_ other: TaskItem) -> String {
            "\(shown.list.shortIDs[other.id] ?? other.id)  \(other.title)"
        }
        let blocked = shown.list.blocked.contains(task.id) && task.status.isOpen ? ", waiting for other tasks" : ""
        field("id", task.id)
        field("status", task.status.rawValue + blocked)
        field("priority", task.priority?.rawValue)
        field("due", task.dueAt.map { "\(dates.minute($0)) (\(dates.day($0)))" })
        field("estimate", task.estimateMinutes.map(DurationPhrase.text))
        field("complexity", task.complexity.map { "\($0) of 10" + (task.complexityReason.map { ": \($0)" } ?? "") })
        field("tags", task.tags.joined(separator: " "))
        field("assignee", task.assignee)
        field("part of", shown.parent.map(reference))
        for other in shown.dependencies { field("depends on", reference(other)) }
        field("elsewhere", task.externalRef)
        if case .object(let members) = task.metadata, !members.isEmpty { field("metadata", task.metadata.text()) }
        field("created", dates.minute(task.createdAt) + (task.createdBy.map { " by \($0)" } ?? ""))
        field("started", task.startedAt.map(dates.minute))
        field("completed", task.completedAt.map(dates.minute))
        if let description = task.description {
            lines.append("")
            lines += TextWidth.wrap(description.terminalSafe(keepingNewlines: true), to: min(console.width, 100))
        }
        if !shown.subtasks.isEmpty {
            lines.append("")
            lines += TaskTree(shown.list.restricted(to: shown.subtasks), on: console).lines()
        }
        return lines
    }
}
