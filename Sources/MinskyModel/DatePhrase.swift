/// The time that a date phrase names: a whole day, or with a time of day one second.
public struct DateSpan: Sendable, Hashable {
    public var start: Timestamp
    /// The first moment after it.
    public var end: Timestamp
    /// Whether the phrase speaks of where the day ends, as `eow` and `end of month` do.
    public var namesItsEnd = false

    /// Creates a time from its first moment and the first one after it.
    public init(start: Timestamp, end: Timestamp, namesItsEnd: Bool = false) {
        self.start = start
        self.end = end
        self.namesItsEnd = namesItsEnd
    }
}

/// A date as a person types it: `tomorrow 14:00`, `fri`, `next monday 9am`, `3d`, `dec 1`, `end of month`, `2026-12-01`.
public enum DatePhrase {
    /// The moment a phrase means, or nil when it is not understood, could mean several, or is outside the years 0 to 9999.
    ///
    /// A day without a time of day means the last second of that day, a time without a day the next such time. A day of
    /// the week is the next one after today; a day of a month without a year is the next one, today included. All of it is
    /// local time; `Timestamp.init(local:utcOffset:)` says what happens when clocks are set forward or back.
    /// - Parameters:
    ///   - phrase: What was typed; case does not matter.
    ///   - now: The present moment.
    ///   - utcOffset: The local zone's seconds east of UTC at a moment.
    public static func moment(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) -> Timestamp? {
        span(phrase, now: now, utcOffset: utcOffset)?.end.adding(seconds: -1)
    }

    /// The whole time a phrase names, of which `moment` is the last second, or nil where `moment` is.
    public static func span(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) -> DateSpan? {
        span(phrase, now: now, isPast: false, utcOffset: utcOffset)
    }

    /// The words of a phrase, in lower case. They are parted by scalars: a space with a mark behind it is a space.
    static func words(_ phrase: String) -> [String] {
        phrase.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map(String.init)
    }

    /// The whole time of the past that a phrase names: a day of the week, a day of a month without a year and a time without a
    /// day are the last ones, the present one included. Everything else is what `span` says, be it to come.
    public static func past(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) -> DateSpan? {
        span(phrase, now: now, isPast: true, utcOffset: utcOffset)
    }

    private static func span(
        _ phrase: String, now: Timestamp, isPast: Bool, utcOffset: (Timestamp) -> Int
    ) -> DateSpan? {
        guard phrase.utf8.count <= 100,
            let span = read(words(phrase), now: now, isPast: isPast, utcOffset: utcOffset),
            span.end.adding(seconds: -1).isInCalendar
        else { return nil }
        return span
    }

    private static func read(
        _ words: [String], now: Timestamp, isPast: Bool, utcOffset: (Timestamp) -> Int
    ) -> DateSpan? {
        let text = words.joined(separator: " ")
        let today = now.adding(seconds: utcOffset(now)).day
        func at(_ time: TimeOfDay, _ day: CalendarDay) -> Timestamp {
            Timestamp(local: Timestamp(day: day, second: time.seconds), utcOffset: utcOffset)
        }
        func moment(_ words: ArraySlice<String>, _ time: TimeOfDay) -> Timestamp? {
            let last = isPast ? [today, today + -1].compactMap { DayPhrase.last(words, upTo: $0) } : []
            return last.map { at(time, $0) }.first { $0 <= now }
                ?? DayPhrase.day(words, today: today).map { at(time, $0) }
        }
        func second(_ moment: Timestamp) -> DateSpan { DateSpan(start: moment, end: moment.adding(seconds: 1)) }
        func whole(_ day: CalendarDay) -> DateSpan {
            DateSpan(
                start: at(.midnight, day), end: at(.midnight, day + 1),
                namesItsEnd: text.hasPrefix("eo") || text.hasPrefix("end "))
        }

        if let exact = Timestamp(iso8601: text) { return second(exact) }
        var reader = DigitReader(text)
        if let moment = reader.dateTime(), reader.isAtEnd {
            return second(Timestamp(local: moment, utcOffset: utcOffset))
        }
        if text == "now" { return second(now) }
        if let seconds = exactDistance(text) { return second(now.adding(seconds: seconds)) }
        if text == "eod" || text == "end of day" { return whole(today) }
        if isPast, let day = DayPhrase.last(words[...], upTo: today) { return whole(day) }
        if let day = DayPhrase.day(words[...], today: today) { return whole(day) }
        if let time = text == "midnight" ? .midnight : TimeOfDay(words[...]) {
            let moment = at(time, today)
            if isPast { return second(moment > now ? at(time, today + -1) : moment) }
            return second(moment > now ? moment : at(time, today + 1))
        }
        for index in words.indices.dropFirst() {
            let (left, right) = (words[..<index], words[index...])
            if let time = TimeOfDay(right), let moment = moment(left, time) { return second(moment) }
            if let time = TimeOfDay(left), let moment = moment(right, time) { return second(moment) }
        }
        return nil
    }

    /// `+4h`, `30min`, `in 2 hours`, `4h ago`: seconds from now.
    private static func exactDistance(_ text: String) -> Int? {
        guard let (count, unit) = DayPhrase.distance(text) else { return nil }
        switch unit {
        case "min", "mins", "minute", "minutes": return count * 60
        case "h", "hour", "hours": return count * 3600
        default: return nil
        }
    }
}

/// A time of day, in seconds since midnight as the clock shows it.
private struct TimeOfDay {
    var seconds: Int

    static let midnight = TimeOfDay(seconds: 0)

    private init(seconds: Int) { self.seconds = seconds }

    /// Reads `14:00`, `9:30:15`, `5pm`, `5:30 pm` or `noon`, perhaps after `at`; nil for anything else. `midnight` of a day
    /// is either end of it, so it is not read here.
    init?(_ words: ArraySlice<String>) {
        var words = words.count > 1 && words.first == "at" ? words.dropFirst() : words
        if words.count == 2, let half = words.last, half == "am" || half == "pm" {
            words = [words[words.startIndex] + half]
        }
        guard words.count == 1, let text = words.first else { return nil }
        if text == "noon" {
            self.init(seconds: 12 * 3600)
            return
        }
        var reader = DigitReader(text)
        guard var hour = reader.number(digits: 2) ?? reader.number(digits: 1) else { return nil }
        var parts: [Int] = []
        while parts.count < 2, reader.accept(":") {
            guard let part = reader.number(digits: 2), part < 60 else { return nil }
            parts.append(part)
        }
        let isMorning = reader.accept("a")
        if isMorning || reader.accept("p") {
            guard reader.accept("m"), (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isMorning ? 0 : 12)
        } else if parts.isEmpty {
            return nil
        }
        guard hour < 24, reader.isAtEnd else { return nil }
        self.init(seconds: hour * 3600 + (parts.first ?? 0) * 60 + (parts.count > 1 ? parts[1] : 0))
    }
}
