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
        let id: TextCell
        /// The lines of the tree before the first line of the title, with the mark of the status.
        let branch: TextCell
        /// The lines of the tree before further lines of the title; as wide as `branch`.
        let trunk: String
        /// The title as it stands in one line.
        let title: TextCell
        /// The whole title, as it is.
        let name: String
        let tone: Tone
        /// What stands in the columns right of the title.
        let fields: [TextCell]
    }

    /// What is told about a task by color, too.
    private struct Tone {
        let status: TaskStatus
        let isBlocked: Bool
        let priority: TaskPriority?
        let isPastDue: Bool
    }

    /// A column right of the title.
    private struct Field {
        let heading: String
        let isNumber: Bool
        /// Those with a lower weight are left out first when room is short.
        let weight: Int
        /// Which of the row's cells are its own.
        let place: Int
        let columns: Int

        init(_ column: TaskColumn, place: Int, in rows: [Row]) {
            heading = column.heading
            weight = column.weight
            isNumber = column.isNumber
            self.place = place
            let widest = rows.reduce(0) { max($0, $1.fields[place].columns) }
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
        let nameStart = rows.reduce(2) { max($0, $1.id.columns) } + Self.gap
        let wanted = rows.reduce(0) { max($0, $1.branch.columns + min(Self.widestTitle, $1.title.columns)) }
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
        for (row, name) in zip(rows, names) {
            var line = TextLine()
            line.put(row.id, at: 0, style.cyan)
            line.put(name.first ?? TextCell(""), at: nameStart) { colored($0, row.tone) }
            for (field, start) in zip(fields, starts) {
                let cell = row.fields[field.place]
                line.put(cell, at: field.start(of: cell, at: start)) { colored($0, field.heading, row.tone) }
            }
            lines.append(line.text)
            for cell in name.dropFirst() {
                var line = TextLine()
                line.put(cell, at: nameStart) { colored($0, row.tone) }
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
        return TitleLines.of(row.name, columns: room).enumerated().map { index, line in
            TextCell(
                (index == 0 ? row.branch.text : row.trunk) + line, columns: row.branch.columns + TextWidth.of(line))
        }
    }

    private func fields(_ rows: [Row], room: Int, name: Int) -> [Field] {
        let all = columns.enumerated().map { Field($1, place: $0, in: rows) }
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
        let forest = isFlat ? TaskForest(flat: list.tasks) : TaskForest(list.tasks)
        let nodes = forest.nodes
        // For every node, the lines of the tree before what is below it.
        var trunks: [String] = []
        trunks.reserveCapacity(nodes.count)
        var rows: [Row] = []
        rows.reserveCapacity(nodes.count)
        for (place, node) in nodes.enumerated() {
            let task = list.tasks[node.index]
            let tone = tone(of: task)
            let above = node.parent.map { trunks[$0] } ?? ""
            let own = node.depth == 0 ? "" : node.isLast ? "└─ " : "├─ "
            let trunk = node.depth == 0 ? "" : above + (node.isLast ? "   " : "│  ")
            trunks.append(trunk)
            let hasBelow = place + 1 < nodes.count && nodes[place + 1].depth > node.depth
            // What is too long is broken later; its exact width does not matter.
            let isLong = task.title.utf8.count > 4000
            rows.append(
                Row(
                    id: TextCell(list.shortID(of: task.id).terminalSafe()),
                    branch: TextCell(above + own + mark(tone) + " ", columns: node.depth * 3 + 4),
                    trunk: trunk + (hasBelow ? "│   " : "    "),
                    title: TextCell(
                        isLong ? String(task.title.prefix(1000)).terminalSafe() : task.title.terminalSafe()),
                    name: task.title, tone: tone,
                    fields: columns.map { column in
                        let text = column.text(task, list, dates)
                        guard !text.isEmpty else { return .empty }
                        return TextCell(TextWidth.truncate(text.terminalSafe(), to: Self.widestField))
                    }))
        }
        return rows
    }

    private func tone(of task: TaskItem) -> Tone {
        Tone(
            status: task.status, isBlocked: list.blocked.contains(task.id), priority: task.priority,
            isPastDue: task.dueAt.map(dates.isPast) == true)
    }

    private func mark(_ tone: Tone) -> String {
        switch tone.status {
        case .todo: tone.isBlocked ? "[.]" : "[ ]"
        case .doing: "[>]"
        case .done: "[x]"
        case .dropped: "[-]"
        }
    }

    private func colored(_ name: String, _ tone: Tone) -> String {
        guard style.isOn else { return name }
        return switch tone.status {
        case .doing: style.green(name)
        case .done, .dropped: style.dim(name)
        case .todo: tone.isBlocked ? style.dim(name) : name
        }
    }

    private func colored(_ text: String, _ heading: String, _ tone: Tone) -> String {
        guard style.isOn, tone.status.isOpen else { return style.dim(text) }
        switch heading {
        case "PRIORITY":
            return tone.priority == .critical ? style.red(text) : tone.priority == .high ? style.yellow(text) : text
        case "SYNC": return text == SyncMark.conflict.rawValue ? style.red(text) : style.dim(text)
        case "DUE": return tone.isPastDue ? style.red(text) : text
        default: return text
        }
    }
}
