import ArgumentParser
import MinskyApp
import MinskyModel
import MinskyStore

struct SyncConflictsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "List values that met another one; those to be decided about.")

    @OptionGroup var global: GlobalOptions
    @Flag(name: .long, help: "Also those that were decided about by a strategy or a person.")
    var all = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try ListConflicts(isAll: all).run(in: workspace)
        console.show(json: .array(found.conflicts.map(\.json)), ids: found.conflicts.map(\.id)) {
            guard !found.conflicts.isEmpty else {
                return [
                    all ? "No two edits have met." : "No conflict is open; --all lists those that were decided about."
                ]
            }
            let words = ConflictWords(
                titles: found.titles, replica: workspace.store.installed.replicaID, environment: console.environment)
            return found.conflicts.flatMap { words.lines($0, console.style) }
        }
    }
}

struct SyncResolveCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Decide about conflicts, or put a value back that lost.",
        discussion: """
            --ours and --theirs are the value of this replica and the other one. On a terminal, without any of them, it asks \
            field by field. All is decided in one operation.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("The conflicts (minsky sync conflicts shows them).", valueName: "id"))
    var ids: [String] = []

    @Flag(name: .long, help: "All conflicts that are open.")
    var all = false

    @Flag(help: "Which value is to stand.")
    var side: Side?

    @Option(help: ArgumentHelp("Another value; may be given several times.", valueName: "field=value"))
    var set: [String] = []

    enum Side: String, EnumerableFlag { case ours, theirs, kept, lost }

    func run(on console: Console) async throws {
        guard all != !ids.isEmpty else {
            throw CommandFailure(
                .usage, all ? "--all goes without ids" : "say which conflict is to be decided about",
                hint: "minsky sync conflicts shows their ids; --all means every one that is open.")
        }
        guard set.isEmpty || ids.count == 1 else { throw CommandFailure(.usage, "--set is for one conflict") }
        let choice = try choice()
        guard choice != nil || console.isInteractive else {
            throw CommandFailure(
                .usage, "say which value is to stand", hint: "--ours, --theirs, --kept, --lost, or --set FIELD=VALUE.")
        }
        let workspace = try console.workspace()
        let listed = try ListConflicts(isAll: !all).run(in: workspace)
        let meant =
            try all ? listed.conflicts.map(\.id) : workspace.store.read { try ids.map($0.oneConflict).map(\.id) }
        guard !meant.isEmpty else { return console.show(json: [], ids: []) { ["No conflict is open."] } }
        let decisions: [ResolveConflict.Decision]
        if let choice {
            decisions = meant.map { .init(id: $0, choice) }
        } else {
            let questions = ConflictQuestions(
                words: ConflictWords(
                    titles: listed.titles, replica: workspace.store.installed.replicaID,
                    environment: console.environment),
                workspace: workspace, console: console)
            guard let answers = try questions.ask(listed.conflicts.filter { meant.contains($0.id) }), !answers.isEmpty
            else { return console.note("Nothing was changed.") }
            decisions = answers
        }
        var request = ResolveConflict(decisions)
        request.passesOver = all
        let result = try request.run(in: workspace, as: workspace.configuration.caller)
        let done = result.decided
        for (conflict, reason) in result.left { console.note("Left open \(conflict.shortID): \(reason)") }
        let json = ids.count == 1 ? done.first?.json ?? .null : .array(done.map(\.json))
        console.show(json: json, ids: done.map(\.id)) { done.map { "Resolved \($0.shortID)." } }
    }

    /// What the options choose, or nil when they leave it to be asked.
    private func choice() throws -> ResolveConflict.Choice? {
        switch (side, set.isEmpty) {
        case (.ours?, true): return .ours
        case (.theirs?, true): return .theirs
        case (.kept?, true): return .kept
        case (.lost?, true): return .lost
        case (nil, false): return .set(try values())
        case (nil, true): return nil
        case (_?, false): throw CommandFailure(.usage, "--set goes without another choice")
        }
    }

    private func values() throws -> [String: String] {
        let pairs = try set.map { text -> (String, String) in
            guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                throw CommandFailure(.usage, "--set takes field=value, not '\(text)'")
            }
            return (String(text[..<sign]), String(text[text.index(after: sign)...]))
        }
        return Dictionary(pairs) { $1 }
    }
}
