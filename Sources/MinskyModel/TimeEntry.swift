/// A time in which somebody worked on a task.
public struct TimeEntry: Sendable, Hashable {
    public let id: String
    public var taskID: String
    /// Who worked.
    public var actor: String
    public var startedAt: Timestamp
    /// Nil while the work goes on.
    public var endedAt: Timestamp?

    /// Whole seconds from start to end; none while the work goes on.
    public var seconds: Int { endedAt.map { Int(($0.microseconds - startedAt.microseconds) / 1_000_000) } ?? 0 }

    /// Creates an entry.
    public init(id: String, taskID: String, actor: String, startedAt: Timestamp, endedAt: Timestamp? = nil) {
        self.id = id
        self.taskID = taskID
        self.actor = actor
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    /// The entry as the documented JSON object.
    public var json: JSON {
        [
            "id": .string(id), "taskId": .string(taskID), "actor": .string(actor),
            "startedAt": .string(startedAt.iso8601), "endedAt": .optional(endedAt?.iso8601),
        ]
    }
}

/// The part of an entry that lies within one day.
public struct TimePiece: Sendable, Hashable {
    public let entry: TimeEntry
    /// The local day.
    public let day: CalendarDay
    public let start: Timestamp
    public let end: Timestamp

    /// Whole seconds from start to end.
    public var seconds: Int { Int((end.microseconds - start.microseconds) / 1_000_000) }
    /// Whether the work goes on, and the piece reaches to the present.
    public let isRunning: Bool
}

/// What somebody does: whose times on which task.
private struct Work: Hashable {
    let task: String
    let actor: ExactText
}

extension [TimeEntry] {
    /// The entries in the order in which they began, without what another one of the same actor on the same task covers: who
    /// starts on two machines works once.
    public func withoutOverlaps(now: Timestamp) -> [TimeEntry] {
        var covered: [Work: Timestamp] = [:]
        let ordered = sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        return ordered.compactMap { entry in
            let work = Work(task: entry.taskID, actor: ExactText(entry.actor))
            let end = entry.endedAt ?? Swift.max(now, entry.startedAt)
            var rest = entry
            if let until = covered[work], until > entry.startedAt {
                guard end > until else { return nil }
                rest.startedAt = until
            }
            covered[work] = Swift.max(end, covered[work] ?? end)
            return rest
        }
    }
}

extension TimeEntry {
    /// What of the entry lies between two moments, a piece for each local day. One that runs counts until now.
    /// - Parameters:
    ///   - from: The first moment that counts.
    ///   - to: The first one that does not count any more.
    ///   - utcOffset: The local zone's seconds east of UTC at a moment.
    public func pieces(
        from: Timestamp, to: Timestamp, now: Timestamp, utcOffset: (Timestamp) -> Int
    ) -> [TimePiece] {
        let end = min(endedAt ?? max(now, startedAt), to)
        var start = max(startedAt, from)
        var pieces: [TimePiece] = []
        while start < end {
            let day = start.adding(seconds: utcOffset(start)).day
            let midnight = Timestamp(local: Timestamp(day: day + 1), utcOffset: utcOffset)
            let next = min(end, midnight)
            guard next > start else { break }
            pieces.append(
                TimePiece(
                    entry: self, day: day, start: start, end: next, isRunning: endedAt == nil && next == now))
            start = next
        }
        return pieces
    }
}
