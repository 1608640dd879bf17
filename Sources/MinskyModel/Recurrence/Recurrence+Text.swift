extension Recurrence {
    /// The recurrence as people say it; parsed, it is this recurrence again.
    public var text: String {
        rule.text + (basis == .completion ? " after done" : "") + (until.map { " until \($0.iso8601)" } ?? "")
    }
}

extension Recurrence.Rule {
    private static let workdays: Set<Int> = [0, 1, 2, 3, 4]

    fileprivate var text: String {
        switch self {
        case .days(let count): return Self.every(count, "day")
        case .weeks(1, let days) where days == Self.workdays: return "every weekday"
        case .weeks(let count, let days):
            if days.isEmpty { return Self.every(count, "week") }
            let names = Self.list(days.sorted().map { DayPhrase.weekdays[$0] })
            return count == 1 ? "every \(names)" : Self.every(count, "week") + " on \(names)"
        case .months(let count, let days):
            let every = Self.every(count, "month")
            return days.isEmpty
                ? every : every + " on " + Self.list(days.sorted { $0.place < $1.place }.map { "the \($0.text)" })
        case .years(let count, let day):
            let on = day.map { " on \($0.day) \(DayPhrase.months[$0.month - 1])" } ?? ""
            return Self.every(count, "year") + on
        }
    }

    private static func every(_ count: Int, _ unit: String) -> String {
        count == 1 ? "every \(unit)" : "every \(count) \(unit)s"
    }

    private static func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension Recurrence.MonthDay {
    fileprivate var text: String {
        switch self {
        case .day(31): "last day"
        case .day(let number): Self.ordinal(number)
        case .weekday(let weekday, let ordinal):
            (ordinal.map(Self.ordinal) ?? "last") + " " + DayPhrase.weekdays[weekday]
        }
    }

    /// Days before days of the week, and these by their place in the month.
    fileprivate var place: Int {
        switch self {
        case .day(let number): number
        case .weekday(let weekday, let ordinal): 100 + (ordinal ?? 9) * 10 + weekday
        }
    }

    private static func ordinal(_ number: Int) -> String {
        if (11...13).contains(number) { return "\(number)th" }
        return "\(number)" + (number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th")
    }
}
