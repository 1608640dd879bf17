import ArgumentParser
import MinskyApp
import MinskyModel
import MinskyStore

// A migration step by step. Between the steps no process of minsky runs, and everybody works on in the file.

struct MigrateStartCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Copy the workspace to PostgreSQL, and go on working in its file.",
        discussion: """
            The copy is brought up to date by minsky migrate wait, and becomes the workspace with minsky migrate cutover. \
            minsky migrate abort ends it. A start that was interrupted is taken up by the next one.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("The PostgreSQL database, without a password.", valueName: "url"))
    var dbUrl: String

    @Option(help: ArgumentHelp("The schema of it; minsky by default.", valueName: "name"))
    var schema = "minsky"

    @OptionGroup var relocation: RelocationOptions

    func run(on console: Console) async throws {
        try follow(.upgrade(url: dbUrl, schema: schema), .following, relocation, console)
        console.note("minsky migrate cutover moves the workspace there, minsky migrate abort ends this.")
    }
}

struct MigrateWaitCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Bring the copy up to date with what was done since, until nothing is left.",
        discussion: "Ctrl-C ends the waiting; the copy stays, and is brought up to date by the next command.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var relocation: RelocationOptions

    func run(on console: Console) async throws {
        try follow(.continued, .caughtUp, relocation, console)
    }
}

struct MigrateCutoverCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Make the copy the workspace: everybody goes on in PostgreSQL.",
        discussion: """
            What is left is brought, every row is compared, and the file is closed for a moment. If that fails or is \
            interrupted, the workspace is in one place, whole; in the file, the next minsky migrate start takes the copy up.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var relocation: RelocationOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        guard
            try relocation.yes || console.confirms("Move the workspace to PostgreSQL now? Its file stays, as a backup.")
        else { return console.note("Nothing was changed.") }
        var request = RelocateWorkspace(.continued)
        request.isLive = true
        request.leavesPeers = relocation.leavePeers
        let lines = RelocationLines(console, relocation.progress)
        let moved = try request.run(in: workspace, lines.tell)
        lines.end()
        tellUpgrade(moved, console)
    }
}

struct MigrateAbortCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "End a migration that was begun; the workspace stays in its file.",
        discussion: "The schema in PostgreSQL stays, closed; another start takes it up.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let aborted = try AbortMigration().run(in: try console.workspace())
        let status = try MigrationStatus(of: try console.workspace())
        tell(status, console)
        if aborted.isMarked {
            console.note("The copy in \(aborted.place) is closed; minsky migrate start takes it up again.")
        } else {
            console.note("\(aborted.place) was not told; nobody can open the copy there.")
        }
    }
}

/// Makes a copy or brings it up to date, and tells how far behind it is.
private func follow(
    _ direction: RelocateWorkspace.Direction, _ extent: RelocateWorkspace.Extent, _ options: RelocationOptions,
    _ console: Console
) throws {
    var request = RelocateWorkspace(direction)
    request.extent = extent
    request.leavesPeers = options.leavePeers
    let lines = RelocationLines(console, options.progress)
    _ = try request.run(in: try console.workspace(), lines.tell)
    lines.end()
    tell(try MigrationStatus(of: try console.workspace()), console)
}

/// Tells where the workspace is, and how far a move of it has come.
func tell(_ status: MigrationStatus, _ console: Console) {
    console.show(json: status.json, ids: []) {
        let target = status.target.map { "\($0)" } ?? "PostgreSQL"
        let words =
            switch status.phase {
            case .local: "The workspace is in a SQLite file, \(status.place)."
            case .postgres: "The workspace is in PostgreSQL, \(status.place)."
            case .copying where status.isRunning:
                "The workspace is in \(status.place) and is being copied to \(target)."
            case .copying: "The workspace is in \(status.place); copying it to \(target) was stopped."
            case .following: "The workspace is in \(status.place); a copy in \(target) follows it."
            case .fenced: "The workspace is leaving \(status.place)."
            case .rollingBack: "The workspace is in \(status.place) and is being brought back to a file."
            }
        var lines = [words.terminalSafe()]
        if status.phase == .following {
            let began = status.startedAt.map { ", begun \(DatePresentation(console.environment).minute($0))" } ?? ""
            let lag =
                switch status.lag {
                case nil: "It is not known how far behind it is: it does not answer"
                case 0: "Nothing is left to bring"
                case 1: "1 operation is left to bring"
                case let lag?: "\(lag) operations are left to bring"
                }
            lines.append((lag + began + ".").terminalSafe())
        }
        if status.phase == .copying, !status.isRunning {
            lines.append("minsky migrate start goes on with it, minsky migrate abort ends it.")
        }
        if let backup = status.backup { lines.append("Saved before the last move: \(backup)".terminalSafe()) }
        return lines
    }
}
