import MinskyModel

/// One word of a line of todo.txt and what it stands for.
enum TodoTxtWord: Equatable {
    case project(String)
    case context(String)
    case pair(key: String, value: String)
    /// A plain word; a backslash before it keeps it from being anything else.
    case plain(String, isEscaped: Bool)

    /// Keys that are understood wherever they stand in a line. The others are part of what the line says, unless they
    /// stand at its end.
    static let knownKeys: Set<String> = [
        "id", "p", "dep", "due", "t", "scheduled", "until", "rec", "pri", "h", "est", "cx", "assignee", "status",
    ]

    init(_ word: String) {
        let bytes = Array(word.utf8)
        func rest(_ count: Int) -> String { String(decoding: bytes[count...], as: UTF8.self) }
        switch bytes.first {
        case UInt8(ascii: "\\") where bytes.count > 1: self = .plain(rest(1), isEscaped: true)
        case UInt8(ascii: "+") where bytes.count > 1: self = .project(rest(1))
        case UInt8(ascii: "@") where bytes.count > 1: self = .context(rest(1))
        default:
            if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), Self.isKey(bytes[..<colon]),
                colon + 1 < bytes.count,
                // A web address.
                !bytes[(colon + 1)...].starts(with: "//".utf8)
            {
                self = .pair(key: String(decoding: bytes[..<colon], as: UTF8.self), value: rest(colon + 1))
            } else {
                self = .plain(word, isEscaped: false)
            }
        }
    }

    /// Whether the word can stand at the end of a line without being a part of what it says.
    var isLabel: Bool {
        if case .plain = self { false } else { true }
    }

    /// Whether the word would be understood as something else wherever it stands.
    var isAlwaysLabel: Bool {
        switch self {
        case .project, .context, .plain(_, isEscaped: true): true
        case .pair(let key, _): Self.knownKeys.contains(key)
        case .plain: false
        }
    }

    /// The words of a line. A space more than one makes an empty word.
    static func words(_ text: String) -> [String] {
        text.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// A line without the spaces and tabs around it.
    static func trimmed(_ line: String) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let start = line.utf8.firstIndex(where: { !isSpace($0) }),
            let end = line.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(Substring(line.utf8[start...end]))
    }

    /// Whether a word at the beginning would be taken for a mark, a priority or a date.
    static func isHeader(_ word: String) -> Bool {
        word == "x" || priorityLetter(word) != nil || ForeignDate.day(word) != nil
    }

    /// The letter of `(A)`, or nil.
    static func priorityLetter(_ word: String) -> String? {
        let bytes = Array(word.utf8)
        guard bytes.count == 3, bytes[0] == UInt8(ascii: "("), bytes[2] == UInt8(ascii: ")"), isLetter(bytes[1]) else {
            return nil
        }
        return String(decoding: bytes[1...1], as: UTF8.self)
    }

    static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first & 0xDF) else { return false }
        return bytes.allSatisfy { isLetter($0 & 0xDF) || (0x30...0x39).contains($0) || "-_".utf8.contains($0) }
    }

    // MARK: Values in one word

    /// The text with spaces, control characters and `%` as `%XX`, so that it is one word.
    static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") {
                let hex = String(byte, radix: 16, uppercase: true)
                result += Array(("%" + (hex.utf8.count == 1 ? "0" : "") + hex).utf8)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text that `encoded` made one word of.
    static func decoded(_ word: String) -> String {
        guard word.utf8.contains(UInt8(ascii: "%")) else { return word }
        let bytes = Array(word.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return RepairedText(result).text
    }
}
