import MinskyModel
import TestSupport
import Testing

/// The rules of zones for years to come. Source: IANA time zone database, 2025b.
enum ZoneRules: String, CaseIterable, Sendable {
    case tokyo = "Asia/Tokyo"
    case berlin = "Europe/Berlin"
    case newYork = "America/New_York"
    case lordHowe = "Australia/Lord_Howe"
    /// The hour that is skipped or comes twice is the last one of a day.
    case nuuk = "America/Nuuk"

    func utcOffset(_ moment: Timestamp) -> Int {
        let year = moment.day.civil.year
        func isBetween(_ start: CalendarDay, _ startHour: Double, _ end: CalendarDay, _ endHour: Double) -> Bool {
            moment >= Timestamp(day: start, second: Int(startHour * 3600))
                && moment < Timestamp(day: end, second: Int(endHour * 3600))
        }
        let isEuropeanSummer = isBetween(Self.sunday(0, year, 4) + -7, 1, Self.sunday(0, year, 11) + -7, 1)
        switch self {
        case .tokyo: return 32_400
        case .berlin: return isEuropeanSummer ? 7200 : 3600
        case .nuuk: return isEuropeanSummer ? -3600 : -7200
        case .newYork:
            return isBetween(Self.sunday(1, year, 3), 7, Self.sunday(0, year, 11), 6) ? -14_400 : -18_000
        case .lordHowe:
            return isBetween(Self.sunday(0, year, 4) + -1, 15, Self.sunday(0, year, 10) + -1, 15.5) ? 37_800 : 39_600
        }
    }

    /// The first Sunday of a month, or the one so many weeks after it.
    private static func sunday(_ weeks: Int, _ year: Int, _ month: Int) -> CalendarDay {
        let first = CalendarDay(year: year, month: month, day: 1) ?? CalendarDay(number: 0)
        return first + (6 - first.weekday) + weeks * 7
    }
}

