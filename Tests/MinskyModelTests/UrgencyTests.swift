import MinskyModel
import TestSupport
import Testing

struct UrgencyTests {
    private static let now = Timestamp(microseconds: 1_800_000_000_000_000)

    private func urgency(
        _ coefficients: UrgencyCoefficients = UrgencyCoefficients(), _ change: (inout UrgencyFacts) -> Void
    ) -> Urgency {
        var facts = UrgencyFacts(createdAt: Self.now)
        change(&facts)
        return Urgency(of: facts, now: Self.now, coefficients: coefficients)
    }

    private func isNear(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 1e-9 }

    private func days(_ count: Double) -> Timestamp { Self.now.adding(seconds: Int(count * 86_400)) }

    @Test func aTaskOfWhichNothingIsKnownIsNotUrgent() {
        #expect(urgency { _ in }.factors.isEmpty)
        #expect(urgency { _ in }.total == 0)
    }

    /// Days until the date, and what a line from 0.2 of 12 points, 14 days before it, to all, 7 days after it, gives.
    @Test(arguments: [(400.0, 2.4), (14, 2.4), (7, 5.6), (0, 8.8), (-3.5, 10.4), (-7, 12), (-400, 12)])
    func aDueDateCountsTheMoreTheNearerItIs(days: Double, points: Double) {
        let urgency = urgency { $0.dueAt = self.days(days) }
        #expect(urgency.factors.map(\.name) == ["due"])
        #expect(isNear(urgency.total, points), "\(urgency.total)")
    }

    @Test(arguments: [(TaskPriority.critical, 8.1), (.high, 6), (.medium, 3.9), (.low, 1.8)])
    func priorities(priority: TaskPriority, points: Double) {
        #expect(urgency { $0.priority = priority }.total == points)
    }

    @Test(arguments: [(0.0, 0.0), (36.5, 0.2), (182.5, 1), (365, 2), (4000, 2), (-10, 0)])
    func ageCountsUpToAYear(days: Double, points: Double) {
        #expect(isNear(urgency { $0.createdAt = self.days(-days) }.total, points))
    }

    @Test func whatHoldsOrNot() {
        #expect(urgency { $0.isActive = true }.total == 4)
        #expect(urgency { $0.isBlocked = true }.total == -5)
        #expect(urgency { $0.isBlocking = true }.total == 8)
        #expect(urgency { $0.scheduledAt = Self.now }.total == 5)
        #expect(urgency { $0.scheduledAt = days(1) }.total == 0)
        #expect(urgency { $0.waitUntil = days(1) }.total == -3)
        #expect(urgency { $0.waitUntil = Self.now }.total == 0)
        #expect(urgency { $0.project = "web" }.total == 1)
    }

    @Test(arguments: [(0, 0.0), (1, 0.8), (2, 0.9), (3, 1), (50, 1)])
    func theFirstOfTagsAndNotesCountsMost(count: Int, points: Double) {
        #expect(urgency { $0.noteCount = count }.total == points)
        #expect(urgency { $0.tags = (0..<count).map { "t\($0)" } }.total == points)
    }

    @Test func aTagAndAProjectOfTheirOwnCountBesides() {
        var coefficients = UrgencyCoefficients()
        #expect(urgency(coefficients) { $0.tags = ["next"] }.total == 15.8)
        coefficients.tag["later"] = -10
        coefficients.inProject["web"] = 3
        #expect(isNear(urgency(coefficients) { $0.tags = ["later"] }.total, -9.2))
        #expect(urgency(coefficients) { $0.project = "web.api" }.factors.map(\.name) == ["project.web", "project"])
        #expect(urgency(coefficients) { $0.project = "website" }.total == 1)
    }

    @Test func aClosedTaskHasNone() {
        let urgency = urgency {
            $0.isOpen = false
            $0.priority = .high
            $0.dueAt = days(-3)
        }
        #expect(urgency.factors.isEmpty)
    }

