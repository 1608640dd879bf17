/// What a task's urgency follows from.
public struct UrgencyFacts: Sendable, Hashable {
    public var isOpen = true
    public var priority: TaskPriority?
    public var dueAt: Timestamp?
    public var createdAt: Timestamp
    public var scheduledAt: Timestamp?
    public var waitUntil: Timestamp?
    /// Whether it is being done.
    public var isActive = false
    public var project: String?
    /// Without repetition.
    public var tags: [String] = []
    public var noteCount = 0
    /// Whether it waits for a task that is open.
    public var isBlocked = false
    /// Whether a task that is open waits for it.
    public var isBlocking = false

    /// Creates the facts of a task of which nothing is known but its age.
    public init(createdAt: Timestamp) { self.createdAt = createdAt }

    /// Creates the facts of a task from itself and what stands beside it.
    public init(_ task: TaskItem, noteCount: Int = 0, isBlocked: Bool = false, isBlocking: Bool = false) {
        self.init(createdAt: task.createdAt)
        isOpen = task.status.isOpen
        isActive = task.status == .doing
        priority = task.priority
        dueAt = task.dueAt
        scheduledAt = task.scheduledAt
        waitUntil = task.waitUntil
        tags = task.tags
        project = task.project
        self.noteCount = noteCount
        self.isBlocked = isBlocked
        self.isBlocking = isBlocking
    }
}

/// How much a task asks to be done next: the sum of what single factors count.
///
/// The factors are those of Taskwarrior (taskwarrior.org/docs/urgency, and `Task::urgency_c` in its src/Task.cpp). Each is
/// a measure from 0 to 1 times a coefficient. Age counts in fractions of a day, where Taskwarrior has whole days. A closed
/// task has no factors.
public struct Urgency: Sendable, Hashable {
    /// One reason for the urgency.
    public struct Factor: Sendable, Hashable {
        /// What it is, and the name of its coefficient: `due`, `priority.high`, `tag.next`.
        public let name: String
        /// How much of it applies, from 0 (exclusive) to 1.
        public let measure: Double
        public let coefficient: Double

        /// What it adds to the urgency; negative where it makes a task less urgent.
        public var points: Double { measure * coefficient }
    }

    /// Those that count, the greatest first, whatever their sign; among equal ones by name.
    public let factors: [Factor]

    /// The sum of the factors' points.
    public var total: Double { factors.reduce(0) { $0 + $1.points } }

    /// Works out the urgency of a task.
    public init(of facts: UrgencyFacts, now: Timestamp, coefficients: UrgencyCoefficients = UrgencyCoefficients()) {
        var factors: [Factor] = []
        func add(_ name: String, _ measure: Double) {
            guard let coefficient = coefficients[name], measure != 0, coefficient != 0 else { return }
            factors.append(Factor(name: name, measure: measure, coefficient: coefficient))
        }
        func add(_ name: String, if applies: Bool) { add(name, applies ? 1 : 0) }

        if facts.isOpen {
            if let due = facts.dueAt { add("due", Self.measure(ofDaysOverdue: due.days(until: now))) }
            if let priority = facts.priority { add("priority.\(priority.rawValue)", 1) }
            add("age", min(max(facts.createdAt.days(until: now) / coefficients.daysOfAge, 0), 1))
            add("scheduled", if: facts.scheduledAt.map { $0 <= now } ?? false)
            add("waiting", if: facts.waitUntil.map { $0 > now } ?? false)
            add("active", if: facts.isActive)
            add("blocked", if: facts.isBlocked)
            add("blocking", if: facts.isBlocking)
            add("notes", Self.measure(ofCount: facts.noteCount))
            add("tags", Self.measure(ofCount: facts.tags.count))
            for tag in facts.tags { add("tag.\(tag)", 1) }
            if let project = facts.project {
                add("project", 1)
                for name in coefficients.inProject.keys
                where project.utf8.elementsEqual(name.utf8) || project.utf8.starts(with: "\(name).".utf8) {
                    add("project.\(name)", 1)
                }
            }
        }
        self.factors = factors.sorted { left, right in
            abs(left.points) == abs(right.points) ? left.name < right.name : abs(left.points) > abs(right.points)
        }
    }

    /// 0.2 until 14 days before the date, then in a straight line up to 1, 7 days after it.
    private static func measure(ofDaysOverdue days: Double) -> Double {
        0.2 + 0.8 * min(max((days + 14) / 21, 0), 1)
    }

    /// The first counts most: 0.8, 0.9, and 1 from three on.
    private static func measure(ofCount count: Int) -> Double {
        count <= 0 ? 0 : count == 1 ? 0.8 : count == 2 ? 0.9 : 1
    }
}

extension Timestamp {
    /// The days from this moment to another one, of 86,400 seconds each; negative when that is earlier.
    fileprivate func days(until other: Timestamp) -> Double {
        (Double(other.microseconds) - Double(microseconds)) / 86_400_000_000
    }
}
