import MinskyModel
import Testing

@Suite("Secrets in outgoing text")
struct RedactorTests {
    let key = "sk-proj-4f7a9c2e8b1d6053"

    @Test func areHiddenWhereverTheyStand() {
        let redactor = Redactor([key])
        #expect(redactor.redacted("a \(key), \(key).") == "a [hidden], [hidden].")
        #expect(redactor.redacted("Bearer\(key)x") == "Bearer[hidden]x")
        #expect(redactor.redacted(key) == "[hidden]")
        #expect(redactor.redacted("") == "")
    }

    @Test func theRestStaysAsItIs() {
        let text = "Größe é e\u{301} 🏳️‍🌈 \u{200B} %41 \\u0041 &#65; sk-proj-4f7a9c2e8b1d605"
        #expect(Array(Redactor([key]).redacted(text).utf8) == Array(text.utf8))
        #expect(Array(Redactor([key]).redacted(text + key).utf8) == Array((text + "[hidden]").utf8))
        #expect(!Redactor([key]).holdsSecret(text))
        #expect(!Redactor([]).holdsSecret(key))
    }

    @Test func insideOfJSONItStaysJSON() throws {
        let escaped = key.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
        let redacted = Redactor([key]).redacted("{\"a\\\\\":\"\\\"\(escaped)\\n\"}")
        #expect(redacted == "{\"a\\\\\":\"\\\"[hidden]\\n\"}")
        #expect(try JSON(parsing: redacted)["a\\"]?.string == "\"[hidden]\n")
    }

    @Test func whereOneCannotBeCutOutNothingIsLeft() {
        let twice = key.utf8.map { "%25" + String($0, radix: 16) }.joined()
        #expect(Redactor([key]).holdsSecret(twice))
        #expect(Redactor([key]).redacted("see \(twice)") == "[hidden]")
    }

    /// What is shorter than a key could stand in any text.
    @Test func aShortOneIsHiddenAsAWordOnly() {
        let redactor = Redactor(["none", "p/w%"])
        #expect(redactor.redacted("none, nonetheless NONE none_") == "[hidden], nonetheless NONE [hidden]_")
        #expect(redactor.redacted("a p/w% b") == "a [hidden] b")
        #expect(!redactor.holdsSecret("none"))
    }

    @Test(arguments: ["", "no", "%", "\\", "&#;", "\\u", "\\ud800", "%zz", "&#x110000;", "\u{301}", "\\u00"])
    func oddTextsAreNoTrouble(text: String) {
        let redactor = Redactor([key, text])
        #expect(!redactor.holdsSecret(text))
        #expect(redactor.redacted(key + text + key).contains("[hidden]"))
    }

    /// What a text costs grows as the text does.
    @Test func aLongTextIsReadOnce() {
        let long = String(repeating: "s\u{301}%73\\u0073&#115;", count: 20_000)
        #expect(Redactor([key]).redacted(long) == long)
    }
}
