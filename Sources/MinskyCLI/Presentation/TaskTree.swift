import MinskyApp
import MinskyModel

/// Tasks as a tree in columns, no wider than the terminal.
struct TaskTree {
    let list: TaskList
    let style: Style
    let width: Int
    let dates: DatePresentation
    private let columns: [TaskColumn]
    /// Whether the tasks stand below one another in their own order, without the lines of a tree.
    private let isFlat: Bool

    init(_ list: TaskList, on console: Console, columns: [TaskColumn] = TaskColumn.usual, isFlat: Bool = false) {
        self.list = list
        self.columns = columns
        self.isFlat = isFlat
        style = console.style
        width = console.width
        dates = DatePresentation(console.environment)
    }

    private struct Row {
        let task: TaskItem
        let id: TextCell
        /// The lines of the tree before the first line of the title, with the mark of the status.
        let branch: TextCell
        /// The lines of the tree before further lines of the title; as wide as `branch`.
        let trunk: String
        let title: TextCell
    }

    /// A column right of the title.
    private struct Field {
        let heading: String
        let isNumber: Bool
        /// Those with a lower weight are left out first when room is short.
        let weight: Int
        let cells: [TextCell]
        let columns: Int

        init(_ heading: String, weight: Int, isNumber: Bool = false, _ texts: [String]) {
            self.heading = heading
            self.weight = weight
            self.isNumber = isNumber
            cells = texts.map { TextCell(TextWidth.truncate($0.terminalSafe(), to: TaskTree.widestField)) }
            let widest = cells.map(\.columns).max() ?? 0
            columns = widest == 0 ? 0 : max(heading.count, widest)
        }

        /// Where a cell begins when the field begins at a column.
        func start(of cell: TextCell, at column: Int) -> Int { isNumber ? column + columns - cell.columns : column }
    }

    private static let gap = 2
    /// What titles get at least before columns are left out for them.
    private static let shortestName = 24
    /// A title makes the table no wider than this; what is longer goes on in the next line.
    private static let widestTitle = 64
    private static let widestField = 24

    /// The lines; the first holds the headings.
    func lines() -> [String] {
        let rows = self.rows()
        guard !rows.isEmpty else { return [] }
        let nameStart = max(2, rows.map(\.id.columns).max() ?? 2) + Self.gap
        let wanted = rows.map { $0.branch.columns + min(Self.widestTitle, $0.title.columns) }.max() ?? 0
        let fields = self.fields(rows, room: width - nameStart, name: wanted)
        let room = max(10, width - nameStart - fields.reduce(0) { $0 + $1.columns + Self.gap })
        let names = rows.map { name($0, columns: min(room, max(4, wanted))) }
        let nameColumns = names.reduce(4) { most, lines in lines.reduce(most) { max($0, $1.columns) } }
        var starts: [Int] = []
        var column = nameStart + nameColumns + Self.gap
        for field in fields {
            starts.append(column)
            column += field.columns + Self.gap
        }

        var lines: [String] = []
        lines.reserveCapacity(rows.count + 1)
        var heading = TextLine()
        heading.put(TextCell("ID"), at: 0, style.dim)
        heading.put(TextCell("TASK"), at: nameStart, style.dim)
        for (field, start) in zip(fields, starts) {
            let cell = TextCell(field.heading)
            heading.put(cell, at: field.start(of: cell, at: start), style.dim)
        }
        lines.append(heading.text)
        for (index, (row, name)) in zip(rows, names).enumerated() {
            var line = TextLine()
            line.put(row.id, at: 0, style.cyan)
            line.put(name.first ?? TextCell(""), at: nameStart) { colored($0, row.task) }
            for (field, start) in zip(fields, starts) {
                let cell = field.cells[index]
                line.put(cell, at: field.start(of: cell, at: start)) { colored($0, field.heading, row.task) }
            }
            lines.append(line.text)
            for cell in name.dropFirst() {
                var line = TextLine()
                line.put(cell, at: nameStart) { colored($0, row.task) }
                lines.append(line.text)
            }
        }
        return lines
    }

    /// The lines of a task's place and title.
    private func name(_ row: Row, columns: Int) -> [TextCell] {
        let total = row.branch.columns + row.title.columns
        if total <= columns { return [TextCell(row.branch.text + row.title.text, columns: total)] }
        let room = columns - row.branch.columns
        // So deep in the tree that no word would fit.
        guard room >= 10 else { return [TextCell(TextWidth.truncate(row.branch.text + row.title.text, to: columns))] }
        return TitleLines.of(row.task.title, columns: room).enumerated().map { index, line in
            TextCell((index == 0 ? row.branch.text : row.trunk) + line)
        }
    }

    private func fields(_ rows: [Row], room: Int, name: Int) -> [Field] {
        let all = columns.map { column in
            Field(
                column.heading, weight: column.weight, isNumber: column.isNumber,
                rows.map { column.text($0.task, list, dates) })
        }
        var fields = all.filter { $0.columns > 0 }
        while let least = fields.min(by: { $0.weight < $1.weight }) {
            let left = room - fields.reduce(0) { $0 + $1.columns + Self.gap }
            // Tags and the assignee are shown only where no title has to be broken for them.
            if left >= (least.weight <= 2 ? name : Self.shortestName) { break }
            fields.removeAll { $0.weight == least.weight }
        }
        return fields
    }

    private func rows() -> [Row] {
        let nodes = isFlat ? list.tasks.map(TaskForest.Node.init(alone:)) : TaskForest(list.tasks).nodes
        return nodes.enumerated().map { index, node in
            var above = ""
            for isLast in node.isLast.dropLast() { above += isLast ? "   " : "│  " }
            let own = node.isLast.last.map { $0 ? "└─ " : "├─ " } ?? ""
            let ownBelow = node.isLast.last.map { $0 ? "   " : "│  " } ?? ""
            let hasBelow = index + 1 < nodes.count && nodes[index + 1].isLast.count > node.isLast.count
            let title = node.task.title
            // What is too long is broken later; its exact width does not matter.
            let isLong = title.utf8.count > 4000
            return Row(
                task: node.task, id: TextCell(list.shortID(of: node.task.id).terminalSafe()),
                branch: TextCell(above + own + mark(of: node.task) + " ", columns: node.isLast.count * 3 + 4),
                trunk: above + ownBelow + (hasBelow ? "│   " : "    "),
                title: TextCell(isLong ? String(title.prefix(1000)).terminalSafe() : title.terminalSafe()))
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
        case "SYNC": return text == SyncMark.conflict.rawValue ? style.red(text) : style.dim(text)
        case "DUE": return task.dueAt.map(dates.isPast) == true ? style.red(text) : text
        default: return text
        }
    }
}
