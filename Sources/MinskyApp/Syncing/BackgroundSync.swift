import Foundation
import MinskyModel
import MinskyStore

/// Syncs after commands that wrote, in a process of its own that nobody waits for.
///
/// Of several such processes one waits for its turn and one works, so a burst of commands makes two syncs at most: whatever
/// was written before a sync begins is part of it.
public struct BackgroundSync: Sendable {
    /// What the program is started with; not for people.
    public static let option = "--in-background"
    /// How long a sync waits for further commands to write, in seconds.
    private static let pause = 0.3

    /// Creates the request.
    public init() {}

    /// Starts it for a workspace that has an upstream, where nobody has switched that off.
    static func start(after workspace: OpenWorkspace) {
        guard workspace.upstreamPlace != nil, workspace.configuration.syncsByItself,
            (try? SyncQueue(workspace.workspace)) ?? nil != nil
        else { return }
        let folder = (workspace.workspace.path as NSString).deletingLastPathComponent
        workspace.environment.startInBackground(["sync", option, "-C", folder])
    }

    /// Waits for its turn and syncs, unless somebody else will or it is too early after a failure.
    /// - Throws: as `SyncOnce.run`.
    public func run(in workspace: OpenWorkspace) throws {
        guard let queue = try SyncQueue(workspace.workspace) else { return }
        Thread.sleep(forTimeInterval: Self.pause)
        if let retry = try workspace.store.read({ try $0.syncState() })?.retryAt, retry > workspace.environment.now() {
            return
        }
        _ = try SyncOnce().run(in: workspace, waiting: 60) { queue.leave() }
        CompactRarely().run(in: workspace)
    }
}

extension Environment {
    /// `POSIX_SPAWN_SETSID`, which the headers of glibc keep from Swift.
    private static var sessionOfItsOwn: Int16 {
        #if canImport(Darwin)
            Int16(POSIX_SPAWN_SETSID)
        #else
            0x80
        #endif
    }

    /// Starts this program anew with some arguments, in a session of its own and without anybody's streams.
    static func startDetached(_ arguments: [String]) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawnattr_setflags(&attributes, sessionOfItsOwn)
        guard let program = Bundle.main.executablePath else { return }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        _ = posix_spawn(&child, program, &actions, &attributes, &words, environ)
    }
}
