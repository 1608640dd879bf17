import MinskyApp
import MinskyModel

/// Operations as lines for people: when, who and by what command, and below that what became of which task.
struct OperationLines {
    private let names: TaskNames
    private let words: ChangeWords
    private let console: Console
    /// Whether an operation without a sequence is one that was not pushed yet.
    private let isReplica: Bool

    /// The most tasks that are named of one operation.
    private static let most = 10

    init(_ names: TaskNames, on console: Console, isReplica: Bool = false) {
        self.names = names
        self.isReplica = isReplica
        self.console = console
        words = ChangeWords(names, console.environment)
    }

    /// The history of the workspace, or of one task, which is not named then.
    func lines(_ operations: [LoggedOperation], ofOneTask: Bool) -> [String] {
        operations.flatMap { operation -> [String] in
            let found = ofOneTask ? [] : tasks(operation.changes) { words.words($0, in: operation) }
            // Of one task, or of none, as where only a model was asked.
            let others =
                found.isEmpty ? operation.changes.flatMap { words.words($0, in: operation) }.flatMap(indented) : []
            return heading(operation) + found + others
        }
    }

    /// What an undo did.
    func undone(_ operation: LoggedOperation, by caller: Caller) -> [String] {
        let dates = DatePresentation(console.environment)
        let whose = operation.actor == caller.name ? "" : " of \(operation.actor)"
        let what = operation.command ?? "operation \(operation.shortID)"
        let heading = "Took back \(what)\(whose), \(dates.minute(operation.hlc.timestamp))".terminalSafe()
        return TextWidth.wrap(heading, to: max(20, console.width))
            + tasks(operation.changes) { words.words(ChangeWords.inverse(of: $0), in: operation, isUndo: true) }
    }

    private func heading(_ operation: LoggedOperation) -> [String] {
        let dates = DatePresentation(console.environment)
        var what = [operation.command ?? ""]
        if let reverted = operation.reverts {
            what.append("of \(names.command(of: reverted) ?? "operation") \(reverted.prefix(8))")
        }
        let parts = [
            dates.minute(operation.hlc.timestamp), operation.actor, what.filter { !$0.isEmpty }.joined(separator: " "),
            isReplica && operation.sequence == nil ? "(not pushed yet)" : "",
        ]
        let heading = parts.filter { !$0.isEmpty }.joined(separator: "  ").terminalSafe()
        let id = operation.shortID.terminalSafe()
        if TextWidth.of(heading) + 2 + TextWidth.of(id) <= console.width {
            return [console.style.bold(heading) + "  " + console.style.dim(id)]
        }
        let lines = TextWidth.wrap(heading, to: max(20, console.width)).map(console.style.bold)
        return lines + TextWidth.wrap(id, to: max(20, console.width - 2)).map { "  " + console.style.dim($0) }
    }

    /// A line for each task: its id and title, and what became of it, which goes on in further lines.
    private func tasks(_ changes: [Change], _ describe: (Change) -> [String]) -> [String] {
        var order: [String] = []
        var deeds: [String: [String]] = [:]
        for change in changes {
            let found = describe(change)
            guard let id = names.task(of: change), !found.isEmpty else { continue }
            if deeds[id] == nil { order.append(id) }
            deeds[id, default: []] += found
        }
        var lines = order.prefix(Self.most).flatMap { id -> [String] in
            let head = "  \(names.shortID(of: id).terminalSafe())  "
            let title = names.title(of: id).map { String($0.prefix(200)) } ?? ""
            let deed = (deeds[id] ?? []).joined(separator: ", ").terminalSafe()
            let whole = HangingLines.of("\(title.terminalSafe()): \(deed)", after: head, width: console.width)
            if whole.count <= TitleLines.most { return whole }
            // The title gives way, not what became of the task.
            let room = max(10, console.width - TextWidth.of(head) - 1)
            return HangingLines.of(
                TextWidth.truncate(title.terminalSafe(), to: room) + ":\n" + deed, after: head, width: console.width)
        }
        if order.count > Self.most { lines.append("  … and \(order.count - Self.most) more tasks") }
        return lines
    }

    private func indented(_ text: String) -> [String] {
        HangingLines.of(text.terminalSafe(), after: "  ", width: console.width)
    }
}
