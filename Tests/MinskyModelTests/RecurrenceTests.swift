import MinskyModel
import TestSupport
import Testing

struct RecurrenceTests {
    private static func day(_ text: String) throws -> CalendarDay {
        try #require(Timestamp(iso8601: text + "T00:00Z")).day
    }

    private func recurrence(_ text: String) throws -> Recurrence {
        try Recurrence(parsing: text, today: try Self.day("2026-11-20"))
    }

    /// What is typed, and the same as it is printed; nil for what is printed as it is typed.
    @Test(arguments: [
        ("every day", nil), ("daily", "every day"), ("Each DAY", "every day"), ("every 2 weeks", nil),
        ("every week", nil),
        ("weekly", "every week"), ("every other week", "every 2 weeks"), ("every 3rd day", "every 3 days"),
        ("every 1 week", "every week"), ("fortnightly on fri", "every 2 weeks on friday"), ("every weekday", nil),
        ("every weekend", "every saturday and sunday"), ("weekdays", "every weekday"),
        ("every monday and thursday", nil),
        ("every thu, mon", "every monday and thursday"),
        ("every mon, wed, and fri", "every monday, wednesday and friday"),
        ("weekly on mondays", "every monday"), ("every 2 weeks on monday and friday", nil),
        ("every weekday and sat", "every monday, tuesday, wednesday, thursday, friday and saturday"),
        ("every 2 weeks on weekdays", "every 2 weeks on monday, tuesday, wednesday, thursday and friday"),
        ("every month", nil), ("monthly", "every month"), ("quarterly", "every 3 months"),
        ("every quarter", "every 3 months"),
        ("monthly on the last friday", "every month on the last friday"),
        ("every month on the 31st", "every month on the last day"),
        ("every month on the last day", nil), ("every month on the 30th", nil),
        ("monthly on 15", "every month on the 15th"),
        ("monthly on the second tue", "every month on the 2nd tuesday"),
        ("monthly on the third day", "every month on the 3rd"),
        ("every 3 months on the 1st and the 15th", nil),
        ("monthly on the 15th, 1st", "every month on the 1st and the 15th"),
        (
            "monthly on the last fri and the 1st monday and 22nd",
            "every month on the 22nd, the 1st monday and the last friday"
        ),
        ("every year", nil), ("annually", "every year"), ("yearly on 29 february", "every year on 29 february"),
        ("yearly on the 29th of feb", "every year on 29 february"),
        ("every 2 years on mar 1st", "every 2 years on 1 march"),
        ("every 3 days after done", nil), ("monthly after completion", "every month after done"),
        ("every friday until dec 1, 2027", "every friday until 2027-12-01"),
        ("every day until eom", "every day until 2026-11-30"),
        ("every day until 2027-12-01 after done", "every day after done until 2027-12-01"),
        ("  every \t 1000  days ", "every 1000 days"),
    ])
    func isPrintedAsPeopleSayIt(typed: String, printed: String?) throws {
        let recurrence = try recurrence(typed)
        #expect(recurrence.text == printed ?? typed)
        #expect(try self.recurrence(recurrence.text) == recurrence)
    }

    @Test(arguments: [
        ("", ""), (" ", " "), ("often", "often"), ("every", ""), ("every blue moon", "blue"), ("every 0 days", "0"),
        ("every 1001 days", "1001"), ("every 99999999999999999999 days", "99999999999999999999"),
        ("every 2x days", "2x"),
        ("every 2nd tuesday", "2nd tuesday"), ("every 2 mondays", "2 mondays"), ("every other friday", "other friday"),
        ("biweekly", "biweekly"), ("bimonthly on the 1st", "bimonthly"), ("every day on friday", "on"),
        ("every monday and", ""),
        ("every monday tuesday", "tuesday"), ("every monday,", ""), ("weekly on", ""), ("weekly on the 1st", "the"),
        ("monthly on", ""), ("monthly on friday", "friday"), ("monthly on the 32nd", "32nd"),
        ("monthly on the last", ""),
        ("monthly on the first", ""), ("monthly on the 0th", "0th"), ("monthly on the 5th friday", "5th"),
        ("monthly on the fifth friday", "fifth"), ("yearly on", ""), ("yearly on 30 february", "30 february"),
        ("yearly on friday", "friday"), ("every day after", ""), ("every day after lunch", ""), ("every day until", ""),
        ("every day until soon", "soon"),
        ("every day until 2027-01-01 until 2028-01-01", "2027-01-01 until 2028-01-01"),
        ("every day after done after done", "after"), ("every 4 hours", "hours"), ("every day please", "please"),
        ("every mo", "mo"), ("every ٣ days", "٣"), ("every day\0", "day\0"),
    ])
    func whatIsNotUnderstoodIsMarked(typed: String, marked: String) throws {
        let error = try #require(throws: PhraseError.self) { try recurrence(typed) }
        let part = String(String.UnicodeScalarView(Array(typed.unicodeScalars)[error.range]))
        #expect(part == marked, "\(error.message)")
        #expect(error.hint != nil || !error.message.isEmpty)
    }

