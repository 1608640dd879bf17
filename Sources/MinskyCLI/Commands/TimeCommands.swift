import ArgumentParser
import MinskyApp
import MinskyModel

struct StopCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop working on a task, which is to do again; without an id, on all of yours.",
        discussion: "start begins to take the time, stop, done, drop and reopen end it; minsky timesheet sums it up.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning; without it, whatever you work on.")
    var id: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let result = try StopWork(id: id).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: result.json, ids: result.stopped.map(\.task.id)) {
            result.stopped.filter(\.hasChanged).flatMap { stopped -> [String] in
                var task = stopped.task
                let seconds = stopped.entries.reduce(0) { $0 + $1.seconds }
                if !stopped.entries.isEmpty { task.title += " (\(Console.hours(seconds)))" }
                return console.lines("Stopped", task, result.list)
            }
        }
        for stopped in result.stopped where !stopped.hasChanged {
            let id = result.list.shortID(of: stopped.task.id)
            let others = stopped.others.joined(separator: ", ")
            console.note(
                others.isEmpty
                    ? "Nothing changed: nobody works on \(id)."
                    : "Nothing changed: you do not work on \(id); it is \(others) who does.")
        }
    }
}

struct TrackCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "track", abstract: "Add a time of yours on a task that was not measured.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String
    @Argument(help: "How long: 45m, 2h, 1h30m; without a unit, minutes.")
    var duration: String
    @Option(parsing: .unconditional, help: "On which day, or when it began: yesterday, monday, 'yesterday 14:00'.")
    var on: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let tracked = try TrackTime(id: id, minutes: try FieldPhrase.minutes(duration), on: on)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: tracked.json, ids: [tracked.entry.id]) {
            var task = tracked.task
            let dates = DatePresentation(console.environment)
            let end = tracked.entry.endedAt.map { " to " + dates.minute($0).suffix(5) } ?? ""
            let duration = Console.hours(tracked.entry.seconds)
            task.title += " (\(duration), \(dates.minute(tracked.entry.startedAt))\(end))"
            return console.lines("Tracked", task, tracked.list)
        }
        if tracked.repeated > 0 {
            console.note(
                "You have \(Console.hours(tracked.repeated)) of it on this task already; what overlaps counts once.")
        }
    }
}

struct TimesheetCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "timesheet",
        abstract: "Sum up who worked on what and how long; this week when nobody says since when.",
        discussion: """
            Days are those of your time zone: a time that goes on over midnight counts for both. What runs counts until now \
            and has a mark. A query asks for some tasks only, of every status.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(parsing: .unconditional, help: "From then on: today, monday, 'last month', 2026-12-01.")
    var since = "start of week"
    @Option(parsing: .unconditional, help: "Up to the end of that day: yesterday, friday, 2026-12-31.")
    var until: String?
    @Option(help: "day, task, project or actor.")
    var by: ReadTimesheet.Grouping = .day
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let sheet = try ReadTimesheet(TaskRequest(try query.checked()), by: by, since: since, until: until)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: sheet.json, ids: sheet.list.tasks.map(\.id)) { TimesheetLines(sheet, console).lines() }
        if sheet.groups.isEmpty { console.note("No time was taken.\(console.contextNote(workspace))") }
    }
}

extension ReadTimesheet.Grouping: ExpressibleByArgument {}

extension Console {
    /// `2h`, `1h30m`, rounded to a minute.
    static func hours(_ seconds: Int) -> String { DurationPhrase.text(minutes: (seconds + 30) / 60) }
}

/// A timesheet in lines no wider than the terminal.
struct TimesheetLines {
    let sheet: ReadTimesheet.Result
    let console: Console

    init(_ sheet: ReadTimesheet.Result, _ console: Console) {
        self.sheet = sheet
        self.console = console
    }

    private static let widest = 72

    private struct Line {
        var head: String
        var text: String
        var seconds: Int
        var isRunning: Bool
        var isHeading: Bool
    }

    func lines() -> [String] {
        guard !sheet.groups.isEmpty else { return [] }
        let tasks = Dictionary(uniqueKeysWithValues: sheet.list.tasks.map { ($0.id, $0) })
        var lines: [Line] = []
        for group in sheet.groups {
            if sheet.grouping == .task {
                let task = group.name.flatMap { tasks[$0] }
                lines.append(line(task, group.pieces, indent: ""))
                continue
            }
            let name =
                switch sheet.grouping {
                case .day: group.pieces.first.map { "\(Self.weekday($0.day)) \($0.day.iso8601)" } ?? ""
                default: group.name ?? "no project"
                }
            lines.append(
                Line(
                    head: "", text: name, seconds: group.seconds, isRunning: group.isRunning, isHeading: true))
            var order: [String] = []
            var pieces: [String: [TimePiece]] = [:]
            for piece in group.pieces {
                if pieces[piece.entry.taskID] == nil { order.append(piece.entry.taskID) }
                pieces[piece.entry.taskID, default: []].append(piece)
            }
            for id in order { lines.append(line(tasks[id], pieces[id] ?? [], indent: "  ")) }
        }
        lines.append(
            Line(
                head: "", text: "Total", seconds: sheet.seconds,
                isRunning: sheet.groups.contains(where: \.isRunning), isHeading: true))
        let times = lines.map { Console.hours($0.seconds) + ($0.isRunning ? " *" : "  ") }
        let timeColumns = times.map(TextWidth.of).max() ?? 0
        let room = max(10, min(console.width, Self.widest) - timeColumns - 2)
        let shown = zip(lines, times).map { line, time in
            let text = TextWidth.truncate(line.head + line.text.terminalSafe(), to: room)
            let whole = TextWidth.pad(text, to: room) + "  " + TextWidth.padLeft(time, to: timeColumns)
            let trimmed = String(whole.reversed().drop { $0 == " " }.reversed())
            return line.isHeading ? console.style.bold(trimmed) : trimmed
        }
        let isRunning = lines.contains(where: \.isRunning)
        return shown + (isRunning ? [console.style.dim("* goes on")] : [])
    }

    private func line(_ task: TaskItem?, _ pieces: [TimePiece], indent: String) -> Line {
        let id = task.map { sheet.list.shortID(of: $0.id).terminalSafe() } ?? ""
        return Line(
            head: "\(indent)\(id)  ", text: task?.title ?? "", seconds: pieces.reduce(0) { $0 + $1.seconds },
            isRunning: pieces.contains(where: \.isRunning), isHeading: false)
    }

    private static func weekday(_ day: CalendarDay) -> String {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday]
    }
}
