import MinskyModel
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000000Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
            ("2000-02-29T12:34:56.789012Z", 951_827_696_789_012),
            ("1900-03-01T00:00:00.000000Z", -2_203_891_200_000_000),
            ("2038-01-19T03:14:08.000000Z", 2_147_483_648_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000),
            ("0001-01-01T00:00:00.000000Z", -62_135_596_800_000_000),
        ] as [(String, Int64)])
    func textAndMomentBelongTogether(text: String, microseconds: Int64) {
        #expect(Timestamp(iso8601: text) == Timestamp(microseconds: microseconds))
        #expect(Timestamp(microseconds: microseconds).iso8601 == text)
        #expect(canonical(text) == Timestamp(microseconds: microseconds))
    }

    private func canonical(_ text: String) -> Timestamp? {
        Array(text.utf8).withUnsafeBufferPointer { Timestamp(canonical: $0) }
    }

    /// The quick way of reading says what the other one does, or nothing.
    @Test func theCanonicalFormIsReadAsAnyOther() {
        var generator = SeededGenerator(seed: 4)
        let signs = Array("0123456789-:.TZ +".utf8)
        var read = 0
        for _ in 0..<20_000 {
            let moment = Timestamp(
                microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
            var bytes = Array(moment.iso8601.utf8)
            #expect(canonical(moment.iso8601) == moment)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] =
                    signs[Int.random(in: signs.indices, using: &generator)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let found = canonical(text) else { continue }
            read += 1
            #expect(found == Timestamp(iso8601: text), "\(text)")
        }
        #expect(read > 1000)
        #expect(canonical("2026-12-01T10:00:00Z") == nil)
        #expect(canonical("2026-12-01T10:00:00.0000000Z") == nil)
        #expect(canonical("2026-02-29T10:00:00.000000Z") == nil)
    }

    @Test(arguments: [
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000000Z"),
        ("2026-12-01t10:00:00z", "2026-12-01T10:00:00.000000Z"),
        ("2026-12-01 10:00:00Z", "2026-12-01T10:00:00.000000Z"), ("2026-12-01T10:00Z", "2026-12-01T10:00:00.000000Z"),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00.000000Z"),
        ("2026-12-01T10:00:00-0530", "2026-12-01T15:30:00.000000Z"),
        ("2026-12-01T10:00:00+02", "2026-12-01T08:00:00.000000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000000Z"),
        ("2026-12-01T10:00:00.5Z", "2026-12-01T10:00:00.500000Z"),
        ("2026-12-01T10:00:00,25Z", "2026-12-01T10:00:00.250000Z"),
        ("2026-12-01T10:00:00.1234567899Z", "2026-12-01T10:00:00.123456Z"),
        ("2026-06-30T23:59:60Z", "2026-07-01T00:00:00.000000Z"),
        ("2026-12-01T10:00:00-00:00", "2026-12-01T10:00:00.000000Z"),
    ])
    func readsTheUsualForms(text: String, utc: String) {
        #expect(Timestamp(iso8601: text)?.iso8601 == utc)
    }

    @Test(arguments: [
        "", "2026", "2026-12-01", "2026-12-01T10:00:00", "2026-12-01T10Z", "2026-13-01T10:00:00Z",
        "2026-00-01T10:00:00Z", "2026-02-29T10:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T10:00:00Z",
        "2026-12-00T10:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T10:60:00Z", "2026-12-01T10:00:61Z",
        "2026-12-01T10:00:00.Z", "2026-12-01T10:00:00Zx", " 2026-12-01T10:00:00Z", "2026-12-01T10:00:00+24:00",
        "2026-12-01T10:00:00+01:60", "2026-12-01T10:00:00+1", "2026-12-01T10:00:00+01:", "2026-12-01T10:00:00+01:0",
        "26-12-01T10:00:00Z", "+2026-12-01T10:00:00Z", "-2026-12-01T10:00:00Z", "12026-12-01T10:00:00Z",
        "2026-1-1T10:00:00Z", "20261201T100000Z", "٢٠٢٦-12-01T10:00:00Z", "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z",
    ])
    func refusesEverythingElse(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func momentsOfYears0To9999AreReadBackAndSortAsTheirTexts() throws {
        var generator = SeededGenerator(seed: 5)
        let moments = (0..<5000).map { _ in
            Timestamp(microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &generator))
        }.sorted()
        for moment in moments { try #require(Timestamp(iso8601: moment.iso8601) == moment) }
        #expect(moments.map(\.iso8601) == moments.map(\.iso8601).sorted())
    }

    /// A moment outside the years that can be stored must not pass for one inside.
    @Test(
        arguments: [
            (253_402_300_800_000_000, "+10000-01-01T00:00:00.000000Z"),
            (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"), (.max, "+294247-01-10T04:00:54.775807Z"),
            (.min, "-290308-12-21T19:59:05.224192Z"),
        ] as [(Int64, String)])
    func otherYearsCarryASign(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).iso8601 == text)
    }

    @Test func partsOutOfRangeCarryOver() throws {
        let day = try #require(CalendarDay(year: 2026, month: 12, day: 31))
        #expect(Timestamp(day: day, hour: 25, minute: 61).iso8601 == "2027-01-01T02:01:00.000000Z")
        #expect(Timestamp(day: day).adding(seconds: -1).iso8601 == "2026-12-30T23:59:59.000000Z")
    }

    @Test(arguments: [
        (0, 0), (86_399_999_999, 0), (86_400_000_000, 1), (-1, -1), (-86_400_000_000, -1), (-86_400_000_001, -2),
    ])
    func dayIsThatOfUTC(microseconds: Int, number: Int) {
        #expect(Timestamp(microseconds: Int64(microseconds)).day == CalendarDay(number: number))
    }
}
