import Foundation
import Synchronization

/// Lets one transaction at a time use a connection, and refuses one that begins within another of the same thread, which
/// would otherwise wait for itself for ever.
public final class TransactionGate: Sendable {
    private let lock = NSLock()
    private let owner = Mutex<UInt?>(nil)

    /// Creates an open gate.
    public init() {}

    /// Runs a body when no other transaction is in progress.
    /// - Throws: `SQLError` of kind `.other` when this thread is in a transaction already, or what the body throws.
    public func enter<Result>(_ body: () throws -> Result) throws -> Result {
        let thread = UInt(bitPattern: pthread_self().hashValue)
        guard owner.withLock({ $0 }) != thread else {
            throw SQLError(kind: .other, message: "a transaction cannot begin within another one")
        }
        lock.lock()
        owner.withLock { $0 = thread }
        defer {
            owner.withLock { $0 = nil }
            lock.unlock()
        }
        return try body()
    }
}
