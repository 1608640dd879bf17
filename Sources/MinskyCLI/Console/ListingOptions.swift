import ArgumentParser
import MinskyApp
import MinskyModel

/// How many tasks a command shows, in which order, and what of them.
struct ListingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Sort by these, from the greatest down with a minus: -urgency,due.")
    var sort: String?
    @Option(name: .shortAndLong, help: "Show at most this many.")
    var limit: Int?
    @Option(help: "Show these fields only: title,due,tags; with --json by the names they have there.")
    var fields: String?
    @Flag(help: "Print one JSON object a line.")
    var jsonl = false

    /// The words of a query with what the options add to it.
    func request(_ words: [String]) -> TaskRequest { TaskRequest(words, sort: sort, limit: limit) }

    fileprivate var fieldNames: [String]? {
        fields?.split(separator: ",").map { String($0).trimmingSpace }.filter { !$0.isEmpty }
    }
}

/// The words of a query, where those that begin with a minus are no options.
struct QueryArguments: ParsableArguments {
    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Which tasks: status:open +tag -tag due<fri \"free text\" @view …", valueName: "query"),
        completion: .query)
    var words: [String] = []

    /// - Throws: `ValidationError` for what looks like an option that there is not.
    func checked() throws -> [String] {
        if let word = words.first(where: { $0.hasPrefix("--") && $0 != "--" }) {
            throw ValidationError("Unknown option '\(word)'")
        }
        return words.filter { $0 != "--" }
    }
}

extension Console {
    /// What is said where a context may be why nothing was found.
    func contextNote(_ workspace: OpenWorkspace) -> String {
        workspace.configuration.context.map { " The context @\($0) holds besides; minsky context none leaves it." }
            ?? ""
    }

    /// Shows tasks as their options ask for.
    /// - Parameters:
    ///   - json: The documented array.
    ///   - human: The lines for people where no fields are named.
    func show(
        _ list: TaskList, _ options: ListingOptions, columns: [String]?, json: @autoclosure () -> JSON,
        human: () throws -> [String]
    ) throws {
        let names = options.fieldNames
        // Of many tasks it takes longer than their lines do.
        var array = isJSON || options.jsonl ? json() : []
        if let names, isJSON || options.jsonl {
            let json = array
            let known = json.array?.first?.members?.map(\.key) ?? TaskList.keys
            if let unknown = names.first(where: { !known.contains($0) }) {
                let near = NearestMatch.of(unknown, among: known).map { "Did you mean \($0)?" }
                throw CommandFailure(
                    .usage, "there is no field '\(unknown)'",
                    hint: near ?? "The fields are: \(known.joined(separator: ", ")).")
            }
            array = .array(
                (json.array ?? []).map { task in
                    .object(names.map { name in JSON.Member(name, task[name] ?? .null) })
                })
        }
        if options.jsonl {
            for task in array.array ?? [] { writeJSONLine(task) }
            return
        }
        // Before anything is printed: names may be wrong.
        var lines: [String] = []
        if !isJSON, !isQuiet {
            if let wanted = names ?? columns {
                lines = TaskTree(list, on: self, columns: try TaskColumn.named(wanted), isFlat: true).lines()
            } else {
                lines = try human()
            }
        }
        show(json: array, ids: list.tasks.map(\.id)) { lines }
    }
}
