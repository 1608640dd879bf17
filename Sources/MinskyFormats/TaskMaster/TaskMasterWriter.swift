import MinskyModel

/// Writes `tasks.json`: a list for every project, with tasks and, one level deep, subtasks.
///
/// Holds all records until the end, since a task is written together with what is below it. What is deeper than a subtask
/// becomes a subtask of the same task, with the place it had carried along.
struct TaskMasterWriter: FormatWriter {
    private(set) var losses: [Finding] = []
    private var records: [TaskRecord] = []

    mutating func write(_ record: TaskRecord) -> [UInt8] {
        records.append(record)
        return []
    }

    mutating func finish() -> [UInt8] {
        var plan = TaskMasterNumbering(records)
        plan.number()
        var lists: [JSON.Member] = []
        for (tag, tasks) in plan.lists {
            let list: [JSON] = tasks.map { task in
                let subtasks = plan.subtasks[task].map { object($0, plan) }
                return object(task, plan, subtasks: subtasks)
            }
            lists.append(JSON.Member(tag, ["tasks": .array(list)]))
        }
        var bytes: [UInt8] = []
        JSON.object(lists).write(to: &bytes, layout: .indented)
        bytes.append(0x0A)
        return bytes
    }

    /// One task with what Task Master has no words for in its metadata.
    private mutating func object(_ index: Int, _ plan: TaskMasterNumbering, subtasks: [JSON]? = nil) -> JSON {
        let record = records[index]
        let (tag, number) = plan.names[index]
        let isSubtask = subtasks == nil
        var members = Self.native(record, number: number.own, isSubtask: isSubtask)
        let links = record.dependsOn.map { plan.name(of: $0) }
        for (link, place) in zip(record.dependsOn, links) where place?.tag != tag {
            losses.append(
                Finding(
                    line: 0, reference: record.reference.description, field: "dependsOn",
                    reason: "\(link.description.quoted) is in no list or another one; carried in minsky’s metadata"))
        }
        // A text is never taken for a sibling.
        let numbers = links.compactMap { $0?.tag == tag ? $0.map { JSON.string($0.id) } : nil }
        members.append(JSON.Member("dependencies", .array(numbers)))

        var unused: JSON?
        let parent = isSubtask ? number.parent.map(String.init) : nil
        let read = TaskMasterTask.record(of: members, tag: tag, parent: parent, line: 0, subtasks: &unused).record
        if var read {
            // Links are read back as the names that the file gives; the same tasks are meant.
            read.dependsOn = record.dependsOn.filter { plan.name(of: $0)?.tag == tag }
            if let top = number.parent, let above = plan.task(tag, top) { read.parent = records[above].reference }
            if let carried = Carried.object(of: record, readBack: read) {
                let kept = members.first { $0.key == "metadata" }?.value.members ?? []
                members.removeAll { $0.key == "metadata" }
                members.append(JSON.Member("metadata", .object(kept + [JSON.Member(Carried.key, carried)])))
            }
        }
        if let subtasks { members.append(JSON.Member("subtasks", .array(subtasks))) }
        return .object(members)
    }

    /// What Task Master has words for, without links.
    static func native(_ record: TaskRecord, number: Int, isSubtask: Bool) -> [JSON.Member] {
        var members: [JSON.Member] = [
            JSON.Member("id", .optional(number)), JSON.Member("title", .string(record.title)),
            JSON.Member("description", .string(record.description ?? "")),
            JSON.Member("status", .string(status(record))),
        ]
        if let priority = record.priority { members.append(JSON.Member("priority", .string(priority.rawValue))) }
        if let complexity = record.complexity { members.append(JSON.Member("complexity", .optional(complexity))) }
        if let moment = record.updatedAt { members.append(JSON.Member("updatedAt", .string(moment.iso8601))) }
        let own: Set<String> = [
            "id", "title", "description", "status", "dependencies", "priority", "subtasks", "complexity", "updatedAt",
            "parentId", "parentTaskId", ObjectReader.originalKey("status"),
        ]
        for member in record.metadata where !own.contains(member.key) {
            if member.key == "metadata", member.value.members == nil { continue }
            members.append(member)
        }
        return members
    }

