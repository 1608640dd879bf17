/// A date as a person types it: `tomorrow`, `fri`, `next monday`, `+2w`, `eow`, `2026-12-01`, `2026-12-01 14:00`.
public enum DatePhrase {
    /// The moment a phrase means, or nil when it is not understood or is outside the years 0 to 9999.
    ///
    /// A phrase without a time of day means the end of that day (23:59:59), local time.
    /// - Parameters:
    ///   - phrase: What was typed; case does not matter.
    ///   - now: The present moment.
    ///   - utcOffset: The local zone's seconds east of UTC at a moment.
    public static func moment(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) -> Timestamp? {
        guard let moment = read(phrase, now: now, utcOffset: utcOffset), moment.isInCalendar else { return nil }
        return moment
    }

    private static func read(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) -> Timestamp? {
        let text = phrase.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let today = now.adding(seconds: utcOffset(now)).day

        func local(_ moment: Timestamp) -> Timestamp {
            let guess = moment.adding(seconds: -utcOffset(moment))
            return moment.adding(seconds: -utcOffset(guess))
        }
        if let exact = Timestamp(iso8601: text) { return exact }
        var reader = DigitReader(text)
        if let moment = reader.dateTime(), reader.isAtEnd { return local(moment) }
        if let moment = offset(text, from: now) { return moment }
        return day(text, today: today).map { local(Timestamp(day: $0, hour: 23, minute: 59, second: 59)) }
    }

    /// `+4h`, `+30min`, `in 2 hours`: an exact distance from now.
    private static func offset(_ text: String, from now: Timestamp) -> Timestamp? {
        if text == "now" { return now }
        guard let (count, unit) = distance(text) else { return nil }
        switch unit {
        case "min", "mins", "minute", "minutes": return now.adding(seconds: count * 60)
        case "h", "hour", "hours": return now.adding(seconds: count * 3600)
        default: return nil
        }
    }

    private static func day(_ text: String, today: CalendarDay) -> CalendarDay? {
        switch text {
        case "today", "eod": return today
        case "tomorrow": return today + 1
        case "yesterday": return today + -1
        case "eow": return today + (6 - today.weekday)
        case "eom": return lastDay(ofMonth: today)
        case "eoy": return CalendarDay(year: today.civil.year, month: 12, day: 31)
        case "next week": return today + 7
        case "next month": return today.adding(months: 1)
        case "next year": return today.adding(months: 12)
        default: break
        }
        var reader = DigitReader(text)
        if let day = reader.day(), reader.isAtEnd { return day }
        let name = text.hasPrefix("next ") ? String(text.dropFirst(5)) : text
        if let weekday = weekday(name) {
            return today + ((weekday - today.weekday + 6) % 7 + 1)
        }
        guard let (count, unit) = distance(text) else { return nil }
        switch unit {
        case "d", "day", "days": return today + count
        case "w", "week", "weeks": return today + count * 7
        case "m", "mo", "month", "months": return today.adding(months: count)
        case "y", "year", "years": return today.adding(months: count * 12)
        default: return nil
        }
    }

    /// `+2w` and `in 2 weeks` as (2, "w") and (2, "weeks").
    private static func distance(_ text: String) -> (count: Int, unit: String)? {
        guard let sign = ["+", "in "].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(sign.count).drop { $0 == " " }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count <= 100_000 else { return nil }
        let unit = rest.dropFirst(digits.count).drop { $0 == " " }
        return unit.isEmpty ? nil : (count, String(unit))
    }

    private static func weekday(_ name: String) -> Int? {
        guard name.count >= 3 else { return nil }
        return ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .firstIndex { $0.hasPrefix(name) }
    }

    private static func lastDay(ofMonth day: CalendarDay) -> CalendarDay? {
        let (year, month, _) = day.civil
        return (28...31).reversed().lazy.compactMap { CalendarDay(year: year, month: month, day: $0) }.first
    }
}

/// An amount of work as a person types it, in minutes: `45m`, `2h`, `1h30m`, `1.5h`, `1d` (8 hours), `1w` (5 days).
public enum DurationPhrase {
    /// The minutes a phrase means, or nil when it is not understood, is not positive or is more than 10,000 hours.
    public static func minutes(_ phrase: String) -> Int? {
        var rest = phrase.lowercased().drop(while: \.isWhitespace)
        var total = 0.0
        var used = false
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let count = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count).drop(while: \.isWhitespace)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count).drop(while: \.isWhitespace)
            switch unit {
            case "", "m", "min", "mins", "minute", "minutes": total += count
            case "h", "hr", "hrs", "hour", "hours": total += count * 60
            case "d", "day", "days": total += count * 480
            case "w", "week", "weeks": total += count * 2400
            default: return nil
            }
            if unit.isEmpty, used || !rest.isEmpty { return nil }
            used = true
        }
        let minutes = total.rounded()
        guard used, minutes >= 1, minutes <= 600_000 else { return nil }
        return Int(minutes)
    }

    /// Minutes in the shortest form a person reads: `45m`, `2h`, `1h30m`.
    public static func text(minutes: Int) -> String {
        let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
        if hours == 0 { return "\(rest)m" }
        return rest == 0 ? "\(hours)h" : "\(hours)h\(rest)m"
    }
}
