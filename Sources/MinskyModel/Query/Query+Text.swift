extension Query {
    /// The query as it is typed: parsed in the same context, it is this query again, if it has the form of parsed ones.
    public var text: String {
        switch self {
        case .condition(let condition): condition.text
        case .not(.condition(.tag(let tag))): "-" + QuotableText.tag(tag)
        case .not(let query): "not " + query.operand
        case .and(let parts): parts.map { $0.isOr ? $0.operand : $0.text }.joined(separator: " ")
        case .or(let parts): parts.map(\.text).joined(separator: " or ")
        }
    }

    private var isOr: Bool {
        if case .or = self { true } else { false }
    }

    /// The query as one thing that `not` can stand before.
    private var operand: String {
        switch self {
        case .and, .or: "(\(text))"
        case .condition, .not: text
        }
    }
}

extension QueryCondition {
    /// The condition as it is typed.
    public var text: String {
        switch self {
        case .words(let text): QuotableText.words(text)
        case .state(let state): "is:\(state.rawValue)"
        case .has(let field): "has:\(field.key)"
        case .status(let status): "status:\(status.rawValue)"
        case .priority(let comparison, let priority): "priority\(comparison.rawValue)\(priority.rawValue)"
        case .tag(let tag): "+" + QuotableText.tag(tag)
        case .text(let field, let match, let text):
            field.rawValue + (match == field.usualMatch ? ":" : "=") + QuotableText.value(text)
        case .moment(let field, let comparison, let moment):
            field.rawValue + comparison.rawValue + QuotableText.value(moment.phrase)
        case .number(let field, let comparison, let number):
            field.rawValue + comparison.rawValue
                + (field == .estimate ? DurationPhrase.text(minutes: number) : "\(number)")
        case .reference(let field, let prefix): "\(field.rawValue):\(prefix)"
        case .custom(let field, let comparison, let value):
            field.name + comparison.rawValue + QuotableText.value(value.text)
        }
    }
}

extension CustomValue {
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): number.text
        case .date(let moment): moment.phrase
        case .duration(let minutes): DurationPhrase.text(minutes: minutes)
        }
    }
}

/// Puts what would be read otherwise in quotes.
private enum QuotableText {
    static func words(_ text: String) -> String {
        isPlain(text) && !["and", "or", "not"].contains(text.lowercased()) ? text : quoted(text)
    }

    static func tag(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    static func value(_ text: String) -> String {
        isPlain(text) && !["none", "any", "me"].contains(text.lowercased()) ? text : quoted(text)
    }

    /// Whether a text is one word without a sign that means anything anywhere.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first != "+", first != "-" else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            !QueryLexer.endsWord(scalar) && !#"'"\,:=<>!"#.unicodeScalars.contains(scalar)
        }
    }

    private static func quoted(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append("\"")
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { view.append("\\") }
            view.append(scalar)
        }
        view.append("\"")
        return String(view)
    }
}
