/// A task on one line, as it is typed in a list: a title, and behind it words as in a query, such as `+db due:fri`.
public struct TaskLine: Sendable, Hashable {
    /// One word behind the title.
    public enum Word: Sendable, Hashable {
        case tag(String)
        /// The name of a field with what it is to be.
        case value(String, String)
        /// A part of the title between fields, or behind them.
        case title(String)

        fileprivate var titleText: String? {
            guard case .title(let text) = self else { return nil }
            return text
        }
    }

    /// Without white space around it; empty when the line has words only.
    public let title: String
    /// In the order in which they stand there.
    public let words: [Word]

    /// Takes a line apart. From its end on, what is `+tag` or a field with a value is no part of the title; a backslash before
    /// such a word makes it one. What looks like a field and is none, such as `https://example.com` and `12:30`, is a part of the
    /// title, and fields may stand before it all the same.
    /// - Parameter isField: Whether a name before a colon is to be read as that of a field.
    public init(_ line: String, isField: (String) -> Bool) {
        let scalars = Array(line.unicodeScalars)
        var ranges = Self.words(in: scalars)
        var words: [Word] = []
        while let range = ranges.last, let word = Self.word(Self.text(scalars[range]), isField) {
            words.append(word)
            ranges.removeLast()
        }
        words.reverse()
        let beginning = ranges.last.map { Self.text(scalars[..<$0.upperBound]).trimmingSpace } ?? ""
        let more = words.compactMap(\.titleText)
        title = ([beginning] + more).filter { !$0.isEmpty }.joined(separator: " ")
        // What follows the beginning is no more than that.
        self.words = Array(words.drop { $0.titleText != nil })
    }

    /// Runs without white space; what stands in quotes behind a colon is one.
    private static func words(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while index < scalars.count {
            guard !scalars[index].properties.isWhitespace else {
                index += 1
                continue
            }
            let start = index
            while index < scalars.count, !scalars[index].properties.isWhitespace {
                let isQuote = scalars[index] == "\"" || scalars[index] == "'"
                if isQuote, index > start, scalars[index - 1] == ":" || scalars[index - 1] == "=",
                    let close = scalars[(index + 1)...].firstIndex(of: scalars[index])
                {
                    index = close
                }
                index += 1
            }
            ranges.append(start..<index)
        }
        return ranges
    }

    /// What a word behind the title is, or nil when it is an ordinary one, with which the title ends.
    private static func word(_ text: String, _ isField: (String) -> Bool) -> Word? {
        if text.hasPrefix("\\") {
            // Without a backslash it would be one of these.
            let rest = String(text.dropFirst())
            switch word(rest, isField) {
            case .tag, .value: return .title(rest)
            case .title, nil: return nil
            }
        }
        if text.hasPrefix("+") {
            let tag = text.dropFirst()
            return tag.first?.isLetter == true && !tag.contains(",") ? .tag(String(tag)) : nil
        }
        guard let sign = text.unicodeScalars.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return nil }
        let key = String(text[..<sign])
        var value = text[text.unicodeScalars.index(after: sign)...]
        guard !key.isEmpty, !value.isEmpty else { return nil }
        guard isField(key), !value.hasPrefix("//") else { return .title(text) }
        if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        return .value(key, String(value))
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
