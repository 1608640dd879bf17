/// A text that equals another one only when their bytes do, and is ordered by them, as texts are in both databases.
///
/// To `String` an é in one character is that of a letter and an accent: a set of strings would lose one of two tags.
public struct ExactText: Hashable, Comparable, Sendable {
    /// The text.
    public let text: String

    /// Wraps a text.
    public init(_ text: String) { self.text = text }

    public static func == (left: ExactText, right: ExactText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: text) }
}

extension Sequence<String> {
    /// The texts as a set in which bytes decide.
    public var exact: Set<ExactText> { Set(lazy.map(ExactText.init)) }
}

extension Sequence<ExactText> {
    /// The texts in the order of their bytes.
    public func sortedTexts() -> [String] { sorted().map(\.text) }
}