    @Test func everyFactorSaysWhatItAdds() {
        let urgency = urgency {
            $0.priority = .high
            $0.dueAt = days(-7)
            $0.isBlocked = true
            $0.tags = ["a"]
        }
        #expect(urgency.factors.map(\.name) == ["due", "priority.high", "blocked", "tags"])
        #expect(urgency.factors.map(\.points) == [12, 6, -5, 0.8])
        #expect(isNear(urgency.total, 13.8))
    }

    @Test func everyCoefficientCanBeSetByItsName() {
        var coefficients = UrgencyCoefficients()
        for (index, name) in UrgencyCoefficients.names.enumerated() {
            let isSet = coefficients.set(name, to: Double(index + 1))
            #expect(isSet)
            #expect(coefficients[name] == Double(index + 1))
        }
        #expect(Set(UrgencyCoefficients.names.compactMap { coefficients[$0] }).count == UrgencyCoefficients.names.count)
        for (name, value) in [
            ("dew", 1.0), ("", 1), ("tag.", 1), ("due", .infinity), ("due", .nan), ("age.days", 0), ("age.days", -1),
        ] {
            let isSet = coefficients.set(name, to: value)
            #expect(!isSet, "\(name)")
        }
        let areSet = [("tag.later", -10), ("project.web", 3), ("due", 0)].map { coefficients.set($0.0, to: $0.1) }
        #expect(areSet == [true, true, true])
        #expect(coefficients.tag["later"] == -10 && coefficients.inProject == ["web": 3])
        #expect(urgency(coefficients) { $0.dueAt = days(-3) }.factors.isEmpty)
    }

    @Test func aTaskBringsItsOwnFacts() {
        var task = TaskItem(id: "0123456789abcdef", title: "Deploy", rank: "i", createdAt: days(-365))
        task.move(to: .doing, at: Self.now)
        task.priority = .low
        task.tags = ["next"]
        task.project = "web"
        let facts = UrgencyFacts(task, noteCount: 1, isBlocked: true, isBlocking: true)
        let names = Set(Urgency(of: facts, now: Self.now).factors.map(\.name))
        #expect(
            names == ["age", "active", "priority.low", "tags", "tag.next", "project", "notes", "blocked", "blocking"])
        task.move(to: .done, at: Self.now)
        #expect(Urgency(of: UrgencyFacts(task), now: Self.now).total == 0)
    }

    /// The same written once more, after Taskwarrior's description, over random facts.
    @Test func theSumIsThatOfTheDescription() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            var facts = UrgencyFacts(createdAt: days(Double.random(in: -800...0, using: &generator)))
            let old = Double(Self.now.microseconds - facts.createdAt.microseconds) / 86_400e6
            var expected = min(1, old / 365) * 2
            if Bool.random(using: &generator) {
                let due = days(Double.random(in: -30...30, using: &generator))
                facts.dueAt = due
                let late = Double(Self.now.microseconds - due.microseconds) / 86_400e6
                expected += 12 * (late >= 7 ? 1 : late >= -14 ? (late + 14) * 0.8 / 21 + 0.2 : 0.2)
            }
            facts.priority = ([nil] + TaskPriority.allCases).randomElement(using: &generator) ?? nil
            let points: [TaskPriority: Double] = [.low: 1.8, .medium: 3.9, .high: 6, .critical: 8.1]
            if let priority = facts.priority { expected += points[priority] ?? 0 }
            facts.isBlocked = Bool.random(using: &generator)
            facts.isBlocking = Bool.random(using: &generator)
            facts.isActive = Bool.random(using: &generator)
            facts.noteCount = Int.random(in: 0...4, using: &generator)
            if facts.isBlocked { expected -= 5 }
            if facts.isBlocking { expected += 8 }
            if facts.isActive { expected += 4 }
            expected += [0, 0.8, 0.9, 1, 1][facts.noteCount]
            let total = Urgency(of: facts, now: Self.now).total
            #expect(isNear(total, expected), "\(facts)")
        }
    }
}
