import MinskyModel

/// Reads JSON as other programs write it: characters that JSON forbids are mended, and nothing else is.
enum LenientJSON {
    /// A value, and whether it had to be mended.
    struct Value {
        var json: JSON
        var isRepaired: Bool
    }

    /// Reads one value. Control characters within texts are taken as they are; lone surrogates, invalid UTF-8 and NUL
    /// become U+FFFD.
    /// - Throws: `JSONParseError`, about the mended text where something was mended.
    static func parse(_ bytes: [UInt8]) throws(JSONParseError) -> Value {
        var value: Value
        do {
            value = Value(json: try JSON(parsing: bytes), isRepaired: false)
        } catch {
            let mended = repaired(bytes)
            guard mended != bytes else { throw error }
            value = Value(json: try JSON(parsing: mended), isRepaired: true)
        }
        if value.json.containsNUL { value = Value(json: withoutNUL(value.json), isRepaired: true) }
        return value
    }

    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        let source = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var isText = false
        var index = 0
        while index < source.count {
            let byte = source[index]
            if !isText {
                isText = byte == UInt8(ascii: "\"")
                result.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                let unit = codeUnit(source, at: index) ?? 0
                let next = codeUnit(source, at: index + 6) ?? 0
                if (0xD800..<0xDC00).contains(unit), (0xDC00..<0xE000).contains(next) {
                    result += source[index..<index + 12]
                    index += 11
                } else if (0xD800..<0xE000).contains(unit) {
                    result += Array(#"\ufffd"#.utf8)
                    index += 5
                } else {
                    result.append(byte)
                    if index + 1 < source.count { result.append(source[index + 1]) }
                    index += 1
                }
            } else if byte < 0x20 {
                result +=
                    Array("\\u00".utf8) + [byte < 16 ? 0x30 : 0x31, Array("0123456789abcdef".utf8)[Int(byte & 15)]]
            } else {
                if byte == UInt8(ascii: "\"") { isText = false }
                result.append(byte)
            }
            index += 1
        }
        return result
    }

    /// The code unit of a `\uXXXX` that begins at an index, or nil when there is none.
    private static func codeUnit(_ bytes: [UInt8], at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt32(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }

    private static func withoutNUL(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(RepairedText.withoutNUL(text))
        case .array(let elements): .array(elements.map(withoutNUL))
        case .object(let members):
            .object(members.map { JSON.Member(RepairedText.withoutNUL($0.key), withoutNUL($0.value)) })
        default: json
        }
    }
}
