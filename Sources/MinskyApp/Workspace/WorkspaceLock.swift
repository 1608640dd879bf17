import Foundation

/// Lets one process at a time move a workspace from one database to another, or settle what another one left. The system
/// gives it back when the process ends, however it ends.
final class RelocationLock: WorkspaceLock {
    /// Takes the lock, or returns nil when somebody else holds it for longer than one waits.
    init?(_ workspace: Workspace, waiting seconds: Double = 0) throws {
        try super.init(path: workspace.path + "/relocation.lock", waiting: seconds)
    }
}

/// Lets one process at a time sync a workspace with its upstream.
final class SyncLock: WorkspaceLock {
    /// Takes the lock, or returns nil when somebody else holds it for longer than one waits.
    init?(_ workspace: Workspace, waiting seconds: Double = 0) throws {
        try super.init(path: workspace.path + "/sync.lock", waiting: seconds)
    }
}

/// Lets one process at a time wait for its turn to sync in the background.
final class SyncQueue: WorkspaceLock {
    /// Takes the place of who waits, or returns nil when somebody waits already.
    init?(_ workspace: Workspace) throws {
        try super.init(path: workspace.path + "/sync-queue.lock", waiting: 0)
    }
}

/// A lock on a file, which the system gives back when the process ends.
class WorkspaceLock {
    private let descriptor: Int32

    /// Takes the lock, or returns nil when somebody else holds it for longer than one waits.
    /// - Parameter seconds: How long to wait.
    /// - Throws: `AppError` with code `.file`.
    init?(path: String, waiting seconds: Double) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AppError(.file, "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let end = Date(timeIntervalSinceNow: seconds)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard Date() < end else {
                close(descriptor)
                return nil
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    /// Gives the lock back before the end.
    func leave() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
