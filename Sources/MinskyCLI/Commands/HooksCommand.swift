import ArgumentParser
import MinskyApp
import MinskyModel

struct HooksCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks",
        abstract: "List the programs of the workspace that are run when something happens, or approve them.",
        discussion: """
            on-add, on-modify and on-done in .minsky/hooks look at a task before it is stored, on-conflict and on-sync-failure \
            hear of syncs; each finds a JSON object on its standard input. Look at them before you approve them: minsky help \
            hooks tells more.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(name: .long, help: "Let those that are there be run, as they are now.")
    var approve = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let hooks = Hook.Event.allCases.map { Hook($0, of: workspace) }
        if approve { for hook in hooks where hook.state != .missing { try hook.approve() } }
        let json = hooks.map { hook -> JSON in
            let problem: String? = if case .refused(let reason, _) = hook.state { reason } else { nil }
            return [
                "hook": .string(hook.event.rawValue), "path": .string(hook.path),
                "runs": .bool(hook.state == .approved), "problem": .optional(problem),
            ]
        }
        console.show(json: .array(json), ids: []) {
            hooks.flatMap { hook -> [String] in
                let name = TextWidth.pad(hook.event.rawValue, to: 17)
                switch hook.state {
                case .missing: return [name + "not there"]
                case .approved: return [name + "is run"]
                case .refused(let reason, let hint):
                    return [name + "is not run: \(reason)".terminalSafe(), "  → \(hint)".terminalSafe()]
                }
            }
        }
    }
}
