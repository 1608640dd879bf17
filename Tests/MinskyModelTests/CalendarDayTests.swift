import MinskyModel
import Testing

struct CalendarDayTests {
    /// Counts every day on by the rules of the calendar and compares.
    @Test func everyDayFrom1900To2100FollowsTheOneBefore() throws {
        var number = -25_567
        var weekday = 0
        for year in 1900...2100 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for (index, length) in lengths.enumerated() {
                for dayOfMonth in 1...length {
                    let day = try #require(CalendarDay(year: year, month: index + 1, day: dayOfMonth))
                    try #require(day.number == number, "\(year)-\(index + 1)-\(dayOfMonth)")
                    try #require(day.civil == (year, index + 1, dayOfMonth))
                    try #require(day.weekday == weekday)
                    number += 1
                    weekday = (weekday + 1) % 7
                }
                #expect(CalendarDay(year: year, month: index + 1, day: length + 1) == nil)
            }
        }
        #expect(number == 47_847)
    }

    @Test(arguments: [(2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32), (-1, 1, 1), (10_000, 1, 1)])
    func refusesDaysTheCalendarDoesNotHave(year: Int, month: Int, day: Int) {
        #expect(CalendarDay(year: year, month: month, day: day) == nil)
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-01-31", 3, "2026-04-30"),
        ("2026-12-15", 1, "2027-01-15"), ("2026-01-15", -1, "2025-12-15"), ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", -1, "2026-02-28"), ("2026-05-05", 0, "2026-05-05"), ("9999-11-30", 1, "9999-12-30"),
    ])
    func addingMonthsKeepsTheDayOrTakesTheLast(from: String, months: Int, to: String) throws {
        let day = try #require(Timestamp(iso8601: from + "T00:00Z")).day
        #expect(day.adding(months: months).map { Timestamp(day: $0).iso8601.prefix(10) } == to[...])
    }

    @Test func monthsBeyondTheCalendarAreRefused() throws {
        let day = try #require(CalendarDay(year: 2026, month: 5, day: 5))
        #expect(day.adding(months: 12 * 8000) == nil)
        #expect(day.adding(months: -12 * 2027) == nil)
        #expect(day.adding(months: .max) == nil)
        #expect(day.adding(months: .min) == nil)
    }

    @Test func daysCompareAndAdd() {
        #expect(CalendarDay(number: 3) < CalendarDay(number: 4))
        #expect(CalendarDay(number: 3) + -5 == CalendarDay(number: -2))
    }
}
