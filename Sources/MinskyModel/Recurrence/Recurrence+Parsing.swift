extension Recurrence {
    /// Reads a recurrence as people say it: `every 2 weeks`, `every monday and thursday`, `monthly on the last friday`,
    /// `every 3 days after done`, `every weekday until 1 dec`. Case does not matter.
    /// - Parameters:
    ///   - text: What was typed.
    ///   - today: The present day, from which the date after `until` is read.
    /// - Throws: `PhraseError`.
    public init(parsing text: String, today: CalendarDay) throws(PhraseError) {
        var parser = RecurrenceParser(text, today: today)
        self = try parser.recurrence()
    }
}

private struct RecurrenceParser {
    private struct Word {
        /// In lower case; a comma is a word by itself.
        var text: String
        var range: Range<Int>
    }

    private enum Unit { case day, week, month, year }

    private static let examples = """
        It is said as every 2 weeks, every weekday, every monday and thursday, monthly on the last friday, \
        yearly on 29 february, every 3 days after done.
        """
    private static let maximumLength = 300

    private let today: CalendarDay
    private var words: [Word] = []
    private var index = 0
    private let end: Int

    init(_ text: String, today: CalendarDay) {
        self.today = today
        end = text.unicodeScalars.count
        guard end <= Self.maximumLength else { return }
        var word = String.UnicodeScalarView()
        var start = 0
        func finish(at place: Int) {
            if !word.isEmpty { words.append(Word(text: String(word).lowercased(), range: start..<place)) }
            word = String.UnicodeScalarView()
        }
        for (place, scalar) in text.unicodeScalars.enumerated() {
            if scalar == "," || scalar.properties.isWhitespace {
                finish(at: place)
                if scalar == "," { words.append(Word(text: ",", range: place..<place + 1)) }
            } else {
                if word.isEmpty { start = place }
                word.append(scalar)
            }
        }
        finish(at: end)
    }

    mutating func recurrence() throws(PhraseError) -> Recurrence {
        guard !words.isEmpty else {
            throw PhraseError(
                end == 0 ? "there is no recurrence" : "this is no recurrence", at: 0..<min(end, 1), hint: Self.examples)
        }
        let rule = try rule()
        var basis = Recurrence.Basis.schedule
        var until: CalendarDay?
        while let word = next() {
            switch word.text {
            case "after" where basis == .schedule:
                guard let what = next(), ["done", "completion", "completed", "finished"].contains(what.text) else {
                    throw unexpected("after comes done: every 3 days after done")
                }
                basis = .completion
            case "until" where until == nil: until = try date()
            default:
                index -= 1
                throw unexpected("this is not understood")
            }
        }
        guard let recurrence = Recurrence(rule, basis: basis, until: until) else {
            throw PhraseError("the recurrence is beyond the calendar", at: 0..<end)
        }
        return recurrence
    }

    private var peek: Word? { index < words.count ? words[index] : nil }

    private mutating func next() -> Word? {
        guard let word = peek else { return nil }
        index += 1
        return word
    }

    private mutating func accept(_ text: String...) -> Bool {
        guard let word = peek, text.contains(word.text) else { return false }
        index += 1
        return true
    }

    /// About the word that is next.
    private func unexpected(_ message: String) -> PhraseError {
        PhraseError(message, at: peek?.range ?? end..<end, hint: Self.examples)
    }

    private mutating func rule() throws(PhraseError) -> Recurrence.Rule {
        guard let word = next() else { throw unexpected("there is no recurrence") }
        switch word.text {
        case "every", "each": return try every()
        case "daily": return .days(1)
        case "weekly": return .weeks(1, on: try weekdaysAfterOn())
        case "fortnightly": return .weeks(2, on: try weekdaysAfterOn())
        case "monthly": return .months(1, on: try monthDaysAfterOn())
        case "quarterly": return .months(3, on: try monthDaysAfterOn())
        case "yearly", "annually": return .years(1, on: try yearDayAfterOn())
        case "weekdays": return .weeks(1, on: Set(0...4))
        case "biweekly", "bimonthly", "biannually", "biennially", "biyearly", "semiweekly":
            throw PhraseError(
                "'\(word.text)' could be twice in one or once in two", at: word.range,
                hint: "Say every 2 weeks, every 2 months, every 6 months, or name the days.")
        default:
            index -= 1
            throw unexpected("a recurrence begins with every, daily, weekly, monthly or yearly")
        }
    }

