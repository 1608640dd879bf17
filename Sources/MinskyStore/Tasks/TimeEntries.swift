import MinskyModel
import MinskySQL

extension StoreSession {
    /// The entries of tasks that are not deleted which overlap a span of time, the oldest first. One that runs has no end.
    public func timeEntries(from: Timestamp, to: Timestamp) throws -> [TimeEntry] {
        try timeEntries(
            """
            started_at < \(to) AND (ended_at IS NULL OR ended_at > \(from))
            AND task_id IN (SELECT id FROM tasks WHERE deleted_at IS NULL)
            """)
    }

    /// The entries of one task, the oldest first.
    public func timeEntries(of task: String) throws -> [TimeEntry] { try timeEntries("task_id = \(task)") }

    /// The entries that run, those of one actor or on some tasks only where these are given, the oldest first.
    public func runningEntries(of actor: String? = nil, on tasks: [String]? = nil) throws -> [TimeEntry] {
        var conditions: [SQL] = ["ended_at IS NULL"]
        if let actor { conditions.append("actor = \(actor)") }
        if let tasks { conditions.append("task_id IN (\(reader.listed(tasks)))") }
        return try timeEntries(SQL.joined(conditions, separator: " AND "))
    }

    private func timeEntries(_ condition: SQL) throws -> [TimeEntry] {
        try reader.rows(
            """
            SELECT id, task_id, actor, started_at, ended_at FROM time_entries WHERE \(condition)
            ORDER BY started_at, id\(rowLock)
            """
        ) { row in
            TimeEntry(
                id: try row.text(0), taskID: try row.text(1), actor: try row.text(2), startedAt: try row.timestamp(3),
                endedAt: try row.optionalTimestamp(4))
        }
    }
}

extension WriteSession {
    /// Writes a new entry.
    public func insert(_ entry: TimeEntry) throws {
        try writer.insert(
            into: "time_entries", columns: ["id", "task_id", "actor", "started_at", "ended_at"],
            rows: [
                [
                    entry.id.sqlValue, entry.taskID.sqlValue, entry.actor.sqlValue, entry.startedAt.sqlValue,
                    entry.endedAt.sqlValue,
                ]
            ])
    }

    /// Whether times are changed here: where they only come from the upstream, tasks are begun and ended without them.
    private var mayTakeTime: Bool { get throws { try policies()["time_entries"] != .pull } }

    /// Begins an entry of the operation's actor on a task, unless one runs.
    /// - Returns: Whether one was begun.
    @discardableResult
    public func startClock(on task: String) throws -> Bool {
        guard try mayTakeTime, try runningEntries(of: operation.actor, on: [task]).isEmpty else { return false }
        // The body of an operation may run again: what it makes has the same id then.
        let id = DerivedIdentifier.of(workspace: operation.id, source: "time", reference: task)
        try insert(TimeEntry(id: id, taskID: task, actor: operation.actor, startedAt: operation.now))
        return true
    }

    /// Ends entries that run, those of one actor or on some tasks only where these are given. None ends before it began,
    /// whatever the clocks say.
    /// - Returns: The entries as they are now.
    @discardableResult
    public func stopClocks(of actor: String? = nil, on tasks: [String]? = nil) throws -> [TimeEntry] {
        guard try mayTakeTime else { return [] }
        return try runningEntries(of: actor, on: tasks).map { entry in
            var ended = entry
            let end = max(operation.now, entry.startedAt)
            ended.endedAt = end
            try writer.execute("UPDATE time_entries SET ended_at = \(end) WHERE id = \(entry.id)")
            return ended
        }
    }
}
