extension String {
    /// The text as one word of a POSIX shell, for a command that somebody pastes: as it is when every character of it is
    /// harmless everywhere, else between single quotes (POSIX.1-2024, Shell Command Language, 2.2).
    ///
    /// Characters a terminal obeys are shown as `terminalSafe` shows them: a command with a line feed in a word would
    /// not look like one command.
    public var shellQuoted: String {
        let text = terminalSafe()
        let isHarmless = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "_./:@+,-".utf8.contains(byte)
            }
        }
        if !text.isEmpty, text.utf8.allSatisfy(isHarmless) { return text }
        // By scalar: as a character, a quote with a mark behind it is another one.
        let inside = String(text.unicodeScalars.replacing("'".unicodeScalars, with: #"'\''"#.unicodeScalars))
        return "'\(inside)'"
    }
}
