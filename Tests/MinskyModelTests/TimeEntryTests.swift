import MinskyModel
import Testing

struct TimeEntryTests {
    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    private func pieces(_ start: String, _ end: String?, from: String = "2026-01-01T00:00:00Z", zone: ZoneRules)
        throws -> [String]
    {
        let entry = TimeEntry(
            id: "t", taskID: "a", actor: "ada", startedAt: try moment(start), endedAt: try end.map(moment))
        return entry.pieces(
            from: try moment(from), to: try moment("2027-01-01T00:00:00Z"), now: try moment("2026-11-20T12:00:00Z"),
            utcOffset: zone.utcOffset
        ).map { "\($0.day.iso8601) \($0.seconds / 60)\($0.isRunning ? " *" : "")" }
    }

    /// Who starts a task on two machines has two clocks, and works once.
    @Test func whatOverlapsCountsOnce() throws {
        func entry(_ id: String, _ start: String, _ end: String?, task: String = "a", actor: String = "ada") throws
            -> TimeEntry
        {
            TimeEntry(
                id: id, taskID: task, actor: actor, startedAt: try moment("2026-11-20T\(start):00Z"),
                endedAt: try end.map { try moment("2026-11-20T\($0):00Z") })
        }
        func counted(_ entries: [TimeEntry]) throws -> [String] {
            entries.withoutOverlaps(now: try moment("2026-11-20T12:00:00Z")).map { entry in
                "\(entry.id) \(entry.startedAt.iso8601.dropFirst(11).prefix(5)) \(entry.endedAt?.iso8601.dropFirst(11).prefix(5) ?? "")"
            }
        }
        let first = try entry("1", "09:00", "10:00")
        #expect(try counted([try entry("2", "09:30", "10:30"), first]) == ["1 09:00 10:00", "2 10:00 10:30"])
        #expect(
            try counted([first, try entry("2", "09:30", "09:45"), try entry("3", "09:50", nil)]) == [
                "1 09:00 10:00", "3 10:00 ",
            ])
        #expect(try counted([try entry("1", "09:00", nil), try entry("2", "09:30", nil)]) == ["1 09:00 "])
        let others = [
            first, try entry("2", "09:30", "10:30", task: "b"), try entry("3", "09:45", "10:45", actor: "bob"),
        ]
        #expect(try counted(others).count == 3 && counted(others).last == "3 09:45 10:45")
        #expect(try counted([first, try entry("2", "10:00", "11:00")]).last == "2 10:00 11:00")
    }

    @Test func aDayEndsAtMidnightOfTheZone() throws {
        let (start, end) = ("2026-03-01T22:00:00Z", "2026-03-02T00:30:00Z")
        #expect(try pieces(start, end, zone: .berlin) == ["2026-03-01 60", "2026-03-02 90"])
        #expect(try pieces(start, end, zone: .tokyo) == ["2026-03-02 150"])
    }

    @Test func aDayOfTwentyThreeHoursHasThose() throws {
        #expect(
            try pieces("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", zone: .berlin)
                == ["2026-03-28 660", "2026-03-29 1380", "2026-03-30 840"])
        // In Nuuk the hour before midnight is skipped.
        #expect(
            try pieces("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", zone: .nuuk).compactMap {
                Int($0.split(separator: " ")[1])
            }.reduce(0, +) == 48 * 60)
    }

    @Test func whatRunsCountsUntilNow() throws {
        #expect(
            try pieces("2026-11-19T22:00:00Z", nil, zone: .berlin) == ["2026-11-19 60", "2026-11-20 780 *"])
        #expect(try pieces("2026-11-20T13:00:00Z", nil, zone: .berlin) == [], "a clock that is ahead")
    }

    @Test func onlyWhatLiesWithinCounts() throws {
        #expect(
            try pieces("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", from: "2026-01-01T11:30:00Z", zone: .tokyo)
                == ["2026-01-01 30"])
    }
}
