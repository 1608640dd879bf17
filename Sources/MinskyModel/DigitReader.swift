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
