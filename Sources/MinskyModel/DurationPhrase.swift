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
