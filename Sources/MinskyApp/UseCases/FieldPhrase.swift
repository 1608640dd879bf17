import MinskyModel

/// A person's words for a field, read.
public enum FieldPhrase {
    /// A date as people say it, read with the environment's clock and zone; of a day its last second.
    /// - Throws: `AppError` with code `.invalidArgument`, or `.configuration` when the zone is not known.
    public static func date(_ phrase: String, in environment: Environment) throws -> Timestamp {
        try span(phrase, in: environment).end.adding(seconds: -1)
    }

    /// The moment from which on something is meant: of a day its beginning, but the end where the phrase names that.
    /// - Throws: as `date`.
    public static func beginning(_ phrase: String, in environment: Environment) throws -> Timestamp {
        let span = try span(phrase, in: environment)
        return span.namesItsEnd ? span.end.adding(seconds: -1) : span.start
    }

    /// A time of the past, of a day the whole day: what comes again and again, such as a day of the week, is the last one.
    /// - Throws: as `date`, also for what is still to come.
    public static func past(_ phrase: String, in environment: Environment) throws -> DateSpan {
        let span = try span(phrase, in: environment, isPast: true)
        guard span.start <= environment.now() else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is still to come", hint: "Such as: today, monday, 'last week'.")
        }
        return span
    }

    /// The first moment after a time of the past, read as by `past`; the present for what is not over yet.
    /// - Throws: as `date`.
    static func pastEnd(_ phrase: String, in environment: Environment) throws -> Timestamp {
        min(try span(phrase, in: environment, isPast: true).end, environment.now())
    }

    /// The time that a phrase names.
    private static func span(
        _ phrase: String, in environment: Environment, isPast: Bool = false
    ) throws -> DateSpan {
        if let exact = Timestamp(iso8601: phrase) { return DateSpan(start: exact, end: exact.adding(seconds: 1)) }
        if let zone = environment.unknownZone {
            throw AppError(
                .configuration, "TZ names '\(zone)', which this machine does not know, and '\(phrase)' is local time",
                hint: "Set TZ to a zone such as Europe/Berlin or UTC, or unset it.")
        }
        let meanings = DatePhrase.meanings(of: phrase)
        if meanings.count > 1 {
            throw AppError(
                .invalidArgument, "'\(phrase)' could be \(meanings.joined(separator: " or "))",
                hint: "Type the one that is meant, such as \(meanings[0].shellQuoted).")
        }
        let (now, offset) = (environment.now(), environment.utcOffset)
        let span =
            isPast
            ? DatePhrase.past(phrase, now: now, utcOffset: offset)
            : DatePhrase.span(phrase, now: now, utcOffset: offset)
        guard let span else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a date",
                hint: meanings.first.map { "Type it as \($0)." }
                    ?? "Dates look like: today, 'tomorrow 14:00', fri, noon, 3d, 'dec 1', 'end of month', 2026-12-01."
            )
        }
        return span
    }

    /// How often a task comes again; `every` may be left out before a day or a number.
    /// - Throws: `AppError` with code `.configuration` when the zone is not known; `MistypedPhrase`.
    public static func recurrence(_ phrase: String, in environment: Environment) throws -> Recurrence {
        if environment.unknownZone != nil { _ = try date("today", in: environment) }
        let now = environment.now()
        let today = now.adding(seconds: environment.utcOffset(now)).day
        let first = phrase.lowercased().split(whereSeparator: \.isWhitespace).first ?? ""
        let isWhole = ["every", "each", "weekdays"].contains(first) || first.hasSuffix("ly") && first != "ly"
        let text = isWhole || first.isEmpty ? phrase : "every " + phrase
        do {
            return try Recurrence(parsing: text, today: today)
        } catch {
            throw MistypedPhrase(text: text, error: error)
        }
    }

    /// An amount of work.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func minutes(_ phrase: String) throws -> Int {
        guard let minutes = DurationPhrase.minutes(phrase) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not an amount of work",
                hint: "Estimates look like: 45m, 2h, 1h30m, 1d.")
        }
        return minutes
    }

    /// A priority.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func priority(_ phrase: String) throws -> TaskPriority {
        guard let priority = TaskPriority(phrase: phrase) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a priority", hint: "Priorities are: low, medium, high, critical.")
        }
        return priority
    }

    /// A project, such as `web` or `web.api`.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func project(_ phrase: String) throws -> String {
        let name = phrase.trimmingSpace
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard !name.isEmpty, name.unicodeScalars.count <= 200,
            !parts.contains(where: { String($0).trimmingSpace.isEmpty })
        else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a project",
                hint: "A project is a name such as web, or web.api for one within it.")
        }
        return name
    }

    /// Who is to do something: a name of at most 200 characters.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func assignee(_ phrase: String) throws -> String {
        let name = phrase.trimmingSpace
        guard !name.isEmpty, name.unicodeScalars.count <= 200 else {
            throw AppError(
                .invalidArgument, name.isEmpty ? "an assignee has a name" : "the name of an assignee is too long",
                hint: "A name has 200 characters at most; --clear assignee takes it away.")
        }
        return name
    }

    /// A status.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func status(_ phrase: String) throws -> TaskStatus {
        guard let status = TaskStatus(rawValue: phrase.lowercased()) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a status", hint: "Statuses are: todo, doing, done, dropped.")
        }
        return status
    }

    /// A complexity.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public static func complexity(_ phrase: String) throws -> Int {
        guard let value = Int(phrase), (1...10).contains(value) else {
            throw AppError(
                .invalidArgument, "'\(phrase)' is not a complexity", hint: "A complexity is a number from 1 to 10.")
        }
        return value
    }
}
