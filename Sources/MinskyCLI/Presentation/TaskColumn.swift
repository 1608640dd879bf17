import MinskyApp
import MinskyModel

/// A column of a list of tasks, right of the title.
struct TaskColumn: Sendable {
    let name: String
    let heading: String
    var isNumber = false
    /// Those with a lower weight are left out first when room is short.
    let weight: Int
    let text: @Sendable (TaskItem, TaskList, DatePresentation) -> String

    private init(
        _ name: String, _ heading: String? = nil, weight: Int, isNumber: Bool = false,
        _ text: @escaping @Sendable (TaskItem, TaskList, DatePresentation) -> String
    ) {
        self.name = name
        self.heading = heading ?? name.uppercased()
        self.weight = weight
        self.isNumber = isNumber
        self.text = text
    }

    static let priority = TaskColumn("priority", weight: 5) { task, _, _ in task.priority?.rawValue ?? "" }
    static let due = TaskColumn("due", weight: 6) { task, _, dates in task.dueAt.map(dates.day) ?? "" }
    static let estimate = TaskColumn("estimate", "EST", weight: 4, isNumber: true) { task, _, _ in
        task.estimateMinutes.map(DurationPhrase.text) ?? ""
    }
    static let complexity = TaskColumn("complexity", "CX", weight: 3, isNumber: true) { task, _, _ in
        task.complexity.map { String($0) } ?? ""
    }
    static let assignee = TaskColumn("assignee", weight: 2) { task, _, _ in task.assignee ?? "" }
    static let recurrence = TaskColumn("recurrence", weight: 2) { task, _, _ in
        task.recurrence.map(FieldText.recurrence) ?? ""
    }
    static let sync = TaskColumn("sync", weight: 7) { task, list, _ in list.sync(of: task)?.rawValue ?? "" }
    static let project = TaskColumn("project", weight: 1) { task, _, _ in task.project ?? "" }
    static let tags = TaskColumn("tags", weight: 1) { task, _, _ in task.tags.joined(separator: " ") }

    /// What lists show when nobody says.
    static let usual = [priority, due, recurrence, estimate, complexity, assignee, sync, project, tags]

    static let all: [TaskColumn] =
        usual + [
            TaskColumn("status", weight: 5) { task, _, _ in task.status.rawValue },
            TaskColumn("wait", weight: 5) { task, _, dates in task.waitUntil.map(dates.day) ?? "" },
            TaskColumn("scheduled", weight: 5) { task, _, dates in task.scheduledAt.map(dates.day) ?? "" },
            TaskColumn("until", weight: 5) { task, _, dates in task.untilAt.map(dates.day) ?? "" },
            TaskColumn("created", weight: 4) { task, _, dates in dates.day(task.createdAt) },
            TaskColumn("updated", weight: 4) { task, _, dates in dates.day(task.updatedAt) },
            TaskColumn("started", weight: 4) { task, _, dates in task.startedAt.map(dates.day) ?? "" },
            TaskColumn("completed", weight: 4) { task, _, dates in task.completedAt.map(dates.day) ?? "" },
            TaskColumn("creator", weight: 3) { task, _, _ in task.createdBy ?? "" },
            TaskColumn("parent", weight: 3) { task, list, _ in task.parentID.map(list.shortID) ?? "" },
            TaskColumn("depends", weight: 3) { task, list, _ in
                task.dependsOn.map(list.shortID).joined(separator: " ")
            },
            TaskColumn("reference", weight: 3) { task, _, _ in task.externalRef ?? "" },
        ]

    /// The columns of some names; `id` and `title` are always there, and any other name is a member of the metadata.
    /// - Throws: `CommandFailure` for a name that is none.
    static func named(_ names: [String]) throws -> [TaskColumn] {
        try names.filter { !["id", "title", "task"].contains($0.lowercased()) }.map { name in
            if let column = all.first(where: { $0.name == name.lowercased() }) { return column }
            guard CustomField.isName(name) else {
                let near = NearestMatch.of(name, among: all.map(\.name)).map { "Did you mean \($0)?" }
                throw CommandFailure(
                    .usage, "there is no column '\(name)'",
                    hint: near ?? "The columns are: \(all.map(\.name).joined(separator: ", ")).")
            }
            return TaskColumn(name, weight: 3) { task, _, _ in
                guard let value = task.metadata[name], value != .null else { return "" }
                return value.string ?? value.text()
            }
        }
    }

    /// A column of numbers that are not in the tasks themselves.
    static func number(_ name: String, _ text: @escaping @Sendable (TaskItem) -> String) -> TaskColumn {
        TaskColumn(name, weight: 8, isNumber: true) { task, _, _ in text(task) }
    }
}
