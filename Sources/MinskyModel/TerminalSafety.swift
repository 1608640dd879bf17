extension Unicode.Scalar {
    /// Whether a terminal obeys this character instead of showing it, or uses it to show others in another order:
    /// control characters (C0, DEL, C1), the bidirectional controls of UAX #9, line and paragraph separators, the
    /// byte order mark, invisible operators and the tag characters.
    public var isTerminalControl: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }
}

extension String {
    /// The most marks shown on one letter: the bound of the Stream-Safe Text Format (UAX #15, section 13), "significantly
    /// beyond what is required for any linguistic or technical usage".
    private static let maximumMarks = 30

    /// The text with everything made visible that a terminal would obey or not show, so that it can be printed: C0 controls
    /// as `^X`, the rest as `<U+XXXX>` (`VisibleCharacters`), and instead of the marks past the 30th on one letter their
    /// number. A line feed is kept only where the caller lays out several lines.
    public func terminalSafe(keepingNewlines: Bool = false) -> String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        guard unicodeScalars.contains(where: { $0.isIgnorable || $0.isTerminalControl || $0.isMark }) else {
            return self
        }
        var safe = ""
        var marks = 0
        func endMarks() {
            if marks > Self.maximumMarks { safe += "<+\(marks - Self.maximumMarks) marks>" }
            marks = 0
        }
        VisibleCharacters.forEach(in: self) { scalar, isVisible in
            if isVisible, scalar.isMark {
                marks += 1
                if marks <= Self.maximumMarks { safe.unicodeScalars.append(scalar) }
                return
            }
            endMarks()
            switch scalar.value {
            case 0x0A where keepingNewlines: safe.unicodeScalars.append(scalar)
            case 0x00...0x1F: safe += "^\(Character(Unicode.Scalar(UInt8(scalar.value) + 0x40)))"
            case 0x7F: safe += "^?"
            case _ where isVisible: safe.unicodeScalars.append(scalar)
            default:
                let hex = String(scalar.value, radix: 16, uppercase: true)
                safe += "<U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex + ">"
            }
        }
        endMarks()
        return safe
    }
}
