/// What is wrong with a text that should have been JSON, and where.
public struct JSONParseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, as a clause without a capital or a full stop.
    public let reason: String
    /// The offset in bytes at which it was noticed.
    public let offset: Int

    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
    /// Parses a whole text as one JSON value (RFC 8259).
    ///
    /// Repeated keys, unpaired surrogates, numbers of more than `JSONNumber.maximumDigits` digits and more than 256 levels
    /// of nesting are refused, so that a value means the same to every reader.
    /// - Throws: `JSONParseError`.
    public init(parsing text: String) throws(JSONParseError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses UTF-8 bytes as one JSON value; invalid UTF-8 is refused.
    /// - Throws: `JSONParseError`.
    public init(parsing bytes: [UInt8]) throws(JSONParseError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.parseDocument()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var index = 0
    static let maximumDepth = 256

    init(bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ reason: String) -> JSONParseError { JSONParseError(reason: reason, offset: index) }

    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    mutating func parseDocument() throws(JSONParseError) -> JSON {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw failure("unexpected text after the value") }
        return value
    }

    mutating func parseValue(depth: Int) throws(JSONParseError) -> JSON {
        skipSpace()
        guard let byte = current else { throw failure("unexpected end") }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.maximumDepth else { throw failure("nested too deeply") }
            return byte == UInt8(ascii: "{") ? try parseObject(depth: depth) : try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure("unexpected character")
        }
    }

    mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONParseError) -> JSON {
        let expected = word.withUTF8Buffer { Array($0) }
        guard bytes[index...].starts(with: expected) else { throw failure("unexpected character") }
        index += expected.count
        return value
    }

    mutating func parseObject(depth: Int) throws(JSONParseError) -> JSON {
        index += 1
        var members: [JSON.Member] = []
        var keys = JSON.Keys()
        skipSpace()
        if current == UInt8(ascii: "}") {
            index += 1
            return .object([])
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
            let key = try parseString()
            guard keys.insert(key) else { throw failure("a key appears twice") }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("expected ':'") }
            index += 1
            members.append(JSON.Member(key, try parseValue(depth: depth + 1)))
            if try endOfList(closing: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    mutating func parseArray(depth: Int) throws(JSONParseError) -> JSON {
        index += 1
        var elements: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            index += 1
            return .array([])
        }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            if try endOfList(closing: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Consumes a comma (false) or the closing bracket (true).
    mutating func endOfList(closing: UInt8) throws(JSONParseError) -> Bool {
        skipSpace()
        guard let byte = current else { throw failure("unexpected end") }
        guard byte == closing || byte == UInt8(ascii: ",") else {
            throw failure("expected ',' or '\(Character(Unicode.Scalar(closing)))'")
        }
        index += 1
        return byte == closing
    }

    mutating func parseString() throws(JSONParseError) -> String {
        index += 1
        // Most texts stand there as they are.
        let start = index
        while let byte = current, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { index += 1 }
        if current == UInt8(ascii: "\"") {
            guard let string = String(validating: bytes[start..<index], as: UTF8.self) else {
                throw failure("invalid UTF-8")
            }
            index += 1
            return string
        }
        var text = Array(bytes[start..<index])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw failure("invalid UTF-8") }
                index += 1
                return string
            case UInt8(ascii: "\\"):
                index += 1
                try parseEscape(into: &text)
            case 0x00..<0x20: throw failure("unescaped control character")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw failure("unexpected end")
    }

    mutating func parseEscape(into text: inout [UInt8]) throws(JSONParseError) {
        guard let byte = current else { throw failure("unexpected end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try parseHex()
            if (0xD800..<0xDC00).contains(code) {
                guard bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
                    throw failure("unpaired surrogate")
                }
                index += 2
                let low = try parseHex()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("unpaired surrogate") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("unpaired surrogate") }
            text.append(contentsOf: Character(scalar).utf8)
        default: throw failure("unknown escape")
        }
    }

    mutating func parseHex() throws(JSONParseError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure("unexpected end") }
        var code: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expected four hex digits")
            }
            code = code << 4 | UInt32(digit)
        }
        index += 4
        return code
    }

    mutating func parseNumber() throws(JSONParseError) -> JSON {
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let whole = try parseDigits()
        if whole.count > 1, whole.first == UInt8(ascii: "0") { throw failure("leading zero") }
        var fraction: ArraySlice<UInt8> = []
        if current == UInt8(ascii: ".") {
            index += 1
            fraction = try parseDigits()
        }
        var exponent = 0
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            let start = index
            if let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            _ = try parseDigits()
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            // Too long for 64 bits is beyond every bound, with either sign.
            exponent = Int(text) ?? (text.hasPrefix("-") ? .min : .max)
        }
        guard
            let number = JSONNumber(isNegative: isNegative, whole: whole, fraction: fraction, exponent: exponent)
        else { throw failure("a number of more than \(JSONNumber.maximumDigits) digits") }
        return .number(number)
    }

    /// Consumes a run of digits, at least one.
    mutating func parseDigits() throws(JSONParseError) -> ArraySlice<UInt8> {
        let start = index
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw failure("expected a digit") }
        return bytes[start..<index]
    }
}
