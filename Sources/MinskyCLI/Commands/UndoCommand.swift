import ArgumentParser
import MinskyApp
import MinskyModel

struct UndoCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take back your last operation.",
        discussion: """
            Repeated, it goes further back. What others did stays; --operation takes back any operation, an undo included. \
            Nothing is taken back that has been changed again since.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("Take back this operation (minsky tasks history shows them).", valueName: "id"))
    var operation: String?

    func run(on console: Console) async throws {
        let result = try UndoOperation(operationID: operation).run(in: try console.workspace())
        let undone = result.operation
        let tasks = undone.changes.filter { $0.table == "tasks" }
        console.show(
            json: [
                "operationId": .string(undone.id), "undoOperationId": .string(result.undoID),
                "actor": .string(undone.actor),
                "changes": .array(undone.changesJSON),
            ],
            ids: tasks.map(\.rowID).removingRepetitions()
        ) {
            var lines: [String] = []
            for change in tasks.prefix(20) {
                let verb =
                    switch (change.kind, change.after?["deleted_at"]) {
                    case (.insert, _): "Removed again"
                    case (.delete, _), (.update, .some(.string)): "Brought back"
                    case (.update, .some(.null)): "Removed again"
                    default: "Changed back"
                    }
                let title = result.titles[change.rowID] ?? change.rowID
                lines.append(TextWidth.truncate("\(verb): \(title.terminalSafe())", to: max(20, console.width)))
            }
            lines = lines.removingRepetitions()
            if tasks.count > 20 { lines.append("… and \(tasks.count - 20) more changes") }
            return lines.isEmpty ? ["Took back operation \(undone.id.terminalSafe())."] : lines
        }
    }
}
