import ArgumentParser
import MinskyAI
import MinskyApp
import MinskyModel

struct PlaybooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbooks", abstract: "Show the playbooks the built-in planner goes by.",
        subcommands: [PlaybookListCommand.self, PlaybookShowCommand.self], defaultSubcommand: PlaybookListCommand.self)

    @OptionGroup var global: GlobalOptions

    /// The name of the playbook that suits any work.
    static let frameName = PlaybookLibrary.frameName
}

struct PlaybookListCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all playbooks with what they are for.")
    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let playbooks = try ListPlaybooks().run(in: try console.workspace())
        let width = playbooks.map { TextWidth.of($0.name.terminalSafe()) }.max() ?? 0
        console.show(json: .array(playbooks.map(\.json)), ids: playbooks.map(\.name)) {
            playbooks.flatMap { playbook in
                let name = TextWidth.pad(playbook.name.terminalSafe(), to: width + 2)
                let text = playbook.title + (playbook.isOwn ? " (this workspace's own)" : "")
                let lines = TextWidth.wrap(text.terminalSafe(), to: max(20, console.width - width - 2))
                return lines.enumerated().map { $0 == 0 ? name + $1 : TextWidth.pad("", to: width + 2) + $1 }
            }
        }
        console.note("minsky playbooks show NAME shows one; minsky tasks decompose … --playbook NAME goes by it.")
    }
}

struct PlaybookShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a playbook with its steps.")
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The playbook's name.") var name: String

    func run(on console: Console) async throws {
        let result = try ShowPlaybook(name: name).run(in: try console.workspace())
        console.show(json: result.json, ids: [result.summary.name]) {
            lines(result.playbook, console)
        }
    }

    private func lines(_ playbook: Playbook, _ console: Console) -> [String] {
        var lines = [console.style.bold(playbook.title.terminalSafe())]
        if !playbook.summary.isEmpty { lines += TextWidth.wrap(playbook.summary.terminalSafe(), to: console.width) }
        lines.append("")
        for (index, step) in playbook.steps.enumerated() {
            var facts = [step.estimateMinutes.map(DurationPhrase.text), "complexity \(step.complexity)"].compactMap {
                $0
            }
            if !step.after.isEmpty {
                facts.append("after " + step.after.map { "\($0 + 1)" }.joined(separator: ", "))
            }
            if step.isEachItem { facts.append("for each item of a list") }
            if !step.when.isEmpty { facts.append("only sometimes") }
            let text = "\(step.title) (\(facts.joined(separator: ", ")))".terminalSafe()
            let wrapped = TextWidth.wrap(text, to: max(20, console.width - 4))
            lines += wrapped.enumerated().map { place, line in
                TextWidth.padLeft(place == 0 ? "\(index + 1). " : "", to: 4) + line
            }
        }
        return lines
    }
}
