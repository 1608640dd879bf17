/// One task that comes again and again: how often, from which day on, at what time of the clocks of which zone.
///
/// All of it is part of `text`, so that every replica, wherever it is, works out the same instances.
public struct RecurrenceSeries: Sendable, Hashable {
    /// One task of a series.
    public struct Instance: Sendable, Hashable {
        /// The day in the zone of the series.
        public let day: CalendarDay
        public let dueAt: Timestamp
        /// What the instance's id derives from, beside the series: whoever makes the same instance has the same key.
        public let key: String
    }

    public let recurrence: Recurrence
    public let firstDay: CalendarDay
    /// Seconds since midnight, as the clock shows it.
    public let secondOfDay: Int
    /// The name of the zone in the IANA time zone database.
    public let zone: String

    /// Creates the series of a task that is due at a moment.
    /// - Parameters:
    ///   - firstDue: When its first task is due.
    ///   - utcOffset: The zone's seconds east of UTC at a moment.
    /// - Returns: nil when the moment is in no day of the calendar, or the name cannot be that of a zone.
    public init?(_ recurrence: Recurrence, firstDue: Timestamp, zone: String, utcOffset: (Timestamp) -> Int) {
        let local = firstDue.adding(seconds: utcOffset(firstDue))
        let second = (local.microseconds - Timestamp(day: local.day).microseconds) / 1_000_000
        self.init(recurrence, firstDay: local.day, secondOfDay: Int(second), zone: zone)
    }

    /// Creates a series, or nil when the day is not in the calendar, the second not in a day, or the zone's name is none.
    public init?(_ recurrence: Recurrence, firstDay: CalendarDay, secondOfDay: Int, zone: String) {
        guard firstDay.isInCalendar, (0..<86_400).contains(secondOfDay), Self.isZoneName(zone) else { return nil }
        self.recurrence = recurrence
        self.firstDay = firstDay
        self.secondOfDay = secondOfDay
        self.zone = zone
    }

    /// The first instance after a day, for a series by schedule; nil when there is none any more.
    ///
    /// Its key is its day. Whoever wants each instance exactly once passes the day of the one before it, not the present.
    /// - Parameters:
    ///   - day: The `day` of the instance before, which its due date need not fall on any more.
    ///   - utcOffset: The seconds east of UTC of the series' zone at a moment.
    public func instance(after day: CalendarDay, utcOffset: (Timestamp) -> Int) -> Instance? {
        recurrence.day(after: day, from: firstDay).map {
            Instance(day: $0, dueAt: dueAt($0, utcOffset: utcOffset), key: $0.iso8601)
        }
    }

    /// The instance after one that was done, for a series by completion; nil when there is none any more.
    ///
    /// Its key is the task that was done: of two replicas that both complete it, on whatever days, both make one task.
    /// - Parameters:
    ///   - task: The id of the task that was done.
    ///   - moment: When.
    ///   - utcOffset: The seconds east of UTC of the series' zone at a moment.
    public func instance(
        afterDone task: String, at moment: Timestamp, utcOffset: (Timestamp) -> Int
    ) -> Instance? {
        let day = moment.adding(seconds: utcOffset(moment)).day
        return recurrence.day(after: day, from: day).map {
            Instance(day: $0, dueAt: dueAt($0, utcOffset: utcOffset), key: "after \(task)")
        }
    }

    /// The time of the series on a day; `Timestamp.init(local:utcOffset:)` has the rule for clocks set forward or back.
    private func dueAt(_ day: CalendarDay, utcOffset: (Timestamp) -> Int) -> Timestamp {
        Timestamp(local: Timestamp(day: day, second: secondOfDay), utcOffset: utcOffset)
    }

    /// Everything about the series: `every 2 weeks from 2026-11-20 17:00:00 in Europe/Berlin`.
    public var text: String {
        let time = Timestamp(day: firstDay, second: secondOfDay).iso8601.dropFirst(11).prefix(8)
        return "\(recurrence.text) from \(firstDay.iso8601) \(time) in \(zone)"
    }

    /// Reads what `text` gives, or nil for anything else.
    public init?(parsing text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 5, words[words.count - 5] == "from", words[words.count - 2] == "in" else { return nil }
        var reader = DigitReader("\(words[words.count - 4]) \(words[words.count - 3])")
        let phrase = words.dropLast(5).joined(separator: " ")
        guard let local = reader.dateTime(), reader.isAtEnd,
            let recurrence = try? Recurrence(parsing: phrase, today: local.day),
            let series = RecurrenceSeries(
                recurrence, firstDue: local, zone: String(words[words.count - 1]), utcOffset: { _ in 0 }),
            series.text == text
        else { return nil }
        self = series
    }

    private static func isZoneName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "_/+-".utf8.contains(byte)
                }
            }
    }
}
