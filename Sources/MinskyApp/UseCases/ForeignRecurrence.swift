import Foundation
import MinskyFormats
import MinskyModel

/// How other programs say that a task comes again, and the series that this makes here.
///
/// A series is more than those words: it has a first day, a time and a zone. Where a format writes only the words, the series
/// itself goes along in the metadata; it holds as long as the words still say the same.
struct ForeignRecurrence {
    let format: String
    /// The name of the local zone, or nil when it has none: then no series begins.
    let zone: String?
    let utcOffset: (Timestamp) -> Int

    /// The member of the metadata that holds the series, where the field holds other words.
    private static let seriesKey = "recurrence"
    /// The member that holds words which differ from those that minsky would write, or that it does not understand.
    private static let wordsKey = "originalRecurrence"

    /// Replaces the words of a record by the series they mean, or puts them into the metadata.
    /// - Parameter isTemplate: Whether another task carries the series.
    /// - Returns: What to tell about it, if anything.
    func store(_ record: inout TaskRecord, isTemplate: Bool = false) -> String? {
        let kept = record[metadata: Self.seriesKey]?.string.flatMap { RecurrenceSeries(parsing: $0) }
        guard let words = record.recurrence else {
            // The format had no words for it.
            if isNative, let kept, self.words(kept.recurrence) == nil {
                record.recurrence = kept.text
                record[metadata: Self.seriesKey] = nil
            }
            return nil
        }
        if RecurrenceSeries(parsing: words) != nil { return nil }
        record.recurrence = nil
        guard !isTemplate else {
            record[metadata: Self.wordsKey] = .string(words)
            return nil
        }
        let recurrence = self.recurrence(words)
        if let kept, let recurrence, kept.recurrence.rule == recurrence.rule, kept.recurrence.basis == recurrence.basis
        {
            record[metadata: Self.seriesKey] = nil
            return put(kept, words, into: &record)
        }
        if record.status.isOpen, let recurrence, let due = record.dueAt, let zone,
            let series = RecurrenceSeries(recurrence, firstDue: due, zone: zone, utcOffset: utcOffset)
        {
            return put(series, words, into: &record)
        }
        record[metadata: Self.wordsKey] = .string(words)
        if !record.status.isOpen { return nil }
        if recurrence != nil, record.dueAt != nil, zone == nil {
            return
                "a recurrence takes a zone of the time zone database, which the local one is not; kept in the metadata"
        }
        return recurrence == nil
            ? "the recurrence '\(words.prefix(60))' is not understood; kept in the metadata"
            : "a recurrence takes a due date; kept in the metadata"
    }

    private func put(_ series: RecurrenceSeries, _ words: String, into record: inout TaskRecord) -> String? {
        record.recurrence = series.text
        if self.words(series.recurrence) != words { record[metadata: Self.wordsKey] = .string(words) }
        return nil
    }

    /// Replaces the series of a record by words of the format, or puts it into the metadata where there are none.
    func write(_ record: inout TaskRecord) {
        let original = record[metadata: Self.wordsKey]?.string
        guard let text = record.recurrence else {
            if original != nil, isNative { restore(original, in: &record) }
            return
        }
        guard isNative, let series = RecurrenceSeries(parsing: text) else { return }
        let recurrence = series.recurrence
        if let original, let said = self.recurrence(original), said.rule == recurrence.rule,
            said.basis == recurrence.basis
        {
            restore(original, in: &record)
        } else {
            record.recurrence = words(recurrence)
        }
        record[metadata: Self.seriesKey] = .string(text)
    }

    private func restore(_ words: String?, in record: inout TaskRecord) {
        record.recurrence = words
        record[metadata: Self.wordsKey] = nil
    }

    /// Whether the format says it in words of its own.
    private var isNative: Bool { format == "taskwarrior" || format == "todotxt" }

    /// The words that minsky writes in a format, or nil where there are none.
    private func words(_ recurrence: Recurrence) -> String? {
        let count: Int
        let unit: String
        switch recurrence.rule {
        case .days(let days): (count, unit) = (days, "days")
        case .weeks(let weeks, let on) where on.isEmpty: (count, unit) = (weeks, "weeks")
        case .weeks(1, on: [0, 1, 2, 3, 4]): (count, unit) = (1, "weekdays")
        case .months(let months, let on) where on.isEmpty: (count, unit) = (months, "months")
        case .years(let years, on: nil): (count, unit) = (years, "years")
        default: return nil
        }
        switch format {
        case "todotxt":
            let letter = unit == "weekdays" ? "b" : String(unit.prefix(1))
            return (recurrence.basis == .schedule ? "+" : "") + "\(count)\(letter)"
        case "taskwarrior" where recurrence.basis == .schedule:
            if unit == "weekdays" { return unit }
            let single = ["days": "daily", "weeks": "weekly", "months": "monthly", "years": "yearly"]
            return count == 1 ? single[unit] : "\(count)\(unit)"
        default: return nil
        }
    }

    /// What words of another program mean, or nil when they are not understood.
    private func recurrence(_ words: String) -> Recurrence? {
        let text = words.trimmingSpace.lowercased()
        if let named = Self.named[text] { return Recurrence(named) }
        if format == "todotxt", let match = text.wholeMatch(of: /(\+?)(\d{1,4})([dwmyb])/), let count = Int(match.2) {
            let basis: Recurrence.Basis = match.1.isEmpty ? .completion : .schedule
            if match.3 == "b" { return count == 1 ? Recurrence(.weeks(1, on: [0, 1, 2, 3, 4]), basis: basis) : nil }
            return Self.rule(count, String(match.3) == "m" ? "mo" : String(match.3)).flatMap {
                Recurrence($0, basis: basis)
            }
        }
        if let match = text.wholeMatch(of: /(\d{1,4}) ?([a-z]+)/), let count = Int(match.1) {
            return Self.rule(count, String(match.2)).flatMap { Recurrence($0) }
        }
        // ISO 8601, of one unit.
        if let match = text.wholeMatch(of: /p(\d{1,4})([dwmy])/), let count = Int(match.1) {
            return Self.rule(count, match.2 == "m" ? "mo" : String(match.2)).flatMap { Recurrence($0) }
        }
        return try? Recurrence(parsing: text, today: CalendarDay(number: 0))
    }

    /// Source: "Recurrence" in Taskwarrior's documentation of dates.
    private static let named: [String: Recurrence.Rule] = [
        "day": .days(1), "week": .weeks(1, on: []), "sennight": .weeks(1, on: []), "biweekly": .weeks(2, on: []),
        "fortnight": .weeks(2, on: []), "month": .months(1, on: []), "bimonthly": .months(2, on: []),
        "quarter": .months(3, on: []), "semiannual": .months(6, on: []), "year": .years(1, on: nil),
        "annual": .years(1, on: nil), "biannual": .years(2, on: nil), "biyearly": .years(2, on: nil),
    ]

    private static func rule(_ count: Int, _ unit: String) -> Recurrence.Rule? {
        switch unit {
        case "d", "day", "days": .days(count)
        case "w", "wk", "wks", "week", "weeks": .weeks(count, on: [])
        case "mo", "mos", "mth", "mths", "month", "months": .months(count, on: [])
        case "q", "qtr", "qtrs", "quarter", "quarters": .months(3 * count, on: [])
        case "y", "yr", "yrs", "year", "years": .years(count, on: nil)
        default: nil
        }
    }
}

extension ForeignRecurrence {
    /// The words of a format, read and written on some machine.
    init(_ format: String, in environment: Environment) {
        self.init(format: format, zone: environment.zoneName, utcOffset: environment.utcOffset)
    }
}
