import ArgumentParser
import MinskyApp
import MinskyModel

struct LinkCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Note a page or a file that belongs to a task.",
        discussion: "A file stays where it is; one of the workspace's folder is noted by its path from there.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String
    @Argument(help: "A URL, or the path of a file.")
    var target: String
    @Option(parsing: .unconditional, help: "What it is called.")
    var title: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let linked = try LinkTask(id: id, target: target, title: title)
            .run(in: workspace, as: workspace.configuration.caller)
        console.show(json: linked.links.first?.json ?? .null, ids: linked.links.map(\.id)) {
            console.lines("Linked", linked.task, linked.list) + linked.links.flatMap(console.lines(of:))
        }
    }
}

struct LinksCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "links", abstract: "Show the links of a task.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String

    func run(on console: Console) async throws {
        let found = try ListLinks(id: id).run(in: try console.workspace())
        console.show(json: found.json, ids: found.links.map(\.id)) { found.links.flatMap(console.lines(of:)) }
        if found.links.isEmpty { console.note("No links. minsky link ID URL notes one.") }
    }
}

struct UnlinkCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink", abstract: "Take a link of a task away; the file or the page stays.")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The task's id, or its beginning.")
    var id: String
    @Argument(help: "The URL or the file, or the beginning of the link's id.")
    var link: String

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let found = try UnlinkTask(id: id, link: link).run(in: workspace, as: workspace.configuration.caller)
        console.show(json: found.links.first?.json ?? .null, ids: found.links.map(\.id)) {
            console.lines("Unlinked", found.task, found.list) + found.links.flatMap(console.lines(of:))
        }
    }
}

extension Console {
    /// The beginning of a link's id, its target, and below that its title.
    fileprivate func lines(of link: Link) -> [String] {
        let text = link.target + (link.title.map { "\n\($0)" } ?? "")
        let head = "  \(link.id.prefix(Identifier.shortestPrefix).description.terminalSafe())  "
        return HangingLines.of(text.terminalSafe(keepingNewlines: true), after: head, width: width)
    }
}
