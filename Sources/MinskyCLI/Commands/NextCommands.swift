import ArgumentParser
import MinskyApp
import MinskyModel

struct ReadyCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Show the tasks that can be begun, the most urgent first.",
        discussion: """
            To do, and waiting for nothing: no open task, no date, no open subtask. A query asks for some of them only.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Say why each is as urgent as it is.")
    var explain = false
    @OptionGroup var listing: ListingOptions
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        try console.rank(
            RankTasks(listing.request(try query.checked()), isFree: true), listing, isExplained: explain)
    }
}

struct NextCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show what to do next: the most urgent tasks that wait for nothing.",
        discussion: "Tasks that are being done are among them. --explain tells why; --limit 1 shows the one.")

    /// How many are shown when nobody says.
    private static let usual = 5

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Say why each is as urgent as it is.")
    var explain = false
    @OptionGroup var listing: ListingOptions
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        var request = listing.request(try query.checked())
        request.usualLimit = Self.usual
        try console.rank(RankTasks(request), listing, isExplained: explain)
    }
}

extension Console {
    fileprivate func rank(_ ranking: RankTasks, _ listing: ListingOptions, isExplained: Bool) throws {
        let workspace = try workspace()
        let found = try ranking.run(in: workspace, as: workspace.configuration.caller)
        try show(
            found.list, listing, columns: workspace.configuration.columns, json: found.json(isExplained: isExplained)
        ) {
            let urgency = TaskColumn.number("urgency") { found.urgencies[$0.id].map { Self.figure($0.total) } ?? "" }
            let tree = TaskTree(found.list, on: self, columns: [urgency] + TaskColumn.usual, isFlat: true)
            guard isExplained else { return tree.lines() }
            return found.list.tasks.flatMap { task in explained(task, found) }
        }
        if found.list.tasks.isEmpty {
            note("Nothing is ready. minsky list is:blocked shows what waits for what.\(contextNote(workspace))")
        }
    }

    /// A task, and a line for each of the reasons for its urgency.
    private func explained(_ task: TaskItem, _ found: RankTasks.Result) -> [String] {
        guard let urgency = found.urgencies[task.id] else { return [] }
        let total = TextWidth.padLeft(Self.figure(urgency.total), to: 6)
        let id = found.list.shortID(of: task.id).terminalSafe()
        let title = TitleLines.of(
            task.title, after: "\(total)  \(id)  ", styled: "\(total)  \(style.cyan(id))  ", width: width)
        let names = urgency.factors.map { TextWidth.of($0.name.terminalSafe()) }.max() ?? 0
        return title
            + urgency.factors.map { factor in
                let points = TextWidth.padLeft(Self.figure(factor.points), to: 6)
                let name = TextWidth.pad(factor.name.terminalSafe(), to: names)
                return style.dim(
                    "\(points)  \(name)  \(Self.figure(factor.measure)) × \(Self.figure(factor.coefficient))")
            }
    }

    /// Two digits after the point.
    private static func figure(_ value: Double) -> String {
        let hundredths = Int((min(max(value, -1e12), 1e12) * 100).rounded())
        let digits = "\(abs(hundredths) % 100)"
        return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(digits.count == 1 ? "0" : "")\(digits)"
    }
}

struct SearchCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find tasks by words in title, tags, description and notes, closed ones too.",
        discussion: "The best match comes first. Where no task has all of the words, those with some are shown.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var listing: ListingOptions
    @OptionGroup var query: QueryArguments

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try SearchTasks(listing.request(try query.checked()))
            .run(in: workspace, as: workspace.configuration.caller)
        try console.show(found.list, listing, columns: workspace.configuration.columns, json: found.json) {
            TaskTree(found.list, on: console, columns: TaskColumn.usual, isFlat: true).lines()
        }
        if found.matches.isEmpty {
            console.note("No task matches.\(console.contextNote(workspace))")
        } else if found.isPartial {
            console.note("No task has all of the words; these have some.")
        }
    }
}

struct ClaimCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "claim", abstract: "Take a task to work on; of several who want it, exactly one gets it.",
        discussion: """
            The task becomes yours and is started. Without an id, the most urgent task that is ready and free is taken, of \
            those that a query asks for. Exit 4 when another holds it.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or a query of which the most urgent task is taken.", completion: .tasks)
    var words: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let isOne = words.count == 1 && !TaskChoice(words).isQuery
        let claimed = try (isOne ? ClaimTask(id: words[0]) : ClaimTask(from: TaskRequest(words)))
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(claimed, verb: "Claimed")
    }
}

struct NoteCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Write a note on a task.",
        discussion: "- as the text reads it from standard input; without a text, your editor opens.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.", completion: .tasks)
    var id: String
    @Argument(parsing: .remaining, help: "The text; several words need no quotes.")
    var text: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let typed = text.joined(separator: " ")
        let body = text.isEmpty ? try console.edited("", name: "note.md") : try console.text(typed)
        let written = try AddNote(id: id, body: body).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: written.json, ids: [written.note.id]) {
            console.lines("Noted on", written.task, written.list)
        }
    }
}
