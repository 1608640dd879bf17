import ArgumentParser
import MinskyApp
import MinskyModel

struct StatsCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count tasks: how they stand, what comes and goes by the week, and whose they are.",
        discussion: """
            A query asks for some tasks only, of every status. Weeks begin on Monday in your time zone. What was deleted does \
            not count, and a task that was opened again counts as if it had never been closed.
            """)

    /// How many projects, tags and assignees are named.
    private static let most = 10

    @OptionGroup var global: GlobalOptions
    @Option(help: "How many weeks are told.")
    var weeks = 8
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try ReadStatistics(TaskRequest(try query.checked()), weeks: weeks)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: found.json, ids: []) { lines(found, console) }
        if found.total == 0 { console.note("No task matches.\(console.contextNote(workspace))") }
    }

    private func lines(_ found: ReadStatistics.Result, _ console: Console) -> [String] {
        guard found.total > 0 else { return [] }
        func count(_ status: TaskStatus) -> Int { found.statuses[status] ?? 0 }
        var lines = console.labelled("open", "\(found.open), \(count(.doing)) of them being done", columns: 9)
        lines += console.labelled("done", "\(count(.done))", columns: 9)
        lines += console.labelled("dropped", "\(count(.dropped))", columns: 9)
        if let mean = found.mean, let median = found.median, median > 0 {
            lines += console.labelled(
                "took", "\(Self.span(mean)) on the average, half of them \(Self.span(median)) or less", columns: 9)
        }
        lines.append("")
        lines += FigureTable(
            headings: ["WEEK", "CREATED", "DONE", "DROPPED", "OPEN"],
            rows: found.weeks.map { week in
                (week.monday.iso8601, [week.created, week.done, week.dropped, week.open])
            }
        ).lines(console)
        for (heading, shares) in [("PROJECT", found.projects), ("TAG", found.tags), ("ASSIGNEE", found.assignees)]
        where shares.contains(where: { $0.name != nil }) {
            lines.append("")
            lines += FigureTable(
                headings: [heading, "OPEN", "DONE", "DROPPED"],
                rows: shares.prefix(Self.most).map { ($0.name ?? "(none)", [$0.open, $0.done, $0.dropped]) }
            ).lines(console)
            if shares.count > Self.most { lines.append("… and \(shares.count - Self.most) more") }
        }
        return lines
    }

    /// A length of time in its two largest units: `3 days 4 hours`.
    private static func span(_ seconds: Int) -> String {
        let units = [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
        let first = units.firstIndex { seconds >= $0.1 } ?? units.count - 1
        var rest = seconds
        return units[first..<min(first + 2, units.count)].compactMap { name, size in
            let count = rest / size
            rest %= size
            return count == 0 ? nil : "\(count) \(name)\(count == 1 ? "" : "s")"
        }.joined(separator: " ")
    }
}

struct BurndownCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "burndown", abstract: "Show by the week how many tasks were open.",
        discussion: """
            Each bar is what was open when the week ended; the last one is now. It is made from when tasks were made and \
            ended: what was deleted does not count, and a task that was opened again counts as if it had never been closed. \
            minsky list --as-of tells from the log how things stood on a day.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .shortAndLong, help: "How many weeks are shown.")
    var weeks = 12
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try ReadStatistics(TaskRequest(try query.checked()), weeks: weeks)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: .array(found.weeks.map(\.json)), ids: []) {
            found.total == 0 ? [] : Self.lines(found.weeks, console)
        }
        if found.total == 0 { console.note("No task matches.\(console.contextNote(workspace))") }
    }

    private static func lines(_ weeks: [ReadStatistics.Week], _ console: Console) -> [String] {
        let most = weeks.map(\.open).max() ?? 0
        let notes = weeks.map { "+\($0.created) -\($0.done + $0.dropped)" }
        let columns = max(4, weeks.map { "\($0.open)".count }.max() ?? 1)
        let noteColumns = notes.map(\.count).max() ?? 0
        let head = 10 + 2 + columns
        // Where there is no room for what came and went, the bars have it.
        let hasNotes = console.width - head - 4 - noteColumns >= 8
        let room = max(1, min(40, console.width - head - 2 - (hasNotes ? noteColumns + 2 : 0)))
        let heading = TextWidth.pad("WEEK", to: 12) + TextWidth.padLeft("OPEN", to: columns)
        return [console.style.dim(heading)]
            + zip(weeks, notes).map { week, note in
                // What there is shows, however little of it.
                let length = week.open == 0 ? 0 : max(1, (week.open * room + most / 2) / max(1, most))
                let bar = String(repeating: "█", count: length)
                let line =
                    "\(week.monday.iso8601)  " + TextWidth.padLeft("\(week.open)", to: columns)
                    + (length == 0 && !hasNotes ? "" : "  ")
                return line + console.style.cyan(bar)
                    + (hasNotes ? String(repeating: " ", count: room - length) + "  " + console.style.dim(note) : "")
            }
    }
}

/// Names with numbers in columns, no wider than the terminal.
struct FigureTable {
    /// The first one is that of the names.
    let headings: [String]
    let rows: [(name: String, figures: [Int])]

    func lines(_ console: Console) -> [String] {
        let figures = (0..<headings.count - 1).map { column in
            max(headings[column + 1].count, rows.map { "\($0.figures[column])".count }.max() ?? 0)
        }
        let room = max(6, console.width - figures.reduce(0) { $0 + $1 + 2 })
        let names = rows.map { TextWidth.truncate($0.name.terminalSafe(), to: room) }
        let widest = max(headings[0].count, names.map(TextWidth.of).max() ?? 0)
        func line(_ name: String, _ texts: [String]) -> String {
            TextWidth.pad(name, to: widest)
                + zip(texts, figures).map { "  " + TextWidth.padLeft($0, to: $1) }.joined()
        }
        return [console.style.dim(line(headings[0], Array(headings.dropFirst())))]
            + zip(names, rows).map { line($0, $1.figures.map { "\($0)" }) }
    }
}
