/// Reads a query: `or` binds least, then `and`, which may be left out, then `not`.
struct QueryParser {
    /// Bounds on what is read, so that neither this nor a database meets more than it can take. SQLite takes expressions
    /// up to a depth of 1000 (sqlite.org/limits.html).
    private static let maximum = (scalars: 20_000, conditions: 400, depth: 50)

    let context: QueryContext
    private var tokens: [QueryToken] = []
    private var index = 0
    private var depth = 0
    private var conditions = 0
    private let end: Int
    private var order: TaskOrder?
    private var limit: Int?

    init(_ text: String, _ context: QueryContext) throws(PhraseError) {
        self.context = context
        end = text.unicodeScalars.count
        guard end <= Self.maximum.scalars else {
            throw PhraseError("a query has at most \(Self.maximum.scalars) characters", at: 0..<0)
        }
        if let place = text.unicodeScalars.enumerated().first(where: { $0.element == "\0" })?.offset {
            throw PhraseError("no task holds the character NUL", at: place..<place + 1)
        }
        var lexer = QueryLexer(text)
        var nesting = 0
        while let token = try lexer.next() {
            switch token.kind {
            case .open: nesting += 1
            case .close: nesting -= 1
            case .term(let term) where term.key.lowercased() == "sort" || term.key.lowercased() == "limit":
                guard nesting == 0 else {
                    throw PhraseError("\(term.key) stands outside of parentheses", at: token.range)
                }
                try readDirective(term, at: token.range)
                continue
            default: break
            }
            tokens.append(token)
        }
    }

    /// Reads everything.
    mutating func selection() throws(PhraseError) -> TaskSelection {
        var query = Query.everything
        if !tokens.isEmpty {
            query = try alternatives()
            if let token = peek { throw PhraseError("this parenthesis closes nothing", at: token.range) }
        }
        return TaskSelection(query, order: order, limit: limit)
    }

    private var peek: QueryToken? { index < tokens.count ? tokens[index] : nil }

    private mutating func readDirective(_ term: QueryToken.Term, at range: Range<Int>) throws(PhraseError) {
        let isSort = term.key.lowercased() == "sort"
        guard isSort ? order == nil : limit == nil else {
            throw PhraseError("\(term.key) stands there twice", at: range)
        }
        guard term.comparison == .equal else { throw PhraseError("after \(term.key) comes a colon", at: range) }
        if isSort {
            order = try TaskOrder(term.values, in: context)
        } else {
            guard term.values.count == 1, let count = Int(term.values[0].text), count > 0 else {
                throw PhraseError("limit is a whole number from 1 on", at: term.values[0].range, hint: "limit:20")
            }
            limit = count
        }
    }

    private mutating func alternatives() throws(PhraseError) -> Query {
        var parts = [try conjunction()]
        while case .or? = peek?.kind {
            index += 1
            parts.append(try conjunction())
        }
        return .any(of: parts)
    }

    private mutating func conjunction() throws(PhraseError) -> Query {
        var parts = [try negation()]
        while let token = peek {
            switch token.kind {
            case .or, .close: return .all(of: parts)
            case .and:
                index += 1
                parts.append(try negation())
            default: parts.append(try negation())
            }
        }
        return .all(of: parts)
    }

    private mutating func negation() throws(PhraseError) -> Query {
        guard let token = peek else {
            let last = tokens.last.map(\.range)
            throw PhraseError("the query ends where a condition is expected", at: last ?? end..<end)
        }
        index += 1
        switch token.kind {
        case .not:
            try descend(at: token.range)
            defer { depth -= 1 }
            return .not(try negation())
        case .open:
            try descend(at: token.range)
            defer { depth -= 1 }
            let query = try alternatives()
            guard case .close? = peek?.kind else {
                throw PhraseError("this parenthesis is not closed", at: token.range)
            }
            index += 1
            return query
        case .close, .and, .or:
            throw PhraseError(
                "here a condition is expected", at: token.range,
                hint: "To search for a word that means something here, put it in quotes.")
        case .words(let value):
            return try counted(.condition(.words(value.text)), at: token.range)
        case .tag(let value, let isWanted):
            let tag = try counted(try self.tag(value), at: token.range)
            return isWanted ? tag : .not(tag)
        case .term(let term):
            var parts: [Query] = []
            for value in term.values { parts.append(try counted(try query(term, value), at: value.range)) }
            let query = Query.any(of: parts)
            return term.comparison == nil ? .not(query) : query
        }
    }

    private mutating func descend(at range: Range<Int>) throws(PhraseError) {
        depth += 1
        guard depth <= Self.maximum.depth else {
            throw PhraseError("this is more than \(Self.maximum.depth) levels deep", at: range)
        }
    }

    private mutating func counted(_ query: Query, at range: Range<Int>) throws(PhraseError) -> Query {
        conditions += 1
        guard conditions <= Self.maximum.conditions else {
            throw PhraseError("a query has at most \(Self.maximum.conditions) conditions", at: range)
        }
        return query
    }

    private func tag(_ value: QueryToken.Value) throws(PhraseError) -> Query {
        if !value.isQuoted {
            // `-status:done` is meant as `not status:done`, and would let every task through.
            var lexer = QueryLexer(value.text)
            if case .term(let term)? = try? lexer.next()?.kind,
                QueryField.named(term.key, custom: context.customFields) != nil || Self.isWord(term.key)
            {
                throw PhraseError(
                    "a sign stands before tags only", at: value.range.lowerBound - 1..<value.range.upperBound,
                    hint: "Instead of a minus, write: not \(value.text)")
            }
        }
        return .condition(.tag(value.text))
    }

    private static func isWord(_ key: String) -> Bool { ["is", "has", "no"].contains(key.lowercased()) }

    /// The words directly after the last token read, at most three, with a space before each.
    var followingWords: [String] {
        tokens[index...].prefix(3).prefix { token in
            if case .words(let value) = token.kind { !value.isQuoted } else { false }
        }.map { token in
            if case .words(let value) = token.kind { value.text } else { "" }
        }
    }
}
