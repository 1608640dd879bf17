import MinskyModel
import MinskySQL

/// The task that comes after one of a series.
public struct NextInstance: Sendable {
    public let task: TaskItem
    /// Whether it was made now; else it was there already, made by somebody else or for an earlier end of the one before.
    public let isNew: Bool
}

extension StoreSession {
    /// Whether one of some tasks comes again. It locks nothing: whoever makes instances takes the graph's lock first.
    public func hasRecurrence(among ids: [String]) throws -> Bool {
        try reader.first(
            "SELECT 1 FROM tasks WHERE id IN (\(reader.listed(ids))) AND recurrence IS NOT NULL LIMIT 1"
        ) { try $0.integer(0) } != nil
    }
}

extension WriteSession {
    /// Makes the task that comes after one of a series, with the subtasks of that, unless it is there already. One that was
    /// deleted, as the undo of an end does, comes back as a new one.
    ///
    /// The lock of the graph has to be held. The ids derive from the workspace, the series and the instance's key, so that
    /// whoever makes the same instance, in whatever replica, makes the same row.
    /// - Parameters:
    ///   - task: The task of the series, as it is now.
    ///   - moment: When it was ended, for a series that is counted from there.
    ///   - utcOffset: The seconds east of UTC of a zone at a moment, by its name; nil for a zone that is not known.
    /// - Returns: nil when the task belongs to no series, or the series has come to its end.
    /// - Throws: `StoreError` with code `.conflict` when the zone of the series is not known; `SQLError`.
    public func makeNext(
        after task: TaskItem, endedAt moment: Timestamp, utcOffset: (String) -> ((Timestamp) -> Int)?
    ) throws -> NextInstance? {
        guard let series = task.recurrence.flatMap(RecurrenceSeries.init(parsing:)) else { return nil }
        guard let offset = utcOffset(series.zone) else {
            throw StoreError(
                .conflict, "task \(task.id) comes again in the zone \(series.zone), which this machine does not know")
        }
        let seriesID = task.seriesID ?? task.id
        let day = task.seriesDay.flatMap(CalendarDay.init(iso8601:)) ?? series.firstDay
        let found =
            switch series.recurrence.basis {
            case .schedule: series.instance(after: day, utcOffset: offset)
            case .completion: series.instance(afterDone: task.id, at: moment, utcOffset: offset)
            }
        guard let instance = found else { return nil }
        let id = try derivedID("\(seriesID) \(instance.key)")
        if let present = try taskOrDeleted(id), present.deletedAt == nil {
            return NextInstance(task: present, isNew: false)
        }
        let copies = try copies(of: task, as: id) { copy in
            copy.shiftDates(days: instance.day.number - day.number, utcOffset: offset)
        }
        var new = copies
        new[0].recurrence = task.recurrence
        new[0].seriesID = seriesID
        new[0].seriesDay = instance.day.iso8601
        new[0].dueAt = instance.dueAt
        new[0].parentID = try isLive(task.parentID) ? task.parentID : nil
        new[0].rank = task.rank
        var missing: [TaskItem] = []
        var returned: [TaskItem] = []
        for copy in new {
            guard let old = try taskOrDeleted(copy.id) else {
                missing.append(copy)
                continue
            }
            guard old.deletedAt != nil else { continue }
            // What it waits for may be among those that come back after it.
            var back = copy
            back.dependsOn = []
            try update(old, to: back)
            returned.append(copy)
        }
        try insert(missing)
        for copy in returned {
            var back = copy
            back.dependsOn = []
            try update(back, to: copy)
        }
        return NextInstance(task: try self.task(id), isNew: true)
    }

    /// A task and what is below it as new ones, the task first, each parent before its parts. What was dropped is left out,
    /// and what comes again by itself.
    private func copies(of task: TaskItem, as id: String, _ change: (inout TaskItem) -> Void) throws -> [TaskItem] {
        var filter = TaskFilter()
        filter.under = task.id
        let nodes = TaskForest(try tasks(filter)).tasks
        var ids = [task.id: id]
        var copied: [TaskItem] = [task]
        for part in nodes where part.id != task.id && part.status != .dropped && part.recurrence == nil {
            guard let parent = part.parentID.flatMap({ ids[$0] }) else { continue }
            ids[part.id] = try derivedID("\(parent) \(part.id)")
            copied.append(part)
        }
        var dependencies = TaskFilter()
        dependencies.ids = Set(copied.flatMap(\.dependsOn)).subtracting(ids.keys).sorted()
        dependencies.statuses = [.todo, .doing]
        let open = Set(try tasks(dependencies).map(\.id))
        return copied.map { old in
            var new = TaskItem(
                id: ids[old.id] ?? old.id, title: old.title, rank: old.rank, createdAt: operation.now,
                createdBy: operation.actor)
            (new.description, new.priority, new.project) = (old.description, old.priority, old.project)
            (new.estimateMinutes, new.complexity) = (old.estimateMinutes, old.complexity)
            (new.complexityReason, new.assignee, new.metadata) = (old.complexityReason, old.assignee, old.metadata)
            (new.dueAt, new.waitUntil) = (old.dueAt, old.waitUntil)
            (new.scheduledAt, new.untilAt) = (old.scheduledAt, old.untilAt)
            new.parentID = old.parentID.flatMap { ids[$0] }
            new.tags = old.tags
            new.dependsOn = old.dependsOn.compactMap { ids[$0] ?? (open.contains($0) ? $0 : nil) }.sorted()
            change(&new)
            return new
        }
    }

    private func derivedID(_ reference: String) throws -> String {
        let workspace = try reader.first("SELECT workspace_id FROM store_state") { try $0.text(0) } ?? ""
        return DerivedIdentifier.of(workspace: workspace, source: "recurrence", reference: reference)
    }

    private func isLive(_ id: String?) throws -> Bool {
        guard let id else { return false }
        return try reader.first("SELECT 1 FROM tasks WHERE id = \(id) AND deleted_at IS NULL") {
            try $0.integer(0)
        } != nil
    }

    /// The task with an id, deleted or not, with its tags and all of its dependencies.
    private func taskOrDeleted(_ id: String) throws -> TaskItem? { try tasks(ids: [id], references: []).first }
}

extension TaskItem {
    /// Moves all dates by days, at the same time of the clocks of a zone.
    fileprivate mutating func shiftDates(days: Int, utcOffset: (Timestamp) -> Int) {
        func shifted(_ moment: Timestamp?) -> Timestamp? {
            moment.map { moment in
                let local = moment.adding(seconds: utcOffset(moment) + days * 86_400)
                return Timestamp(local: local, utcOffset: utcOffset)
            }
        }
        (dueAt, waitUntil) = (shifted(dueAt), shifted(waitUntil))
        (scheduledAt, untilAt) = (shifted(scheduledAt), shifted(untilAt))
    }
}
