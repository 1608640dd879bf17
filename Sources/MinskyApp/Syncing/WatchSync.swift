import Foundation
import MinskyModel
import MinskySQL
import MinskyStore

/// Keeps the workspace in step with its upstream until the program ends: at once when something changes on either side, and
/// every half minute in any case.
public struct WatchSync: Sendable {
    /// What happened.
    public enum Event: Sendable {
        /// Edits went one way or the other, or the two are in step for the first time.
        case synced(SyncOnce.Result)
        /// The upstream cannot be reached, or refused; tried again after some seconds.
        case failed(String, retryAfter: Int)
    }

    /// The longest time between two syncs, in seconds.
    private static let poll = 30.0
    /// How often is looked for edits made here, in seconds.
    private static let step = 0.5
    private static let longestPause = 300

    /// Creates the request.
    public init() {}

    /// Syncs again and again.
    /// - Parameter tell: Told each event.
    /// - Throws: `AppError` with code `.notSet` or `.refused`: what does not go away by itself.
    public func run(in workspace: OpenWorkspace, _ tell: (Event) -> Void) throws {
        var failures = 0
        var isFirst = true
        while true {
            do {
                try follow(try workspace.reopened()) { result in
                    failures = 0
                    if isFirst || result.pushed + result.pulled + result.conflicts > 0 { tell(.synced(result)) }
                    isFirst = false
                }
            } catch let error as AppError where [.notSet, .refused, .configuration].contains(error.code) {
                throw error
            } catch let error as StoreError where [.foreign, .diverged, .newerSchema].contains(error.code) {
                throw error
            } catch {
                failures += 1
                let pause = min(Self.longestPause, 1 << min(failures, 10))
                tell(.failed("\(error)", retryAfter: pause))
                Thread.sleep(forTimeInterval: Double(pause))
            }
        }
    }

    /// Syncs over one connection for as long as it holds.
    private func follow(_ workspace: OpenWorkspace, _ tell: (SyncOnce.Result) -> Void) throws {
        let replica = try workspace.replica()
        // Listening comes first, so that nothing is missed between a pull and the wait.
        let signal = try replica.upstream.database.signal()
        while true {
            tell(try SyncOnce().run(in: workspace, replica: replica))
            CompactRarely().run(in: workspace)
            let next = Date(timeIntervalSinceNow: Self.poll)
            while Date() < next {
                if try signal.wait(seconds: Self.step) { break }
                if try workspace.store.read({ try $0.syncState() })?.waiting ?? 0 > 0 { break }
            }
        }
    }
}
