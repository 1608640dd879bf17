import Foundation
import MinskyModel
import MinskyStore

/// Keeps the log of the workspace's store short, now and then, in a process that nobody waits for: after a sync in the
/// background or of `sync watch`, at most once a day, when enough old changes have come together.
struct CompactRarely {
    /// Fewer old changes than this are left alone.
    static let threshold = 10_000
    private static let pause = 86_400.0

    /// Compacts when it is due; what goes wrong is left to the next time.
    func run(in workspace: OpenWorkspace) {
        guard workspace.configuration.value("sync.compact") != "off" else { return }
        // Its moment of change says when it was tried last.
        let path = workspace.workspace.path + "/compaction.lock"
        let last = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        if let last, last.timeIntervalSinceNow > -Self.pause { return }
        do {
            guard let lock = try WorkspaceLock(path: path, waiting: 0) else { return }
            defer { withExtendedLifetime(lock) {} }
            utimes(path, nil)
            let now = workspace.environment.now()
            let start = now.adding(seconds: -CompactLog.usualDays * 86_400)
            guard try workspace.store.holdsChanges(before: start, atLeast: Self.threshold) else { return }
            _ = try workspace.store.compact(before: start, now: now)
        } catch {}
    }
}
