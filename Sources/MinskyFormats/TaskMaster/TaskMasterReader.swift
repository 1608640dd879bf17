import MinskyModel

/// The format of Task Master.
public enum TaskMaster {
    static let source = "taskmaster"
    /// The list that tasks of an old file without lists belong to.
    public static let defaultTag = "master"

    /// The name of a task: ids are numbered anew in every list.
    static func reference(_ tag: String, _ id: String) -> Reference { Reference(source: source, id: "\(tag)/\(id)") }

    static func status(_ text: String) -> TaskStatus? {
        switch text {
        case "pending", "blocked", "deferred": .todo
        case "in-progress", "review": .doing
        case "done", "completed": .done
        case "cancelled": .dropped
        default: nil
        }
    }

    static func text(_ status: TaskStatus) -> String {
        switch status {
        case .todo: "pending"
        case .doing: "in-progress"
        case .done: "done"
        case .dropped: "cancelled"
        }
    }
}

/// Reads `tasks.json` with its lists, the older form without them, and complexity reports.
struct TaskMasterReader: FormatReader {
    private let reportTag: String
    private var cutter = JSONCutter { path, isList in
        switch path.count {
        case 0: !isList
        case 1: path[0] == "tasks" || path[0] == "complexityAnalysis" ? isList : !isList && path[0] != "meta"
        case 2: path[1] == "tasks" && isList
        default: false
        }
    }

    init(options: FormatOptions) { reportTag = options.taskMasterTag }

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] { cutter.read(bytes).flatMap { events(of: $0) } }

    mutating func finish() -> [ReadingEvent] { cutter.finish().flatMap { events(of: $0) } }

    private func events(of cut: JSONCutter.Cut) -> [ReadingEvent] {
        let path = cut.path
        let isInList = path.last == .some(nil)
        if isInList, path.count == 2, path[0] == "complexityAnalysis" { return analysis(cut) }
        if isInList, path.count == 2, path[0] == "tasks" { return tasks(cut, tag: TaskMaster.defaultTag) }
        if isInList, path.count == 3, path[1] == "tasks", let tag = path[0] { return tasks(cut, tag: tag) }
        switch cut.value() {
        case .failure(let unreadable): return [unreadable.event]
        case .success(let value):
            // What describes the list itself, and none of its tasks.
            let name = path.map { $0 ?? "[]" }.joined(separator: ".")
            if value.json == .null || value.json.array?.isEmpty == true { return [] }
            return [.warning(Finding(line: cut.line, field: name, reason: "not about a task; left out"))]
        }
    }

    private func tasks(_ cut: JSONCutter.Cut, tag: String) -> [ReadingEvent] {
        switch cut.object() {
        case .failure(let unreadable): [unreadable.event]
        case .success(let object):
            object.warnings + TaskMasterTask.events(of: object.members, tag: tag, parent: nil, line: cut.line)
        }
    }

    private func analysis(_ cut: JSONCutter.Cut) -> [ReadingEvent] {
        switch cut.object() {
        case .failure(let unreadable): return [unreadable.event]
        case .success(let found):
            var object = ObjectReader(found.members, line: cut.line)
            guard let id = object.text("taskId") else {
                return [.skipped(Finding(line: cut.line, field: "taskId", reason: "the analysis has none"))]
            }
            object.reference = "\(reportTag)/\(id)"
            _ = object.take("taskTitle")
            var fields: [JSON.Member] = []
            if let score = object.take("complexityScore", "a number from 1 to 10", TaskMasterTask.complexity) {
                fields.append(JSON.Member("complexity", .optional(score)))
            }
            if let reason = object.text("reasoning") { fields.append(JSON.Member("complexityReason", .string(reason))) }
            return found.warnings + object.warnings.map(ReadingEvent.warning)
                + [.amendment(TaskMaster.reference(reportTag, id), fields: fields + object.rest, line: cut.line)]
        }
    }
}

