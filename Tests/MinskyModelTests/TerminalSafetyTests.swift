import MinskyModel
import Testing

struct TerminalSafetyTests {
    @Test(arguments: [
        ("plain é 漢字 👩‍👩‍👧 🏳️‍🌈", "plain é 漢字 👩‍👩‍👧 🏳️‍🌈"), ("\u{1B}[31mred", "^[[31mred"),
        ("\u{1B}]0;title\u{7}", "^[]0;title^G"), ("a\rb", "a^Mb"), ("a\nb\tc", "a^Jb^Ic"), ("a\r\nb", "a^M^Jb"),
        ("\0", "^@"), ("\u{1F}", "^_"), ("\u{7F}", "^?"), ("\u{9B}31m", "<U+009B>31m"), ("\u{85}", "<U+0085>"),
        ("abc\u{202E}def", "abc<U+202E>def"), ("\u{2066}x\u{2069}", "<U+2066>x<U+2069>"), ("\u{61C}", "<U+061C>"),
        ("\u{200B}", "<U+200B>"), ("\u{2028}", "<U+2028>"), ("\u{FEFF}", "<U+FEFF>"), ("\u{E0041}", "<U+E0041>"),
        ("", ""),
    ])
    func controlsAreShownNotObeyed(text: String, shown: String) {
        #expect(text.terminalSafe() == shown)
        #expect(!text.terminalSafe().unicodeScalars.contains { $0.isTerminalControl })
    }

    @Test func lineFeedsStayWhereTheCallerLaysOutLines() {
        #expect("a\nb\r\nc\u{1B}".terminalSafe(keepingNewlines: true) == "a\nb^M\nc^[")
    }

    @Test func onlyNonPrintingScalarsAreControls() {
        let harmless: [Unicode.Scalar] = [" ", "~", "\u{A0}", "\u{301}", "\u{200C}", "\u{200D}", "\u{FE0F}", "漢", "😀"]
        for scalar in harmless { #expect(!scalar.isTerminalControl) }
        for value in UInt32(0x20)...0x7E { #expect(Unicode.Scalar(value).map(\.isTerminalControl) == false) }
    }
}
