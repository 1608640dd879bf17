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
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("The task's id or its beginning, or a new title.", valueName: "id-or-title"))
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

    func run(on console: Console) async throws {
        let workspace = try console.workspace(["ai.provider": provider, "ai.model": model])
        let use = DecomposeTask(
            target: target, description: description, count: count, context: try contextText(console), isDryRun: dryRun)
        if workspace.configuration.usesModelServer { console.progress("Asking the model …") }
        let showsTitles = workspace.configuration.usesModelServer
        let result = try await use.run(in: workspace) { title in
            if showsTitles { console.progress("  + \(title)") }
        }
        let usage: JSON =
            result.breakdown.usage.map {
                ["inputTokens": .integer(Int64($0.input)), "outputTokens": .integer(Int64($0.output))]
            } ?? .null
        console.show(
            json: [
                "parent": result.parent.json, "subtasks": .array(result.subtasks.map(\.json)),
                "provider": .string(result.breakdown.provider), "model": .string(result.breakdown.model),
                "usage": usage, "warnings": .array(result.warnings.map(JSON.string)),
            ],
            ids: dryRun ? [] : [result.parent.id] + result.subtasks.map(\.id)
        ) {
            dryRun ? plan(result, console) : TaskTree(result.list, on: console).lines()
        }
        console.note(result.breakdown.origin + (dryRun ? " Nothing was stored." : " minsky undo takes it back."))
        for warning in result.warnings { console.note(warning) }
        if workspace.configuration.usesModelServer, !workspace.configuration.usesEmbeddingServer, !dryRun {
            console.note("Embeddings are \(result.embeddingModel), as ai.embedding.model is not set.")
        }
        if let namesake = result.namesake {
            console.note("There is another open task with this title: \(namesake.id).")
        }
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
            // The title gives way, not the facts.
            let tail = facts.isEmpty ? "" : " (\(facts))"
            let head = TextWidth.padLeft("\(index + 1). ", to: 4)
            let room = max(10, console.width - head.count - tail.count)
            lines.append(head + TextWidth.truncate(task.title.terminalSafe(), to: room) + tail)
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
