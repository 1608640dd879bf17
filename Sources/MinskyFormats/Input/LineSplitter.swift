/// Cuts bytes into lines, which end with a line feed or with a carriage return and a line feed.
struct LineSplitter: Sendable {
    /// The most bytes in one line or one record: 16 MiB.
    static let maximumLength = 16 << 20

    /// One line without its end; `bytes` is nil when it was longer than `maximumLength`.
    struct Line {
        var number: Int
        var bytes: [UInt8]?

        /// The text, with U+FFFD for what is not UTF-8 and for NUL; nil for a line that was too long.
        var text: RepairedText? { bytes.map { RepairedText($0) } }
    }

    private var pending: [UInt8] = []
    private var number = 1
    private var isTooLong = false

    mutating func lines(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            lines.append(take())
            rest = rest[(end + 1)...]
        }
        append(rest)
        return lines
    }

    /// The last line, when it does not end with a line feed.
    mutating func finish() -> [Line] { pending.isEmpty && !isTooLong ? [] : [take()] }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if isTooLong || pending.count + bytes.count > Self.maximumLength {
            isTooLong = true
            pending = []
        } else {
            pending += bytes
        }
    }

    private mutating func take() -> Line {
        if pending.last == 0x0D { pending.removeLast() }
        defer {
            pending = []
            isTooLong = false
            number += 1
        }
        return Line(number: number, bytes: isTooLong ? nil : pending)
    }
}

/// A text made of bytes from outside: what is not UTF-8, and NUL, which no database stores, become U+FFFD.
struct RepairedText {
    let text: String
    /// Whether anything was replaced.
    let isRepaired: Bool

    init(_ bytes: [UInt8]) {
        if !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) {
            (self.text, isRepaired) = (text, false)
        } else {
            (text, isRepaired) = (Self.withoutNUL(String(decoding: bytes, as: UTF8.self)), true)
        }
    }

    /// The text with U+FFFD for every NUL.
    static func withoutNUL(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
