import ArgumentParser
import MinskyApp
import MinskyModel

struct PrimeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "prime", abstract: "Print the one page that an agent needs before it begins.",
        discussion: "The rules of minsky help agents, who you are, and what there is to do.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try PrimeAgent().run(in: workspace, as: workspace.configuration.caller)
        console.show(json: found.json(guide: AgentGuide.text), ids: found.ready.tasks.map(\.id)) {
            AgentGuide.lines(found)
        }
    }
}

struct AgentsCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents-md", abstract: "Print the rules for agents, or write them into AGENTS.md.",
        discussion: """
            --write puts them into AGENTS.md beside the folder .minsky, between two marks; what stands outside of these \
            stays as it is.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Write them into AGENTS.md.")
    var write = false

    func run(on console: Console) async throws {
        guard write else {
            let text = AgentGuide.text
            console.show(json: ["text": .string(text)], ids: [text]) {
                text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
            return
        }
        let written = try WriteAgentsFile(text: AgentGuide.text).run(in: try console.workspace().workspace)
        console.show(json: written.json, ids: [written.path]) {
            written.hasChanged ? ["Wrote \(written.path.terminalSafe())"] : []
        }
        if !written.hasChanged { console.note("Nothing changed: \(written.path) says that already.") }
    }
}

/// What agents are told: a part of docs/agents.md, and how the workspace stands.
enum AgentGuide {
    /// The rules, as Markdown; the same in every workspace.
    static let text = "## Tasks: minsky\n\n" + HelpTopic.agents.section("The loop")

    /// The rules with the state of a workspace below, as Markdown.
    static func lines(_ found: PrimeAgent.Result) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let kind =
            found.caller.isAgent ? "an agent" : "a person; an agent sets MINSKY_ACTOR and MINSKY_ACTOR_KIND=agent"
        lines += ["", "## Now", "", "You are \(found.caller.name.terminalSafe()), \(kind)."]
        lines.append(found.counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ") + ".")
        if let context = found.context { lines.append("The context @\(context.terminalSafe()) holds for every list.") }
        if !found.fields.isEmpty {
            let fields = found.fields.map { "\($0.name) (\($0.kind))".terminalSafe() }.joined(separator: ", ")
            lines.append("Fields of this workspace, for --set: \(fields).")
        }
        lines += tasks("You are doing:", found.doing) + tasks("Ready, the most urgent first:", found.ready)
        return lines
    }

    private static func tasks(_ heading: String, _ list: TaskList) -> [String] {
        guard !list.tasks.isEmpty else { return [] }
        return ["", heading, ""]
            + list.tasks.map { task in
                let title = TextWidth.truncate(String(task.title.prefix(400)).terminalSafe(), to: 100)
                return "- \(list.shortID(of: task.id).terminalSafe())  \(title)"
            }
    }
}
