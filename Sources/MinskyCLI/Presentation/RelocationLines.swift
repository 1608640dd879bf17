import MinskyApp
import MinskyModel
import MinskyStore

/// Tells what a move of the workspace is doing: a line a step for people, with a count that runs where there is a terminal,
/// or a JSON object a line for programs.
final class RelocationLines {
    private let console: Console
    private let form: RelocationOptions.ProgressForm
    private var step = ""

    init(_ console: Console, _ form: RelocationOptions.ProgressForm) {
        self.console = console
        self.form = form
    }

    /// Tells one step.
    func tell(_ progress: RelocateWorkspace.Progress) {
        let told = Self.told(progress)
        guard form == .text else {
            var members: [JSON.Member] = [.init("step", .string(told.step))]
            if let table = told.table { members.append(.init("table", .string(table))) }
            if let count = told.count {
                members.append(.init(told.table == nil ? "operations" : "rows", .integer(Int64(count))))
            }
            if let lag = told.lag { members.append(.init("lag", .integer(Int64(lag)))) }
            return console.report(.object(members))
        }
        if told.words != step {
            end()
            step = told.words
            console.note(told.words)
        }
        if let lag = told.lag, lag > 0 || told.count ?? 0 > 0 {
            console.counter("  \(told.count ?? 0) brought, \(lag) to come")
        } else if let count = told.count, count > 0 {
            console.counter("  \(told.table.map { "\($0): " } ?? "")\(count)")
        }
    }

    /// Ends the line of a running count.
    func end() { console.counter(nil) }

    private static func told(_ progress: RelocateWorkspace.Progress) -> (
        step: String, words: String, table: String?, count: Int?, lag: Int?
    ) {
        switch progress {
        case .checking: ("checking", "Checking", nil, nil, nil)
        case .backingUp(let path): ("backup", "Saving the workspace to \(path)", nil, nil, nil)
        case .switching(let place): ("switching", "Switching to \(place)", nil, nil, nil)
        case .moving(.preparing(let resumed)):
            ("schema", resumed ? "Continuing what is there" : "Creating the schema", nil, nil, nil)
        case .moving(.copying(let table, let rows)): ("copying", "Copying tasks and their history", table, rows, nil)
        case .moving(.indexing): ("indexing", "Making indexes and triggers", nil, nil, nil)
        case .moving(.following(let operations, let lag)):
            ("following", "Following what was done meanwhile", nil, operations, lag)
        case .moving(.comparing(let table, let rows)): ("comparing", "Comparing every row of both", table, rows, nil)
        case .moving(.takingValues(let rows)):
            (
                "taking-values",
                "Taking values that the log does not tell: " + rows.prefix(10).joined(separator: ", ")
                    + (rows.count > 10 ? ", …" : ""), nil, nil, nil
            )
        case .moving(.fencing): ("fencing", "Closing the old place", nil, nil, nil)
        case .moving(.draining): ("draining", "Bringing the rest", nil, nil, nil)
        case .moving(.committing): ("committing", "Opening the new place", nil, nil, nil)
        case .moving(.committed): ("committed", "The workspace has moved", nil, nil, nil)
        }
    }
}
