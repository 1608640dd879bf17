import ArgumentParser
import Foundation
import MinskyApp
import MinskyModel

struct DecomposeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "decompose", abstract: "Break a task down into subtasks.",
        discussion: """
            Takes the id of a task, or the title of a new one. The configured provider (minsky ai status) names the \
            subtasks with estimates, complexities and dependencies; they are stored together or not at all, and minsky \
            undo takes them back.

            The built-in planner goes by an earlier breakdown of the same kind or by a playbook. When none fits it says \
            so, names the nearest, and stores nothing.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(
        help: ArgumentHelp("The task's id or its beginning, or a new title.", valueName: "id-or-title"),
        completion: .tasks)
    var target: String
    @Option(name: .shortAndLong, parsing: .unconditional, help: "The description of a new task.")
    var description: String?
    @Option(name: .shortAndLong, help: "How many subtasks are wanted.")
    var count: Int?
    @Option(help: ArgumentHelp("A text file the planner should consider.", valueName: "file"))
    var context: String?
    @Flag(name: .long, help: "Show the subtasks without storing them.")
    var dryRun = false
    @Option(help: "Ask this provider this time: builtin, openai-compatible, openai or ollama.")
    var provider: String?
    @Option(help: "Ask this model this time.")
    var model: String?

    @Option(help: ArgumentHelp("Go by this playbook; minsky playbooks lists them.", valueName: "name"))
    var playbook: String?
    @Flag(name: .shortAndLong, help: "When no playbook fits, take the nearest one, or the frame.")
    var yes = false

    func run(on console: Console) async throws {
        if playbook != nil, provider != nil || model != nil {
            throw ValidationError("--playbook is for the built-in planner and goes with neither --provider nor --model")
        }
        let workspace = try console.workspace(["ai.provider": provider, "ai.model": model])
        let use = DecomposeTask(
            target: target, description: description, count: count, context: try contextText(console),
            isDryRun: dryRun, playbook: playbook, takesNearest: yes)
        let showsTitles = use.asksModel(workspace.configuration)
        if showsTitles { console.progress("Asking the model …") }
        let result = try await use.run(in: workspace, as: workspace.configuration.caller) { title in
            if showsTitles { console.progress("  + \(title)") }
        }
        let isPlanned = !result.subtasks.isEmpty
        console.show(
            json: result.json, ids: dryRun || !isPlanned ? [] : [result.parent.id] + result.subtasks.map(\.id)
        ) {
            !isPlanned ? [] : dryRun ? plan(result, console) : TaskTree(result.list, on: console).lines()
        }
        for note in isPlanned ? notes(result) : choices(result, console) { console.note(note) }
        if result.isNewParent, Identifier.prefix(target) != nil {
            console.note("“\(target)” is the title of a new task, as no id begins like that.")
        }
    }

    /// What is said below a breakdown.
    private func notes(_ result: DecomposeTask.Result) -> [String] {
        var notes = [result.breakdown.origin + (dryRun ? " Nothing was stored." : " minsky undo takes it back.")]
        if !result.leftOut.isEmpty {
            let titles = result.leftOut.map { "“\($0)”" }.joined(separator: ", ")
            notes.append("Left out, as it would be there twice: \(titles).")
        }
        notes += result.warnings
        if let model = result.standInEmbeddings {
            notes.append("Embeddings are \(model), as ai.embedding.model is not set.")
        }
        if let namesake = result.namesake {
            notes.append("There is another open task with this title: \(namesake.id).")
        }
        return notes
    }

    /// What is said when no playbook fits.
    private func choices(_ result: DecomposeTask.Result, _ console: Console) -> [String] {
        let frame = PlaybooksCommand.frameName
        let names = result.candidates.map(\.name) + [frame]
        let width = names.map(\.count).max() ?? 0
        var lines = ["No playbook fits, and nothing was stored. Repeat the command with one of these:"]
        for candidate in result.candidates where candidate.name != frame {
            lines.append("  --playbook \(TextWidth.pad(candidate.name, to: width))  \(candidate.title)")
        }
        lines.append("  --playbook \(TextWidth.pad(frame, to: width))  a short frame that suits any work")
        lines.append("--yes takes the first of them that may suit; minsky playbooks lists all.")
        return lines
    }

    /// The subtasks of a dry run have no ids worth showing.
    private func plan(_ result: DecomposeTask.Result, _ console: Console) -> [String] {
        var lines = TextWidth.wrap(result.parent.title.terminalSafe(), to: console.width)
        let places = Dictionary(uniqueKeysWithValues: result.subtasks.enumerated().map { ($1.id, $0 + 1) })
        for (index, task) in result.subtasks.enumerated() {
            let facts = [
                task.estimateMinutes.map(DurationPhrase.text), task.complexity.map { "complexity \($0)" },
                task.dependsOn.isEmpty
                    ? nil
                    : "after "
                        + task.dependsOn.compactMap { places[$0] }.sorted().map(String.init).joined(separator: ", "),
            ].compactMap { $0 }.joined(separator: ", ")
            let text = task.title.terminalSafe() + (facts.isEmpty ? "" : " (\(facts))")
            lines += HangingLines.of(text, after: TextWidth.padLeft("\(index + 1). ", to: 4), width: console.width)
        }
        return lines
    }

    private func contextText(_ console: Console) throws -> String? {
        guard let context else { return nil }
        let path = console.environment.absolute(context)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.notFound, "the file \(context) cannot be read")
        }
        guard data.count <= 1 << 20, let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0) else {
            throw CommandFailure(.usage, "the file \(context) is not UTF-8 text of at most 1 MB")
        }
        return text
    }
}