    private mutating func every() throws(PhraseError) -> Recurrence.Rule {
        var count = 1
        let start = index
        if let word = peek {
            let digits = word.text.prefix { $0.isASCII && $0.isNumber }
            if word.text == "other" {
                count = 2
                index += 1
            } else if !digits.isEmpty {
                guard let number = Int(digits), (1...Recurrence.maximumInterval).contains(number),
                    digits.count == word.text.count || DayPhrase.dayOfMonth(word.text) != nil
                else { throw unexpected("the number goes from 1 to \(Recurrence.maximumInterval)") }
                count = number
                index += 1
            }
        }
        guard let word = peek else { throw unexpected("every what is missing") }
        let hasCount = index > start
        if let unit = Self.unit(word.text) {
            index += 1
            switch unit {
            case .day: return .days(count)
            case .week: return .weeks(count, on: try weekdaysAfterOn())
            case .month: return .months(count, on: try monthDaysAfterOn())
            case .year: return .years(count, on: try yearDayAfterOn())
            }
        }
        if word.text == "quarter", !hasCount {
            index += 1
            return .months(3, on: try monthDaysAfterOn())
        }
        guard Self.weekdays(word.text) != nil else { throw unexpected("every what is not understood") }
        guard !hasCount else {
            throw PhraseError(
                "this could be in every month or in every so many weeks",
                at: words[start].range.lowerBound..<word.range.upperBound,
                hint: "Say monthly on the 2nd tuesday, or every 2 weeks on tuesday.")
        }
        return .weeks(1, on: try weekdays())
    }

    private static func unit(_ word: String) -> Unit? {
        switch word {
        case "day", "days": .day
        case "week", "weeks": .week
        case "month", "months": .month
        case "year", "years": .year
        default: nil
        }
    }

    /// The days of the week that a word names.
    private static func weekdays(_ word: String) -> Set<Int>? {
        switch word {
        case "weekday", "weekdays": return Set(0...4)
        case "weekend", "weekends": return [5, 6]
        default:
            let name = word.hasSuffix("days") ? String(word.dropLast()) : word
            return DayPhrase.weekday(name).map { [$0] }
        }
    }

    private mutating func weekdaysAfterOn() throws(PhraseError) -> Set<Int> {
        accept("on") ? try weekdays() : []
    }

    private mutating func weekdays() throws(PhraseError) -> Set<Int> {
        var days: Set<Int> = []
        repeat {
            _ = accept("on")
            guard let found = peek.flatMap({ Self.weekdays($0.text) }) else {
                throw unexpected("here a day of the week is expected")
            }
            days.formUnion(found)
            index += 1
        } while acceptSeparator()
        return days
    }

    /// `and`, a comma, or both.
    private mutating func acceptSeparator() -> Bool {
        let hasComma = accept(",")
        return accept("and") || hasComma
    }

    private mutating func monthDaysAfterOn() throws(PhraseError) -> Set<Recurrence.MonthDay> {
        guard accept("on") else { return [] }
        var days: Set<Recurrence.MonthDay> = []
        repeat { days.insert(try monthDay()) } while acceptSeparator()
        return days
    }

    /// `the 15th`, `the last day`, `the last friday`, `the 2nd tuesday`.
    private mutating func monthDay() throws(PhraseError) -> Recurrence.MonthDay {
        _ = accept("the")
        let ordinals = ["first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5]
        guard let word = peek else { throw unexpected("here a day of the month is expected") }
        let isLast = word.text == "last"
        let number = ordinals[word.text] ?? DayPhrase.dayOfMonth(word.text)
        guard isLast || number.map((1...31).contains) ?? false else {
            throw unexpected("here a day of the month is expected")
        }
        index += 1
        if let weekday = peek.flatMap({ DayPhrase.weekday($0.text) }) {
            guard isLast || number.map((1...4).contains) ?? false else {
                throw PhraseError(
                    "not every month has this day", at: word.range, hint: "Each has a 1st to 4th, and a last one.")
            }
            index += 1
            return .weekday(weekday, ordinal: number)
        }
        let saysDay = accept("day")
        if isLast, saysDay { return .day(31) }
        if let number, saysDay || ordinals[word.text] == nil { return .day(number) }
        throw unexpected("here a day is expected")
    }

    private mutating func yearDayAfterOn() throws(PhraseError) -> Recurrence.YearDay? {
        guard accept("on") else { return nil }
        _ = accept("the")
        let start = peek?.range.lowerBound ?? end
        var month = peek.flatMap { DayPhrase.month($0.text) }
        if month != nil { index += 1 }
        let day = next().flatMap { DayPhrase.dayOfMonth($0.text) }
        if month == nil {
            _ = accept("of")
            month = next().flatMap { DayPhrase.month($0.text) }
        }
        let stop = words[index - 1].range.upperBound
        // A leap year, so that 29 February is a day.
        guard let month, let day, CalendarDay(year: 2000, month: month, day: day) != nil else {
            throw PhraseError(
                "here a day of the year is expected", at: min(start, stop)..<stop,
                hint: "Such as: yearly on 29 february")
        }
        return Recurrence.YearDay(month: month, day: day)
    }

    /// The day that the words up to the end, or up to `after`, name.
    private mutating func date() throws(PhraseError) -> CalendarDay {
        let phrase = words[index...].prefix { $0.text != "after" }
        var texts: [String] = []
        for word in phrase {
            if word.text == ",", let last = texts.popLast() {
                texts.append(last + ",")
            } else {
                texts.append(word.text)
            }
        }
        guard let day = DayPhrase.day(texts[...], today: today), day.isInCalendar else {
            let range = (phrase.first?.range.lowerBound ?? end)..<(phrase.last?.range.upperBound ?? end)
            throw PhraseError("after until comes a day", at: range, hint: "Such as 2027-12-01, dec 1 or end of year.")
        }
        index += phrase.count
        return day
    }
}
