/// A day of the Gregorian calendar, counted from 1970-01-01.
public struct CalendarDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01; negative before it.
    public var number: Int

    /// Creates the day a number of days after 1970-01-01.
    public init(number: Int) { self.number = number }

    /// Creates a day from year, month and day of month, or nil when the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (1...31).contains(day), (0...9999).contains(year) else { return nil }
        // Days from civil, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(number: era * 146_097 + dayOfEra - 719_468)
        guard civil == (year, month, day) else { return nil }
    }

    /// Year, month and day of month (the inverse of `init(year:month:day:)`, from the same source).
    public var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The day of the week, 0 for Monday to 6 for Sunday.
    public var weekday: Int { ((number + 3) % 7 + 7) % 7 }

    /// ISO 8601: `2026-12-01`; of the years 0 to 9999.
    public var iso8601: String { String(Timestamp(day: self).iso8601.prefix(10)) }

    /// Reads what `iso8601` gives, or nil for anything else.
    public init?(iso8601 text: String) {
        var reader = DigitReader(text)
        guard let day = reader.day(), reader.isAtEnd, day.iso8601 == text else { return nil }
        self = day
    }

    /// The day a number of months later, a day the month does not have becoming its last, or nil when that is outside the
    /// years 0 to 9999.
    public func adding(months: Int) -> CalendarDay? {
        let (year, month, day) = civil
        let (count, overflows) = months.addingReportingOverflow(year * 12 + month - 1)
        guard !overflows, count >= 0 else { return nil }
        for candidate in stride(from: day, through: min(day, 28), by: -1) {
            if let result = CalendarDay(year: count / 12, month: count % 12 + 1, day: candidate) { return result }
        }
        return nil
    }

    public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
    public static func + (left: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: left.number + days) }
}
