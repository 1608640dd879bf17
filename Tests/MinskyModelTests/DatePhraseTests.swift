import MinskyModel
import Testing

struct DatePhraseTests {
    /// A Wednesday.
    static let now = "2026-11-18T10:30:15.000000Z"

    private func moment(_ phrase: String, now: String = now, utcOffset: (Timestamp) -> Int = { _ in 0 }) throws
        -> String?
    {
        DatePhrase.moment(phrase, now: try #require(Timestamp(iso8601: now)), utcOffset: utcOffset).map {
            String($0.iso8601.prefix(19))
        }
    }

    @Test(arguments: [
        ("today", "2026-11-18"), ("eod", "2026-11-18"), ("tomorrow", "2026-11-19"), ("yesterday", "2026-11-17"),
        ("eow", "2026-11-22"), ("eom", "2026-11-30"), ("eoy", "2026-12-31"), ("next week", "2026-11-25"),
        ("next month", "2026-12-18"), ("next year", "2027-11-18"), ("fri", "2026-11-20"), ("Friday", "2026-11-20"),
        ("thurs", "2026-11-19"), ("tue", "2026-11-24"), ("wed", "2026-11-25"), ("next monday", "2026-11-23"),
        ("next wednesday", "2026-11-25"), ("+3d", "2026-11-21"), ("+1 day", "2026-11-19"), ("+2w", "2026-12-02"),
        ("in 2 weeks", "2026-12-02"), ("in 10 days", "2026-11-28"), ("+1m", "2026-12-18"), ("+3mo", "2027-02-18"),
        ("in 1 month", "2026-12-18"), ("+1y", "2027-11-18"), ("in 4 years", "2030-11-18"), ("+0d", "2026-11-18"),
        ("2026-12-01", "2026-12-01"), ("1999-01-01", "1999-01-01"), ("  Next \t MONDAY ", "2026-11-23"),
        ("+7900y", "9926-11-18"),
    ])
    func aPhraseWithoutATimeMeansTheEndOfItsDay(phrase: String, day: String) throws {
        #expect(try moment(phrase) == day + "T23:59:59")
    }

    @Test(arguments: [
        ("now", "2026-11-18T10:30:15"), ("+4h", "2026-11-18T14:30:15"), ("in 2 hours", "2026-11-18T12:30:15"),
        ("+30min", "2026-11-18T11:00:15"), ("in 90 minutes", "2026-11-18T12:00:15"), ("+24h", "2026-11-19T10:30:15"),
        ("2026-12-01 14:00", "2026-12-01T14:00:00"), ("2026-12-01T14:00:30", "2026-12-01T14:00:30"),
        ("2026-12-01t14:00:30z", "2026-12-01T14:00:30"), ("2026-12-01T14:00:00+02:00", "2026-12-01T12:00:00"),
    ])
    func aPhraseWithATimeMeansThatMoment(phrase: String, text: String) throws {
        #expect(try moment(phrase) == text)
    }

    @Test(arguments: [
        "", " ", "banana", "next", "next blue moon", "next tomorrow", "next 2026-12-01", "mo", "fr", "fridayy",
        "tomorrow tomorrow", "2026-13-01", "2026-02-29", "2026-12-01 25:00", "2026-12-01 14", "2026-12-01x",
        "12/01/2026", "2026", "+", "+d", "+2", "+2x", "2w", "-2w", "++2w", "+ +2w", "+-2d", "in", "in weeks",
        "in two weeks", "in -2 days", "in in 2 weeks", "in +2 weeks", "+n2w", "+in 2w", "+2w3d", "+1.5d", "+٣d",
        "+2wfoo", "eo", "now now", "\0", "tomorrow\0", "🗓",
    ])
    func refusesWhatItDoesNotUnderstand(phrase: String) throws {
        #expect(try moment(phrase) == nil)
    }

    @Test(arguments: [
        "+99999999999999d", "+9223372036854775807h", "+9223372036854775808min",
        "+\(String(repeating: "9", count: 400))w", "in 99999999999999 years", "+100001d", "+100000y", "+8000y",
        "+100000m", "99999-01-01",
    ])
    func refusesWhatIsBeyondTheCalendar(phrase: String) throws {
        #expect(try moment(phrase) == nil)
    }

    @Test(arguments: [
        ("tomorrow", nil), ("next week", nil), ("+1h", nil), ("+100000w", nil), ("eom", "9999-12-31T23:59:59"),
    ])
    func theCalendarEndsWithTheYear9999(phrase: String, text: String?) throws {
        #expect(try moment(phrase, now: "9999-12-31T23:30:00Z") == text)
    }

