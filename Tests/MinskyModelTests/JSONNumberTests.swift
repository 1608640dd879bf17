import MinskyModel
import Testing

struct JSONNumberTests {
    /// Each pair was printed by PostgreSQL 15: `SELECT '1e2'::jsonb`.
    static let spellings = [
        ("0", "0"), ("-0", "0"), ("-0.0", "0.0"), ("0e5", "0"), ("0.00e1", "0.0"), ("0.00e2", "0"), ("0e-3", "0.000"),
        ("-0e3", "0"), ("0.000e-2", "0.00000"), ("0e1000000", "0"), ("1e2", "100"), ("1E+2", "100"), ("1.50", "1.50"),
        ("1E-7", "0.0000001"), ("1.50e1", "15.0"), ("1.5e3", "1500"), ("1.500e2", "150.0"), ("100e-2", "1.00"),
        ("1.0e0", "1.0"), ("10.0e1", "100"), ("0.5e1", "5"), ("0.05e1", "0.5"), ("123.4560e-2", "1.234560"),
        ("-12.5", "-12.5"), ("-1e-3", "-0.001"), ("1e-20", "0.00000000000000000001"),
        ("12345678901234567890", "12345678901234567890"), ("-12345678901234567890", "-12345678901234567890"),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"), ("-9223372036854775809", "-9223372036854775809"),
        ("0.1234567890123456789012345678901234567890", "0.1234567890123456789012345678901234567890"),
    ]

    @Test(arguments: spellings)
    func aNumberIsWrittenAsPostgresWritesIt(written: String, spelled: String) throws {
        #expect(try JSON(parsing: written).text() == spelled)
        #expect(try JSON(parsing: written).canonical.text() == spelled)
        #expect(try JSON(parsing: spelled).text() == spelled)
        #expect(try JSON(parsing: written) == JSON(parsing: spelled))
    }

    @Test func manyZerosAreWrittenOut() throws {
        let zeros = String(repeating: "0", count: 999)
        #expect(try JSON(parsing: "1e999").text() == "1" + zeros)
        #expect(try JSON(parsing: "-1e-1000").text() == "-0." + zeros + "1")
        #expect(try JSON(parsing: "1" + zeros) == JSON(parsing: "1e999"))
    }

    /// PostgreSQL takes 131,072 digits before the point; a few bytes would become as many.
    @Test(arguments: [
        "1e1000", "-1e1000", "12e999", "1e-1001", "1.5e-1000", "0e-1001", "1e131071", "1e1000000", "1e-1000000",
        "1e99999999999999999999", "-1e-99999999999999999999", "1e9223372036854775807", "0.1e-9223372036854775808",
        "1" + String(repeating: "0", count: 1000), "0." + String(repeating: "0", count: 1001),
    ])
    func moreThan1000DigitsOnASideAreRefused(text: String) {
        let error = #expect(throws: JSONParseError.self) { try JSON(parsing: text) }
        #expect(error?.reason == "a number of more than 1000 digits")
    }

    /// Databases keep them apart, although the values are equal.
    @Test func digitsAfterThePointAreKeptAndCount() throws {
        let values = try ["1.5", "1.50", "1", "1.0", "0", "0.0"].map { try JSON(parsing: $0) }
        #expect(Set(values).count == values.count)
    }

    @Test(
        arguments: [
            (0.0, "0.0"), (-0.0, "0.0"), (5, "5.0"), (0.1, "0.1"), (-2.5, "-2.5"), (1e16, "10000000000000000"),
            (1e-7, "0.0000001"), (1.5e20, "150000000000000000000"), (.infinity, nil), (-.infinity, nil), (.nan, nil),
        ] as [(Double, String?)])
    func aDoubleIsItsShortestDecimal(value: Double, text: String?) {
        #expect(JSONNumber(value)?.text == text)
    }

    @Test func everyFiniteDoubleIsReadBackExactly() throws {
        var generator = SeededGenerator(seed: 1)
        let edges = [.greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, 0x1p63, -0x1p63, 0x1p53]
        for value in edges + (0..<20_000).map({ _ in Double(bitPattern: generator.next()) }) where value.isFinite {
            let number = try #require(JSONNumber(value))
            try #require(number.double == value)
            let read = try JSON(parsing: JSON.number(number).text())
            try #require(read.number == number && read.number?.double == value, "\(value)")
        }
    }

    @Test(
        arguments: [
            ("7", 7), ("1e2", 100), ("-9223372036854775808", .min), ("9223372036854775807", .max), ("1.0", nil),
            ("100e-2", nil), ("9223372036854775808", nil), ("1e19", nil), ("0.0", nil), ("-0", 0),
        ] as [(String, Int64?)])
    func aWholeNumberThatFitsIsAnInteger(text: String, value: Int64?) throws {
        #expect(try JSON(parsing: text).integer == value)
    }

    @Test func beyondADoubleIsInfinite() throws {
        #expect(try JSON(parsing: "-1e999").number?.double == -.infinity)
        #expect(try JSON(parsing: "1e-999").number?.double == 0)
    }

    /// As many short numbers as a model may send are not written out before somebody asks for their text.
    @Test func aListOfHugeNumbersIsRead() throws {
        let list = "[" + Array(repeating: "1e999", count: 200_000).joined(separator: ",") + "]"
        #expect(try JSON(parsing: list).array?.count == 200_000)
    }
}
