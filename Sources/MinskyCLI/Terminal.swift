import CTerminal
import Foundation

/// What the standard streams are, and writing to them.
enum Terminal {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The columns of standard output: those of the terminal, else of `COLUMNS`, else 80.
    static func width(_ variables: [String: String]) -> Int {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = variables["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return 80
    }

    /// Writes text whole. A reader that has gone away ends the program without a word, as its work is done.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR || errno == EAGAIN { continue }
                    if errno == EPIPE { exit(0) }
                    // Standard output is a full disk, say: what was asked for has been done, but cannot be told.
                    if descriptor == 1 {
                        Terminal.write(
                            "error: standard output cannot be written: \(String(cString: strerror(errno)))\n", to: 2)
                        exit(1)
                    }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

/// How many columns of a terminal a text takes.
enum TextWidth {
    static func of(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns($1) }
    }

    /// The text cut to a number of columns, with an ellipsis when something is missing.
    static func truncate(_ text: String, to limit: Int) -> String {
        guard of(text) > limit else { return text }
        guard limit > 1 else { return limit == 1 ? "…" : "" }
        var result = ""
        var used = 0
        for character in text {
            let width = columns(character)
            if used + width > limit - 1 { break }
            result.append(character)
            used += width
        }
        return result + "…"
    }

    /// The text with spaces after it, up to a number of columns.
    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - of(text)))
    }

    /// The text with spaces before it, up to a number of columns.
    static func padLeft(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - of(text))) + text
    }

    /// Breaks text into lines of at most a number of columns, at spaces, or within a word that is longer than that; line
    /// breaks of its own stay.
    static func wrap(_ text: String, to width: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
            if of(paragraph) <= width { return [String(paragraph)] }
            var lines: [String] = []
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, of(line) + 1 + of(word) > width {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? "" : " "
                for piece in pieces(of: word, to: width) {
                    if !line.isEmpty, of(line) + of(piece) > width {
                        lines.append(line)
                        line = ""
                    }
                    line += piece
                }
            }
            return lines + [line]
        }
    }

    /// A word cut into pieces of at most a number of columns.
    private static func pieces(of word: Substring, to width: Int) -> [String] {
        guard of(word) > width else { return [String(word)] }
        var pieces = [""]
        var used = 0
        for character in word {
            if used + columns(character) > width, used > 0 {
                pieces.append("")
                used = 0
            }
            pieces[pieces.count - 1].append(character)
            used += columns(character)
        }
        return pieces
    }

    /// An emoji made of several characters is as wide as one.
    private static func columns(_ character: Character) -> Int {
        let widths = character.unicodeScalars.map { max(0, Int(minsky_wcwidth($0.value))) }
        let isEmoji = character.unicodeScalars.contains { $0.value == 0xFE0F || $0.value == 0x200D }
        return isEmoji ? 2 : min(2, widths.reduce(0, +))
    }
}
