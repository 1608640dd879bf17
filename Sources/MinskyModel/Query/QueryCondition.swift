/// One thing asked of a task.
public enum QueryCondition: Sendable, Hashable {
    /// The title, the description or a note holds the text; upper and lower case are alike.
    case words(String)
    case state(QueryState)
    /// The task has a value for a field.
    case has(QueryField)
    case status(TaskStatus)
    /// From `low` to `critical`; a task without a priority matches none.
    case priority(QueryComparison, TaskPriority)
    /// One of the tags is this one, byte by byte.
    case tag(String)
    /// A field with a text; `me` is already the actor's name.
    case text(QueryField.Text, QueryTextMatch, String)
    /// `QueryMoment.bounds` has the moments meant.
    case moment(QueryField.Moment, QueryComparison, QueryMoment)
    /// Minutes of an estimate, or a complexity from 0 to 10.
    case number(QueryField.Number, QueryComparison, Int)
    /// A task by the beginning of an id, as `Identifier.prefix` gives it.
    case reference(QueryField.Reference, String)
    /// A field that a user defined; a text is only ever compared by `equal`.
    case custom(CustomField, QueryComparison, CustomValue)
}

/// How a value is compared. `!=` is `equal` within a `not`.
public enum QueryComparison: String, Sendable, Hashable, CaseIterable {
    case equal = ":"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// How a text is compared.
public enum QueryTextMatch: Sendable, Hashable, CaseIterable {
    /// The text stands somewhere in the value; upper and lower case are alike.
    case contains
    /// The value is the text, byte by byte.
    case equals
    /// The value is the text, or begins with it and a dot: a project and those within it.
    case within
}

/// What a task's place among the others and the time make of it.
public enum QueryState: String, Sendable, Hashable, CaseIterable {
    /// To do or being done.
    case open
    /// Done or dropped.
    case closed
    /// Open, and it waits for no open task, is not put aside, scheduled for later or expired, and no subtask of it is open.
    case ready
    /// Open, and it waits for a task that is open.
    case blocked
    /// Open, and a task that is open waits for it.
    case blocking
    /// Open, and due before now.
    case overdue
    /// Open, and put aside until later than now.
    case waiting
    /// Open, although it has had no point since before now.
    case expired
    /// Without subtasks.
    case leaf
}

/// A date as a query names it.
public struct QueryMoment: Sendable, Hashable {
    /// What was typed, in lower case with single spaces.
    public let phrase: String
    public let span: DateSpan

    /// Reads a date phrase, or nil when `DatePhrase` does not understand it.
    public init?(_ phrase: String, now: Timestamp, utcOffset: (Timestamp) -> Int) {
        guard let span = DatePhrase.span(phrase, now: now, utcOffset: utcOffset) else { return nil }
        self.phrase = DatePhrase.words(phrase).joined(separator: " ")
        self.span = span
    }

    /// The moments that compare so with the date: those not before `from` and before `to`, where they are given.
    ///
    /// A day is its whole length: `<` is before it begins, `>` is after it ended. Where a phrase speaks of an end
    /// (`eow`), `<` is before that end. Both bounds are moments that a database can hold.
    public func bounds(_ comparison: QueryComparison) -> (from: Timestamp?, to: Timestamp?) {
        let (start, end) = (span.start.inCalendar, span.end.inCalendar)
        return switch comparison {
        case .equal: (start, end)
        case .less: (nil, span.namesItsEnd ? end : start)
        case .lessOrEqual: (nil, end)
        case .greater: (end, nil)
        case .greaterOrEqual: (start, nil)
        }
    }
}

extension Timestamp {
    /// The nearest moment in the years 0 to 9999.
    fileprivate var inCalendar: Timestamp {
        if isInCalendar { return self }
        guard let day = CalendarDay(year: microseconds < 0 ? 0 : 9999, month: 1, day: 1) else { return self }
        return microseconds < 0
            ? Timestamp(day: day) : Timestamp(day: day + 365, microsecond: -1)
    }
}
