import ArgumentParser
import Foundation
import MinskyApp
import MinskyModel

struct ImportCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over tasks from a file of another program, or of minsky.",
        discussion: """
            Formats: taskwarrior, taskmaster, beads, todotxt, markdown, csv, json. Without one, the file's name and content \
            decide; without a file, or with -, standard input is read.

            A second import changes what has changed there, and leaves alone what was changed here. minsky undo takes the \
            whole import back.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("The format; may be left out.", valueName: "format"))
    var first: String?
    @Argument(help: ArgumentHelp("The file.", valueName: "file"))
    var second: String?
    @Flag(name: .long, help: "Bring back tasks that were deleted here.")
    var revive = false
    @Flag(name: .long, help: "Tell what would be done, and write nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Write nothing when anything cannot be taken over as it is written.")
    var strict = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let (format, path) = try choice(in: console)
        if path == nil || path == "-", console.readsTerminal {
            throw CommandFailure(
                .usage, "which file?", hint: "minsky import \(format ?? "FORMAT") FILE, or pass it on standard input.")
        }
        var use = try ImportTasks(format: format, path: path)
        (use.revives, use.isDryRun, use.isStrict) = (revive, dryRun, strict)
        let result = try use.run(in: workspace, as: workspace.configuration.caller, standardInput: Self.standardInput)
        console.show(json: result.json, ids: result.created + result.updated) {
            [summary(result)]
                + lines("Skipped", result.skipped.map { $0.ref.isEmpty ? $0.reason : "\($0.ref): \($0.reason)" })
                + lines("Note:", result.warnings)
        }
        if !dryRun, !(result.created + result.updated).isEmpty { console.note("minsky undo takes all of it back.") }
    }

    /// Which of the words is the format: one alone is, when there is a format of that name, else it is the file.
    private func choice(in console: Console) throws -> (format: String?, path: String?) {
        guard let first else { return (nil, nil) }
        if second != nil || ImportTasks.isFormat(first) { return (first, second) }
        let isThere = first == "-" || FileManager.default.fileExists(atPath: console.environment.absolute(first))
        // A word without a file of that name is more likely a format that was mistyped.
        return isThere || first.contains(where: { "./".contains($0) }) ? (nil, first) : (first, nil)
    }

    private func summary(_ result: ImportTasks.Result) -> String {
        func count(_ number: Int, _ word: String) -> String? { number == 0 ? nil : "\(number) \(word)" }
        let parts = [
            count(result.created.count, "created"), count(result.updated.count, "updated"),
            count(result.unchanged, "unchanged"), count(result.skipped.count, "skipped"),
        ].compactMap { $0 }
        let done = dryRun ? "Would import" : "Imported"
        return "\(done) from \(result.format): \(parts.isEmpty ? "no tasks" : parts.joined(separator: ", "))"
    }

    /// The most that people are shown of each kind.
    private static let most = 20

    private func lines(_ label: String, _ texts: [String]) -> [String] {
        let shown = texts.prefix(Self.most).map { "\(label) \($0.terminalSafe())" }
        let more = texts.count - shown.count
        return more > 0 ? shown + ["… and \(more) more; --json tells all"] : shown
    }

    private static func standardInput() throws -> [UInt8] {
        Array(try FileHandle.standardInput.read(upToCount: 1 << 16) ?? Data())
    }
}

struct ExportCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write tasks in a format of another program, or in minsky's own.",
        discussion: """
            Formats: taskwarrior, taskmaster, beads, todotxt, markdown, csv, json. All tasks that are not deleted are \
            written, closed ones as well, or those that a query lets through: minsky export markdown 'project:web is:open'.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The format.") var format: String
    @Argument(help: "Which tasks, as minsky list takes it.") var query: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Write into this file, whole or not at all.", valueName: "file"))
    var output: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let use = try ExportTasks(format: format, words: query)
        let caller = workspace.configuration.caller
        let result: ExportTasks.Result
        if let output {
            result = try use.run(in: workspace, as: caller, to: output)
            console.note("Wrote \(result.tasks == 1 ? "1 task" : "\(result.tasks) tasks") to \(output)")
        } else {
            result = try use.run(in: workspace, as: caller) { console.write($0) }
        }
        for loss in result.losses.prefix(20) { console.note(loss) }
        if result.losses.count > 20 { console.note("… and \(result.losses.count - 20) more that cannot be written") }
    }
}
