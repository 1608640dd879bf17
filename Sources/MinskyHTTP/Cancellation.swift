import CCurl
import Synchronization

/// Carries a cancellation from any thread to the thread that waits in libcurl.
final class Cancellation: Sendable {
    /// A libcurl multi handle, of which other threads may use nothing but the wake-up.
    private struct Waiting: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer
    }

    private struct State: Sendable {
        var isCancelled = false
        var waiting: Waiting?
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Cancels, and wakes the transfer if there is one. Later transfers do not start.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let waiting = state.waiting { _ = minsky_curl_multi_wakeup(waiting.multi) }
        }
    }

    /// Runs `body`, during which `cancel` wakes `multi`; afterwards `multi` is not touched any more.
    func waking<Result>(_ multi: UnsafeMutableRawPointer, _ body: () throws -> Result) rethrows -> Result {
        let waiting = Waiting(multi: multi)
        state.withLock { $0.waiting = waiting }
        defer { state.withLock { $0.waiting = nil } }
        return try body()
    }
}
