import MinskyModel
import Testing

struct PhraseErrorTests {
    private func marked(_ text: String, _ range: Range<Int>) -> [String] {
        PhraseError("wrong", at: range).marked(in: text) { $0.count }
    }

    @Test func caretsStandUnderThePart() {
        #expect(marked("+db deu<fri", 4..<7) == ["+db deu<fri", "    ^^^"])
    }

    @Test func whatIsMissingHasOneCaret() {
        #expect(marked("due:", 4..<4) == ["due:", "    ^"])
    }

    @Test func aLongTextIsCutAroundThePart() {
        let text = String(repeating: "a", count: 500) + "!" + String(repeating: "b", count: 500)
        let lines = marked(text, 500..<501)
        #expect(lines[0] == "…" + String(repeating: "a", count: 30) + "!" + String(repeating: "b", count: 39) + "…")
        #expect(lines[1] == String(repeating: " ", count: 31) + "^")
        #expect(marked(text, 0..<1001)[1] == String(repeating: "^", count: 40))
    }

    @Test func whatATerminalObeysIsShown() {
        #expect(marked("\u{1B}[2J x", 5..<6) == ["^[[2J x", "      ^"])
        #expect(PhraseError("there is no \u{1B}", at: 0..<0, hint: "\u{202E}").message == "there is no ^[")
        #expect(PhraseError("no", at: 0..<0, hint: "\u{202E}").hint == "<U+202E>")
    }

    @Test func aRangeBeyondTheTextIsHeldWithinIt() {
        #expect(marked("ab", 5..<9) == ["ab", "  ^"])
    }
}
