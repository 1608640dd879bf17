import MinskyModel

/// Makes queries of every kind of condition, in the form of parsed ones.
public struct RandomQuery {
    public var context: QueryContext
    /// The texts conditions ask for; some should be those of tasks.
    public var texts: [String]
    /// The beginnings of ids they ask for.
    public var prefixes: [String]

    public init(context: QueryContext, texts: [String], prefixes: [String]) {
        self.context = context
        self.texts = texts
        self.prefixes = prefixes
    }

    private static let phrases = [
        "today", "yesterday", "tomorrow", "fri", "last monday", "next month", "3d", "2 weeks ago", "eow",
        "end of month",
        "fri 17:00", "now", "4h ago", "2026-11-18", "2026-11-18t10:30:00z", "sow", "dec 1, 2027", "9999-12-31",
    ]

    /// A query nested at most so deep.
    public func next(depth: Int = 3, using generator: inout some RandomNumberGenerator) -> Query {
        guard depth > 0 else { return .condition(condition(using: &generator)) }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .not(next(depth: depth - 1, using: &generator))
        case 1, 2:
            return .all(
                of: (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    next(depth: depth - 1, using: &generator)
                })
        case 3, 4:
            return .any(
                of: (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    next(depth: depth - 1, using: &generator)
                })
        default: return .condition(condition(using: &generator))
        }
    }

    private func condition(using generator: inout some RandomNumberGenerator) -> QueryCondition {
        let fields = QueryField.all + context.customFields.map(QueryField.custom)
        let comparison = one(of: QueryComparison.allCases, or: .equal, using: &generator)
        switch Int.random(in: 0..<14, using: &generator) {
        case 0, 1: return .words(text(using: &generator))
        case 2, 3: return .state(one(of: QueryState.allCases, or: .open, using: &generator))
        case 4: return .has(one(of: fields.filter(\.isOptional), or: .tag, using: &generator))
        default: break
        }
        switch one(of: fields, or: .status, using: &generator) {
        case .status: return .status(one(of: TaskStatus.allCases, or: .todo, using: &generator))
        case .priority: return .priority(comparison, one(of: TaskPriority.allCases, or: .low, using: &generator))
        case .tag: return .tag(text(using: &generator))
        case .notes: return .has(.notes)
        case .text(let field):
            let match = Bool.random(using: &generator) ? field.usualMatch : .equals
            return .text(field, match, text(using: &generator))
        case .moment(let field): return .moment(field, comparison, moment(using: &generator))
        case .number(.estimate): return .number(.estimate, comparison, Int.random(in: 0...200, using: &generator))
        case .number(.complexity): return .number(.complexity, comparison, Int.random(in: 0...10, using: &generator))
        case .reference(let field): return .reference(field, one(of: prefixes, or: "0000", using: &generator))
        case .custom(let field):
            switch field.kind {
            case .text: return .custom(field, .equal, .text(text(using: &generator)))
            case .number:
                let number = JSONNumber(Double(Int.random(in: -20...20, using: &generator)) / 4) ?? JSONNumber(0)
                return .custom(field, comparison, .number(number))
            case .date: return .custom(field, comparison, .date(moment(using: &generator)))
            case .duration: return .custom(field, comparison, .duration(Int.random(in: 0...200, using: &generator)))
            }
        }
    }

    private func moment(using generator: inout some RandomNumberGenerator) -> QueryMoment {
        let phrase = one(of: Self.phrases, or: "now", using: &generator)
        guard let moment = QueryMoment(phrase, now: context.now, utcOffset: context.utcOffset) else {
            return moment(using: &generator)
        }
        return moment
    }

    private func text(using generator: inout some RandomNumberGenerator) -> String {
        one(of: texts, or: "text", using: &generator)
    }

    private func one<Element>(
        of elements: [Element], or other: Element, using generator: inout some RandomNumberGenerator
    ) -> Element { elements.randomElement(using: &generator) ?? other }
}
