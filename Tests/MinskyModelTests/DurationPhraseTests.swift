import MinskyModel
import Testing

struct DurationPhraseTests {
    @Test(arguments: [
        ("45m", 45), ("45", 45), ("45 min", 45), ("2h", 120), ("1h30m", 90), ("1h 30m", 90), ("1.5h", 90), ("1d", 480),
        ("1w", 2400), ("2 days", 960), ("1 week 1 day", 2880), ("1d4h", 720), ("90 Minutes", 90), ("1 hr", 60),
        ("0.5m", 1), ("0.1h", 6), ("600000", 600_000), ("10000h", 600_000), (" 1 H ", 60),
    ])
    func readsWhatPeopleType(phrase: String, minutes: Int) {
        #expect(DurationPhrase.minutes(phrase) == minutes)
    }

    @Test(arguments: [
        "", " ", "h", "m", "0", "0m", "0.4m", "-5m", "+5m", "1x", "1hh", "h1", "1h30", "30 1h", "1.2.3h", ".", "..5h",
        "1e3m", "0x10m", "infm", "nanm", "1,5h", "600001", "10001h", "99999999999999999999h",
        "\(String(repeating: "9", count: 400))h", "٣h", "1h\0", "m1h", "1 5m", "1 0 0",
    ])
    func refusesEverythingElse(phrase: String) {
        #expect(DurationPhrase.minutes(phrase) == nil)
    }

    @Test(arguments: [(1, "1m"), (45, "45m"), (60, "1h"), (90, "1h30m"), (480, "8h"), (600_000, "10000h")])
    func writesTheShortestForm(minutes: Int, text: String) {
        #expect(DurationPhrase.text(minutes: minutes) == text)
    }

    @Test func whatIsWrittenIsReadBack() {
        for minutes in 1...3000 { #expect(DurationPhrase.minutes(DurationPhrase.text(minutes: minutes)) == minutes) }
    }
}