    @Test(arguments: [
        ("monday", "2026-11-16", "2026-11-23"), ("sunday", "2026-11-22", "2026-11-29"),
        ("eow", "2026-11-22", "2026-11-22"), ("eom", "2024-02-10", "2024-02-29"),
        ("next month", "2026-01-31", "2026-02-28"), ("+1y", "2024-02-29", "2025-02-28"),
        ("mon", "2026-11-22", "2026-11-23"), ("eoy", "2026-12-31", "2026-12-31"),
    ])
    func theEdgesOfWeekMonthAndYear(phrase: String, today: String, day: String) throws {
        #expect(try moment(phrase, now: today + "T10:00Z") == day + "T23:59:59")
    }

    /// Central Europe in 2026: +1, from 29 March 01:00 UTC until 25 October 01:00 UTC +2.
    private func berlin(_ moment: Timestamp) -> Int {
        ("2026-03-29T01:00:00.000000Z"..<"2026-10-25T01:00:00.000000Z").contains(moment.iso8601) ? 7200 : 3600
    }

    /// Eastern time in 2026: -5, from 8 March 07:00 UTC until 1 November 06:00 UTC -4.
    private func newYork(_ moment: Timestamp) -> Int {
        ("2026-03-08T07:00:00.000000Z"..<"2026-11-01T06:00:00.000000Z").contains(moment.iso8601) ? -14_400 : -18_000
    }

    @Test(arguments: [
        ("today", "2026-03-28T12:00Z", "2026-03-28T22:59:59"), ("tomorrow", "2026-03-28T12:00Z", "2026-03-29T21:59:59"),
        ("2026-07-01", "2026-01-01T00:00Z", "2026-07-01T21:59:59"),
        ("2026-10-25", "2026-07-01T00:00Z", "2026-10-25T22:59:59"),
        ("2026-03-29 01:59", "2026-01-01T00:00Z", "2026-03-29T00:59:00"),
        ("2026-03-29 03:00", "2026-01-01T00:00Z", "2026-03-29T01:00:00"),
        ("2026-10-25 01:59", "2026-01-01T00:00Z", "2026-10-24T23:59:00"),
        ("2026-10-25 03:00", "2026-01-01T00:00Z", "2026-10-25T02:00:00"),
        ("today", "2026-07-01T22:30Z", "2026-07-02T21:59:59"), ("+24h", "2026-03-28T12:00Z", "2026-03-29T12:00:00"),
        ("2026-07-01T12:00Z", "2026-01-01T00:00Z", "2026-07-01T12:00:00"),
    ])
    func daysAndTimesAreThoseOfTheLocalZone(phrase: String, now: String, utc: String) throws {
        #expect(try moment(phrase, now: now, utcOffset: berlin) == utc)
    }

    @Test(arguments: [
        ("today", "2026-03-08T04:30Z", "2026-03-08T04:59:59"), ("tomorrow", "2026-03-08T04:30Z", "2026-03-09T03:59:59"),
        ("2026-03-08 03:00", "2026-01-01T00:00Z", "2026-03-08T07:00:00"),
        ("2026-11-01 00:59", "2026-07-01T00:00Z", "2026-11-01T04:59:00"),
        ("2026-11-01", "2026-07-01T00:00Z", "2026-11-02T04:59:59"),
    ])
    func westOfGreenwichToo(phrase: String, now: String, utc: String) throws {
        #expect(try moment(phrase, now: now, utcOffset: newYork) == utc)
    }

    /// 02:30 does not exist on that day; the clock says 03:30 then, or still 01:30.
    @Test func aTimeThatTheZoneSkipsIsStillWithinTheHour() throws {
        let text = try #require(try moment("2026-03-29 02:30", utcOffset: berlin))
        #expect(["2026-03-29T00:30:00", "2026-03-29T01:30:00"].contains(text))
    }

    @Test func randomTextNeverCrashes() throws {
        let pieces = [
            "+", "in ", "next ", "9", "0", "2026-", "12-", "01", "T", " ", ":", "d", "w", "min", "mon", "eo", "Z", ".",
            "é", "-",
        ]
        let now = try #require(Timestamp(iso8601: Self.now))
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...8, using: &generator)
            let phrase = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            if let moment = DatePhrase.moment(phrase, now: now, utcOffset: { _ in 0 }) {
                try #require(Timestamp(iso8601: moment.iso8601) == moment, "\(phrase)")
            }
        }
    }
}
