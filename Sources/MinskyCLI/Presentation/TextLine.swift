/// A piece of text with the columns it takes, which are worth counting once.
struct TextCell {
    let text: String
    let columns: Int

    init(_ text: String, columns: Int? = nil) {
        self.text = text
        self.columns = columns ?? TextWidth.of(text)
    }

    static let empty = TextCell("", columns: 0)
}

/// A line that is filled from left to right, each piece at its own column, without spaces at the end.
struct TextLine {
    private(set) var text = ""
    private var end = 0

    mutating func put(_ cell: TextCell, at column: Int, _ color: (String) -> String) {
        guard cell.columns > 0 else { return }
        if column > end { text += TextWidth.spaces(column - end) }
        text += color(cell.text)
        end = max(end, column) + cell.columns
    }
}
