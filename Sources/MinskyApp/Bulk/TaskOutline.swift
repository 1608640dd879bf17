import MinskyModel

/// A list of tasks as text, a line a task: what is indented more is part of what stands above it.
struct TaskOutline {
    /// One line.
    struct Node {
        let title: String
        let fields: TaskEdit
        /// Whether it is ticked off.
        let isDone: Bool
        /// The place of the task it is part of, or nil at the top.
        let parent: Int?
        /// Text below it that is no task of its own.
        var text: [String] = []
    }

    private(set) var nodes: [Node] = []
    /// Text above the first task.
    private(set) var introduction: [String] = []

    /// The most tasks that are read at once.
    static let most = 10_000

    /// Reads a list.
    /// - Parameters:
    ///   - text: The lines.
    ///   - isMarked: Whether only lines with the mark of a list are tasks, as in Markdown; else every line is one.
    ///   - first: The number of the first line, for errors.
    /// - Throws: `AppError` with code `.invalidArgument` that names the line.
    init(_ text: String, isMarked: Bool, firstLine first: Int = 1, in reading: FieldReading) throws {
        var open: [(indent: Int, node: Int)] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let indent = Self.indent(of: line)
            let content = String(line).trimmingSpace
            let (item, mark) = Self.withoutMark(content)
            guard mark != nil || !isMarked, !content.isEmpty else {
                if nodes.isEmpty { introduction.append(content) } else { nodes[nodes.count - 1].text.append(content) }
                continue
            }
            guard nodes.count < Self.most else {
                throw AppError(.invalidArgument, "there are more than \(Self.most) tasks in the list")
            }
            while let last = open.last, last.indent >= indent { open.removeLast() }
            let read = reading.line(item)
            do {
                let title = try TaskEdit.checkedTitle(read.title)
                nodes.append(
                    Node(
                        title: title, fields: try reading.edit(read.words), isDone: mark == .done,
                        parent: open.last?.node))
            } catch let error as AppError {
                throw AppError(error.code, "line \(first + index): \(error.message)", hint: error.hint)
            }
            open.append((indent, nodes.count - 1))
        }
    }

    private enum Mark { case open, done }

    /// Columns of white space; a tab goes on to the next multiple of four.
    private static func indent(of line: Substring) -> Int {
        var columns = 0
        for character in line {
            switch character {
            case " ": columns += 1
            case "\t": columns += 4 - columns % 4
            default: return columns
            }
        }
        return columns
    }

    /// What stands behind `-`, `*`, `1.` and the box behind those; the mark is nil where there is none.
    private static func withoutMark(_ content: String) -> (item: String, Mark?) {
        var rest = Substring(content)
        if let first = rest.first, "-*".contains(first), rest.dropFirst().first == " " {
            rest = rest.dropFirst(2)
        } else {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let after = rest.dropFirst(digits.count)
            guard (1...4).contains(digits.count), let sign = after.first, sign == "." || sign == ")",
                after.dropFirst().first == " "
            else { return (content, nil) }
            rest = after.dropFirst(2)
        }
        let item = String(rest).trimmingSpace
        for (box, mark) in [("[ ] ", Mark.open), ("[x] ", .done), ("[X] ", .done)] where item.hasPrefix(box) {
            return (String(item.dropFirst(4)).trimmingSpace, mark)
        }
        return (item, .open)
    }
}
