import MinskyModel
import Testing

struct JSONWritingTests {
    let sample: JSON = ["b": [1, 2.5, .null, true, "x"], "a": ["empty": [], "none": [:]], "n": .integer(.min)]

    @Test func compactIsOneLineWithoutSpaces() {
        #expect(
            sample.text()
                == #"{"b":[1,2.5,null,true,"x"],"a":{"empty":[],"none":{}},"n":-9223372036854775808}"#)
    }

    @Test func indentedTakesTwoSpacesALevel() {
        #expect(
            sample.text(.indented) == """
                {
                  "b": [
                    1,
                    2.5,
                    null,
                    true,
                    "x"
                  ],
                  "a": {
                    "empty": [],
                    "none": {}
                  },
                  "n": -9223372036854775808
                }
                """)
    }

    @Test(arguments: [
        ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#), ("\u{8}\u{C}\u{1B}\0", #""\u0008\u000c\u001b\u0000""#),
        ("\u{7F}\u{9B}", #""\u007f\u009b""#), ("é😀e\u{301}", "\"é😀e\u{301}\""),
        ("\u{202E}\u{2066}", #""\u202e\u2066""#), ("\u{E0041}", #""\udb40\udc41""#), ("👩\u{200D}👩", "\"👩\u{200D}👩\""),
        ("\r\n", #""\r\n""#),
    ])
    func escapesWhatJSONAndTerminalsNeed(text: String, written: String) throws {
        #expect(JSON.string(text).text() == written)
        #expect(JSON.object([.init(text, .null)]).text() == "{\(written):null}")
        #expect(try JSON(parsing: written).string.map { Array($0.utf8) } == Array(text.utf8))
    }

    /// What is printed cannot command the terminal, and what is read back is the same.
    @Test func everyScalarIsPrintableAndReadBackAsItWas() throws {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            guard scalar.isTerminalControl || value < 0x3000 || value % 97 == 0 else { continue }
            let text = JSON.string(String(Character(scalar))).text()
            try #require(!text.unicodeScalars.contains { $0.isTerminalControl }, "U+\(String(value, radix: 16))")
            try #require(try JSON(parsing: text).string?.unicodeScalars.elementsEqual([scalar]) == true)
        }
    }

    @Test func everyWholeNumberIsReadBackExactly() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let whole = Int64(truncatingIfNeeded: generator.next())
            try #require(try JSON(parsing: JSON.integer(whole).text()) == .integer(whole))
        }
    }

    @Test func optionalsBecomeNull() {
        #expect(JSON.optional(nil as String?) == .null)
        #expect(JSON.optional("a") == "a")
        #expect(JSON.optional(nil as Int?) == .null)
        #expect(JSON.optional(3) == 3)
    }
}

struct JSONCanonicalFormTests {
    @Test func equalValuesGetEqualText() throws {
        let left = try JSON(parsing: #"{"b":{"y":10e-1,"x":[{"q":1,"p":2}]},"a":1e2}"#)
        let right = try JSON(parsing: #"{"a":100,"b":{"x":[{"p":2,"q":1}],"y":1.0}}"#)
        #expect(left != right)
        #expect(left.canonical.text() == right.canonical.text())
        #expect(left.canonical.text() == #"{"a":100,"b":{"x":[{"p":2,"q":1}],"y":1.0}}"#)
    }

    @Test func keysAreOrderedByTheirBytes() throws {
        let value = try JSON(parsing: #"{"é":1,"z":2,"Z":3,"":4,"aa":5,"a":6,"😀":7,"￿":8}"#)
        #expect(value.canonical.members?.map(\.key) == ["", "Z", "a", "aa", "z", "é", "\u{FFFF}", "😀"])
    }

    @Test func listsKeepTheirOrder() {
        #expect(JSON.array([3, 1, 2]).canonical == [3, 1, 2])
    }
}