    private static func status(_ record: TaskRecord) -> String {
        if let kept = record[metadata: ObjectReader.originalKey("status")]?.string,
            TaskMaster.status(kept) ?? .todo == record.status
        {
            return kept
        }
        return TaskMaster.text(record.status)
    }
}

/// Which list and number every task gets: those it came with where they are free.
struct TaskMasterNumbering {
    /// A number in a list, and that of the task above for a subtask.
    struct Number {
        var parent: Int?
        var own: Int
    }

    private let records: [TaskRecord]
    private var places: [Reference: Int] = [:]
    /// The task at the top of each task's tree; itself for one at the top.
    private var tops: [Int]
    /// The tasks at the top of each list.
    private(set) var lists: [(tag: String, tasks: [Int])] = []
    private(set) var subtasks: [[Int]]
    private(set) var names: [(tag: String, number: Number)]
    private var tasks: [String: [Int: Int]] = [:]
    /// The names that tasks came with. Nobody else gets one, even when its task is in another place now.
    private var reserved: Set<String> = []

    init(_ records: [TaskRecord]) {
        self.records = records
        for (index, record) in records.enumerated() {
            places[record.reference] = index
            if let alias = record.alias { places[alias] = index }
            if record.reference.source == TaskMaster.source { reserved.insert(record.reference.id) }
        }
        tops = Array(records.indices)
        subtasks = Array(repeating: [], count: records.count)
        names = Array(repeating: ("", Number(own: 0)), count: records.count)
    }

    /// The name of a task, when it is in the file.
    func name(of reference: Reference) -> (tag: String, id: String)? {
        places[reference].map { index in
            let (tag, number) = names[index]
            return (tag, number.parent.map { "\($0).\(number.own)" } ?? "\(number.own)")
        }
    }

    /// The task that has a number at the top of a list.
    func task(_ tag: String, _ number: Int) -> Int? { tasks[tag]?[number] }

    mutating func number() {
        findTops()
        var indices: [String: Int] = [:]
        for index in records.indices where tops[index] == index {
            let tag = records[index].project ?? TaskMaster.defaultTag
            if indices[tag] == nil {
                indices[tag] = lists.count
                lists.append((tag, []))
            }
            if let list = indices[tag] { lists[list].tasks.append(index) }
        }
        for index in records.indices where tops[index] != index { subtasks[tops[index]].append(index) }
        for (tag, list) in lists {
            let numbers = self.numbers(list, tag, above: nil)
            for (task, number) in zip(list, numbers) {
                names[task] = (tag, Number(own: number))
                tasks[tag, default: [:]][number] = task
                let below = self.numbers(subtasks[task], tag, above: number)
                for (subtask, own) in zip(subtasks[task], below) {
                    names[subtask] = (tag, Number(parent: number, own: own))
                }
            }
        }
    }

    /// Follows parents upwards. In a circle, the one that was reached first is at the top.
    private mutating func findTops() {
        var isKnown = [Bool](repeating: false, count: records.count)
        var isOnPath = isKnown
        for start in records.indices where !isKnown[start] {
            var path: [Int] = []
            var current = start
            while !isKnown[current], !isOnPath[current] {
                isOnPath[current] = true
                path.append(current)
                guard let parent = records[current].parent.flatMap({ places[$0] }) else { break }
                current = parent
            }
            let top = isKnown[current] ? tops[current] : current
            for task in path {
                tops[task] = top
                isKnown[task] = true
                isOnPath[task] = false
            }
        }
    }

    /// The numbers that tasks came with where this is their place, and the next free ones for the others.
    private func numbers(_ tasks: [Int], _ tag: String, above: Int?) -> [Int] {
        let start = above.map { "\(tag)/\($0)." } ?? "\(tag)/"
        var used: Set<Int> = []
        let granted = tasks.map { own($0, start).flatMap { used.insert($0).inserted ? $0 : nil } }
        var next = 1
        return granted.map { number in
            if let number { return number }
            while reserved.contains("\(start)\(next)") || !used.insert(next).inserted { next += 1 }
            return next
        }
    }

    private func own(_ index: Int, _ start: String) -> Int? {
        let reference = records[index].reference
        guard reference.source == TaskMaster.source, reference.id.hasPrefix(start) else { return nil }
        let text = reference.id.dropFirst(start.count)
        return Int(text).flatMap { String($0) == text && $0 > 0 ? $0 : nil }
    }
}
