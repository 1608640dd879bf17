import TestSupport
import Testing

@testable import MinskyCLI

@Suite("The columns of a text")
struct TextWidthTests {
    /// Every line fits, nothing but spaces is lost, and a line ends only where the next word would not have fitted.
    @Test func plainTextIsBrokenAtWords() {
        var generator = SeededGenerator(seed: 3)
        let pieces = ["a", "is", "text", "  ", " ", "averyverylongword", "x", "\n"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &generator)]
            }.joined()
            let width = Int.random(in: 1...20, using: &generator)
            let lines = TextWidth.wrap(text, to: width)
            #expect(lines.allSatisfy { $0.utf8.count <= width }, "\(text.debugDescription) \(width)")
            #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
            guard !text.contains("\n"), text.utf8.count > width else { continue }
            for (line, next) in zip(lines, lines.dropFirst()) {
                let word = next.prefix { $0 != " " }
                #expect(line.utf8.count == width || line.utf8.count + 1 + word.utf8.count > width, "\(lines)")
            }
        }
    }

    @Test(
        arguments: [
            ("one two three", 7, ["one two", "three"]), ("one  two", 7, ["one two"]),
            ("abcdefgh", 3, ["abc", "def", "gh"]),
            ("a abcdefgh", 3, ["a", "abc", "def", "gh"]), ("one\n\ntwo", 3, ["one", "", "two"]), ("", 3, [""]),
            ("one\r\ntwo", 20, ["one\r\ntwo"]),
        ] as [(String, Int, [String])])
    func wrapped(text: String, width: Int, lines: [String]) {
        #expect(TextWidth.wrap(text, to: width) == lines)
    }

    @Test(arguments: [("short", 5, "short"), ("longer", 5, "long…"), ("", 0, ""), ("a", 0, ""), ("naïve", 5, "naïve")])
    func truncated(text: String, width: Int, shown: String) {
        #expect(TextWidth.truncate(text, to: width) == shown)
    }

    @Test(arguments: [-1, 0, 1, 199, 200, 201, 1000])
    func spaces(count: Int) {
        #expect(TextWidth.spaces(count) == String(repeating: " ", count: max(0, count)))
    }
}
