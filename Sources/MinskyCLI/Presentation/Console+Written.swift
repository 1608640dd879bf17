import MinskyApp
import MinskyModel
import MinskyStore

extension Console {
    /// Shows one task that was written: as JSON the task, for people a line when anything became different.
    func show(_ written: WrittenTask, verb: String) {
        show(json: written.json, ids: [written.task.id]) {
            written.hasChanged ? lines(verb, written.task, written.list) : []
        }
        if !written.hasChanged { note("Nothing changed: \(written.list.shortID(of: written.task.id)) is as it was.") }
        if let parent = written.closedParent {
            let id = written.list.shortID(of: parent.id)
            note("\(id), which it is part of, is \(parent.status.rawValue); minsky tasks reopen \(typed(id)) opens it.")
        }
    }

    /// `Added k3f9  Title`, the title on several lines when it is long.
    func lines(_ verb: String, _ task: TaskItem, _ list: TaskList) -> [String] {
        let id = list.shortID(of: task.id).terminalSafe()
        return TitleLines.of(
            task.title, after: "\(verb) \(id)  ", styled: "\(verb) \(style.cyan(id))  ", width: width)
    }

    /// `Next k3f9  Title (Fri)`: what comes after a task of a series.
    func lines(next: NextInstance, _ list: TaskList) -> [String] {
        var task = next.task
        guard next.isNew || task.status.isOpen else { return [] }
        if let due = task.dueAt { task.title += " (\(DatePresentation(environment).day(due)))" }
        return lines("Next", task, list)
    }

    /// An id as it stands in a command to type: one that a shell would not take as it is does not.
    func typed(_ id: String) -> String { Identifier.prefix(id) == id ? id : "ID" }
}
