import ArgumentParser
import MinskyAI
import MinskyApp
import MinskyModel

struct AICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ai", abstract: "Show and try the models.",
        subcommands: [AIStatusCommand.self, AITestCommand.self, AIUsageCommand.self])

    @OptionGroup var global: GlobalOptions
}

struct AIStatusCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which models are configured; asks none of them.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let status = try ModelStatus().run(in: try console.workspace())
        func lines(_ name: String, _ service: ModelStatus.Service) -> [String] {
            let place = service.baseURL.map { " at \($0)" } ?? ""
            let key = service.baseURL == nil ? "" : service.keySource.map { ", key from \($0)" } ?? ", no key"
            let line = "\(service.provider), \(service.model ?? "no model")\(place)\(key)"
            let problem = service.problem.map {
                HangingLines.of(
                    $0.terminalSafe(), after: TextWidth.pad("", to: 12), width: console.width, console.style.red)
            }
            return console.labelled(name, line, columns: 12) + (problem ?? [])
        }
        console.show(json: status.json, ids: []) {
            lines("breakdowns", status.chat) + lines("embeddings", status.embedding)
                + console.labelled("playbooks", status.playbooks.joined(separator: ", "), columns: 12)
        }
    }
}

struct AITestCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Ask the configured models something small.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        if workspace.configuration.usesModelServer { console.progress("Asking the model …") }
        let result: TestModels.Result
        do {
            result = try await TestModels().run(in: workspace, as: workspace.configuration.caller)
        } catch let error as AIError {
            throw CommandFailure(error, hint: Self.hint(for: error))
        }
        func lines(_ name: String, _ answer: TestModels.Answer) -> [String] {
            let text = "\(answer.provider), \(answer.model): \(answer.detail) in \(answer.milliseconds) ms"
            return console.labelled(name, text, columns: 12)
        }
        console.show(json: result.json, ids: []) {
            lines("breakdowns", result.chat) + lines("embeddings", result.embedding)
        }
    }

    /// What to type after a failed test; that nothing was stored, and that there is a test, need not be said.
    private static func hint(for error: AIError) -> String? {
        switch error.code {
        case .unreachable, .timedOut: "Is the server up? minsky ai status shows its address."
        case .rateLimited, .serverFailed: "Try again in a while."
        case .truncated: "A larger ai.maxOutputTokens may help."
        case .malformed, .empty, .tooLarge: "Another model (ai.model) may do better at breaking tasks down."
        default: CommandFailure(error)?.hint
        }
    }
}
