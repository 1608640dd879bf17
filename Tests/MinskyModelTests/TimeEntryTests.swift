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
