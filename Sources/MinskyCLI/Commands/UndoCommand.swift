import ArgumentParser
import MinskyApp
import MinskyModel
import MinskyStore

struct UndoCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take back your last operation.",
        discussion: """
            Repeated, it goes further back. What others did stays; --operation takes back any operation, an undo included. \
            Nothing is taken back that has been changed again since. minsky redo does again what was taken back.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("Take back this operation (minsky history shows them).", valueName: "id"))
    var operation: String?

    @Flag(help: "Show what can be taken back, the newest first, and change nothing.")
    var list = false

    func run(on console: Console) async throws {
        let workspace = try console.workspace()
        guard !list else {
            let found = try UndoOperation.candidates(limit: 10, in: workspace, of: workspace.configuration.caller)
            console.show(json: found.json, ids: found.operations.map(\.id)) {
                OperationLines(found.names, on: console, isReplica: found.isReplica).lines(
                    found.operations, ofOneTask: false)
            }
            if found.operations.isEmpty { console.note("There is nothing of yours to undo.") }
            return
        }
        try console.undo(operation.map { .operation($0) } ?? .last, in: workspace)
    }
}

struct RedoCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "redo", abstract: "Do again what your last undo took back.",
        discussion: "Repeated, it goes on; not after you have done something else.")

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        try console.undo(.lastUndo, in: try console.workspace())
    }
}

extension Console {
    fileprivate func undo(_ undoable: Store.Undoable, in workspace: OpenWorkspace) throws {
        let caller = workspace.configuration.caller
        let undo = try UndoOperation(undoable).run(in: workspace, as: caller)
        var seen: Set<String> = []
        let ids = undo.operation.changes.compactMap(undo.names.task(of:)).filter { seen.insert($0).inserted }
        show(json: undo.json, ids: ids) {
            OperationLines(undo.names, on: self).undone(undo.operation, by: caller)
        }
    }
}
