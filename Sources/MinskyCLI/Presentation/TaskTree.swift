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

    private struct Row {
        let task: Task
        let branch: String
    }

    /// A column right of the title; those that matter least are left out first when room is short.
    private struct Field {
        let heading: String
        let isNumber: Bool
        let texts: [String]
        let columns: Int

        init(_ heading: String, isNumber: Bool = false, _ texts: [String]) {
            self.heading = heading
            self.isNumber = isNumber
            self.texts = texts
            columns = texts.contains { !$0.isEmpty } ? max(heading.count, texts.map(TextWidth.of).max() ?? 0) : 0
        }

        func padded(_ text: String) -> String {
            isNumber ? TextWidth.padLeft(text, to: columns) : TextWidth.pad(text, to: columns)
        }
    }

    private static let shortestTitle = 24

    /// The lines; the first holds the headings.
    func lines() -> [String] {
        let rows = self.rows()
        guard !rows.isEmpty else { return [] }
        let ids = rows.map { list.shortIDs[$0.task.id] ?? $0.task.id }
        let idColumns = max(2, ids.map(\.utf8.count).max() ?? 2)
        let names = rows.map { $0.branch + mark(of: $0.task) + " " + $0.task.title.terminalSafe() }
        let fields = self.fields(rows, room: width - idColumns - 2)
        let room = max(
            10, width - idColumns - 2 - fields.reduce(0) { $0 + $1.columns + 2 })
        let titleColumns = fields.isEmpty ? room : min(room, max(4, names.map(TextWidth.of).max() ?? 0))

        var lines: [String] = []
        lines.reserveCapacity(rows.count + 1)
        let heading =
            TextWidth.pad("ID", to: idColumns) + "  " + TextWidth.pad("TASK", to: fields.isEmpty ? 4 : titleColumns)
            + fields.map { "  " + $0.padded($0.heading) }.joined()
        lines.append(style.dim(heading))
        for (index, row) in rows.enumerated() {
            let name = TextWidth.truncate(names[index], to: titleColumns)
            var line = style.cyan(ids[index]) + String(repeating: " ", count: idColumns - ids[index].utf8.count) + "  "
            line += colored(name, row.task)
            var gap = titleColumns - TextWidth.of(name)
            for field in fields {
                let text = field.padded(field.texts[index])
                gap += 2
                let content = text.drop { $0 == " " }
                gap += text.count - content.count
                let trailing = content.reversed().prefix { $0 == " " }.count
                let bare = String(content.dropLast(trailing))
                if !bare.isEmpty {
                    line += String(repeating: " ", count: gap) + colored(bare, field.heading, row.task)
                    gap = 0
                }
                gap += trailing
            }
            lines.append(line)
        }
        return lines
    }

    private func fields(_ rows: [Row], room: Int) -> [Field] {
        let all = [
            Field("PRIORITY", rows.map { $0.task.priority?.rawValue ?? "" }),
            Field("DUE", rows.map { $0.task.dueAt.map(dates.day) ?? "" }),
            Field("EST", isNumber: true, rows.map { $0.task.estimateMinutes.map(DurationPhrase.text) ?? "" }),
            Field("CX", isNumber: true, rows.map { $0.task.complexity.map { "\($0)" } ?? "" }),
        ]
        var fields = all.filter { $0.columns > 0 }
        while !fields.isEmpty, room - fields.reduce(0, { $0 + $1.columns + 2 }) < Self.shortestTitle {
            fields.removeLast()
        }
        return fields
    }

    private func rows() -> [Row] {
        TaskForest(list.tasks).nodes.map { node in
            guard let last = node.isLast.last else { return Row(task: node.task, branch: "") }
            let above = node.isLast.dropLast().map { $0 ? "   " : "│  " }.joined()
            return Row(task: node.task, branch: above + (last ? "└─ " : "├─ "))
        }
    }

    private func mark(of task: Task) -> String {
        switch task.status {
        case .todo: list.blocked.contains(task.id) ? "[.]" : "[ ]"
        case .doing: "[>]"
        case .done: "[x]"
        case .dropped: "[-]"
        }
    }

    private func colored(_ name: String, _ task: Task) -> String {
        guard style.isOn else { return name }
        return switch task.status {
        case .doing: style.green(name)
        case .done, .dropped: style.dim(name)
        case .todo: list.blocked.contains(task.id) ? style.dim(name) : name
        }
    }

    private func colored(_ text: String, _ heading: String, _ task: Task) -> String {
        guard style.isOn, task.status.isOpen else { return style.dim(text) }
        switch heading {
        case "PRIORITY": return task.priority == .critical ? style.red(text) : task.priority == .high ? style.yellow(text) : text
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
