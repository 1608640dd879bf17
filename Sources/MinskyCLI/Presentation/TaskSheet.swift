import MinskyApp
import MinskyModel

/// One task with everything about it, for people.
struct TaskSheet {
    let shown: ShowTask.Result
    let console: Console

    private static let labels = 12

    func lines() -> [String] {
        let (task, dates) = (shown.task, DatePresentation(console.environment))
        let isWaiting = shown.list.blocked.contains(task.id) && task.status.isOpen
        var lines = TextWidth.wrap(task.title.terminalSafe(), to: console.width).map(console.style.bold)
        lines += field(.id)
        lines += field(.status, more: isWaiting ? ", waiting for other tasks" : "")
        lines += field(.priority)
        lines += field(.project)
        lines += field(.due, more: task.dueAt.map { " (\(dates.day($0)))" } ?? "")
        lines += field(.estimate)
        lines += field(.complexity, more: " of 10" + (task.complexityReason.map { ": \($0)" } ?? ""))
        lines += field(.tags)
        lines += field(.assignee)
        lines += line("part of", shown.parent.map { reference($0, tellsWhenClosed: true) })
        for other in shown.dependencies { lines += line("depends on", reference(other, tellsWhenClosed: true)) }
        for other in shown.waiting { lines += line("blocks", reference(other, tellsWhenClosed: false)) }
        for name in [.waitUntil, .scheduled, .until, .recurrence, .reference] as [TaskField] {
            lines += field(name)
        }
        for link in shown.links { lines += line("link", link.title.map { "\($0): \(link.target)" } ?? link.target) }
        for member in task.metadata.members ?? [] { lines += self.member(member) }
        lines += field(.created, more: task.createdBy.map { " by \($0)" } ?? "")
        lines += field(.started)
        lines += field(.completed)
        if shown.trackedSeconds > 0 || !shown.running.isEmpty {
            let running = shown.running.isEmpty ? "" : ", goes on: \(shown.running.joined(separator: ", "))"
            lines += line("worked", Console.hours(shown.trackedSeconds) + running)
        }
        switch shown.list.sync(of: task) {
        case .pending?: lines += line("sync", "not pushed yet")
        case .conflict?: lines += line("sync", "two edits met; minsky sync conflicts shows them")
        case nil: break
        }
        if let description = task.description {
            lines.append("")
            lines += TextWidth.wrap(description.terminalSafe(keepingNewlines: true), to: min(console.width, 100))
        }
        for note in shown.notes {
            lines.append("")
            lines.append(console.style.dim("\(dates.minute(note.createdAt))  \(note.author.terminalSafe())"))
            lines += TextWidth.wrap(note.body.terminalSafe(keepingNewlines: true), to: min(console.width, 100))
        }
        if !shown.subtasks.isEmpty {
            lines.append("")
            lines += TaskTree(shown.list.restricted(to: shown.subtasks), on: console).lines()
        }
        return lines
    }

    /// A field that has a value, with something after that.
    private func field(_ field: TaskField, more: String = "") -> [String] {
        let text = FieldText(dates: DatePresentation(console.environment)).text(field, field.value(shown.task))
        return line(field.label ?? "", text.map { $0.isEmpty ? "" : $0 + more })
    }

    /// A member of the metadata: a field that the user defined, or whatever another program put there.
    private func member(_ member: JSON.Member) -> [String] {
        let dates = DatePresentation(console.environment)
        var text = member.value.string ?? member.value.text()
        switch shown.customFields.first(where: { $0.name == member.key })?.kind {
        case .date?: text = member.value.string.flatMap { Timestamp(iso8601: $0) }.map(dates.minute) ?? text
        case .duration?:
            text = member.value.integer.flatMap { Int(exactly: $0) }.map(DurationPhrase.text) ?? text
        default: break
        }
        let label = member.key.terminalSafe()
        guard TextWidth.of(label) < Self.labels else { return line("", "\(member.key)  \(text)") }
        return line(label, text)
    }

    private func line(_ label: String, _ text: String?) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return TextWidth.wrap(text.terminalSafe(), to: max(10, console.width - Self.labels)).enumerated().map {
            console.style.dim(TextWidth.pad($0 == 0 ? label : "", to: Self.labels)) + $1
        }
    }

    private func reference(_ other: TaskItem, tellsWhenClosed: Bool) -> String {
        let status = tellsWhenClosed && !other.status.isOpen ? " (\(other.status.rawValue))" : ""
        return "\(shown.list.shortID(of: other.id))  \(other.title)\(status)"
    }
}
