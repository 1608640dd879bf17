/// What is wrong with a text somebody typed, and where.
public struct PhraseError: Error, Sendable, Hashable {
    /// What is wrong, in a sentence without its first capital and its stop.
    public let message: String
    /// Which part of the text it is about, counted in Unicode scalars; empty where something is missing.
    public let range: Range<Int>
    /// What to type instead, in sentences, or nil when the message says it.
    public let hint: String?

    /// Creates an error; what a terminal would obey is made visible in both texts.
    public init(_ message: String, at range: Range<Int>, hint: String? = nil) {
        self.message = message.terminalSafe()
        self.range = range
        self.hint = hint?.terminalSafe()
    }

    /// The most characters shown before the part, and from its beginning on.
    private static let excerpt = (before: 30, after: 40)

    /// Two lines: the text, or what is near to the part, safe for a terminal, and carets under the part.
    /// - Parameters:
    ///   - text: The text that the error is about.
    ///   - width: The columns a text takes on a terminal.
    public func marked(in text: String, width: (String) -> Int) -> [String] {
        let scalars = Array(text.unicodeScalars)
        let start = min(max(range.lowerBound, 0), scalars.count)
        let end = min(max(range.upperBound, start), scalars.count)
        let first = max(0, start - Self.excerpt.before)
        let last = min(scalars.count, start + Self.excerpt.after)
        func part(_ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[range])
            return String(view).terminalSafe()
        }
        let before = (first > 0 ? "…" : "") + part(first..<start)
        let marked = part(start..<min(end, last))
        let after = part(min(end, last)..<last) + (last < scalars.count ? "…" : "")
        let carets = String(repeating: "^", count: max(1, width(marked)))
        return [before + marked + after, String(repeating: " ", count: width(before)) + carets]
    }
}
