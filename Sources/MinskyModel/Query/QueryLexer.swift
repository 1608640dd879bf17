/// A piece of a query, with its place in Unicode scalars.
struct QueryToken {
    /// One value after an operator.
    struct Value {
        var text: String
        /// Whether it stood in quotes, so that no word in it has a meaning of its own.
        var isQuoted: Bool
        var range: Range<Int>
    }

    struct Term {
        var key: String
        var keyRange: Range<Int>
        /// Nil for `!=`.
        var comparison: QueryComparison?
        /// Whether it was spelled with `=`.
        var isExact: Bool
        /// Between commas; at least one.
        var values: [Value]
    }

    enum Kind {
        case open, close, and, or, not
        case words(Value)
        case tag(Value, isWanted: Bool)
        case term(Term)
    }

    var kind: Kind
    var range: Range<Int>
}

/// Takes a query apart. Everything with a meaning is ASCII and is compared by scalar: as a character, a quote with a mark
/// behind it is another one.
struct QueryLexer {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next token, or nil at the end.
    /// - Throws: `PhraseError`.
    mutating func next() throws(PhraseError) -> QueryToken? {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        guard let first = peek() else { return nil }
        let start = index
        let kind = try kind(startingWith: first)
        return QueryToken(kind: kind, range: start..<index)
    }

    /// Reads the whole text as values between commas.
    /// - Throws: `PhraseError`.
    mutating func wholeList() throws(PhraseError) -> [QueryToken.Value] {
        let values = try list(for: "it")
        guard index == scalars.count else {
            throw PhraseError("here a comma is missing", at: index..<index)
        }
        return values
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        index += 1
        return true
    }

    private mutating func kind(startingWith first: Unicode.Scalar) throws(PhraseError) -> QueryToken.Kind {
        switch first {
        case "(":
            index += 1
            return .open
        case ")":
            index += 1
            return .close
        case "\"", "'": return .words(try quoted())
        case "+", "-":
            if let next = peek(1), !Self.endsWord(next) {
                index += 1
                let value = try next == "\"" || next == "'" ? quoted() : bare(until: Self.endsWord)
                return .tag(value, isWanted: first == "+")
            }
        default: if let term = try term() { return .term(term) }
        }
        let value = bare(until: Self.endsWord)
        switch value.text.lowercased() {
        case "and": return .and
        case "or": return .or
        case "not": return .not
        default: return .words(value)
        }
    }

    /// A key, an operator and values; nil, with nothing read, when there is no operator after a key.
    private mutating func term() throws(PhraseError) -> QueryToken.Term? {
        let start = index
        guard let key = key(), let (comparison, isExact) = comparisonOperator() else {
            index = start
            return nil
        }
        let keyRange = start..<start + key.unicodeScalars.count
        return QueryToken.Term(
            key: key, keyRange: keyRange, comparison: comparison, isExact: isExact, values: try list(for: key))
    }

    /// A letter and what follows of letters, digits and `_-.`.
    private mutating func key() -> String? {
        guard peek()?.properties.isAlphabetic == true else { return nil }
        let start = index
        while let scalar = peek(),
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_-.".unicodeScalars.contains(scalar)
        {
            index += 1
        }
        return text(start..<index)
    }

    /// `:` `=` `!=` `<` `<=` `>` `>=`; a colon may stand before each of the others.
    private mutating func comparisonOperator() -> (QueryComparison?, isExact: Bool)? {
        let hasColon = accept(":")
        if accept("=") {
            _ = accept("=")
            return (.equal, true)
        }
        if peek() == "!", peek(1) == "=" {
            index += 2
            return (nil, true)
        }
        if accept("<") { return (accept("=") ? .lessOrEqual : .less, false) }
        if accept(">") { return (accept("=") ? .greaterOrEqual : .greater, false) }
        return hasColon ? (.equal, false) : nil
    }

    private mutating func list(for key: String) throws(PhraseError) -> [QueryToken.Value] {
        var values: [QueryToken.Value] = []
        repeat {
            let value: QueryToken.Value
            if peek() == "\"" || peek() == "'" {
                value = try quoted(isInList: true)
            } else {
                value = bare { Self.endsWord($0) || $0 == "," }
            }
            guard !value.text.isEmpty else {
                throw PhraseError("\(key) needs a value here", at: value.range.lowerBound..<value.range.lowerBound)
            }
            values.append(value)
        } while accept(",")
        return values
    }

    private mutating func bare(until ends: (Unicode.Scalar) -> Bool) -> QueryToken.Value {
        let start = index
        while let scalar = peek(), !ends(scalar) { index += 1 }
        return QueryToken.Value(text: text(start..<index), isQuoted: false, range: start..<index)
    }

    /// A text between quotes of either kind; a backslash before a quote or another backslash takes it literally.
    private mutating func quoted(isInList: Bool = false) throws(PhraseError) -> QueryToken.Value {
        let start = index
        let quote = scalars[index]
        index += 1
        var view = String.UnicodeScalarView()
        while let scalar = peek(), scalar != quote {
            if scalar == "\\", let next = peek(1), next == "\"" || next == "'" || next == "\\" { index += 1 }
            view.append(scalars[index])
            index += 1
        }
        guard index < scalars.count else {
            throw PhraseError(
                "the quote is not closed", at: start..<start + 1,
                hint: "A quote that is part of a text stands between quotes of the other kind.")
        }
        index += 1
        guard !view.isEmpty else { throw PhraseError("there is nothing between the quotes", at: start..<index) }
        if let next = peek(), !Self.endsWord(next), !(isInList && next == ",") {
            throw PhraseError("here a space is missing", at: index..<index)
        }
        return QueryToken.Value(text: String(view), isQuoted: true, range: start..<index)
    }

    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    /// Whether a character ends a word that stands in no quotes.
    static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "(" || scalar == ")"
    }
}
