import MinskyModel

/// Takes the fields of a record out of a JSON object one by one and knows what is left.
struct ObjectReader {
    private let members: [JSON.Member]
    private var indices: [String: Int]
    private var isTaken: [Bool]
    let line: Int
    /// What findings call the record.
    var reference: String?
    private(set) var warnings: [Finding] = []
    /// What was there and could not be understood, or only nearly, by the name it gets in the metadata.
    private(set) var originals: [JSON.Member] = []

    init(_ members: [JSON.Member], line: Int) {
        self.members = members
        self.line = line
        // Swift compares by meaning, JSON by bytes; the keys that are asked for are ASCII, where both agree.
        indices = [:]
        for (index, member) in members.enumerated() where indices[member.key] == nil { indices[member.key] = index }
        isTaken = [Bool](repeating: false, count: members.count)
    }

    /// The name under which the metadata keeps what a field said: `originalStatus` for `status`.
    static func originalKey(_ key: String) -> String { "original" + key.prefix(1).uppercased() + key.dropFirst() }

    /// What nobody took, with what was not understood.
    var rest: [JSON.Member] {
        let untaken = zip(members, isTaken).filter { !$0.1 }.map(\.0)
        let keys = Set(untaken.map { JSON.string($0.key) })
        return untaken + originals.filter { !keys.contains(.string($0.key)) }
    }

    mutating func warn(_ field: String?, _ reason: String) {
        warnings.append(Finding(line: line, reference: reference, field: field, reason: reason))
    }

    /// Keeps what a field said in the metadata.
    mutating func keepOriginal(_ key: String, _ value: JSON) {
        originals.append(JSON.Member(Self.originalKey(key), value))
    }

    /// A member that stays where it is.
    func peek(_ key: String) -> JSON? { indices[key].map { members[$0].value } }

    /// Takes a member; nil when it is absent or null.
    mutating func take(_ key: String) -> JSON? {
        guard let index = indices[key], !isTaken[index] else { return nil }
        isTaken[index] = true
        return members[index].value == .null ? nil : members[index].value
    }

    /// Takes a member as what a closure makes of it. What it makes nothing of is kept in the metadata, with a warning.
    mutating func take<Value>(_ key: String, _ kind: String, _ read: (JSON) -> Value?) -> Value? {
        guard let value = take(key) else { return nil }
        if let result = read(value) { return result }
        if value.string == "" { return nil }
        warn(key, "\(value.text().quoted) is not \(kind); kept in the metadata")
        keepOriginal(key, value)
        return nil
    }

    /// Takes a text; a number is taken as its digits, and an empty text as none.
    mutating func text(_ key: String) -> String? {
        take(key, "a text") { value in
            if let text = value.string { return text.isEmpty ? nil : text }
            return value.number?.text
        }
    }

    /// Takes a moment that is written in ISO 8601, in UTC where it names no zone, or as a day.
    mutating func moment(_ key: String) -> Timestamp? {
        take(key, "a date") { $0.string.flatMap(ForeignDate.moment) }
    }

    /// Takes a list of texts; a single text is a list of one.
    mutating func texts(_ key: String) -> [String] {
        take(key, "a list of texts") { value -> [String]? in
            if let text = value.string { return [text] }
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap { $0.string ?? $0.number?.text }
            return texts.count == elements.count ? texts.filter { !$0.isEmpty }.unrepeatedTexts() : nil
        } ?? []
    }
}

/// Dates as other programs write them.
enum ForeignDate {
    /// Reads ISO 8601 with or without a zone, a day alone, and the `YYYYMMDDTHHMMSSZ` of iCalendar (RFC 5545, section 3.3.5);
    /// without a zone it is UTC. Nil for anything else.
    static func moment(_ text: String) -> Timestamp? {
        let text = text.trimmingSpace
        // No text has two of these forms; the basic one is told soonest.
        if let exact = basic(text) ?? Timestamp(iso8601: text) ?? Timestamp(iso8601: text + "Z") { return exact }
        return day(text).map { Timestamp(day: $0) }
    }

    /// Reads `2026-12-01`; nil for anything else.
    static func day(_ text: some StringProtocol) -> CalendarDay? {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let year = digits(parts[0]), let month = digits(parts[1]),
            let day = digits(parts[2])
        else { return nil }
        return CalendarDay(year: year, month: month, day: day)
    }

    /// A day as `2026-12-01`.
    static func text(_ day: CalendarDay) -> String { String(Timestamp(day: day).iso8601.prefix(10)) }

    /// The moment so many seconds after 1970, or nil outside the years 0 to 9999.
    static func epoch(seconds: Int64) -> Timestamp? {
        // From 0000-01-01 to 9999-12-31.
        guard (-62_167_219_200...253_402_300_799).contains(seconds) else { return nil }
        return Timestamp(microseconds: seconds * 1_000_000)
    }

    private static func basic(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 15 || bytes.count == 16 && bytes[15] | 0x20 == UInt8(ascii: "z"),
            bytes[8] | 0x20 == UInt8(ascii: "t"), let year = digits(bytes[0..<4]), let month = digits(bytes[4..<6]),
            let dayOfMonth = digits(bytes[6..<8]), let hour = digits(bytes[9..<11]),
            let minute = digits(bytes[11..<13]),
            let second = digits(bytes[13..<15]), hour < 24, minute < 60, second < 61,
            let day = CalendarDay(year: year, month: month, day: dayOfMonth)
        else { return nil }
        return Timestamp(day: day, hour: hour, minute: minute, second: second)
    }

    private static func digits(_ bytes: some Collection<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