    @Test func aLongTextIsRefused() {
        for word in ["every ", "monday,", "a\u{301}", ","] {
            #expect(throws: PhraseError.self) { try recurrence(String(repeating: word, count: 100_000)) }
        }
    }

    /// The first day of a series, and those that follow it.
    @Test(arguments: [
        ("every day", "2026-02-27", "2026-02-28 2026-03-01 2026-03-02"),
        ("every 2 weeks", "2026-11-20", "2026-12-04 2026-12-18 2027-01-01"),
        ("every weekday", "2026-11-20", "2026-11-23 2026-11-24 2026-11-25"),
        ("every monday and thursday", "2026-11-20", "2026-11-23 2026-11-26 2026-11-30"),
        ("every 2 weeks on monday and friday", "2026-11-18", "2026-11-20 2026-11-30 2026-12-04 2026-12-14"),
        ("every month", "2026-01-31", "2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        ("every month on the 31st", "2028-01-10", "2028-01-31 2028-02-29 2028-03-31"),
        ("monthly on the last friday", "2026-11-01", "2026-11-27 2026-12-25 2027-01-29"),
        ("monthly on the 2nd tuesday", "2026-11-20", "2026-12-08 2027-01-12"),
        ("every 3 months on the 1st and the 15th", "2026-11-01", "2026-11-15 2027-02-01 2027-02-15 2027-05-01"),
        ("every year", "2024-02-29", "2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
        ("yearly on 29 february", "2026-11-20", "2027-02-28 2028-02-29"),
        ("every 2 years on 1 march", "2026-11-20", "2028-03-01 2030-03-01"),
        ("every friday until 2026-12-04", "2026-11-20", "2026-11-27 2026-12-04 -"),
        ("every day", "9999-12-30", "9999-12-31 -"), ("every year", "9998-12-31", "9999-12-31 -"),
        ("every 1000 years", "9998-12-31", "-"), ("every month", "9999-12-01", "-"), ("every week", "9999-12-30", "-"),
    ])
    func theDaysThatFollow(text: String, first: String, following: String) throws {
        let recurrence = try recurrence(text)
        let first = try Self.day(first)
        var day: CalendarDay? = first
        for expected in following.split(separator: " ") {
            day = day.flatMap { recurrence.day(after: $0, from: first) }
            #expect(day?.iso8601 ?? "-" == expected)
        }
    }

    @Test func aSeriesBeginsNotBeforeItsFirstDay() throws {
        let first = try Self.day("2026-11-20")
        #expect(try recurrence("every 3 days").day(after: first + -100, from: first) == first)
        #expect(try recurrence("every monday").day(after: first + -100, from: first) == first + 3)
        #expect(try recurrence("every friday").firstDay(onOrAfter: first) == first)
        #expect(try recurrence("every thursday").firstDay(onOrAfter: first) == first + 6)
    }

    @Test func aRuleOfADayThatThereIsNotIsRefused() throws {
        let rules: [Recurrence.Rule] = [
            .days(0), .days(-1), .days(1001), .weeks(0, on: []), .weeks(1, on: [7]), .weeks(1, on: [-1]),
            .months(0, on: []), .months(1, on: [.day(0)]), .months(1, on: [.day(32)]),
            .months(1, on: [.weekday(0, ordinal: 5)]), .months(1, on: [.weekday(7, ordinal: nil)]), .years(0, on: nil),
            .years(1, on: .init(month: 2, day: 30)), .years(1, on: .init(month: 13, day: 1)),
        ]
        for rule in rules { #expect(Recurrence(rule) == nil) }
        let late = CalendarDay(number: 3_000_000)
        #expect(Recurrence(.days(1), until: late) == nil)
        let daily = try #require(Recurrence(.days(1)))
        #expect(daily.day(after: CalendarDay(number: .max), from: late) == nil)
        #expect(daily.day(after: CalendarDay(number: .min), from: late) == nil)
    }

    /// Ten years of days, each asked by a rule written once more; and printing is the inverse of parsing.
    @Test func tenYearsOfDaysAreThoseThatFit() throws {
        var generator = SeededGenerator(seed: 33)
        for _ in 0..<250 {
            let rule = Self.randomRule(using: &generator)
            let first = try Self.day("2026-01-01") + Int.random(in: 0..<1500, using: &generator)
            let last = first + 3653
            let recurrence = try #require(
                Recurrence(
                    rule, basis: Bool.random(using: &generator) ? .schedule : .completion,
                    until: Bool.random(using: &generator) ? last : nil))
            #expect(try self.recurrence(recurrence.text) == recurrence, "\(recurrence.text)")

            var found: [CalendarDay] = []
            var day = first + -1
            while let next = recurrence.day(after: day, from: first), next <= last {
                found.append(next)
                day = next
            }
            let expected = (first.number...last.number).map(CalendarDay.init(number:)).filter {
                Self.fits($0, rule, from: first)
            }
            #expect(found == expected, "\(recurrence.text) from \(first.iso8601)")
            if let until = recurrence.until { #expect(recurrence.day(after: until, from: first) == nil) }
        }
    }

    private static func randomRule(using generator: inout SeededGenerator) -> Recurrence.Rule {
        let count = Bool.random(using: &generator) ? 1 : Int.random(in: 1...9, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return .days(Int.random(in: 1...400, using: &generator))
        case 1, 2:
            let days = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                Int.random(in: 0...6, using: &generator)
            }
            return .weeks(count, on: Set(days))
        case 3:
            let days = (0..<Int.random(in: 0...3, using: &generator)).map { _ -> Recurrence.MonthDay in
                if Bool.random(using: &generator) { return .day(Int.random(in: 1...31, using: &generator)) }
                let ordinal = Int.random(in: 1...5, using: &generator)
                return .weekday(Int.random(in: 0...6, using: &generator), ordinal: ordinal == 5 ? nil : ordinal)
            }
            return .months(count, on: Set(days))
        default:
            let day = CalendarDay(number: Int.random(in: 10_957..<11_323, using: &generator)).civil
            return .years(count, on: Bool.random(using: &generator) ? nil : .init(month: day.month, day: day.day))
        }
    }

    private static func fits(_ day: CalendarDay, _ rule: Recurrence.Rule, from first: CalendarDay) -> Bool {
        let (year, month, number) = day.civil
        let isLastOfMonth = (day + 1).civil.day == 1
        func isDay(_ wanted: Int) -> Bool { number == wanted || isLastOfMonth && number < wanted }
        switch rule {
        case .days(let count): return (day.number - first.number) % count == 0
        case .weeks(let count, let days):
            let weeks = ((day + -day.weekday).number - (first + -first.weekday).number) / 7
            return weeks % count == 0 && (days.isEmpty ? [first.weekday] : days).contains(day.weekday)
        case .months(let count, let days):
            let months = (year - first.civil.year) * 12 + month - first.civil.month
            return months % count == 0
                && (days.isEmpty ? [.day(first.civil.day)] : days).contains { wanted in
                    switch wanted {
                    case .day(let wanted): isDay(wanted)
                    case .weekday(let weekday, nil): day.weekday == weekday && (day + 7).civil.month != month
                    case .weekday(let weekday, let ordinal?): day.weekday == weekday && (number + 6) / 7 == ordinal
                    }
                }
        case .years(let count, let wanted):
            let wanted = wanted ?? .init(month: first.civil.month, day: first.civil.day)
            return (year - first.civil.year) % count == 0 && month == wanted.month && isDay(wanted.day)
        }
    }
}
