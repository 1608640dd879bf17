import MinskySQL
import MinskyStore

/// What a store that is not open says of where the tasks are, held against what is there. Changes nothing.
struct StoppedMove {
    private let store: Store
    private let workspace: Workspace

    init(_ store: Store, _ workspace: Workspace) {
        self.store = store
        self.workspace = workspace
    }

    /// How it stands: a warning when the next command puts it in order, a failure when none can.
    /// - Throws: `AppError`, `StoreError`, `SQLError` when the other place cannot be asked.
    func finding() throws -> (CheckHealth.Check.Status, String) {
        let installed = store.installed
        if try RelocationLock(workspace) == nil {
            return (.warning, "the workspace is being moved to another database")
        }
        guard let peer = installed.peer else {
            return (.failed, "the store is closed, and does not say where the tasks are")
        }
        guard installed.phase == .fenced || installed.phase == .moved else {
            return (.failed, "the tasks are in \(peer), not here")
        }
        guard try workspace.movedPlaces().contains(peer) else {
            return (.failed, "the store says that the tasks are in \(peer), but nobody has moved them there from here")
        }
        let there = try StorePlace(peer).store()?.installed
        let isThere =
            there.map { $0.phase.isOpen && $0.workspaceID == installed.workspaceID } == true
            && (installed.phase == .moved || there?.relocation == installed.relocation)
        switch (isThere, installed.phase) {
        case (true, _): return (.warning, "the tasks have moved to \(peer); the next command follows them")
        case (false, .fenced): return (.warning, "a move to \(peer) was stopped; the next command settles it")
        case (false, _): return (.failed, "the tasks have gone to \(peer), and are not there")
        }
    }
}
