import MinskyApp
import MinskyModel

/// Values of a task's fields as people read them, whether they come from a task or from the log.
struct FieldText {
    let dates: DatePresentation

    /// The words for a value, not yet safe for a terminal; nil when there is none.
    func text(_ field: TaskField, _ value: JSON?) -> String? {
        guard let value, value != .null else { return nil }
        switch field.kind {
        case .moment: return value.string.flatMap { Timestamp(iso8601: $0) }.map(dates.minute) ?? value.string
        case .minutes: return number(value).map(DurationPhrase.text)
        case .words: return value.array?.compactMap(\.string).joined(separator: " ")
        case .object: return value == .object([]) ? nil : value.text()
        case .recurrence: return value.string.map(Self.recurrence)
        case .text, .number, .task: return value.string ?? value.text()
        }
    }

    /// How often, in words, without the first day and the zone.
    static func recurrence(_ text: String) -> String {
        RecurrenceSeries(parsing: text)?.recurrence.text ?? text
    }

    /// In the log a number is a string.
    private func number(_ value: JSON) -> Int? { value.integer.map { Int($0) } ?? value.string.flatMap { Int($0) } }
}
