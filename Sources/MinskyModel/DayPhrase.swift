/// The part of a date phrase that names a day; in lower case, split into words.
enum DayPhrase {
    /// The day that words mean, or nil when they are not understood, could mean several, or are beyond the calendar.
    static func day(_ words: ArraySlice<String>, today: CalendarDay) -> CalendarDay? {
        let text = words.joined(separator: " ")
        switch text {
        case "today": return today
        case "tomorrow": return today + 1
        case "yesterday": return today + -1
        case "eow", "end of week": return today + (6 - today.weekday)
        case "eom", "end of month": return lastDay(ofMonth: today)
        case "eoy", "end of year": return CalendarDay(year: today.civil.year, month: 12, day: 31)
        case "next week": return today + 7
        case "next month": return today.adding(months: 1)
        case "next year": return today.adding(months: 12)
        case "sow", "start of week": return today + -today.weekday
        case "som", "start of month": return CalendarDay(year: today.civil.year, month: today.civil.month, day: 1)
        case "soy", "start of year": return CalendarDay(year: today.civil.year, month: 1, day: 1)
        case "last week": return today + -7
        case "last month": return today.adding(months: -1)
        case "last year": return today.adding(months: -12)
        default: break
        }
        var reader = DigitReader(text)
        if let day = reader.day(), reader.isAtEnd { return day }
        let name = text.hasPrefix("next ") ? String(text.dropFirst(5)) : text
        if let weekday = weekday(name) { return today + ((weekday - today.weekday + 6) % 7 + 1) }
        if text.hasPrefix("last "), let weekday = weekday(String(text.dropFirst(5))) {
            return today + -((today.weekday - weekday + 6) % 7 + 1)
        }
        return far(text, from: today) ?? ofMonth(words, today: today)
    }

    /// The last day up to one, that included, which is a day of the week or a day of a month without a year; nil for other
    /// words.
    static func last(_ words: ArraySlice<String>, upTo day: CalendarDay) -> CalendarDay? {
        if words.count == 1, let weekday = words.first.flatMap(DayPhrase.weekday) {
            return day + -((day.weekday - weekday + 7) % 7)
        }
        guard words.count == 2, let named = monthAndDay(Array(words)) else { return nil }
        let year = day.civil.year
        return (year - 8...year).reversed().lazy
            .compactMap { CalendarDay(year: $0, month: named.month, day: named.day) }.first { $0 <= day }
    }

    /// `+2w`, `2w` and `in 2 weeks` as (2, "w") and (2, "weeks"), `2w ago` as (-2, "w").
    static func distance(_ text: String) -> (count: Int, unit: String)? {
        if text.hasSuffix(" ago") {
            let past = String(text.dropLast(4))
            guard past.first?.isNumber == true, !past.hasSuffix(" ago"), let (count, unit) = distance(past) else {
                return nil
            }
            return (-count, unit)
        }
        let sign = ["+", "in "].first(where: text.hasPrefix)
        let rest = text.dropFirst(sign?.count ?? 0).drop { $0 == " " }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count <= 100_000 else { return nil }
        let unit = rest.dropFirst(digits.count).drop { $0 == " " }
        // After a sign it means months, as with every other unit of a date; alone it could be minutes.
        if unit.isEmpty || sign == nil && unit == "m" { return nil }
        return (count, String(unit))
    }

    private static func far(_ text: String, from today: CalendarDay) -> CalendarDay? {
        guard let (count, unit) = distance(text) else { return nil }
        switch unit {
        case "d", "day", "days": return today + count
        case "w", "week", "weeks": return today + count * 7
        case "m", "mo", "month", "months": return today.adding(months: count)
        case "y", "year", "years": return today.adding(months: count * 12)
        default: return nil
        }
    }

    /// `dec 1`, `1st december`, `dec 1, 2027`, `1 december 2027`. Without a year, the next such day from today on.
    private static func ofMonth(_ words: ArraySlice<String>, today: CalendarDay) -> CalendarDay? {
        let words = Array(words)
        guard let (month, day) = monthAndDay(words) else { return nil }
        if words.count == 3 {
            var reader = DigitReader(words[2])
            guard let year = reader.number(digits: 4), reader.isAtEnd else { return nil }
            return CalendarDay(year: year, month: month, day: day)
        }
        // The 29th of February can be eight years away.
        let year = today.civil.year
        return (year...year + 8).lazy.compactMap { CalendarDay(year: $0, month: month, day: day) }
            .first { $0 >= today }
    }

    /// What two words say, of which one names a month; a third one would be the year.
    private static func monthAndDay(_ words: [String]) -> (month: Int, day: Int)? {
        guard words.count == 2 || words.count == 3 else { return nil }
        let isMonthFirst = month(words[0]) != nil
        var dayText = words[isMonthFirst ? 1 : 0]
        if isMonthFirst, words.count == 3, dayText.hasSuffix(",") { dayText.removeLast() }
        guard let month = month(words[isMonthFirst ? 0 : 1]), let day = dayOfMonth(dayText) else { return nil }
        return (month, day)
    }

    /// `1`, `1st`, `22nd`.
    static func dayOfMonth(_ text: String) -> Int? {
        var reader = DigitReader(text)
        guard let day = reader.number(digits: 2) ?? reader.number(digits: 1) else { return nil }
        if reader.isAtEnd { return day }
        let ending = (11...13).contains(day) ? "th" : [1: "st", 2: "nd", 3: "rd"][day % 10] ?? "th"
        return text.hasSuffix(ending) && text.utf8.count == "\(day)\(ending)".utf8.count ? day : nil
    }

    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    /// The day of the week that has a name, 0 for Monday to 6 for Sunday.
    static func weekday(_ name: String) -> Int? { index(of: name, in: weekdays) }

    /// The month that has a name, from 1 on.
    static func month(_ name: String) -> Int? { index(of: name, in: months).map { $0 + 1 } }

    /// The place of a name that is written out or shortened to at least three letters.
    private static func index(of name: String, in names: [String]) -> Int? {
        name.utf8.count < 3 ? nil : names.firstIndex { $0.utf8.starts(with: name.utf8) }
    }

    private static func lastDay(ofMonth day: CalendarDay) -> CalendarDay? {
        let (year, month, _) = day.civil
        return (28...31).reversed().lazy.compactMap { CalendarDay(year: year, month: month, day: $0) }.first
    }
}
