import MinskyModel
import MinskyStore

/// Makes the instances of series by schedule whose day has come, although the one before is still open.
public struct MakeInstances: Sendable {
    /// The most instances that are made of one series at once.
    private static let most = 400

    /// Creates the request.
    public init() {}

    /// Makes the instances and returns them. Whoever has made one already, here or in another replica, has made the same one.
    /// - Throws: `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskList {
        let operation = workspace.operation("recur", of: caller)
        let environment = workspace.environment
        return try workspace.perform(operation) { session in
            try session.lockGraph()
            var made: [TaskItem] = []
            for task in try session.openInstances() {
                guard let series = task.recurrence.flatMap(RecurrenceSeries.init(parsing:)),
                    series.recurrence.basis == .schedule, let offset = environment.utcOffset(ofZone: series.zone)
                else { continue }
                let today = operation.now.adding(seconds: offset(operation.now)).day
                var last = task
                for _ in 0..<Self.most {
                    let day = last.seriesDay.flatMap(CalendarDay.init(iso8601:)) ?? series.firstDay
                    guard let instance = series.instance(after: day, utcOffset: offset), instance.day <= today,
                        let next = try session.makeNext(
                            after: last, endedAt: operation.now, utcOffset: environment.utcOffset(ofZone:))
                    else { break }
                    if next.isNew { made.append(next.task) }
                    last = next.task
                }
            }
            return try TaskList(tasks: made, in: session)
        }
    }
}

extension StoreSession {
    /// The open tasks that come again.
    fileprivate func openInstances() throws -> [TaskItem] {
        var filter = TaskFilter(TaskSelection(.condition(.has(.text(.recurrence)))), now: Timestamp(microseconds: 0))
        filter.statuses = [.todo, .doing]
        return try tasks(filter)
    }
}
