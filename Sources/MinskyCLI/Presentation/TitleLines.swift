import MinskyModel

/// A title in the few lines it is given.
enum TitleLines {
    /// The most lines a title takes in a list; `minsky show` has the whole of it.
    static let most = 3

    /// A title broken into lines of at most some columns, at words; what is too long for three ends with an ellipsis.
    static func of(_ title: String, columns: Int) -> [String] {
        // No more characters than could be shown, of a title that may have a megabyte.
        let limit = (most + 1) * columns
        let isLong = title.utf8.count > limit * 4
        let text = (isLong ? String(title.prefix(limit)) : title).terminalSafe()
        var lines = TextWidth.wrap(text, to: columns)
        guard lines.count > most else { return lines }
        lines.removeLast(lines.count - most)
        lines[most - 1] = (TextWidth.wrap(lines[most - 1], to: columns - 2).first ?? "") + " …"
        return lines
    }

    /// A head such as `Added k3f9  ` with a title after it, whose further lines stand below its first.
    /// - Parameters:
    ///   - head: The head, safe for a terminal, without colors.
    ///   - styled: The head as it is printed.
    static func of(_ title: String, after head: String, styled: String, width: Int) -> [String] {
        let columns = TextWidth.of(head)
        return of(title, columns: max(10, width - columns)).enumerated().map { index, line in
            (index == 0 ? styled : String(repeating: " ", count: columns)) + line
        }
    }
}
