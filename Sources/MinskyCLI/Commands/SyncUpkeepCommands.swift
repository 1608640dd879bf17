import ArgumentParser
import Foundation
import MinskyApp
import MinskyModel
import MinskyStore

struct SyncWatchCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Stay in step with the upstream, until Ctrl-C or SIGTERM.",
        discussion:
            "Prints one line whenever something came or went. While the upstream is away it is tried again, ever more rarely."
    )

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        // At once, whatever is being waited for: what has not been committed is brought by the next sync.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
        let dates = DatePresentation(console.environment)
        func tell(_ event: WatchSync.Event) {
            let now = console.environment.now()
            switch event {
            case .synced(let result):
                let json = JSON.object([.init("at", .string(now.iso8601))] + (result.json.members ?? []))
                console.show(json: json, ids: []) {
                    [dates.minute(now) + "  " + SyncLines.of(result).joined(separator: " ")]
                }
            case .failed(let message, let seconds):
                let json: JSON = [
                    "at": .string(now.iso8601), "error": .string(message),
                    "retryAfterSeconds": .integer(Int64(seconds)),
                ]
                console.show(json: json, ids: []) {
                    ["\(dates.minute(now))  \(message); tried again in \(seconds) s".terminalSafe()]
                }
            }
        }
        try WatchSync().run(in: try console.workspace(), tell)
    }
}

struct SyncPolicyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Choose which way a table goes; without arguments, tell.",
        discussion: """
            both; push (from here to the upstream only); pull (from there to here only, and not changed here); shared (at the \
            upstream only, which is asked by who reads them); isolated (never leaves this store). It holds for this replica.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The table.")
    var table: String?

    @Argument(help: ArgumentHelp("both, push, pull, shared or isolated.", valueName: "policy"))
    var policy: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        if let table {
            guard let policy else {
                throw CommandFailure(.usage, "say which way \(table) is to go: both, push, pull, shared or isolated")
            }
            let names = SyncPolicy.allCases.map(\.rawValue)
            guard let chosen = SyncPolicy(rawValue: policy) else {
                throw CommandFailure(
                    .usage, "there is no policy '\(policy)'",
                    hint: NearestMatch.of(policy, among: names).map { "Did you mean \($0)?" }
                        ?? names.joined(separator: ", "))
            }
            try ChoosePolicy(table: table, policy: chosen).run(in: workspace, as: workspace.configuration.caller)
        }
        let policies = try workspace.store.read { try $0.policies() }
        let tables = workspace.store.schema.domainTables.map(\.name)
        let json = JSON.object(tables.map { .init($0, .string(policies[$0].rawValue)) })
        console.show(json: json, ids: []) {
            let width = tables.map(\.count).max() ?? 0
            return tables.map { TextWidth.pad($0, to: width + 2) + policies[$0].rawValue }
        }
    }
}

struct SyncPeersCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers", abstract: "List the replicas of the upstream, or have it forget one.",
        discussion: "minsky sync peers forget ID: when that replica comes back, it begins with a copy of what there is."
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("forget and the beginning of a replica's id.", valueName: "forget id"))
    var words: [String] = []

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        if !words.isEmpty {
            guard words.count == 2, words[0] == "forget" else {
                throw CommandFailure(.usage, "peers takes nothing, or forget and the id of a replica")
            }
            try SyncPeers().forget(words[1], in: workspace)
        }
        let peers = try SyncPeers().list(in: workspace)
        let dates = DatePresentation(console.environment)
        let json = JSON.array(
            peers.map {
                [
                    "id": .string($0.replicaID), "name": .string($0.name), "sequence": .integer($0.sequence),
                    "lastSync": .string($0.seenAt.iso8601), "host": .optional($0.host),
                    "behind": .integer(Int64($0.behind)), "replaced": .bool($0.isReplaced),
                ]
            })
        console.show(json: json, ids: peers.map(\.replicaID)) {
            peers.map { peer in
                let name = peer.name + (peer.host.map { " on \($0)" } ?? "")
                let behind = peer.behind == 0 ? "" : ", \(peer.behind) behind"
                let replaced = peer.isReplaced ? ", replaced by a later one of that folder" : ""
                return "\(peer.replicaID)  \(dates.minute(peer.seenAt))  \(name)\(behind)\(replaced)".terminalSafe()
            }
        }
    }
}

struct SyncResetCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Bring the workspace and its upstream together again after one was set back.",
        discussion: """
            From local: the upstream gets every operation that it lacks. From upstream: the workspace becomes what the upstream \
            is; a backup keeps what was here.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("Which of the two is right: local or upstream.", valueName: "side"))
    var from: Side

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    enum Side: String, ExpressibleByArgument { case local, upstream }

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        guard
            try from == .local || yes
                || console.confirms("Replace what is here by what the upstream has? A backup is made before.")
        else { return console.note("Nothing was changed.") }
        let done = try ResetSync(from: from == .local ? .local : .upstream).run(in: workspace)
        console.show(json: done.sync.json, ids: []) { SyncLines.of(done.sync) }
        if let backup = done.backup { console.note("What was here: \(backup)") }
        console.noteLeftOut(done.leftOut)
    }
}

struct CompactCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Remove from the log what old operations changed; tasks stay as they are.",
        discussion: """
            What is removed can no longer be undone or seen in the history. What a replica that has synced within 30 days does \
            not have yet is left alone.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "Leave the operations of so many days alone.")
    var days = CompactLog.usualDays

    func run(on console: Console) async throws {
        let done = try CompactLog(days: days).run(in: try console.workspace())
        console.show(json: ["changes": .integer(Int64(done.changes)), "floor": .integer(done.floor)], ids: []) {
            done.changes == 0
                ? ["There is nothing old enough to be removed."]
                : ["Removed \(done.changes) changes; the history is complete after operation \(done.floor)."]
        }
    }
}
