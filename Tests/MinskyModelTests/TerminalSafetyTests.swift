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

    /// Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 16.0.0.
    static let ignorable: [ClosedRange<UInt32>] = [
        0xAD...0xAD, 0x34F...0x34F, 0x61C...0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F, 0x200B...0x200F,
        0x202A...0x202E, 0x2060...0x206F, 0x3164...0x3164, 0xFE00...0xFE0F, 0xFEFF...0xFEFF, 0xFFA0...0xFFA0,
        0xFFF0...0xFFF8, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF,
    ]

    @Test func whatIsDrawnAsNothingIsShown() throws {
        for value in UInt32(0x80)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isHidden = scalar.isTerminalControl || Self.ignorable.contains { $0.contains(value) }
            let shown = "a\(Character(scalar))b".terminalSafe()
            let hex = String(value, radix: 16, uppercase: true)
            let code = "a<U+\(String(repeating: "0", count: max(0, 4 - hex.count)))\(hex)>b"
            try #require(
                shown.unicodeScalars.elementsEqual(
                    isHidden ? code.unicodeScalars : "a\(Character(scalar))b".unicodeScalars))
        }
    }

    /// Emoji of several characters, keycaps and the joiners that words are written with.
    @Test(arguments: [
        "👩‍👩‍👧‍👦", "🏳️‍🌈", "🏳️‍⚧️", "👩🏽‍❤️‍💋‍👨🏻", "👩‍⚕️", "❤️", "❤︎", "©️", "1️⃣", "#️⃣", "🇩🇪", "👋🏽", "می‌خواهم", "خانه‌ها", "क्‍ष", "क्‌ष",
        "ශ්‍රී", "അവന്‍", "র‍্য", "नमस्ते", "កម្ពុជា", "한국어", "ห้องน้ำ", "שָׁלוֹם", "Zażółć", "e\u{301}",
    ])
    func whatWordsAndEmojiAreMadeOfStays(text: String) {
        #expect(text.terminalSafe().unicodeScalars.elementsEqual(text.unicodeScalars))
        #expect(!JSON.string(text).text().contains("\\"))
    }

    @Test(arguments: [
        ("a\u{200D}b", "a<U+200D>b"), ("a\u{200C}b", "a<U+200C>b"), ("a\u{FE0F}", "a<U+FE0F>"),
        ("1\u{FE0F}", "1<U+FE0F>"), ("\u{FE0F}", "<U+FE0F>"), ("\u{200D}👩", "<U+200D>👩"), ("👩\u{200D}", "👩<U+200D>"),
        ("👩\u{200D}a", "👩<U+200D>a"), ("1\u{200D}2", "1<U+200D>2"), ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}<U+FE0F>"),
        ("👩\u{200D}\u{200D}👩", "👩<U+200D><U+200D>👩"), ("می\u{200C}", "می<U+200C>"),
        ("م\u{200C}\u{200C}ی", "م<U+200C><U+200C>ی"), ("م\u{200C}a", "م<U+200C>a"), ("٣\u{200C}٣", "٣<U+200C>٣"),
        ("葛\u{E0100}", "葛<U+E0100>"), ("pay\u{AD}load", "pay<U+00AD>load"), ("\u{3164}", "<U+3164>"),
        ("\u{115F}\u{1160}", "<U+115F><U+1160>"), ("ᠮ\u{180B}", "ᠮ<U+180B>"),
    ])
    func joinersAndSelectorsWithoutEffectAreShown(text: String, shown: String) {
        #expect(text.terminalSafe().unicodeScalars.elementsEqual(shown.unicodeScalars))
    }

    @Test func aChainOfEmojiEnds() {
        let chain = Array(repeating: "👩", count: 9).joined(separator: "\u{200D}")
        #expect(chain.terminalSafe().hasPrefix("👩‍👩‍👩‍👩‍👩‍👩<U+200D>👩"))
        let families = String(repeating: "👩‍👩‍👧‍👦", count: 9)
        #expect(families.terminalSafe() == families)
    }

    @Test func marksOnOneLetterAreBounded() {
        func marks(_ count: Int) -> String { String(repeating: "\u{301}", count: count) }
        #expect("a\(marks(30))b".terminalSafe() == "a\(marks(30))b")
        #expect("a\(marks(31))b".terminalSafe() == "a\(marks(30))<+1 marks>b")
        #expect("\(marks(5000))".terminalSafe() == "\(marks(30))<+4970 marks>")
        let mixed = String(repeating: "\u{301}\u{316}\u{20DD}\u{903}", count: 1_000_000)
        #expect("a\(mixed)b\(mixed)".terminalSafe().utf8.count < 250)
        #expect(String(repeating: "e\u{301}", count: 100).terminalSafe().unicodeScalars.count == 200)
    }

    @Test func asJSONInvisibleCharactersAreEscaped() throws {
        let text = "a\u{AD}b\u{E0100}c\u{200D}"
        #expect(JSON.string(text).text() == #""a\u00adb\udb40\udd00c\u200d""#)
        #expect(try JSON(parsing: JSON.string(text).text()) == .string(text))
    }
}
