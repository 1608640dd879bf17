import MinskyModel
import Testing

/// A zone in 2026: its offsets from UTC in seconds and when they change. Source: IANA time zone database, 2025b.
struct Zone: Sendable, CustomTestStringConvertible {
    let name: String
    let offset: Int
    let changes: [(moment: String, offset: Int)]

    static let berlin = Zone(
        name: "Europe/Berlin", offset: 3600, changes: [("2026-03-29T01:00", 7200), ("2026-10-25T01:00", 3600)])
    static let newYork = Zone(
        name: "America/New_York", offset: -18_000,
        changes: [("2026-03-08T07:00", -14_400), ("2026-11-01T06:00", -18_000)])
    /// Half an hour, and summer is at the other end of the year.
    static let lordHowe = Zone(
        name: "Australia/Lord_Howe", offset: 39_600,
        changes: [("2026-04-04T15:00", 37_800), ("2026-10-03T15:30", 39_600)])
    /// Clocks are set back for Ramadan, and forward again.
    static let casablanca = Zone(
        name: "Africa/Casablanca", offset: 3600, changes: [("2026-02-15T02:00", 0), ("2026-03-22T02:00", 3600)])
    /// The hour that is skipped or comes twice is the last one of a day.
    static let nuuk = Zone(
        name: "America/Nuuk", offset: -7200, changes: [("2026-03-29T01:00", -3600), ("2026-10-25T01:00", -7200)])

    var testDescription: String { name }

    func utcOffset(_ moment: Timestamp) -> Int {
        changes.last { $0.moment <= moment.iso8601 }?.offset ?? offset
    }
}

struct LocalTimeTests {
    private func moment(_ phrase: String, _ zone: Zone, now: String = "2026-01-01T00:00Z") throws -> String? {
        let now = try #require(Timestamp(iso8601: now))
        return DatePhrase.moment(phrase, now: now, utcOffset: zone.utcOffset).map { String($0.iso8601.prefix(19)) }
    }

    /// 02:30 in Berlin becomes 03:30, which is 01:30 in UTC.
    @Test(
        arguments: [
            (.berlin, "2026-03-29 02:00", "2026-03-29T01:00:00"), (.berlin, "2026-03-29 02:30", "2026-03-29T01:30:00"),
            (.berlin, "2026-03-29 02:59:59", "2026-03-29T01:59:59"),
            (.newYork, "2026-03-08 02:00", "2026-03-08T07:00:00"),
            (.newYork, "2026-03-08 02:30", "2026-03-08T07:30:00"),
            (.lordHowe, "2026-10-04 02:00", "2026-10-03T15:30:00"),
            (.lordHowe, "2026-10-04 02:15", "2026-10-03T15:45:00"),
            (.casablanca, "2026-03-22 02:00", "2026-03-22T02:00:00"),
            (.casablanca, "2026-03-22 02:30", "2026-03-22T02:30:00"),
            (.nuuk, "2026-03-28 23:30", "2026-03-29T01:30:00"),
        ] as [(Zone, String, String)])
    func aTimeThatIsSkippedGoesForwardByTheGap(zone: Zone, phrase: String, utc: String) throws {
        #expect(try moment(phrase, zone) == utc)
    }

    @Test(
        arguments: [
            (.berlin, "2026-10-25 02:00", "2026-10-25T00:00:00"), (.berlin, "2026-10-25 02:30", "2026-10-25T00:30:00"),
            (.newYork, "2026-11-01 01:00", "2026-11-01T05:00:00"),
            (.newYork, "2026-11-01 01:30", "2026-11-01T05:30:00"),
            (.lordHowe, "2026-04-05 01:30", "2026-04-04T14:30:00"),
            (.lordHowe, "2026-04-05 01:45", "2026-04-04T14:45:00"),
            (.casablanca, "2026-02-15 02:00", "2026-02-15T01:00:00"),
            (.casablanca, "2026-02-15 02:30", "2026-02-15T01:30:00"),
            (.nuuk, "2026-10-24 23:30", "2026-10-25T00:30:00"),
        ] as [(Zone, String, String)])
    func ofATimeThatComesTwiceTheFirstIsMeant(zone: Zone, phrase: String, utc: String) throws {
        #expect(try moment(phrase, zone) == utc)
    }

    @Test(
        arguments: [
            (.berlin, "2026-03-29 01:59:59", "2026-03-29T00:59:59"),
            (.berlin, "2026-03-29 03:00", "2026-03-29T01:00:00"),
            (.berlin, "2026-10-25 01:59:59", "2026-10-24T23:59:59"),
            (.berlin, "2026-10-25 03:00", "2026-10-25T02:00:00"),
            (.newYork, "2026-03-08 01:59:59", "2026-03-08T06:59:59"),
            (.newYork, "2026-03-08 03:00", "2026-03-08T07:00:00"),
            (.newYork, "2026-11-01 00:59:59", "2026-11-01T04:59:59"),
            (.newYork, "2026-11-01 02:00", "2026-11-01T07:00:00"),
            (.lordHowe, "2026-10-04 01:59:59", "2026-10-03T15:29:59"),
            (.lordHowe, "2026-10-04 02:30", "2026-10-03T15:30:00"),
            (.lordHowe, "2026-04-05 01:29:59", "2026-04-04T14:29:59"),
            (.lordHowe, "2026-04-05 02:00", "2026-04-04T15:30:00"),
            (.casablanca, "2026-03-22 01:59:59", "2026-03-22T01:59:59"),
            (.casablanca, "2026-03-22 03:00", "2026-03-22T02:00:00"),
            (.casablanca, "2026-02-15 01:59:59", "2026-02-15T00:59:59"),
            (.casablanca, "2026-02-15 03:00", "2026-02-15T03:00:00"),
        ] as [(Zone, String, String)])
    func besideAChangeEveryTimeIsWhatTheClockShows(zone: Zone, phrase: String, utc: String) throws {
        #expect(try moment(phrase, zone) == utc)
    }

    /// The day ends when the next one begins, also where its last hour is skipped or comes twice.
    @Test(
        arguments: [
            (.nuuk, "2026-03-28", "2026-03-29T00:59:59"), (.nuuk, "2026-10-24", "2026-10-25T01:59:59"),
            (.berlin, "2026-03-29", "2026-03-29T21:59:59"), (.berlin, "2026-10-25", "2026-10-25T22:59:59"),
        ] as [(Zone, String, String)])
    func aDayEndsWithItsLastSecond(zone: Zone, phrase: String, utc: String) throws {
        #expect(try moment(phrase, zone) == utc)
    }

    /// At 01:30 UTC it is 03:30 in Berlin: the 02:30 of that day, which was moved there, is not to come any more.
    @Test(arguments: [
        ("2026-03-29T00:30Z", "2026-03-29T01:30:00"), ("2026-03-29T01:30Z", "2026-03-30T00:30:00"),
        ("2026-10-25T00:29Z", "2026-10-25T00:30:00"), ("2026-10-25T00:31Z", "2026-10-26T01:30:00"),
    ])
    func theNextTimeOfDayIsAfterNow(now: String, utc: String) throws {
        #expect(try moment("2:30", .berlin, now: now) == utc)
    }
}
