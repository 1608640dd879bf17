import MinskyApp
import MinskyModel

/// Tasks as a tree in columns, as wide as the terminal and no wider.
struct TaskTree {
    let list: TaskList
    let style: Style
    let width: Int
    let dates: DatePresentation

    init(_ list: TaskList, on console: Console) {
        self.list = list
        style = console.style
        width = console.width
        dates = DatePresentation(console.environment)
    }

    /// A piece of text with the columns it takes, which are worth counting once.
    private struct Cell {
        let text: String
        let columns: Int

        init(_ text: String, columns: Int? = nil) {
            self.text = text
            self.columns = columns ?? TextWidth.of(text)
        }
    }

    private struct Row {
        let task: TaskItem
        let id: Cell
        /// The lines of the tree and the mark of the status.
        let branch: Cell
        let title: Cell
    }

    /// A column right of the title; those that matter least are left out first when room is short.
    private struct Field {
        let heading: String
        let isNumber: Bool
        let cells: [Cell]
        let columns: Int

        init(_ heading: String, isNumber: Bool = false, _ texts: [String]) {
            self.heading = heading
            self.isNumber = isNumber
            cells = texts.map { Cell($0) }
            let widest = cells.map(\.columns).max() ?? 0
            columns = widest == 0 ? 0 : max(heading.count, widest)
        }

        /// Where a cell begins when the field begins at a column.
        func start(of cell: Cell, at column: Int) -> Int { isNumber ? column + columns - cell.columns : column }
    }

    /// A line that is filled from left to right, each piece at its own column, without spaces at the end.
    private struct Line {
        private(set) var text = ""
        private var end = 0

        mutating func put(_ cell: Cell, at column: Int, _ color: (String) -> String) {
            guard cell.columns > 0 else { return }
            for _ in end..<max(end, column) { text.append(" ") }
            text += color(cell.text)
            end = max(end, column) + cell.columns
        }
    }

    private static let shortestTitle = 24
    private static let gap = 2

    /// The lines; the first holds the headings.
    func lines() -> [String] {
        let rows = self.rows()
        guard !rows.isEmpty else { return [] }
        let nameStart = max(2, rows.map(\.id.columns).max() ?? 2) + Self.gap
        let fields = self.fields(rows, room: width - nameStart)
        let room = max(10, width - nameStart - fields.reduce(0) { $0 + $1.columns + Self.gap })
        let nameColumns = min(room, max(4, rows.map { $0.branch.columns + $0.title.columns }.max() ?? 0))
        var starts: [Int] = []
        var column = nameStart + nameColumns + Self.gap
        for field in fields {
            starts.append(column)
            column += field.columns + Self.gap
        }

        var lines: [String] = []
        lines.reserveCapacity(rows.count + 1)
        var heading = Line()
        heading.put(Cell("ID"), at: 0, style.dim)
        heading.put(Cell("TASK"), at: nameStart, style.dim)
        for (field, start) in zip(fields, starts) {
            let cell = Cell(field.heading)
            heading.put(cell, at: field.start(of: cell, at: start), style.dim)
        }
        lines.append(heading.text)
        for (index, row) in rows.enumerated() {
            var line = Line()
            line.put(row.id, at: 0, style.cyan)
            line.put(name(row, columns: nameColumns), at: nameStart) { colored($0, row.task) }
            for (field, start) in zip(fields, starts) {
                let cell = field.cells[index]
                line.put(cell, at: field.start(of: cell, at: start)) { colored($0, field.heading, row.task) }
            }
            lines.append(line.text)
        }
        return lines
    }

    private func name(_ row: Row, columns: Int) -> Cell {
        let total = row.branch.columns + row.title.columns
        if total <= columns { return Cell(row.branch.text + row.title.text, columns: total) }
        return Cell(TextWidth.truncate(row.branch.text + row.title.text, to: columns))
    }

    private func fields(_ rows: [Row], room: Int) -> [Field] {
        let all = [
            Field("PRIORITY", rows.map { $0.task.priority?.rawValue ?? "" }),
            Field("DUE", rows.map { $0.task.dueAt.map(dates.day) ?? "" }),
            Field("EST", isNumber: true, rows.map { $0.task.estimateMinutes.map(DurationPhrase.text) ?? "" }),
            Field("CX", isNumber: true, rows.map { $0.task.complexity.map { String($0) } ?? "" }),
        ]
        var fields = all.filter { $0.columns > 0 }
        while !fields.isEmpty, room - fields.reduce(0, { $0 + $1.columns + Self.gap }) < Self.shortestTitle {
            fields.removeLast()
        }
        return fields
    }

    private func rows() -> [Row] {
        TaskForest(list.tasks).nodes.map { node in
            var branch = ""
            for (level, isLast) in node.isLast.enumerated() {
                let isOwn = level == node.isLast.count - 1
                branch += isOwn ? (isLast ? "└─ " : "├─ ") : (isLast ? "   " : "│  ")
            }
            return Row(
                task: node.task, id: Cell((list.shortIDs[node.task.id] ?? node.task.id).terminalSafe()),
                branch: Cell(branch + mark(of: node.task) + " ", columns: node.isLast.count * 3 + 4),
                title: Cell(node.task.title.terminalSafe()))
        }
    }

    private func mark(of task: TaskItem) -> String {
        switch task.status {
        case .todo: list.blocked.contains(task.id) ? "[.]" : "[ ]"
        case .doing: "[>]"
        case .done: "[x]"
        case .dropped: "[-]"
        }
    }

    private func colored(_ name: String, _ task: TaskItem) -> String {
        guard style.isOn else { return name }
        return switch task.status {
        case .doing: style.green(name)
        case .done, .dropped: style.dim(name)
        case .todo: list.blocked.contains(task.id) ? style.dim(name) : name
        }
    }

    private func colored(_ text: String, _ heading: String, _ task: TaskItem) -> String {
        guard style.isOn, task.status.isOpen else { return style.dim(text) }
        switch heading {
        case "PRIORITY":
            return task.priority == .critical ? style.red(text) : task.priority == .high ? style.yellow(text) : text
        case "DUE": return task.dueAt.map(dates.isPast) == true ? style.red(text) : text
        default: return text
        }
    }
}

/// Dates as people read them, in the local zone.
struct DatePresentation {
    let now: Timestamp
    let utcOffset: @Sendable (Timestamp) -> Int

    init(_ environment: Environment) {
        now = environment.now()
        utcOffset = environment.utcOffset
    }

    func isPast(_ moment: Timestamp) -> Bool { moment < now }

    /// `today`, `tomorrow`, a weekday within the next week, else the date.
    func day(_ moment: Timestamp) -> String {
        let (day, today) = (local(moment).day, local(now).day)
        switch day.number - today.number {
        case 0: return "today"
        case 1: return "tomorrow"
        case -1: return "yesterday"
        case 2...6: return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday]
        default: return String(local(moment).iso8601.prefix(10))
        }
    }

    /// Date and time to the minute.
    func minute(_ moment: Timestamp) -> String {
        let text = local(moment).iso8601
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private func local(_ moment: Timestamp) -> Timestamp { moment.adding(seconds: utcOffset(moment)) }
}
