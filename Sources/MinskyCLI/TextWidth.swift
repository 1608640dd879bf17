import CTerminal

/// How many columns of a terminal a text takes. Every function takes time in proportion to the text.
enum TextWidth {
    static func of(_ text: some StringProtocol) -> Int {
        if isASCII(text) { return text.utf8.count }
        return text.reduce(0) { $0 + columns($1) }
    }

    // Most texts are nothing but ASCII; to find their characters as Unicode has them would take most of the time of a list.

    private static func isASCII(_ text: some StringProtocol) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func isPrintableASCII(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    private static let blank = String(repeating: " ", count: 200)

    /// A number of spaces.
    static func spaces(_ count: Int) -> Substring {
        guard count > 0 else { return "" }
        if count > blank.utf8.count { return String(repeating: " ", count: count)[...] }
        return blank[..<blank.utf8.index(blank.startIndex, offsetBy: count)]
    }

    /// The text cut to a number of columns, with an ellipsis when something is missing.
    static func truncate(_ text: String, to limit: Int) -> String {
        if text.utf8.count <= limit, isPrintableASCII(text) { return text }
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            used += columns(text[index])
            if used > limit { return limit > 0 ? text[..<end] + "…" : "" }
            if used < limit { end = text.index(after: index) }
        }
        return text
    }

    /// The text with spaces after it, up to a number of columns.
    static func pad(_ text: String, to width: Int) -> String {
        text + spaces(width - of(text))
    }

    /// The text with spaces before it, up to a number of columns.
    static func padLeft(_ text: String, to width: Int) -> String {
        spaces(width - of(text)) + text
    }

    /// Breaks text into lines of at most a number of columns, at spaces, or within a word that is longer than that; line
    /// breaks of its own stay.
    static func wrap(_ text: String, to width: Int) -> [String] {
        let paragraphs =
            isPrintableASCII(text) ? [text[...]] : text.split(separator: "\n", omittingEmptySubsequences: false)
        return paragraphs.flatMap { paragraph -> [String] in
            if of(paragraph) <= width { return [String(paragraph)] }
            var lines: [String] = []
            var line = ""
            var used = 0
            func endLine() {
                lines.append(line)
                (line, used) = ("", 0)
            }
            let words =
                isASCII(paragraph)
                ? paragraph.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
                : paragraph.split(separator: " ")
            for word in words {
                let columnsOfWord = of(word)
                if used > 0, used + 1 + columnsOfWord > width { endLine() }
                if used > 0 {
                    line += " "
                    used += 1
                }
                if columnsOfWord <= width {
                    line += word
                    used += columnsOfWord
                    continue
                }
                for character in word {
                    let more = columns(character)
                    if used > 0, used + more > width { endLine() }
                    line.append(character)
                    used += more
                }
            }
            return lines + [line]
        }
    }

    /// The columns of what looks like one character: two for an emoji, however many it is made of, else those of its parts.
    private static func columns(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        if scalars.count > 1, let first = scalars.first, first.properties.isEmoji,
            scalars.contains(where: { $0.value == 0xFE0F || $0.value == 0x200D || $0.properties.isEmojiModifier })
        {
            return 2
        }
        return scalars.reduce(0) { $0 + max(0, Int(minsky_wcwidth($1.value))) }
    }
}
