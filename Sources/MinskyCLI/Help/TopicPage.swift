import MinskyModel

/// A page of Markdown as a terminal shows it: headings, paragraphs, lists, tables and code.
struct TopicPage {
    private let markdown: String
    private let style: Style
    private let width: Int

    init(_ markdown: String, style: Style, width: Int) {
        self.markdown = markdown
        self.style = style
        self.width = width
    }

    func lines() -> [String] {
        var result: [String] = []
        var paragraph: [String] = []
        var rows: [[String]] = []
        var isCode = false
        func end() {
            if !paragraph.isEmpty { result += item(paragraph.joined(separator: " ")) }
            if !rows.isEmpty { result += table(rows) }
            (paragraph, rows) = ([], [])
        }
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                end()
                isCode.toggle()
            } else if isCode {
                result.append("    " + line.terminalSafe())
            } else if line.hasPrefix("#") {
                end()
                result.append(style.bold(Self.plain(String(line.drop { $0 == "#" || $0 == " " }))))
            } else if line.hasPrefix("|") {
                if !paragraph.isEmpty { end() }
                rows.append(Self.cells(line))
            } else if line.trimmingSpace.isEmpty {
                end()
                if result.last?.isEmpty == false { result.append("") }
            } else {
                let isItem =
                    line.hasPrefix("- ") || line.hasPrefix("* ")
                    || line.prefix { $0.isNumber }.count > 0 && line.contains(". ")
                if !rows.isEmpty || isItem && !paragraph.isEmpty { end() }
                paragraph.append(line.trimmingSpace)
            }
        }
        end()
        while result.last?.isEmpty == true { result.removeLast() }
        return result
    }

    /// A paragraph, or an item of a list, whose further lines are indented.
    private func item(_ text: String) -> [String] {
        let text = Self.plain(text)
        let head = text.prefix { $0 == "-" || $0 == "*" || $0.isNumber || $0 == "." }
        guard !head.isEmpty, text.dropFirst(head.count).first == " " else { return TextWidth.wrap(text, to: width) }
        return HangingLines.of(String(text.dropFirst(head.count + 1)), after: String(head) + " ", width: width)
    }

    /// A table: its first column, and the others behind it.
    private func table(_ rows: [[String]]) -> [String] {
        let isRule: ([String]) -> Bool = { $0.allSatisfy { cell in cell.allSatisfy { "-: ".contains($0) } } }
        let body = rows.filter { !isRule($0) }.map { $0.map(Self.plain) }
        let widest = body.map { TextWidth.of($0.first ?? "") }.max() ?? 0
        let columns = min(widest, max(12, width / 3)) + 2
        return body.enumerated().flatMap { index, cells -> [String] in
            let rest = cells.dropFirst().filter { !$0.isEmpty }.joined(separator: "  ·  ")
            let first = cells.first ?? ""
            if rest.isEmpty { return TextWidth.wrap(first, to: width) }
            // A head that is too long stands by itself.
            let isLong = TextWidth.of(first) > columns - 2
            let head = TextWidth.pad(isLong ? "" : first, to: columns)
            let lines = HangingLines.of(
                rest, after: head, styled: style.cyan(isLong ? "" : first) + head.dropFirst(isLong ? 0 : first.count),
                width: width)
            return (isLong ? TextWidth.wrap(first, to: width).map(style.cyan) : [])
                + (index == 0 && rows.count > 1 ? lines.map(style.bold) : lines)
        }
    }

    /// The cells of a row; a bar behind a backslash is part of its cell.
    private static func cells(_ line: String) -> [String] {
        var cells = [""]
        var isEscaped = false
        for character in line.trimmingSpace.dropFirst() {
            if character == "|", !isEscaped {
                cells.append("")
            } else {
                if isEscaped, character != "|" { cells[cells.count - 1].append("\\") }
                if character != "\\" { cells[cells.count - 1].append(character) }
            }
            isEscaped = character == "\\" && !isEscaped
        }
        if cells.last?.trimmingSpace.isEmpty == true { cells.removeLast() }
        return cells.map(\.trimmingSpace)
    }

    /// A text without the marks of links, code and emphasis.
    private static func plain(_ text: String) -> String {
        text.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { String($0.1) }.replacing(#/`([^`]*)`/#) { String($0.1) }
            .replacing(#/\*\*([^*]*)\*\*/#) { String($0.1) }.terminalSafe()
    }
}
