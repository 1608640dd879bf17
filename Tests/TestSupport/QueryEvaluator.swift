import MinskyModel

/// What a query means, said once more in the plainest way: the reference that a compiler to SQL is held against.
public struct QueryEvaluator {
    /// What a task has beside its row.
    public struct Surroundings: Sendable {
        public var notes: [String]

        public init(notes: [String] = []) { self.notes = notes }
    }

    private let tasks: [TaskItem]
    private let byID: [String: TaskItem]
    private let surroundings: [String: Surroundings]
    private let now: Timestamp

    /// Creates an evaluator over all tasks of a workspace; deleted ones count for nothing.
    public init(_ tasks: [TaskItem], surroundings: [String: Surroundings] = [:], now: Timestamp) {
        self.tasks = tasks.filter { $0.deletedAt == nil }
        byID = Dictionary(uniqueKeysWithValues: self.tasks.map { ($0.id, $0) })
        self.surroundings = surroundings
        self.now = now
    }

    /// The ids of the tasks that a query lets through, in the order of the tasks.
    public func matching(_ query: Query) -> [String] {
        tasks.filter { matches(query, $0) }.map(\.id)
    }

    /// The ids of all tasks in an order; those that are equal in all keys stay in the order of the tasks.
    public func ordered(by order: TaskOrder, urgency: (TaskItem) -> Double = { _ in 0 }) -> [String] {
        func isBefore(_ left: TaskItem, _ right: TaskItem) -> Bool {
            for term in order.terms {
                switch (sortValue(of: term.key, left, urgency), sortValue(of: term.key, right, urgency)) {
                case (nil, nil): continue
                case (nil, _): return false
                case (_, nil): return true
                case (let a?, let b?):
                    if a < b { return !term.isDescending }
                    if b < a { return term.isDescending }
                }
            }
            return false
        }
        // The library's sort keeps the order of equals, but does not promise it.
        return tasks.enumerated().sorted { left, right in
            isBefore(left.element, right.element)
                || !isBefore(right.element, left.element) && left.offset < right.offset
        }.map(\.element.id)
    }

    /// What tasks are compared by; the values of one key are all of one kind.
    private enum SortValue {
        case number(Double)
        case text(String)

        static func < (left: SortValue, right: SortValue) -> Bool {
            switch (left, right) {
            case (.number(let left), .number(let right)): left < right
            case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
            case (.number, .text), (.text, .number): false
            }
        }
    }

    private func sortValue(of key: TaskOrder.Key, _ task: TaskItem, _ urgency: (TaskItem) -> Double) -> SortValue? {
        switch key {
        case .urgency: .number(urgency(task))
        case .rank: .text(task.rank)
        case .field(.status): TaskStatus.allCases.firstIndex(of: task.status).map { .number(Double($0)) }
        case .field(.priority): task.priority.flatMap(TaskPriority.allCases.firstIndex).map { .number(Double($0)) }
        case .field(.text(let field)): value(of: field, task).map(SortValue.text)
        case .field(.moment(let field)): value(of: field, task).map { .number(Double($0.microseconds)) }
        case .field(.number(.estimate)): task.estimateMinutes.map { .number(Double($0)) }
        case .field(.number(.complexity)): task.complexity.map { .number(Double($0)) }
        case .field(.reference): .text(task.id)
        case .field(.tag), .field(.notes): nil
        case .field(.custom(let field)):
            switch (field.kind, task.metadata[field.name]) {
            case (.text, .string(let text)?), (.date, .string(let text)?): .text(text)
            case (.number, .number(let number)?), (.duration, .number(let number)?):
                Double(number.text).map(SortValue.number)
            default: nil
            }
        }
    }

    private func matches(_ query: Query, _ task: TaskItem) -> Bool {
        switch query {
        case .condition(let condition): matches(condition, task)
        case .not(let query): !matches(query, task)
        case .and(let parts): parts.allSatisfy { matches($0, task) }
        case .or(let parts): parts.contains { matches($0, task) }
        }
    }

    private func matches(_ condition: QueryCondition, _ task: TaskItem) -> Bool {
        switch condition {
        case .words(let text):
            return ([task.title, task.description].compactMap { $0 } + (surroundings[task.id]?.notes ?? []))
                .contains { contains($0, text) }
        case .state(let state): return matches(state, task)
        case .has(let field): return has(field, task)
        case .status(let status): return task.status == status
        case .priority(let comparison, let priority):
            let levels = TaskPriority.allCases
            guard let level = task.priority.flatMap(levels.firstIndex), let other = levels.firstIndex(of: priority)
            else { return false }
            return compare(level, comparison, other)
        case .tag(let tag): return task.tags.contains { equals($0, tag) }
        case .text(let field, let match, let text): return matches(value(of: field, task), match, text)
        case .moment(let field, let comparison, let moment):
            return isWithin(value(of: field, task), moment.bounds(comparison))
        case .number(let field, let comparison, let number):
            let value = field == .estimate ? task.estimateMinutes : task.complexity
            return value.map { compare($0, comparison, number) } ?? false
        case .reference(.id, let prefix): return task.id.hasPrefix(prefix)
        case .reference(.parent, let prefix): return task.parentID?.hasPrefix(prefix) ?? false
        case .reference(.under, let prefix): return path(of: task).contains { $0.hasPrefix(prefix) }
        case .custom(let field, let comparison, let value):
            return matches(task.metadata[field.name] ?? .null, comparison, value)
        }
    }

