/// A task on one line, as it is typed in a list: a title, and behind it words as in a query, such as `+db due:fri`.
public struct TaskLine: Sendable, Hashable {
    /// One word behind the title.
    public enum Word: Sendable, Hashable {
        case tag(String)
        /// A field with what it is to be.
        case value(QueryField, String)
    }

    /// Without white space around it; empty when the line has words only.
    public let title: String
    /// In the order in which they stand there.
    public let words: [Word]

    /// Takes a line apart. From its end on, what is `+tag` or a field with a value is no part of the title; a backslash
    /// before such a word makes it one.
    public init(_ line: String, customFields: [CustomField] = []) {
        let scalars = Array(line.unicodeScalars)
        var ranges = Self.words(in: scalars)
        var words: [Word] = []
        var title = ""
        while let range = ranges.last {
            let text = Self.text(scalars[range])
            guard let word = Self.word(text, customFields) else {
                let isMarked = text.hasPrefix("\\") && Self.word(String(text.dropFirst()), customFields) != nil
                let before = Self.text(scalars[..<range.lowerBound])
                title = (before + (isMarked ? String(text.dropFirst()) : text)).trimmingSpace
                break
            }
            words.append(word)
            ranges.removeLast()
        }
        self.title = title
        self.words = words.reversed()
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

    private static func word(_ text: String, _ customFields: [CustomField]) -> Word? {
        if text.hasPrefix("+") {
            let tag = text.dropFirst()
            return tag.first?.isLetter == true && !tag.contains(",") ? .tag(String(tag)) : nil
        }
        guard let sign = text.unicodeScalars.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return nil }
        let key = String(text[..<sign])
        var value = text[text.unicodeScalars.index(after: sign)...]
        guard let field = QueryField.named(key, custom: customFields), !value.isEmpty else { return nil }
        if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        return .value(field, String(value))
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
