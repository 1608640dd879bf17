import TestSupport
import Testing

@testable import MinskyCLI

@Suite("The columns of a text")
struct TextWidthTests {
    /// ASCII goes a shorter way, which breaks lines where the other one does.
    @Test func plainTextIsBrokenAsAnyOther() {
        var generator = SeededGenerator(seed: 3)
        let pieces = ["a", "is", "text", "  ", " ", "averyverylongword", "x", "\n"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &generator)]
            }.joined()
            let width = Int.random(in: 1...20, using: &generator)
            let other = text.replacing("a", with: "ä").replacing("x", with: "ё").replacing("i", with: "і")
                .replacing("t", with: "т")
            let plain = TextWidth.wrap(text, to: width).map { $0.count }
            // Without a letter of its own the other text is plain, too.
            #expect(plain == TextWidth.wrap(other, to: width).map { $0.count }, "\(text.debugDescription) \(width)")
        }
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