    private func matches(_ state: QueryState, _ task: TaskItem) -> Bool {
        let isWaiting = task.waitUntil.map { $0 > now } ?? false
        let isBlocked = task.dependsOn.contains { byID[$0]?.status.isOpen == true }
        let subtasks = tasks.filter { $0.parentID == task.id }
        switch state {
        case .open: return task.status.isOpen
        case .closed: return !task.status.isOpen
        case .ready:
            let isLater = task.scheduledAt.map { $0 > now } ?? false
            return task.status.isOpen && !isBlocked && !isWaiting && !isLater
                && !(task.untilAt.map { $0 <= now } ?? false) && !subtasks.contains { $0.status.isOpen }
        case .blocked: return task.status.isOpen && isBlocked
        case .blocking:
            return task.status.isOpen && tasks.contains { $0.status.isOpen && $0.dependsOn.contains(task.id) }
        case .overdue: return task.status.isOpen && (task.dueAt.map { $0 < now } ?? false)
        case .waiting: return task.status.isOpen && isWaiting
        case .expired: return task.status.isOpen && (task.untilAt.map { $0 <= now } ?? false)
        case .leaf: return subtasks.isEmpty
        }
    }

    private func has(_ field: QueryField, _ task: TaskItem) -> Bool {
        switch field {
        case .status: true
        case .priority: task.priority != nil
        case .tag: !task.tags.isEmpty
        case .notes: !(surroundings[task.id]?.notes.isEmpty ?? true)
        case .text(let field): value(of: field, task) != nil
        case .moment(let field): value(of: field, task) != nil
        case .number(.estimate): task.estimateMinutes != nil
        case .number(.complexity): task.complexity != nil
        case .reference(.parent): task.parentID != nil
        case .reference: true
        case .custom(let field): task.metadata[field.name].map { $0 != .null } ?? false
        }
    }

    private func value(of field: QueryField.Text, _ task: TaskItem) -> String? {
        switch field {
        case .title: task.title
        case .description: task.description
        case .project: task.project
        case .assignee: task.assignee
        case .creator: task.createdBy
        case .recurrence: task.recurrence
        }
    }

    private func value(of field: QueryField.Moment, _ task: TaskItem) -> Timestamp? {
        switch field {
        case .due: task.dueAt
        case .wait: task.waitUntil
        case .scheduled: task.scheduledAt
        case .until: task.untilAt
        case .created: task.createdAt
        case .updated: task.updatedAt
        case .started: task.startedAt
        case .completed: task.completedAt
        }
    }

    private func matches(_ value: String?, _ match: QueryTextMatch, _ text: String) -> Bool {
        guard let value else { return false }
        switch match {
        case .contains: return contains(value, text)
        case .equals: return equals(value, text)
        case .within: return equals(value, text) || value.utf8.starts(with: "\(text).".utf8)
        }
    }

    private func matches(_ value: JSON, _ comparison: QueryComparison, _ other: CustomValue) -> Bool {
        switch other {
        case .text(let text): return value.string.map { equals($0, text) } ?? false
        case .number(let number):
            guard let left = (value.number?.text).flatMap(Double.init), let right = Double(number.text) else {
                return false
            }
            return compare(left, comparison, right)
        case .date(let moment):
            return isWithin(value.string.flatMap(Timestamp.init(iso8601:)), moment.bounds(comparison))
        case .duration(let minutes): return value.integer.map { compare(Int($0), comparison, minutes) } ?? false
        }
    }

    private func isWithin(_ value: Timestamp?, _ bounds: (from: Timestamp?, to: Timestamp?)) -> Bool {
        guard let value else { return false }
        if let from = bounds.from, value < from { return false }
        if let to = bounds.to, value >= to { return false }
        return true
    }

    private func compare<Value: Comparable>(_ left: Value, _ comparison: QueryComparison, _ right: Value) -> Bool {
        switch comparison {
        case .equal: left == right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    private func equals(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    private func contains(_ value: String, _ text: String) -> Bool {
        value.lowercased().unicodeScalars.contains(text.lowercased().unicodeScalars)
    }

    /// The ids of a task and of what it is part of.
    private func path(of task: TaskItem) -> [String] {
        var path = [task.id]
        var next = task.parentID
        while let id = next, !path.contains(id), let parent = byID[id] {
            path.append(id)
            next = parent.parentID
        }
        return path
    }
}

extension Collection where Element: Equatable {
    /// Whether another collection stands somewhere within this one.
    fileprivate func contains(_ other: some Collection<Element>) -> Bool {
        var rest = self[...]
        while rest.count >= other.count {
            if rest.starts(with: other) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
