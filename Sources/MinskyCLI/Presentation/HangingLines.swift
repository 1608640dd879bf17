/// A text after a head, such as a label, whose further lines stand below its first.
enum HangingLines {
    /// Fewer columns than these make no line worth reading; the text then begins below the head.
    private static let leastRoom = 20

    /// The whole text in lines of at most some columns.
    /// - Parameters:
    ///   - text: The text, safe for a terminal.
    ///   - head: The head, safe for a terminal, without colors, with the spaces after it.
    ///   - styled: The head as it is printed, when that is different.
    static func of(
        _ text: String, after head: String, styled: String? = nil, width: Int, _ color: (String) -> String = { $0 }
    ) -> [String] {
        let columns = TextWidth.of(head)
        let room = width - columns
        // A path, say, is better not broken.
        let longest = text.split { $0 == " " || $0 == "\n" }.map(TextWidth.of).max() ?? 0
        let isBelow = TextWidth.of(text) > room && (room < leastRoom || longest > room && longest <= width - 2)
        let indent = String(repeating: " ", count: isBelow ? 2 : columns)
        let lines = TextWidth.wrap(text, to: max(1, width - indent.count)).map(color)
        guard !isBelow else {
            let isEmpty = head.allSatisfy { $0 == " " }
            let label = String((styled ?? head).reversed().drop { $0 == " " }.reversed())
            return (isEmpty ? [] : [label]) + lines.map { indent + $0 }
        }
        return lines.enumerated().map { ($0 == 0 ? styled ?? head : indent) + $1 }
    }
}
