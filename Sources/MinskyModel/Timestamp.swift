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
