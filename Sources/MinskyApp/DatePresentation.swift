import MinskyModel

/// Dates as people read them, in the local zone.
public struct DatePresentation: Sendable {
    let now: Timestamp
    let utcOffset: @Sendable (Timestamp) -> Int
    private let today: CalendarDay

    /// Takes the clock and the zone of an environment.
    public init(_ environment: Environment) {
        now = environment.now()
        utcOffset = environment.utcOffset
        today = now.adding(seconds: utcOffset(now)).day
    }

    /// Whether a moment is over.
    public func isPast(_ moment: Timestamp) -> Bool { moment < now }

    /// `today`, `tomorrow`, a weekday within the next week, else the date.
    public func day(_ moment: Timestamp) -> String {
        let local = local(moment)
        let day = local.day
        switch day.number - today.number {
        case 0: return "today"
        case 1: return "tomorrow"
        case -1: return "yesterday"
        case 2...6: return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday]
        default: return String(local.iso8601.prefix(10))
        }
    }

    /// Date and time to the minute.
    public func minute(_ moment: Timestamp) -> String {
        let text = local(moment).iso8601
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private func local(_ moment: Timestamp) -> Timestamp { moment.adding(seconds: utcOffset(moment)) }
}
