import Foundation
import MinskyModel
import TestSupport
import Testing

@testable import MinskyStore

/// Replicas and an upstream under random schedules: edits, pushes and pulls that are cut short at any statement, pushes that
/// come twice, clocks that are off.
struct SimulationTests {
    /// The seed of the first schedule: `MINSKY_SIMULATION_SEED`, or one that is different every day.
    static let seed =
        ProcessInfo.processInfo.environment["MINSKY_SIMULATION_SEED"].flatMap(UInt64.init)
        ?? UInt64(Date().timeIntervalSince1970 / 86400) * 1_000_000
    /// How many schedules: `MINSKY_SIMULATION_SCHEDULES`.
    static let schedules =
        ProcessInfo.processInfo.environment["MINSKY_SIMULATION_SCHEDULES"].flatMap(Int.init) ?? 270

    @Test func allReplicasReachOneStateAndNoEditVanishes() throws {
        try simulate(Self.schedules, on: [.sqliteMemory], seed: Self.seed)
    }

    @Test func soTheyDoWithPostgreSQL() throws {
        try simulate(max(Self.schedules / 9, 1), on: [.postgres, .sqliteMemory], seed: Self.seed &+ 500_000)
    }

    private func simulate(_ count: Int, on kinds: [TestDatabase], seed: UInt64) throws {
        for number in 0..<UInt64(count) {
            let schedule = Schedule.random(seed: seed &+ number)
            guard let failure = Self.failure(of: schedule, on: kinds) else { continue }
            let small = schedule.shrunk { Self.failure(of: $0, on: kinds) != nil }
            Issue.record(
                """
                seed \(seed &+ number) on \(kinds), after \(number + 1) schedules: \(failure)
                in short: \(Self.failure(of: small, on: kinds) ?? "")
                \(small)
                """)
            return
        }
    }

    static func failure(of schedule: Schedule, on kinds: [TestDatabase]) -> String? {
        do {
            let simulation = try Simulation(schedule, on: kinds)
            defer { simulation.close() }
            for (place, step) in schedule.steps.enumerated() {
                do {
                    try simulation.run(step)
                } catch {
                    return "step \(place): \(error)"
                }
            }
            try simulation.finish()
            return nil
        } catch {
            return "at the end: \(error)"
        }
    }
}
