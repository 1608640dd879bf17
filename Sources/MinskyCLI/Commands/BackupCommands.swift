import ArgumentParser
import MinskyApp
import MinskyModel

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Save all tasks with their history in one file, and bring them back.",
        discussion: """
            A backup is consistent while others work, checked after it is written, and of no particular database: it can be \
            restored into a file or into PostgreSQL.
            """,
        subcommands: [
            BackupCreateCommand.self, BackupListCommand.self, BackupVerifyCommand.self, BackupRestoreCommand.self,
            BackupPruneCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}

struct BackupCreateCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a backup, in .minsky/backups unless a file is named.")
    @OptionGroup var global: GlobalOptions
    @OptionGroup var progress: ProgressOptions
    @Argument(help: "A file that is not there yet, or a folder.") var file: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let file = try BackUpWorkspace(to: file).run(in: workspace) { table, rows in
            console.step("copying", table, rows, progress)
        }
        console.show(json: file.json, ids: [file.path]) {
            ["Backed up \(file.contents) to \(file.path.terminalSafe())"]
        }
        console.note("minsky backup restore \(file.path.shellQuoted) brings them back.")
    }
}

struct BackupListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the backups in .minsky/backups, oldest first.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let result = try ListBackups().run(directory: console.directory, in: console.environment)
        let dates = DatePresentation(console.environment)
        console.show(json: result.json, ids: result.backups.map(\.path)) {
            result.backups.map { file in
                [
                    console.style.dim(dates.minute(file.manifest.createdAt)),
                    TextWidth.pad(file.manifest.reason.rawValue, to: 9), TextWidth.pad(file.contents, to: 12),
                    file.path.terminalSafe(),
                ].joined(separator: "  ")
            }
        }
        for problem in result.problems { console.note(problem.message) }
        if result.backups.isEmpty {
            console.note("There are no backups in \(result.folder); minsky backup create makes one.")
        }
        if let keep = result.keep, result.backups.count > keep {
            console.note("minsky backup prune removes all but the newest \(keep).")
        }
    }
}

struct BackupVerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that a backup holds what was written, byte by byte and row by row.")
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's file.") var file: String

    func run(on console: Console) async throws {
        let backup = try VerifyBackup(file).run(in: console.environment)
        console.show(json: backup.json, ids: [backup.path]) {
            let moment = DatePresentation(console.environment).minute(backup.manifest.createdAt)
            return ["\(backup.path.terminalSafe()) is sound: \(backup.contents) as of \(moment)"]
        }
    }
}

struct BackupRestoreCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put what a backup holds in the place of what the workspace holds.",
        discussion: """
            What is replaced is backed up first; a database file that cannot be read is kept beside the new one. Whoever \
            looks meanwhile sees the old tasks or the new ones, and a restore that is stopped has changed nothing.
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var progress: ProgressOptions
    @OptionGroup var assent: AssentOptions
    @Argument(help: "The backup's file.") var file: String

    func run(on console: Console) async throws {
        let result = try RestoreBackup(file).run(directory: console.directory, in: console.environment) { table, rows in
            console.step("restoring", table, rows, progress)
        }
        console.show(json: result.json, ids: []) {
            let moment = DatePresentation(console.environment).minute(result.file.manifest.createdAt)
            return ["Restored \(result.file.contents) as of \(moment)"]
        }
        if let saved = result.saved {
            console.note("What was there is kept: minsky backup restore \(saved.path.shellQuoted) brings it back.")
        }
        if let path = result.movedAside { console.note("The database that could not be read is kept in \(path)") }
        if let workspace = try? console.workspace(), workspace.configuration.upstreamPlace != nil {
            console.note(
                "The workspace has an upstream: the next sync brings back what has been done since. To keep what was restored, "
                    + "type minsky sync disable first.")
        }
    }
}

struct BackupPruneCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove the oldest backups in .minsky/backups; the newest always stays.")
    @OptionGroup var global: GlobalOptions
    @OptionGroup var assent: AssentOptions
    @Option(help: ArgumentHelp("Keep this many instead of backup.keep.", valueName: "number")) var keep: Int?

    func run(on console: Console) async throws {
        let removed = try PruneBackups(keep: keep).run(directory: console.directory, in: console.environment)
        console.show(json: .array(removed.map(\.json)), ids: removed.map(\.path)) {
            removed.map { "Removed \($0.path.terminalSafe())" }
        }
        if removed.isEmpty { console.note("Nothing to remove.") }
    }
}

extension BackupFile {
    /// How much it holds, in words.
    fileprivate var contents: String {
        let count = manifest.image.rows(of: "tasks")
        return count == 1 ? "1 task" : "\(count) tasks"
    }
}
