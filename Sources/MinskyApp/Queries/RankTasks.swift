import MinskyModel
import MinskyStore

/// Reads the tasks that can be worked on now, the most urgent first.
public struct RankTasks: Sendable {
    public var request: TaskRequest
    /// Whether only tasks that nobody has begun are wanted.
    public var isFree: Bool

    /// What was found.
    public struct Result: Sendable {
        /// In their order.
        public let list: TaskList
        /// Why each is as urgent as it is, by id.
        public let urgencies: [String: Urgency]

        /// The tasks as the documented JSON array.
        /// - Parameter isExplained: Whether each tells its urgency, and the reasons for it.
        public func json(isExplained: Bool) -> JSON {
            guard isExplained else { return list.json }
            return .array(
                list.tasks.map { task in
                    let urgency = urgencies[task.id]
                    let reasons = (urgency?.factors ?? []).map { factor -> JSON in
                        [
                            "name": .string(factor.name), "measure": JSON(floatLiteral: factor.measure.rounded4),
                            "coefficient": JSON(floatLiteral: factor.coefficient),
                            "points": JSON(floatLiteral: factor.points.rounded4),
                        ]
                    }
                    return .object(
                        (list.json(of: task).members ?? []) + [
                            .init("urgency", JSON(floatLiteral: (urgency?.total ?? 0).rounded4)),
                            .init("reasons", .array(reasons)),
                        ])
                })
        }
    }

    /// Creates the request.
    public init(_ request: TaskRequest = TaskRequest(), isFree: Bool = false) {
        self.request = request
        self.isFree = isFree
    }

    /// Reads the tasks.
    /// - Throws: `AppError`, `MistypedPhrase`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        var selection = try request.selection(in: workspace, as: caller)
        let states: [Query] =
            [.condition(.state(.ready))] + (isFree ? [.condition(.status(.todo))] : [])
        selection.query = .all(of: states + [selection.query])
        selection.order =
            try selection.order
            ?? TaskOrder(parsing: "-urgency", in: workspace.configuration.queryContext(of: caller))
        let (now, coefficients) = (workspace.environment.now(), workspace.configuration.coefficients)
        return try workspace.store.read { session in
            let tasks = try session.tasks(TaskFilter(selection, now: now, coefficients: coefficients))
            let list = try TaskList(tasks: tasks, in: session)
            let notes = try session.noteCounts(of: tasks.map(\.id))
            let urgencies = tasks.map { task in
                let facts = UrgencyFacts(
                    task, noteCount: notes[task.id] ?? 0, isBlocked: list.blocked.contains(task.id),
                    isBlocking: !list.waiting(for: task.id).isEmpty)
                return (task.id, Urgency(of: facts, now: now, coefficients: coefficients))
            }
            return Result(list: list, urgencies: Dictionary(urgencies) { first, _ in first })
        }
    }
}

extension Double {
    /// Four digits after the point.
    var rounded4: Double { (self * 10_000).rounded() / 10_000 }
}
