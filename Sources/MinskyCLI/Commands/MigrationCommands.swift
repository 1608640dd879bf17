import ArgumentParser
import MinskyApp
import MinskyModel
import MinskyStore

struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Move the workspace to a larger database.",
        subcommands: [ToPostgresCommand.self])

    @OptionGroup var global: GlobalOptions
}

/// The options of what moves a workspace.
struct RelocationOptions: ParsableArguments {
    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @Option(help: ArgumentHelp("How to tell progress on standard error: text or json.", valueName: "form"))
    var progress: ProgressForm = .text

    @Flag(name: .long, help: "Move the workspace although others sync with it; they have to be told where it went.")
    var leavePeers = false

    enum ProgressForm: String, ExpressibleByArgument { case text, json }
}

struct ToPostgresCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "to-postgres", abstract: "Move the workspace from its file to PostgreSQL, history included.",
        discussion: """
            Others may go on working meanwhile. Whatever fails or is interrupted, the workspace is in one place, whole; \
            what there was stays in pre-migration-backup.db. minsky migrate rollback brings everything back.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("The PostgreSQL database, without a password.", valueName: "url"))
    var dbUrl: String

    @Option(help: ArgumentHelp("The schema of it; minsky by default.", valueName: "name"))
    var schema = "minsky"

    @Flag(name: .long, help: "Only look for what is in the way.")
    var dryRun = false

    @Flag(name: .long, help: "Others write a lot: close the file only once the copy is close behind.")
    var live = false

    @OptionGroup var relocation: RelocationOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let place = DatabasePlace(url: dbUrl, schema: schema)
        guard
            try dryRun || relocation.yes
                || console.confirms("Move the workspace to \(place)? Its file stays, as a backup.")
        else { return console.note("Nothing was changed.") }
        var request = RelocateWorkspace(.upgrade(url: dbUrl, schema: schema), isDryRun: dryRun)
        request.isLive = live
        request.leavesPeers = relocation.leavePeers
        let lines = RelocationLines(console, relocation.progress)
        let moved = try request.run(in: workspace, lines.tell)
        lines.end()
        tellUpgrade(moved, console)
    }
}

/// Tells where the workspace is after an upgrade.
func tellUpgrade(_ moved: RelocateWorkspace.Result, _ console: Console) {
    console.show(json: moved.json, ids: []) {
        if moved.isDryRun {
            return ["Nothing is in the way of moving to \(moved.place).".terminalSafe()] + counts(moved)
        }
        return ["Moved to \(moved.place).".terminalSafe()] + counts(moved)
    }
    guard !moved.isDryRun else { return }
    if let backup = moved.backup { console.note("The workspace as it was: \(backup)") }
    console.note("minsky migrate rollback brings it back to a file, with everything done since.")
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move the workspace to PostgreSQL step by step, see where it is, or bring it back to a file.",
        subcommands: [
            MigrateStartCommand.self, MigrateWaitCommand.self, MigrateCutoverCommand.self, MigrateAbortCommand.self,
            MigrateStatusCommand.self, MigrateRollbackCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}

struct MigrateStatusCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell where the workspace is, and how far a move of it has come.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let status = try MigrationStatus(of: try console.workspace())
        tell(status, console)
    }
}

struct MigrateRollbackCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring the workspace back from PostgreSQL to its file, with everything done since.",
        discussion: "The schema in PostgreSQL stays, closed to changes. Upgrading again continues there.")

    @OptionGroup var global: GlobalOptions
    @Flag(name: .long, help: "Only look for what is in the way.")
    var dryRun = false

    @Flag(
        name: .long,
        help: "Bring rows that were changed behind the change log's back as they are, logged as one operation.")
    var takeValues = false

    @OptionGroup var relocation: RelocationOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        guard try dryRun || relocation.yes || console.confirms("Bring the workspace back to a SQLite file?") else {
            return console.note("Nothing was changed.")
        }
        let lines = RelocationLines(console, relocation.progress)
        var request = RelocateWorkspace(
            .rollback, isDryRun: dryRun, takingValuesAs: takeValues ? workspace.configuration.caller : nil)
        request.leavesPeers = relocation.leavePeers
        let moved = try request.run(in: workspace, lines.tell)
        lines.end()
        console.show(json: moved.json, ids: []) {
            if moved.isDryRun {
                return ["Nothing is in the way of moving to \(moved.place).".terminalSafe()] + counts(moved)
            }
            let brought = moved.changes == 1 ? "1 change was" : "\(moved.changes) changes were"
            return ["Back in \(moved.place); \(brought) brought along.".terminalSafe()] + counts(moved)
        }
    }
}

/// The rows of the tables that hold any.
private func counts(_ moved: RelocateWorkspace.Result) -> [String] {
    let filled = moved.tables.filter { $0.rows > 0 }
    let width = filled.map { $0.table.count }.max() ?? 0
    return filled.map { "  \($0.table)\(String(repeating: " ", count: width - $0.table.count))  \($0.rows)" }
}
