import ArgumentParser
import MinskyApp
import MinskyModel

struct AICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ai", abstract: "Show and try the models.",
        subcommands: [AIStatusCommand.self, AITestCommand.self])

    @OptionGroup var global: GlobalOptions
}

struct AIStatusCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which models are configured; asks none of them.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let status = try ModelStatus().run(in: try console.workspace())
        func json(_ service: ModelStatus.Service) -> JSON {
            [
                "provider": .string(service.provider), "baseUrl": .optional(service.baseURL),
                "model": .optional(service.model), "keySource": .optional(service.keySource),
                "problem": .optional(service.problem),
            ]
        }
        func lines(_ name: String, _ service: ModelStatus.Service) -> [String] {
            let place = service.baseURL.map { " at \($0)" } ?? ""
            let key = service.baseURL == nil ? "" : service.keySource.map { ", key from \($0)" } ?? ", no key"
            let line = "\(service.provider), \(service.model ?? "no model")\(place)\(key)"
            return [console.style.dim(TextWidth.pad(name, to: 12)) + line.terminalSafe()]
                + (service.problem.map { [TextWidth.pad("", to: 12) + console.style.red($0.terminalSafe())] } ?? [])
        }
        console.show(
            json: [
                "chat": json(status.chat), "embedding": json(status.embedding),
                "playbooks": .array(status.playbooks.map(JSON.string)),
            ],
            ids: []
        ) {
            lines("breakdowns", status.chat) + lines("embeddings", status.embedding)
                + TextWidth.wrap(
                    status.playbooks.joined(separator: ", ").terminalSafe(), to: max(20, console.width - 12)
                ).enumerated().map { index, line in
                    console.style.dim(TextWidth.pad(index == 0 ? "playbooks" : "", to: 12)) + line
                }
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
        let result = try await TestModels().run(in: workspace, as: workspace.configuration.caller)
        func json(_ answer: TestModels.Answer) -> JSON {
            [
                "provider": .string(answer.provider), "model": .string(answer.model),
                "milliseconds": .integer(Int64(answer.milliseconds)), "detail": .string(answer.detail),
            ]
        }
        func line(_ name: String, _ answer: TestModels.Answer) -> String {
            let text = "\(answer.provider), \(answer.model): \(answer.detail) in \(answer.milliseconds) ms"
            return console.style.dim(TextWidth.pad(name, to: 12)) + text.terminalSafe()
        }
        console.show(json: ["chat": json(result.chat), "embedding": json(result.embedding)], ids: []) {
            [line("breakdowns", result.chat), line("embeddings", result.embedding)]
        }
    }
}
