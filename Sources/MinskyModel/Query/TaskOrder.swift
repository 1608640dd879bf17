/// By what tasks are put in order: the first key, among equal ones the second, and so on.
///
/// A task without a value comes after all that have one, whichever way the order goes. Texts are compared byte by byte,
/// priorities and statuses in the order of their cases.
public struct TaskOrder: Sendable, Hashable {
    /// What tasks are compared by.
    public enum Key: Sendable, Hashable {
        case urgency
        /// The place among siblings (`Rank`).
        case rank
        case field(QueryField)

        /// The word for it: `urgency`, `due`.
        public var name: String {
            switch self {
            case .urgency: "urgency"
            case .rank: "rank"
            case .field(let field): field.key
            }
        }
    }

    /// A key, and which way it goes.
    public struct Term: Sendable, Hashable {
        public var key: Key
        /// Whether the greatest comes first.
        public var isDescending: Bool

        /// Creates one key of an order.
        public init(_ key: Key, isDescending: Bool = false) {
            self.key = key
            self.isDescending = isDescending
        }
    }

    /// At least one; no key twice.
    public let terms: [Term]

    /// The most keys of an order.
    private static let maximum = 10

    /// Reads `-urgency,due`: keys between commas, those with a minus from the greatest down.
    /// - Throws: `PhraseError`.
    public init(parsing text: String, in context: QueryContext) throws(PhraseError) {
        var lexer = QueryLexer(text)
        try self.init(try lexer.wholeList(), in: context)
    }

    init(_ values: [QueryToken.Value], in context: QueryContext) throws(PhraseError) {
        var terms: [Term] = []
        for value in values {
            let sign = value.text.unicodeScalars.first.flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
            let name = sign == nil ? value.text : String(value.text.unicodeScalars.dropFirst())
            let key = try Self.key(name, at: value.range, in: context)
            guard !terms.contains(where: { $0.key == key }) else {
                throw PhraseError("\(key.name) stands in the order twice", at: value.range)
            }
            terms.append(Term(key, isDescending: sign == "-"))
            guard terms.count <= Self.maximum else {
                throw PhraseError("an order has at most \(Self.maximum) keys", at: value.range)
            }
        }
        self.terms = terms
    }

    /// The order as it is typed.
    public var text: String {
        terms.map { ($0.isDescending ? "-" : "") + $0.key.name }.joined(separator: ",")
    }

    private static func key(
        _ name: String, at range: Range<Int>, in context: QueryContext
    ) throws(PhraseError) -> Key {
        switch name.lowercased() {
        case "urgency": return .urgency
        case "rank": return .rank
        default: break
        }
        if let field = QueryField.named(name, custom: context.customFields), field.isSortable { return .field(field) }
        let names =
            ["urgency", "rank"]
            + (QueryField.all + context.customFields.map(QueryField.custom)).filter(\.isSortable).map(\.key)
        let nearest = NearestMatch.of(name, among: names).map { "Did you mean \($0)?" }
        throw PhraseError(
            "tasks cannot be sorted by '\(name)'", at: range,
            hint: nearest ?? "They can be by \(names.joined(separator: ", ")).")
    }
}
