extension JSON {
    /// How `text(_:)` lays a value out.
    public enum Layout: Sendable {
        /// One line without spaces.
        case compact
        /// Two spaces a level, one member or element a line.
        case indented
    }

    /// The value as JSON text.
    ///
    /// Characters that a terminal would obey or not show (`VisibleCharacters`) are written as `\u` escapes, so the text may
    /// be printed as it is.
    public func text(_ layout: Layout = .compact) -> String {
        var bytes: [UInt8] = []
        write(to: &bytes, layout: layout)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value's JSON text to a buffer of UTF-8 bytes.
    public func write(to bytes: inout [UInt8], layout: Layout = .compact, depth: Int = 0) {
        switch self {
        case .null: bytes.append(ascii: "null")
        case .bool(let value): bytes.append(ascii: value ? "true" : "false")
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let text): Self.writeQuoted(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                Self.separate(index, layout, depth + 1, &bytes)
                element.write(to: &bytes, layout: layout, depth: depth + 1)
            }
            Self.close(UInt8(ascii: "]"), isEmpty: elements.isEmpty, layout, depth, &bytes)
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                Self.separate(index, layout, depth + 1, &bytes)
                Self.writeQuoted(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                if layout == .indented { bytes.append(0x20) }
                member.value.write(to: &bytes, layout: layout, depth: depth + 1)
            }
            Self.close(UInt8(ascii: "}"), isEmpty: members.isEmpty, layout, depth, &bytes)
        }
    }

    private static func separate(_ index: Int, _ layout: Layout, _ depth: Int, _ bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if layout == .indented { newLine(depth, &bytes) }
    }

    private static func close(_ bracket: UInt8, isEmpty: Bool, _ layout: Layout, _ depth: Int, _ bytes: inout [UInt8]) {
        if layout == .indented, !isEmpty { newLine(depth, &bytes) }
        bytes.append(bracket)
    }

    private static func newLine(_ depth: Int, _ bytes: inout [UInt8]) {
        bytes.append(0x0A)
        for _ in 0..<depth * 2 { bytes.append(0x20) }
    }

    private static func writeQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            VisibleCharacters.forEach(in: text) { writeEscaped($0, isVisible: $1, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func writeEscaped(_ scalar: Unicode.Scalar, isVisible: Bool, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes.append(ascii: "\\\"")
        case "\\": bytes.append(ascii: "\\\\")
        case "\n": bytes.append(ascii: "\\n")
        case "\t": bytes.append(ascii: "\\t")
        case "\r": bytes.append(ascii: "\\r")
        case _ where !isVisible:
            for unit in UTF16.encode(scalar) ?? .init() {
                let hex = String(unit, radix: 16)
                bytes.append(ascii: "\\u")
                for _ in hex.utf8.count..<4 { bytes.append(UInt8(ascii: "0")) }
                bytes.append(contentsOf: hex.utf8)
            }
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(ascii text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }
}
