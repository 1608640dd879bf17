/// A moment, in microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since the epoch; negative before it.
    public var microseconds: Int64

    /// Creates a moment from microseconds since the epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Creates a moment from the parts of a UTC date and time; parts out of range carry over.
    public init(day: CalendarDay, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0) {
        let seconds = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        self.init(microseconds: seconds * 1_000_000 + Int64(microsecond))
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The moment a number of seconds later, or earlier when negative.
    public func adding(seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }

    /// The UTC day the moment falls on.
    public var day: CalendarDay {
        CalendarDay(number: Int(Self.floorDivide(microseconds, 86_400_000_000)))
    }

    /// ISO 8601 in UTC with six digits of fraction: `2026-12-01T23:59:59.000000Z`.
    ///
    /// Texts of years 0 to 9999 sort as the moments do; other years have a sign and are not read back.
    public var iso8601: String {
        let remainder = microseconds % 86_400_000_000
        let rest = remainder < 0 ? remainder + 86_400_000_000 : remainder
        let (year, month, dayOfMonth) = day.civil
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        if !(0...9999).contains(year) { bytes.append(UInt8(ascii: year < 0 ? "-" : "+")) }
        Self.append(abs(year), digits: abs(year) > 99_999 ? 6 : abs(year) > 9999 ? 5 : 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        Self.append(Int(rest / 3_600_000_000), digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(Int(rest / 60_000_000 % 60), digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(Int(rest / 1_000_000 % 60), digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(Int(rest % 1_000_000), digits: 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads ISO 8601 with a zone (`2026-12-01T10:00:00Z`, `…+01:00`); a fraction past microseconds is cut off. Returns
    /// nil for anything else, and for what is outside the years 0 to 9999 in UTC.
    public init?(iso8601 text: some StringProtocol) {
        var reader = DigitReader(text)
        guard let parts = reader.dateTime(), let offset = reader.zone(), reader.isAtEnd else { return nil }
        self = parts.adding(seconds: -offset)
        guard isInCalendar else { return nil }
    }

    /// Whether the moment is in the years 0 to 9999, which have a text that is read back.
    var isInCalendar: Bool { (0...9999).contains(day.civil.year) }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func append(_ value: Int, digits: Int, to bytes: inout [UInt8]) {
        var power = 1
        for _ in 1..<digits { power *= 10 }
        var rest = value
        while power > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / power % 10))
            rest %= power
            power /= 10
        }
    }
}

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

/// Reads the numeric parts of ISO 8601 texts.
struct DigitReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { index == bytes.count }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        guard index + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + digits] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        index += digits
        return value
    }

    mutating func day() -> CalendarDay? {
        guard let year = number(digits: 4), accept("-"), let month = number(digits: 2), accept("-"),
            let day = number(digits: 2)
        else { return nil }
        return CalendarDay(year: year, month: month, day: day)
    }

    /// A date, `T` or a space, and a time, without a zone.
    mutating func dateTime() -> Timestamp? {
        guard let day = day(), accept("T") || accept("t") || accept(" "), let hour = number(digits: 2), accept(":"),
            let minute = number(digits: 2), hour < 24, minute < 60
        else { return nil }
        var second = 0
        var microsecond = 0
        if accept(":") {
            guard let value = number(digits: 2), value < 61 else { return nil }
            second = value
            if accept(".") || accept(",") {
                var scale = 100_000
                var count = 0
                while let digit = number(digits: 1) {
                    microsecond += digit * scale
                    scale /= 10
                    count += 1
                }
                guard count > 0 else { return nil }
            }
        }
        return Timestamp(day: day, hour: hour, minute: minute, second: second, microsecond: microsecond)
    }

    /// `Z` or an offset such as `+01:00`, in seconds east of UTC.
    mutating func zone() -> Int? {
        if accept("Z") || accept("z") { return 0 }
        let sign: Int
        if accept("+") { sign = 1 } else if accept("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2) else { return nil }
        let needsMinutes = accept(":")
        let minutes = number(digits: 2)
        guard hours < 24, minutes ?? 0 < 60, minutes != nil || !needsMinutes else { return nil }
        return sign * (hours * 3600 + (minutes ?? 0) * 60)
    }
}