/// One task or subtask of Task Master.
enum TaskMasterTask {
    /// The events of a task and of what is below it.
    static func events(
        of members: [JSON.Member], tag: String, parent: String?, line: Int
    ) -> [ReadingEvent] {
        var subtasks: JSON?
        let (record, findings) = record(of: members, tag: tag, parent: parent, line: line, subtasks: &subtasks)
        guard let record else { return findings.map(ReadingEvent.skipped) }
        var events = findings.map(ReadingEvent.warning) + [.record(record)]
        guard let subtasks else { return events }
        let own = String((record.alias ?? record.reference).id.dropFirst(tag.count + 1))
        for element in subtasks.array ?? [] {
            if let members = element.members {
                events += Self.events(of: members, tag: tag, parent: own, line: line)
            } else {
                let reason = "expected an object, found \(element.kindName)"
                events.append(
                    .skipped(Finding(line: line, reference: "\(tag)/\(own)", field: "subtasks", reason: reason)))
            }
        }
        if subtasks.array == nil {
            events.append(
                .skipped(Finding(line: line, reference: "\(tag)/\(own)", field: "subtasks", reason: "not a list")))
        }
        return events
    }

    /// One task alone.
    /// - Parameter parent: The number of the task that it is a subtask of.
    static func record(
        of members: [JSON.Member], tag: String, parent: String?, line: Int, subtasks: inout JSON?
    ) -> (record: TaskRecord?, findings: [Finding]) {
        var object = ObjectReader(members, line: line)
        guard let own = object.text("id") else {
            let place = parent.map { " of \($0)" } ?? ""
            return (nil, [Finding(line: line, field: "id", reason: "a task\(place) in list \(tag.quoted) has none")])
        }
        // Some versions write the whole number of a subtask.
        let id = parent.map { own.hasPrefix("\($0).") ? own : "\($0).\(own)" } ?? own
        let reference = TaskMaster.reference(tag, id)
        object.reference = reference.id
        guard let title = object.text("title"), !title.trimmingSpace.isEmpty else {
            return (nil, [Finding(line: line, reference: reference.id, field: "title", reason: "the task has none")])
        }
        var record = TaskRecord(reference: reference, title: title)
        record.line = line
        record.description = object.text("description")
        record.parent = parent.map { TaskMaster.reference(tag, $0) }
        if tag != TaskMaster.defaultTag { record.project = tag }
        if let value = object.take("status") {
            let text = value.string ?? value.text()
            record.status = TaskMaster.status(text) ?? .todo
            if TaskMaster.text(record.status) != text { object.keepOriginal("status", value) }
            if TaskMaster.status(text) == nil {
                object.warn("status", "\(text.quoted) is read as pending and kept in the metadata")
            }
        }
        record.priority = object.take("priority", "low, medium, high or critical") {
            TaskPriority(rawValue: $0.string ?? "")
        }
        record.complexity = object.take("complexity", "a number from 1 to 10", complexity)
        record.updatedAt = object.moment("updatedAt")
        record.dependsOn = dependencies(&object, tag: tag, parent: parent)
        subtasks = object.take("subtasks")
        for key in ["parentId", "parentTaskId"] {
            if let value = object.take(key), (value.string ?? value.number?.text) != parent {
                object.keepOriginal(key, value)
            }
        }
        let metadata = object.take("metadata")
        record.metadata = object.rest
        var carried: JSON?
        if let members = metadata?.members {
            carried = metadata?[Carried.key]
            let others = members.filter { $0.key != Carried.key }
            if !others.isEmpty { record[metadata: "metadata"] = .object(others) }
        } else if let metadata {
            record[metadata: "metadata"] = metadata
        }
        record.settleTimes()
        if let carried {
            Carried.apply(carried, to: &record) {
                JSON.object(TaskMasterWriter.native($0, number: 0, isSubtask: parent != nil))
            }
        }
        return (record, object.warnings)
    }

    static func complexity(_ value: JSON) -> Int? {
        guard let number = value.number?.double ?? value.string.flatMap(Double.init), (0.5..<10.5).contains(number)
        else {
            return nil
        }
        return Int(number.rounded())
    }

    /// Numbers of tasks, and in a subtask of its siblings; `7.2` is a subtask wherever it stands.
    private static func dependencies(_ object: inout ObjectReader, tag: String, parent: String?) -> [Reference] {
        object.take("dependencies", "a list of tasks") { value -> [Reference]? in
            guard let elements = value.array else { return nil }
            let found = elements.compactMap { element -> Reference? in
                guard let id = element.string?.trimmingSpace ?? element.number?.text, !id.isEmpty else { return nil }
                if let parent, element.integer != nil { return TaskMaster.reference(tag, "\(parent).\(id)") }
                return TaskMaster.reference(tag, id)
            }
            return found.count == elements.count ? found.unrepeated() : nil
        } ?? []
    }
}
