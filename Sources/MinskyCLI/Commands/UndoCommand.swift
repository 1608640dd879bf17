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
    @Option(help: ArgumentHelp("Take back this operation (minsky history shows them).", valueName: "id"))
    var operation: String?

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        let caller = workspace.configuration.caller
        let undo = try UndoOperation(operationID: operation).run(in: workspace, as: caller)
        var seen: Set<String> = []
        let ids = undo.operation.changes.compactMap(\.taskID).filter { seen.insert($0).inserted }
        console.show(json: undo.json, ids: ids) {
            OperationLines(undo.names, on: console).undone(undo.operation, by: caller)
        }
    }
}
