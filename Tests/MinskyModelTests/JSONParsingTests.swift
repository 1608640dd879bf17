import MinskyModel
import Testing

struct JSONParsingTests {
    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), ("false", false), (" \t\r\n null \t\r\n ", .null), ("0", 0), ("-0", 0),
            ("7", 7), ("-12", -12), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("1.0", 1.0), ("-0.0", 0.0), ("1e3", 1000), ("1E+3", 1000), ("25e-1", 2.5), ("0e0", 0), ("0.1", 0.1),
            ("1.7976931348623157e308", 1.7976931348623157e308), ("2.2250738585072014e-308", 2.2250738585072014e-308),
            ("1\(String(repeating: "0", count: 300))", 1e300),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""\ud83d\ude00""#, "😀"), (#""\uD800\uDC00""#, "\u{10000}"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
            (#""\uffff""#, "\u{FFFF}"), (#""\u0000""#, "\0"), ("\"é€😀\u{7F}\"", "é€😀\u{7F}"), ("[]", []), ("[ ]", []),
            ("[1,2]", [1, 2]), (" [ null , [ ] , { } ] ", [.null, [], [:]]), ("{}", [:]), (#"{"":0}"#, ["": 0]),
            (#" { "b" : 1 , "a" : { "c" : [ ] } } "#, ["b": 1, "a": ["c": []]]),
        ] as [(String, JSON)])
    func readsWhatTheStandardAllows(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "-a", "+1", "01", "-01", "00", "1.", ".5", "1.e3",
        "1e", "1e+", "0x10", "1_000", "1e1000", "-1e1000", "--1", "1 2", "'a'", "a", "\u{FEFF}null", "/* */ null",
        "\u{A0}1", "\"", "\"a", #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#, #""\u+123""#, #""\u１２３４""#, #""\ud83d""#,
        #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\u0041""#, #""\ude00""#, #""\ude00\ud83d""#, "\"\n\"", "\"\t\"",
        "\"\0\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{1:2}", "{a:1}", #"{"a"}"#,
        #"{"a":}"#, #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a":1]"#, "{,}", "null null", "[]]", "{}x",
        "null\0", #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"a":1,"b":2,"a":3}}]"#,
    ])
    func refusesEverythingElse(text: String) {
        #expect(throws: JSONParseError.self) { try JSON(parsing: text) }
    }

    @Test(arguments: [
        [0xFF], [0x80], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xF0, 0x80, 0x80, 0x80],
    ])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        let text = Array("[\"".utf8) + bytes + Array("\"]".utf8)
        let error = #expect(throws: JSONParseError.self) { try JSON(parsing: text) }
        #expect(error?.reason == "invalid UTF-8")
        #expect(throws: JSONParseError.self) { try JSON(parsing: bytes) }
    }

    /// For Swift they are the same text; for every database they are two keys.
    @Test func keysAreToldApartByTheirBytes() throws {
        let value = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"]?.integer == 1)
        #expect(value["e\u{301}"]?.integer == 2)
        #expect(throws: JSONParseError.self) { try JSON(parsing: "{\"e\u{301}\":1,\"\\u0065\\u0301\":2}") }
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
        #expect(JSON.object([.init("\u{E9}", 1)]) != JSON.object([.init("e\u{301}", 1)]))
    }

    /// Swift takes a long time over the order of that many marks when it compares texts by what they mean.
    @Test func aKeyMayBeOneLetterWithAnyNumberOfMarks() throws {
        let marks = String(repeating: "\u{301}\u{316}", count: 100_000)
        #expect(try JSON(parsing: "{\"a\(marks)\":1,\"b\(marks)\":2}")["b" + marks]?.integer == 2)
    }

    @Test(arguments: [
        ("[1,]", "unexpected character", 3), ("[1 2]", "expected ',' or ']'", 3), ("{\"a\":01}", "leading zero", 7),
        ("{\"a\":1,\"a\":2}", "a key appears twice", 10), ("true false", "unexpected text after the value", 5),
        ("[1e1000]", "a number of more than 1000 digits", 7), ("[", "unexpected end", 1),
    ])
    func errorsSayWhatAndWhere(text: String, reason: String, offset: Int) {
        let error = #expect(throws: JSONParseError.self) { try JSON(parsing: text) }
        #expect(error.map { "\($0)" } == "\(reason) at byte \(offset)")
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func readsExactly256Levels(opening: String, closing: String) throws {
        func nested(_ levels: Int, around core: String) -> String {
            String(repeating: opening, count: levels) + core + String(repeating: closing, count: levels)
        }
        let value = try JSON(parsing: nested(256, around: "1"))
        #expect(try JSON(parsing: value.text(.indented)) == value)
        #expect(throws: JSONParseError.self) { try JSON(parsing: nested(257, around: "1")) }
        #expect(throws: JSONParseError.self) { try JSON(parsing: nested(256, around: "[]")) }
        #expect(throws: JSONParseError.self) { try JSON(parsing: nested(256, around: "{}")) }
        #expect(throws: JSONParseError.self) { try JSON(parsing: String(repeating: opening, count: 1_000_000)) }
    }

    @Test func membersKeepTheirOrder() throws {
        let value = try JSON(parsing: #"{"z":1,"a":2,"m":3}"#)
        #expect(value.members?.map(\.key) == ["z", "a", "m"])
        #expect(value["a"] == 2)
        #expect(value["b"] == nil)
    }

    @Test func everyKindAnswersOnlyItsOwnAccessor() {
        let values: [JSON] = [.null, true, 1, 1.5, "a", [], [:]]
        #expect(values.map(\.kindName) == ["null", "true or false", "number", "number", "text", "list", "object"])
        #expect(values.compactMap(\.integer) == [1])
        #expect(values.compactMap(\.string) == ["a"])
        #expect(values.compactMap(\.array).count == 1)
        #expect(values.compactMap(\.members).count == 1)
    }

    @Test func findsNULAtAnyDepth() throws {
        #expect(try JSON(parsing: #"[{"a":["x\u0000"]}]"#).containsNUL)
        #expect(try JSON(parsing: #"[{"\u0000":1}]"#).containsNUL)
        #expect(try !JSON(parsing: #"[{"a":["\\u0000",0,null]}]"#).containsNUL)
    }
}
