import MinskyModel

/// What one line of Markdown is to a list of tasks.
enum MarkdownLine {
    /// The part of a line that makes it a task.
    struct Item {
        /// The column of the bullet, or the level of a heading.
        var indent: Int
        /// The column at which the text under it begins.
        var contentIndent: Int
        /// What stands in the box; nil for a heading without one.
        var mark: String?
        var text: String
    }

    case heading(Item)
    case item(Item)
    case fence
    case text

    init(_ line: String) {
        let bytes = Array(line.utf8)
        let (indent, start) = Self.indent(bytes)
        let rest = bytes[start...]
        if rest.starts(with: "```".utf8) || rest.starts(with: "~~~".utf8) {
            self = .fence
        } else if let heading = Self.heading(rest), indent < 4 {
            self = .heading(heading)
        } else if let item = Self.item(rest, indent) {
            self = .item(item)
        } else {
            self = .text
        }
    }

    /// The column of the first character that is no space, and its place. A tab goes on to the next multiple of 4.
    static func indent(_ bytes: [UInt8]) -> (column: Int, start: Int) {
        var column = 0
        for (index, byte) in bytes.enumerated() {
            if byte == 0x20 {
                column += 1
            } else if byte == 0x09 {
                column = (column / 4 + 1) * 4
            } else {
                return (column, index)
            }
        }
        return (column, bytes.count)
    }

    private static func heading(_ bytes: ArraySlice<UInt8>) -> Item? {
        let level = bytes.prefix { $0 == UInt8(ascii: "#") }.count
        guard (1...6).contains(level), bytes.dropFirst(level).first == 0x20 else { return nil }
        let rest = bytes.dropFirst(level + 1)
        let box = Self.box(rest)
        let text = String(decoding: box?.rest ?? rest, as: UTF8.self).trimmingSpace
        return Item(indent: level, contentIndent: 0, mark: box?.mark, text: text)
    }

    private static func item(_ bytes: ArraySlice<UInt8>, _ indent: Int) -> Item? {
        guard let first = bytes.first else { return nil }
        var width = 1
        if !"-*+".utf8.contains(first) {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }.count
            guard (1...9).contains(digits), let end = bytes.dropFirst(digits).first, ".)".utf8.contains(end) else {
                return nil
            }
            width = digits + 1
        }
        let rest = bytes.dropFirst(width)
        let spaces = rest.prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard spaces > 0, let box = box(rest.dropFirst(spaces)) else { return nil }
        let text = String(decoding: box.rest, as: UTF8.self).trimmingSpace
        return Item(indent: indent, contentIndent: indent + width + 1, mark: box.mark, text: text)
    }

    /// `[x]` and a space or the end of the line.
    private static func box(_ bytes: ArraySlice<UInt8>) -> (mark: String, rest: ArraySlice<UInt8>)? {
        guard bytes.first == UInt8(ascii: "["), let end = bytes.prefix(8).firstIndex(of: UInt8(ascii: "]")) else {
            return nil
        }
        let mark = String(decoding: bytes[(bytes.startIndex + 1)..<end], as: UTF8.self)
        let rest = bytes[(end + 1)...]
        guard mark.unicodeScalars.count <= 1, rest.isEmpty || rest.first == 0x20 || rest.first == 0x09 else {
            return nil
        }
        return (mark, rest)
    }
}

/// How Markdown writes the parts of a task.
enum MarkdownTask {
    static let source = "markdown"
    /// The deepest level that is indented; what is deeper stands there, with its parent carried along.
    static let maximumDepth = 50

    static func status(_ mark: String) -> TaskStatus? {
        switch mark {
        case " ", "": .todo
        case "x", "X": .done
        case "/": .doing
        case "-", "~": .dropped
        default: nil
        }
    }

    static func mark(_ status: TaskStatus) -> String {
        switch status {
        case .todo: " "
        case .done: "x"
        case .doing: "/"
        case .dropped: "-"
        }
    }

    /// The text of a line and what is carried in a comment at its end.
    static func split(_ text: String) -> (text: String, carried: JSON?) {
        let bytes = Array(text.utf8)
        let opening = Array("<!-- {".utf8)
        guard text.utf8.count > 10, bytes.suffix(3).elementsEqual("-->".utf8),
            let start = bytes.indices.last(where: { bytes[$0] == opening[0] && bytes[$0...].starts(with: opening) }),
            let value = try? LenientJSON.parse(Array(bytes[(start + 5)..<(bytes.count - 3)])).json
        else { return (text, nil) }
        return (String(decoding: bytes[..<start], as: UTF8.self).trimmingSpace, value)
    }

    /// A comment that carries; nothing in it ends the comment.
    static func comment(_ carried: JSON) -> String {
        let text = carried.text().unicodeScalars.map { $0 == ">" ? "\\u003e" : $0 == "<" ? "\\u003c" : String($0) }
            .joined()
        return " <!-- \(text) -->"
    }

    /// The title on one line, with nothing in it that looks like a comment.
    static func title(_ record: TaskRecord) -> String {
        let text = String(
            String.UnicodeScalarView(record.title.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : $0 })
        ).trimmingSpace
        guard text.contains("<!--") else { return text }
        return text.split(separator: "<!--", omittingEmptySubsequences: false).joined(separator: "<!- -")
    }

    /// The lines of a description, without empty ones around them.
    static func lines(_ description: String?) -> [String] {
        guard let description else { return [] }
        var lines = description.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { part in
            var part = part
            if part.last == 0x0D { part = part.dropLast() }
            let line = String(Substring(part))
            return line.trimmingSpace.isEmpty ? "" : line
        }
        while lines.first == "" { lines.removeFirst() }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The lines of a description as they are written, with a backslash before what would be taken for something else.
    static func escaped(_ lines: [String]) -> [String] {
        let fences = lines.indices.filter { if case .fence = MarkdownLine(lines[$0]) { true } else { false } }
        let lastFence = fences.count % 2 == 0 ? nil : fences.last
        var isCode = false
        return lines.enumerated().map { index, line in
            switch MarkdownLine(line) {
            case .fence where index != lastFence:
                isCode.toggle()
                return line
            case _ where isCode: return line
            case .fence, .heading, .item: return escape(line)
            case .text: return isEscaped(line) ? escape(line) : line
            }
        }
    }

    /// A line without the backslash before what it says.
    static func unescaped(_ line: String) -> String {
        guard isEscaped(line) else { return line }
        let (_, start) = MarkdownLine.indent(Array(line.utf8))
        var bytes = Array(line.utf8)
        bytes.remove(at: start)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isEscaped(_ line: String) -> Bool {
        let bytes = Array(line.utf8)
        let rest = bytes[MarkdownLine.indent(bytes).start...]
        guard rest.first == UInt8(ascii: "\\"), let next = rest.dropFirst().first else { return false }
        return "\\#-*+`~0123456789".utf8.contains(next)
    }

    private static func escape(_ line: String) -> String {
        var bytes = Array(line.utf8)
        bytes.insert(UInt8(ascii: "\\"), at: MarkdownLine.indent(bytes).start)
        return String(decoding: bytes, as: UTF8.self)
    }
}
