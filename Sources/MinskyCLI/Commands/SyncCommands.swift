import ArgumentParser
import MinskyApp
import MinskyModel
import MinskyStore

struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Work alone, and meet others at an upstream.",
        discussion: """
            minsky sync brings edits to the upstream and back, once. What two people wrote into one field without having \
            seen each other's is decided about there; no value is lost (minsky sync conflicts --all).
            """,
        subcommands: [
            SyncOnceCommand.self, SyncEnableCommand.self, SyncStatusCommand.self, SyncConflictsCommand.self,
            SyncResolveCommand.self, SyncWatchCommand.self, SyncStrategyCommand.self, SyncPolicyCommand.self,
            SyncPeersCommand.self, HooksCommand.self, SyncResetCommand.self, SyncDisableCommand.self,
        ],
        defaultSubcommand: SyncOnceCommand.self)

    @OptionGroup var global: GlobalOptions
}

struct SyncOnceCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "now", abstract: "Bring edits to the upstream and back, once.", shouldDisplay: false)

    @OptionGroup var global: GlobalOptions
    @Flag(name: .long, help: "Only bring here what the upstream has.")
    var pull = false

    @Flag(name: .long, help: "Only bring there what is here.")
    var push = false

    @Flag(name: .customLong("in-background"), help: .hidden)
    var inBackground = false

    func validate() throws {
        if pull, push { throw ValidationError("--pull and --push are both done without either.") }
    }

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        if inBackground { return try BackgroundSync().run(in: workspace) }
        let done = try SyncOnce(pull ? .pull : push ? .push : .both).run(in: workspace)
        console.show(json: done.json, ids: []) { SyncLines.of(done) }
    }
}

struct SyncEnableCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Give the workspace an upstream, or join one that is there.",
        discussion: """
            The upstream is a schema of a PostgreSQL database, or another SQLite file on a local disk. Where there is nothing \
            yet it is made, with everything that is here.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("The upstream: a PostgreSQL database, a file or a folder.", valueName: "url"))
    var remoteDb: String

    @Option(help: ArgumentHelp("The schema of the PostgreSQL database; minsky by default.", valueName: "name"))
    var schema: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let enabled = try EnableSync(url: remoteDb, schema: schema).run(in: workspace) { table, rows in
            console.counter(rows == 0 ? nil : "copying \(table): \(rows) rows")
        }
        console.counter(nil)
        console.show(json: enabled.sync.json, ids: []) {
            let deed = enabled.isNew ? "Made the upstream" : "Joined the upstream"
            return ["\(deed) \(enabled.upstream).".terminalSafe()] + SyncLines.of(enabled.sync)
        }
    }
}

struct SyncStatusCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell what waits to be pushed and pulled, and whether the last sync failed.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let status = try SyncStatus(of: workspace)
        let dates = DatePresentation(console.environment)
        console.show(json: status.json, ids: []) {
            var lines = ["Upstream   \(status.upstream)"]
            lines.append("Ahead      \(status.ahead == 0 ? "nothing waits here" : "\(status.ahead) to be pushed")")
            lines.append(
                "Behind     "
                    + (status.behind.map { $0 == 0 ? "nothing waits there" : "\($0) to be pulled" } ?? "not known"))
            lines.append("Conflicts  \(status.conflicts == 0 ? "none is open" : "\(status.conflicts) open")")
            lines.append("Last sync  \(status.lastSync.map(dates.minute) ?? "never")")
            if let error = status.error {
                lines.append("Error      \(error)")
                if let retry = status.retryAt { lines.append("Next try   \(dates.minute(retry))") }
            }
            return lines.map { $0.terminalSafe() }
        }
    }
}

struct SyncStrategyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "strategy", abstract: "Choose who wins where two edits met; without a strategy, tell.",
        discussion: """
            merge_fields (field by field, the later edit), last_write_wins (row by row), local_wins (who pushes), \
            remote_wins (who was there first), manual (who was there first, until somebody decides). It holds for all replicas.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(
        help: ArgumentHelp("A table, if it is to hold for that one only, and the strategy.", valueName: "strategy"))
    var words: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        if let word = words.last {
            guard words.count <= 2 else { throw CommandFailure(.usage, "strategy takes a table and a strategy") }
            guard let strategy = SyncStrategy(rawValue: word) else {
                let names = SyncStrategy.allCases.map(\.rawValue)
                throw CommandFailure(
                    .usage, "there is no strategy '\(word)'",
                    hint: NearestMatch.of(word, among: names).map { "Did you mean \($0)?" }
                        ?? names.joined(separator: ", "))
            }
            try ChooseStrategy(table: words.count == 2 ? words[0] : nil, strategy: strategy)
                .run(in: workspace, as: workspace.configuration.caller)
        }
        var chosen = try workspace.store.read { try $0.strategies() }
        let others = chosen["*"] ?? .mergeFields
        chosen["*"] = others
        let json = JSON.object(chosen.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value.rawValue)) })
        console.show(json: json, ids: []) {
            let lines = chosen.filter { $0.key != "*" }.sorted { $0.key < $1.key }.map {
                "\($0.key)  \($0.value.rawValue)"
            }
            return lines + ["\(lines.isEmpty ? "all tables" : "all others")  \(others.rawValue)"]
        }
    }
}

struct SyncDisableCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Forget the upstream; all tasks stay, here and there.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let left = try DisableSync().run(in: workspace)
        console.show(json: ["upstream": .string("\(left.upstream)"), "ahead": .integer(Int64(left.waiting))], ids: []) {
            let count = left.waiting == 1 ? "1 operation was" : "\(left.waiting) operations were"
            let waiting = left.waiting == 0 ? "" : " \(count) not pushed, only kept here."
            return ["No longer synced with \(left.upstream).\(waiting)".terminalSafe()]
        }
    }
}
