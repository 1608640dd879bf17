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
        ("+7900y", "9926-11-18"), ("3d", "2026-11-21"), ("2w", "2026-12-02"), ("3 days", "2026-11-21"),
        ("1mo", "2026-12-18"), ("1y", "2027-11-18"), ("in 3 days", "2026-11-21"), ("end of week", "2026-11-22"),
        ("end of month", "2026-11-30"), ("end of year", "2026-12-31"), ("End of Day", "2026-11-18"),
        ("dec 1", "2026-12-01"), ("1 dec", "2026-12-01"), ("December 1", "2026-12-01"), ("1st december", "2026-12-01"),
        ("sept 22nd", "2027-09-22"), ("1 december 2027", "2027-12-01"), ("dec 1, 2027", "2027-12-01"),
        ("dec 1 1999", "1999-12-01"), ("nov 18", "2026-11-18"), ("nov 17", "2027-11-17"), ("may 3", "2027-05-03"),
        ("last monday", "2026-11-16"), ("last wed", "2026-11-11"), ("last thursday", "2026-11-12"),
        ("last week", "2026-11-11"), ("last month", "2026-10-18"), ("last year", "2025-11-18"),
        ("3 days ago", "2026-11-15"), ("2w ago", "2026-11-04"), ("1 mo ago", "2026-10-18"), ("sow", "2026-11-16"),
        ("start of week", "2026-11-16"), ("som", "2026-11-01"), ("start of month", "2026-11-01"), ("soy", "2026-01-01"),
        ("start of year", "2026-01-01"), ("feb 29", "2028-02-29"), ("29 feb 2024", "2024-02-29"),
        ("11th jan", "2027-01-11"),
    ])
    func aPhraseWithoutATimeMeansTheEndOfItsDay(phrase: String, day: String) throws {
        #expect(try moment(phrase) == day + "T23:59:59")
    }

    /// For the past, what comes again and again is the last one, the present one included.
    @Test(arguments: [
        ("wed", "2026-11-18", 1), ("thu", "2026-11-12", 1), ("Monday", "2026-11-16", 1), ("nov 18", "2026-11-18", 1),
        ("nov 19", "2025-11-19", 1), ("1 dec", "2025-12-01", 1), ("nov 10", "2026-11-10", 1),
        ("feb 29", "2024-02-29", 1),
        ("today", "2026-11-18", 1), ("last friday", "2026-11-13", 1), ("sow", "2026-11-16", 1),
        ("tomorrow", "2026-11-19", 1), ("next friday", "2026-11-20", 1), ("dec 1 2026", "2026-12-01", 1),
        ("14:00", "2026-11-17T14:00:00", 0), ("9:00", "2026-11-18T09:00:00", 0), ("10:30:15", "2026-11-18T10:30:15", 0),
        ("midnight", "2026-11-18T00:00:00", 0), ("noon", "2026-11-17T12:00:00", 0),
        ("mon 14:00", "2026-11-16T14:00:00", 0), ("wed 9am", "2026-11-18T09:00:00", 0),
        ("wednesday 14:00", "2026-11-11T14:00:00", 0), ("5pm dec 1", "2025-12-01T17:00:00", 0),
        ("nov 18 11:00", "2025-11-18T11:00:00", 0), ("today 14:00", "2026-11-18T14:00:00", 0),
        ("4h ago", "2026-11-18T06:30:15", 0),
    ])
    func ofThePastIsTheLastOne(phrase: String, start: String, days: Int) throws {
        let now = try #require(Timestamp(iso8601: Self.now))
        let span = try #require(DatePhrase.past(phrase, now: now, utcOffset: { _ in 0 }))
        #expect(span.start.iso8601.prefix(19) == (days == 1 ? start + "T00:00:00" : start))
        #expect(span.end == span.start.adding(seconds: days == 1 ? 86_400 : 1))
    }

    @Test func thePastOfWhatIsNoDateIsNone() throws {
        let now = try #require(Timestamp(iso8601: Self.now))
        for phrase in ["fir", "", "dec 32", "25:00"] {
            #expect(DatePhrase.past(phrase, now: now, utcOffset: { _ in 0 }) == nil, "\(phrase)")
        }
    }

    @Test(arguments: [
        ("now", "2026-11-18T10:30:15"), ("4h ago", "2026-11-18T06:30:15"), ("30 min ago", "2026-11-18T10:00:15"),
        ("last monday 9am", "2026-11-16T09:00:00"), ("+4h", "2026-11-18T14:30:15"),
        ("in 2 hours", "2026-11-18T12:30:15"),
        ("+30min", "2026-11-18T11:00:15"), ("in 90 minutes", "2026-11-18T12:00:15"), ("+24h", "2026-11-19T10:30:15"),
        ("2026-12-01 14:00", "2026-12-01T14:00:00"), ("2026-12-01T14:00:30", "2026-12-01T14:00:30"),
        ("tomorrow 14:00", "2026-11-19T14:00:00"), ("fri 17:00", "2026-11-20T17:00:00"),
        ("noon", "2026-11-18T12:00:00"), ("midnight", "2026-11-19T00:00:00"), ("today noon", "2026-11-18T12:00:00"),
        ("today 9:00", "2026-11-18T09:00:00"), ("14:00", "2026-11-18T14:00:00"), ("9:00", "2026-11-19T09:00:00"),
        ("10:30:15", "2026-11-19T10:30:15"), ("10:30:16", "2026-11-18T10:30:16"), ("5pm", "2026-11-18T17:00:00"),
        ("5 pm", "2026-11-18T17:00:00"), ("5:30PM", "2026-11-18T17:30:00"), ("12am", "2026-11-19T00:00:00"),
        ("12pm", "2026-11-18T12:00:00"), ("12:15 am", "2026-11-19T00:15:00"), ("mon 9am", "2026-11-23T09:00:00"),
        ("next friday 10:00", "2026-11-20T10:00:00"), ("tomorrow at 5 pm", "2026-11-19T17:00:00"),
        ("at noon", "2026-11-18T12:00:00"), ("5pm tomorrow", "2026-11-19T17:00:00"),
        ("5 pm 1 dec", "2026-12-01T17:00:00"), ("dec 1 14:00", "2026-12-01T14:00:00"),
        ("1 dec 2027 9am", "2027-12-01T09:00:00"), ("2026-12-01 9:00", "2026-12-01T09:00:00"),
        ("2026-12-01 5pm", "2026-12-01T17:00:00"), ("end of month 17:00", "2026-11-30T17:00:00"),
        ("in 3 days 10:00", "2026-11-21T10:00:00"), ("3d noon", "2026-11-21T12:00:00"),
        ("next week 00:00", "2026-11-25T00:00:00"), ("4h", "2026-11-18T14:30:15"), ("90min", "2026-11-18T12:00:15"),
        ("2026-12-01t14:00:30z", "2026-12-01T14:00:30"), ("2026-12-01T14:00:00+02:00", "2026-12-01T12:00:00"),
    ])
    func aPhraseWithATimeMeansThatMoment(phrase: String, text: String) throws {
        #expect(try moment(phrase) == text)
    }

    @Test(arguments: [
        "", " ", "banana", "next", "next blue moon", "next tomorrow", "next 2026-12-01", "mo", "fr", "fridayy",
        "tomorrow tomorrow", "2026-13-01", "2026-02-29", "2026-12-01 25:00", "2026-12-01 14", "2026-12-01x",
        "12/01/2026", "2026", "+", "+d", "+2", "+2x", "-2w", "++2w", "+ +2w", "+-2d", "in", "in weeks",
        "in two weeks", "in -2 days", "in in 2 weeks", "in +2 weeks", "+n2w", "+in 2w", "+2w3d", "+1.5d", "+٣d",
        "+2wfoo", "eo", "now now", "\0", "tomorrow\0", "🗓", "tomorrow \u{301}", "2", "2 x", "3d 2w", "w", "24:00",
        "14:60", "14:00:60",
        "1:2", "14", "at", "at 14", "0am", "13pm", "5 p", "5am pm", "14:00pm", "noon noon", "14:00 15:00", "now 14:00",
        "4h 14:00", "eod 14:00", "dec", "december 2027", "1", "dec 0", "dec 32", "feb 30", "31 nov", "29 feb 2026",
        "1 dec 27", "dec dec", "1 2 2027", "1st", "1nd dec", "21th dec", "11st dec", "01st dec", "1,st dec",
        "dec 1,, 2027", "de 1", "1 decembers", "1 of dec", "٣ dec", "1 dec 2027 2028", "end of", "end of next month",
        "ago", "days ago", "+3d ago", "in 3 days ago", "2m ago", "3 days ago ago", "monday ago", "last",
        "last tomorrow",
        "last next week", "start of", "so",
    ])
    func refusesWhatItDoesNotUnderstand(phrase: String) throws {
        #expect(try moment(phrase) == nil)
    }

    /// The first of February or the second of January, minutes or months, this midnight or that one.
    @Test(arguments: [
        "01/02/2027", "1/2/2027", "1.2.2027", "01-02-2027", "1/2", "2m", "90m", "tomorrow midnight", "fri midnight",
    ])
    func refusesWhatCouldMeanSeveralThings(phrase: String) throws {
        #expect(try moment(phrase) == nil)
    }

    @Test(arguments: [
        ("fri", "2026-11-20T00:00:00", "2026-11-21T00:00:00", false),
        ("eow", "2026-11-22T00:00:00", "2026-11-23T00:00:00", true),
        ("end of month", "2026-11-30T00:00:00", "2026-12-01T00:00:00", true),
        ("eod", "2026-11-18T00:00:00", "2026-11-19T00:00:00", true),
        ("sow", "2026-11-16T00:00:00", "2026-11-17T00:00:00", false),
        ("fri 17:00", "2026-11-20T17:00:00", "2026-11-20T17:00:01", false),
        ("eow 17:00", "2026-11-22T17:00:00", "2026-11-22T17:00:01", false),
        ("now", "2026-11-18T10:30:15", "2026-11-18T10:30:16", false),
    ])
    func aPhraseNamesADayOrASecond(phrase: String, start: String, end: String, namesItsEnd: Bool) throws {
        let now = try #require(Timestamp(iso8601: Self.now))
        let span = try #require(DatePhrase.span(phrase, now: now, utcOffset: { _ in 0 }))
        #expect(span.start.iso8601.prefix(19) == start)
        #expect(span.end.iso8601.prefix(19) == end)
        #expect(span.namesItsEnd == namesItsEnd)
    }

    @Test func aLongTextIsNoDate() throws {
        for text in ["a\u{301}\u{316}", "1 ", "+", "tomorrow "] {
            #expect(try moment(String(repeating: text, count: 1_000_000)) == nil)
        }
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

    @Test func randomTextNeverCrashes() throws {
        let pieces = [
            "+", "in ", "next ", "9", "0", "2026-", "12-", "01", "T", " ", ":", "d", "w", "min", "mon", "eo", "Z", ".",
            "é", "-", "dec", "5", "pm", "noon", "at ",
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
