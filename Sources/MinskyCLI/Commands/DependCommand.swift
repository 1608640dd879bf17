import ArgumentParser
import MinskyApp
import MinskyModel

struct DependCommand: QueryCommand {
    static let configuration = CommandConfiguration(
        commandName: "depend", abstract: "Let a task wait for others, or show what waits for what.",
        discussion: """
            minsky tasks depend A --on B lets A wait for B, --off takes that away. --graph prints what waits for what as \
            Mermaid, or with --graph dot for Graphviz, of the open tasks or of those that a query asks for.
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning; with --graph a query.", completion: .tasks)
    var words: [String] = []
    @Option(help: ArgumentHelp("A task that must be done first; may be repeated.", valueName: "id"), completion: .tasks)
    var on: [String] = []
    @Option(help: ArgumentHelp("A task it waits for no longer; may be repeated.", valueName: "id"), completion: .tasks)
    var off: [String] = []
    @Option(help: ArgumentHelp("Print the graph: mermaid or dot.", valueName: "format"))
    var graph: String?

    func validate() throws {
        if let graph, GraphText.Format(rawValue: graph) == nil {
            throw ValidationError("There is no graph '\(graph)'; it is mermaid or dot")
        }
        if graph == nil, words.count != 1 { throw ValidationError("Name one task") }
        if graph == nil, on.isEmpty, off.isEmpty { throw ValidationError("Name what it waits for: --on ID") }
    }

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let caller = workspace.configuration.caller
        if let format = graph.flatMap(GraphText.Format.init(rawValue:)) {
            let found = try ListTasks(TaskRequest(words)).run(in: workspace, as: caller).list
            let text = GraphText(found)
            console.show(json: text.json, ids: found.tasks.map(\.id)) { text.lines(format) }
            return
        }
        var edit = TaskEdit()
        edit.addedDependencies = on
        edit.removedDependencies = off
        let edited = try EditTask(ids: words, fields: edit).run(in: workspace, as: caller)
        if let only = edited.first { console.show(only, verb: "Changed") }
    }
}

/// What waits for what, for programs that draw graphs.
struct GraphText {
    /// The languages of graphs.
    enum Format: String { case mermaid, dot }

    let list: TaskList

    init(_ list: TaskList) { self.list = list }

    private var edges: [(from: TaskItem, to: TaskItem)] {
        let byID = Dictionary(list.tasks.map { ($0.id, $0) }) { first, _ in first }
        return list.tasks.flatMap { task in task.dependsOn.compactMap { byID[$0] }.map { (from: $0, to: task) } }
    }

    var json: JSON {
        [
            "nodes": .array(list.tasks.map { ["id": .string($0.id), "title": .string($0.title)] }),
            "edges": .array(edges.map { ["from": .string($0.from.id), "to": .string($0.to.id)] }),
        ]
    }

    /// The graph: what must be done first stands before what waits for it.
    func lines(_ format: Format) -> [String] {
        switch format {
        case .mermaid:
            ["flowchart LR"] + list.tasks.map { "  \($0.id)[\"\(Self.mermaid($0.title))\"]" }
                + edges.map { "  \($0.from.id) --> \($0.to.id)" }
        case .dot:
            ["digraph tasks {", "  rankdir=LR;", "  node [shape=box];"]
                + list.tasks.map { "  \"\($0.id)\" [label=\"\(Self.dot($0.title))\"];" }
                + edges.map { "  \"\($0.from.id)\" -> \"\($0.to.id)\";" } + ["}"]
        }
    }

    /// Mermaid takes characters that mean something to it as numbers (mermaid.js.org, "Entity codes").
    private static func mermaid(_ text: String) -> String {
        String(
            text.terminalSafe().flatMap { character -> String in
                guard let byte = character.asciiValue, !character.isLetter, !character.isNumber, character != " " else {
                    return String(character)
                }
                return "#\(byte);"
            })
    }

    private static func dot(_ text: String) -> String {
        text.terminalSafe().flatMap { ["\"", "\\"].contains($0) ? ["\\", $0] : [$0] }.reduce(into: "") { $0.append($1) }
    }
}
