import Foundation
import Synchronization

/// Something that is fetched on a thread of its own while its user is still at what comes before it.
final class Ahead<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    /// Begins to fetch it.
    init(_ fetch: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [self] in
            let found = Result { try fetch() }
            result.withLock { $0 = found }
            isDone.signal()
        }
    }

    /// Waits until it has been fetched.
    /// - Throws: What kept it from being fetched.
    func value() throws -> Value {
        while true {
            if let found = result.withLock({ $0 }) { return try found.get() }
            isDone.wait()
        }
    }
}