struct RecurrenceSeriesTests {
    private static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    private static func series(_ text: String, _ due: String, _ zone: ZoneRules) throws -> RecurrenceSeries {
        let due = try moment(due)
        let recurrence = try Recurrence(parsing: text, today: due.day)
        return try #require(
            RecurrenceSeries(recurrence, firstDue: due, zone: zone.rawValue, utcOffset: zone.utcOffset))
    }

    @Test func theRulesOfZonesAreThoseOfTheDatabase() {
        let known: [(ZoneRules, Zone)] = [
            (.berlin, .berlin), (.newYork, .newYork), (.lordHowe, .lordHowe), (.nuuk, .nuuk),
        ]
        for (rules, zone) in known {
            let moments = (0..<365 * 48).map { Timestamp(day: CalendarDay(number: 20_454), second: $0 * 1800) }
            let different = moments.first { rules.utcOffset($0) != zone.utcOffset($0) }
            #expect(different == nil, "\(zone.name)")
        }
    }

    @Test func theClockShowsTheSameTimeBeforeAndAfterAChange() throws {
        let series = try Self.series("every week", "2026-10-22T15:00:00Z", .berlin)
        #expect(series.secondOfDay == 17 * 3600)
        let first = try #require(series.instance(after: series.firstDay, utcOffset: ZoneRules.berlin.utcOffset))
        #expect(first.dueAt.iso8601 == "2026-10-29T16:00:00.000000Z")
        #expect(first.key == "2026-10-29")
    }

    @Test func aTimeThatIsSkippedGoesForwardByTheGapOnThatDayOnly() throws {
        let series = try Self.series("every day", "2026-03-27T01:30:00Z", .berlin)
        var day = series.firstDay
        var times: [String] = []
        for _ in 0..<3 {
            let next = try #require(series.instance(after: day, utcOffset: ZoneRules.berlin.utcOffset))
            times.append(String(next.dueAt.iso8601.prefix(16)))
            day = next.day
        }
        #expect(times == ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"])
    }

    /// In Nuuk 23:30 is skipped on 28 March 2026 and becomes 00:30 of the 29th; the day stays the 28th, and so the key.
    @Test func aDueDateMayFallOnAnotherDayThanItsInstance() throws {
        let series = try Self.series("every day", "2026-03-28T01:30:00Z", .nuuk)
        #expect(series.firstDay.iso8601 == "2026-03-27")
        let skipped = try #require(series.instance(after: series.firstDay, utcOffset: ZoneRules.nuuk.utcOffset))
        #expect(skipped.key == "2026-03-28")
        #expect(skipped.dueAt.iso8601 == "2026-03-29T01:30:00.000000Z")
        let next = try #require(series.instance(after: skipped.day, utcOffset: ZoneRules.nuuk.utcOffset))
        #expect(next.key == "2026-03-29")
        #expect(next.dueAt.iso8601 == "2026-03-30T00:30:00.000000Z")
    }

    @Test func afterCompletionItIsCountedFromTheDayItWasDone() throws {
        let series = try Self.series("every 4 days after done", "2026-11-20T16:00:00Z", .berlin)
        // Half past midnight of the 26th in Berlin.
        let next = try #require(
            series.instance(
                afterDone: "9tzh", at: try Self.moment("2026-11-25T23:30:00Z"), utcOffset: ZoneRules.berlin.utcOffset))
        #expect(next.day.iso8601 == "2026-11-30")
        #expect(next.dueAt.iso8601 == "2026-11-30T16:00:00.000000Z")
        #expect(next.key == "after 9tzh")
    }

    @Test func theTextHoldsEverything() throws {
        let series = try Self.series("every 2 weeks after done until 2027-12-01", "2026-11-20T22:59:59Z", .berlin)
        #expect(
            series.text == "every 2 weeks after done until 2027-12-01 from 2026-11-20 23:59:59 in Europe/Berlin")
        #expect(RecurrenceSeries(parsing: series.text) == series)
    }

    @Test(arguments: [
        "", "every day", "every day from 2026-11-20 in UTC", "every day from 2026-11-20 25:00:00 in UTC",
        "every day from 2026-11-20 10:00 in UTC", "daily from 2026-11-20 10:00:00 in UTC",
        "every day from 2026-11-31 10:00:00 in UTC", "every day from 2026-11-20 10:00:00 in ",
        "every day from 2026-11-20 10:00:00 in ../é", "every day  from 2026-11-20 10:00:00 in UTC",
        "every so often from 2026-11-20 10:00:00 in UTC", "every day from 2026-11-20 10:00:00 in UTC ",
    ])
    func aTextThatWasNotPrintedIsNone(text: String) {
        #expect(RecurrenceSeries(parsing: text) == nil)
    }

    @Test func theZoneIsAName() throws {
        let recurrence = try Recurrence(parsing: "daily", today: CalendarDay(number: 0))
        for zone in ["", "Europe Berlin", "Z\u{1B}", String(repeating: "a", count: 65)] {
            #expect(RecurrenceSeries(recurrence, firstDay: .init(number: 0), secondOfDay: 0, zone: zone) == nil)
        }
        #expect(RecurrenceSeries(recurrence, firstDay: .init(number: 0), secondOfDay: 86_400, zone: "UTC") == nil)
        #expect(RecurrenceSeries(recurrence, firstDay: .init(number: .max), secondOfDay: 0, zone: "UTC") == nil)
    }

    /// Ten years: moments rise, keys are days, the clock shows the time of the series unless it was skipped, and whoever
    /// asks from any moment on finds the same instances.
    @Test(arguments: ZoneRules.allCases, ["every day", "every weekday", "monthly on the last sunday", "every 5 days"])
    func tenYearsInEveryZone(zone: ZoneRules, text: String) throws {
        var generator = SeededGenerator(seed: 34)
        let first = try Self.moment("2026-01-03T00:00:00Z").adding(
            seconds: Int.random(in: 0..<86_400, using: &generator))
        let recurrence = try Recurrence(parsing: text, today: first.day)
        for second in [0, 5400, 8100, 84_600, Int.random(in: 0..<86_400, using: &generator)] {
            let series = try #require(
                RecurrenceSeries(recurrence, firstDay: first.day, secondOfDay: second, zone: zone.rawValue))
            #expect(RecurrenceSeries(parsing: series.text) == series)
            var last: RecurrenceSeries.Instance?
            var shifted = 0
            while let next = series.instance(after: last?.day ?? first.day, utcOffset: zone.utcOffset),
                next.day.civil.year < 2036
            {
                let local = next.dueAt.adding(seconds: zone.utcOffset(next.dueAt))
                let late = local.microseconds - Timestamp(day: next.day, second: second).microseconds
                if late != 0 { shifted += 1 }
                // From the day before it, whatever day that is, the same instance is found.
                let isFoundAgain = series.instance(after: next.day + -1, utcOffset: zone.utcOffset) == next
                let rises = last.map { $0.dueAt < next.dueAt } ?? true
                if !isFoundAgain || !rises || ![0, 1_800_000_000, 3_600_000_000].contains(late)
                    || next.key != next.day.iso8601
                {
                    Issue.record("\(series.text): \(next.key) \(next.dueAt.iso8601)")
                }
                last = next
            }
            #expect(shifted <= 10)
            #expect(last.map { $0.day.civil.year } == 2035)
        }
    }
}
