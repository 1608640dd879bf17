extension DatePhrase {
    /// Phrases that each say one of the things a phrase could mean which is refused for that: `2027-03-04` and `2027-04-03`
    /// for `03/04/2027`. Only one where other spellings of it are read; empty for what means nothing.
    public static func meanings(of phrase: String) -> [String] {
        guard phrase.utf8.count <= 100 else { return [] }
        let words = words(phrase)
        let text = words.joined(separator: " ")
        let number = text.prefix { $0.isASCII && $0.isNumber }
        if !number.isEmpty, text.dropFirst(number.count) == "m" { return ["\(number)min", "\(number)mo"] }
        if words.count > 1, words.last == "midnight" {
            let day = words.dropLast().joined(separator: " ")
            return isDay(day) ? ["\(day) 00:00", day] : []
        }
        return days(text)
    }

    /// The days that three numbers can be, the last of them a year: the month first, as in America, then the day first.
    private static func days(_ text: String) -> [String] {
        guard let separator = text.first(where: { "/.-".contains($0) }) else { return [] }
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].utf8.count == 4, parts.allSatisfy({ $0.utf8.count <= 4 }) else { return [] }
        let numbers = parts.compactMap { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil }
        guard numbers.count == 3 else { return [] }
        var days: [String] = []
        for (month, day) in [(numbers[0], numbers[1]), (numbers[1], numbers[0])] {
            guard let found = CalendarDay(year: numbers[2], month: month, day: day) else { continue }
            let name = String(Timestamp(day: found, second: 0).iso8601.prefix(10))
            if !days.contains(name) { days.append(name) }
        }
        return days
    }

    /// Whether words name a day, whichever.
    private static func isDay(_ text: String) -> Bool {
        CalendarDay(year: 2000, month: 1, day: 1).flatMap {
            DayPhrase.day(text.split(separator: " ").map(String.init)[...], today: $0)
        }
            != nil
    }
}
