/// How often a task comes again, in days of a calendar; `RecurrenceSeries` makes moments of them.
public struct Recurrence: Sendable, Hashable {
    /// Each with a number of days, weeks, months or years from one to the next, from 1 to `maximumInterval`.
    public enum Rule: Sendable, Hashable {
        case days(Int)
        /// On days of the week, 0 for Monday to 6 for Sunday, of weeks that begin on Monday; without any, on that of the
        /// first day.
        case weeks(Int, on: Set<Int>)
        /// Without any day, on that of the first day.
        case months(Int, on: Set<MonthDay>)
        /// Without a day, on that of the first day.
        case years(Int, on: YearDay?)
    }

    /// A day that every month has.
    public enum MonthDay: Sendable, Hashable {
        /// 1 to 31, or the month's last day where it has fewer; so 31 is always the last.
        case day(Int)
        /// The first (1) to fourth of a day of the week (0 for Monday), or its last when there is no ordinal.
        case weekday(Int, ordinal: Int?)
    }

    /// A day of a year; 29 February is the 28th in years that have none.
    public struct YearDay: Sendable, Hashable {
        public var month: Int
        public var day: Int

        /// Creates a day of a month, from 1 on.
        public init(month: Int, day: Int) {
            self.month = month
            self.day = day
        }
    }

    /// What the next day is counted from.
    public enum Basis: Sendable, Hashable {
        /// The first day of the series.
        case schedule
        /// The day on which the last instance was done.
        case completion
    }

    /// The greatest number of days, weeks, months or years from one to the next.
    public static let maximumInterval = 1000

    public let rule: Rule
    public let basis: Basis
    /// The last day on which it may fall.
    public let until: CalendarDay?

    /// Creates a recurrence, or nil when its rule speaks of a day that there is not, or of none to a thousand.
    public init?(_ rule: Rule, basis: Basis = .schedule, until: CalendarDay? = nil) {
        guard rule.isPossible, until.map(\.isInCalendar) ?? true else { return nil }
        self.rule = rule
        self.basis = basis
        self.until = until
    }

    /// The first day after another one on which it falls, or nil when there is none any more.
    /// - Parameters:
    ///   - day: Any day.
    ///   - first: The first day of the series, before which it never falls. Days, weeks, months and years are counted from
    ///     it; it is a day of the series itself only when the rule fits it.
    public func day(after day: CalendarDay, from first: CalendarDay) -> CalendarDay? {
        guard day.isInCalendar, first.isInCalendar else { return nil }
        let earliest = max(day + 1, first)
        guard let next = rule.day(onOrAfter: earliest, from: first), next.isInCalendar else { return nil }
        if let until, next > until { return nil }
        return next
    }

    /// The first day on which it falls, from a day on, when the series has no first day yet.
    public func firstDay(onOrAfter day: CalendarDay) -> CalendarDay? { self.day(after: day + -1, from: day) }
}

extension Recurrence.Rule {
    fileprivate var isPossible: Bool {
        func isPossibleInterval(_ count: Int) -> Bool { (1...Recurrence.maximumInterval).contains(count) }
        switch self {
        case .days(let count): return isPossibleInterval(count)
        case .weeks(let count, let days): return isPossibleInterval(count) && days.allSatisfy { (0...6).contains($0) }
        case .months(let count, let days):
            return isPossibleInterval(count)
                && days.allSatisfy { day in
                    switch day {
                    case .day(let number): (1...31).contains(number)
                    case .weekday(let weekday, let ordinal):
                        (0...6).contains(weekday) && ordinal.map { (1...4).contains($0) } ?? true
                    }
                }
        case .years(let count, let day):
            return isPossibleInterval(count)
                && day.map { CalendarDay(year: 2000, month: $0.month, day: $0.day) != nil } ?? true
        }
    }

    fileprivate func day(onOrAfter earliest: CalendarDay, from first: CalendarDay) -> CalendarDay? {
        switch self {
        case .days(let count):
            return first + Self.aligned(earliest.number - first.number, to: count)
        case .weeks(let count, let days):
            let monday = first + -first.weekday
            let days = days.isEmpty ? [first.weekday] : days
            return Self.firstFit(Self.aligned((earliest.number - monday.number) / 7, to: count), step: count) { week in
                days.map { monday + (week * 7 + $0) }.filter { $0 >= earliest }.min()
            }
        case .months(let count, let days):
            let (year, month, day) = first.civil
            let days = days.isEmpty ? [.day(day)] : days
            let passed = (earliest.civil.year - year) * 12 + earliest.civil.month - month
            return Self.firstFit(Self.aligned(passed, to: count), step: count) { offset in
                let index = year * 12 + month - 1 + offset
                return days.compactMap { $0.day(year: index / 12, month: index % 12 + 1) }.filter { $0 >= earliest }
                    .min()
            }
        case .years(let count, let day):
            let (year, month, dayOfMonth) = first.civil
            let day = day ?? Recurrence.YearDay(month: month, day: dayOfMonth)
            return Self.firstFit(Self.aligned(earliest.civil.year - year, to: count), step: count) { offset in
                Recurrence.MonthDay.day(day.day).day(year: year + offset, month: day.month)
                    .flatMap { $0 >= earliest ? $0 : nil }
            }
        }
    }

    /// The least multiple of a count that is not less than a number, which is not negative.
    private static func aligned(_ number: Int, to count: Int) -> Int { (number + count - 1) / count * count }

    /// What fits in a period or, when all of its days are past, in the next one.
    private static func firstFit(_ period: Int, step: Int, _ day: (Int) -> CalendarDay?) -> CalendarDay? {
        day(period) ?? day(period + step)
    }
}

extension Recurrence.MonthDay {
    /// The day in a month, or nil when the month is beyond the calendar.
    fileprivate func day(year: Int, month: Int) -> CalendarDay? {
        guard let first = CalendarDay(year: year, month: month, day: 1) else { return nil }
        switch self {
        case .day(let number): return first.adding(dayOfMonth: number)
        case .weekday(let weekday, let ordinal?):
            return first + ((weekday - first.weekday + 7) % 7 + (ordinal - 1) * 7)
        case .weekday(let weekday, nil):
            let last = first.adding(dayOfMonth: 31)
            return last + -((last.weekday - weekday + 7) % 7)
        }
    }
}

extension CalendarDay {
    /// Whether the day is in the years 0 to 9999.
    var isInCalendar: Bool { (-719_528...2_932_896).contains(number) }

    /// From the first of a month, the day of it with a number, or its last where it has fewer.
    fileprivate func adding(dayOfMonth number: Int) -> CalendarDay {
        let month = civil.month
        var day = self + (number - 1)
        while day.civil.month != month { day = day + -1 }
        return day
    }
}
