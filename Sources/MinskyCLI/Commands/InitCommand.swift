import ArgumentParser
import MinskyApp
import MinskyModel
import MinskySQL

struct InitCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a workspace here: .minsky with a database and settings.",
        discussion: "Asks nothing, needs no account, and may be repeated: what is there stays as it is.")

    @OptionGroup var global: GlobalOptions
    @Option(
        help: ArgumentHelp("Keep the tasks in this PostgreSQL database instead of a SQLite file.", valueName: "url"))
    var dbUrl: String?

    @Option(help: ArgumentHelp("Keep them in this schema of it; minsky by default.", valueName: "name"))
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "Make a replica of the workspace in this PostgreSQL database, file or folder, and sync with it.",
            valueName: "url"))
    var clone: String?

    func validate() throws {
        if clone != nil, dbUrl != nil {
            throw ValidationError("--clone makes a SQLite file; it goes without --db-url.")
        }
    }

    func run(on console: Console) async throws {
        let made = try make(on: console)
        console.show(json: made.json, ids: []) {
            let deed = made.isNew || made.isNewFolder ? "Made" : "There is"
            let tasks = made.isNewFolder && !made.isNew ? ", for the tasks there are in \(made.database)" : ""
            return ["\(deed) a workspace in \(made.workspace.path)\(tasks)".terminalSafe()]
        }
        if made.isNewFolder, let hidden = made.hidden {
            console.note("Commands here no longer find the workspace \(hidden.path), which is further up.")
        }
        console.noteLeftOut(made.leftOut)
        if clone != nil { return console.note("Next: minsky list, and minsky sync to meet the others") }
        if made.isNew { console.note("Next: minsky tasks decompose \"Build user authentication\"") }
    }

    /// Makes the workspace. Where that fails, there is often nothing yet that `minsky doctor` could look at.
    private func make(on console: Console) throws -> InitializeWorkspace.Result {
        do {
            return try InitializeWorkspace(
                directory: console.directory, databaseURL: dbUrl, schema: schema, clone: clone
            )
            .run(in: console.environment)
        } catch let error as SQLError where error.kind == .connection {
            throw CommandFailure(
                error, hint: "Is the server up, and the address right? Nothing was made; try again.")
        } catch let error as SQLError where error.kind == .permission {
            throw CommandFailure(
                error,
                hint:
                    "See that you may use that database: its role and password, or the file and its folder. Nothing was "
                    + "made.")
        }
    }
}
