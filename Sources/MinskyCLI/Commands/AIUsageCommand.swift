import ArgumentParser
import MinskyApp
import MinskyModel

struct AIUsageCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "Show how often models were asked, and how many tokens that took.",
        discussion: "Where the calls are shared (minsky sync policy ai_calls shared), those of everybody.")

    @OptionGroup var global: GlobalOptions
    @Option(help: "Calls of so many days.")
    var days = 30

    func run(on console: Console) async throws {
        let usage = try SumUpCalls(days: days).run(in: try console.workspace())
        console.show(json: usage.json, ids: []) {
            guard !usage.models.isEmpty else { return ["No model was asked over the network."] }
            return usage.models.map { model in
                let failed = model.failed == 0 ? "" : ", \(model.failed) failed"
                let calls = model.calls == 1 ? "1 call" : "\(model.calls) calls"
                return "\(model.provider), \(model.model): \(calls)\(failed), "
                    .terminalSafe() + "\(model.inputTokens) tokens in, \(model.outputTokens) out"
            }
        }
        if let upstream = usage.upstream, let problem = usage.problem {
            console.note(
                "The calls are at the upstream \(upstream), which cannot be asked: \(problem). Counted are those that wait here."
            )
        }
    }
}
