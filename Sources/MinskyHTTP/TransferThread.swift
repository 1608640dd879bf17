import CCurl

/// Gives blocking work a thread of its own, so that it never holds one of the few threads all tasks share.
enum TransferThread {
    private final class Job: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    /// Runs `work` on a new thread and returns or throws as it does, once that thread has ended.
    ///
    /// The thread is joined because TLS libraries clean up when a thread ends, which must not meet the clean-up they do
    /// when the process exits. The join takes no time: the thread has nothing left to do.
    ///
    /// - Throws: `HTTPError` when there can be no thread; otherwise what `work` throws.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        var thread: OpaquePointer?
        defer { minsky_curl_thread_join(thread) }
        return try await withCheckedThrowingContinuation { continuation in
            let job = Unmanaged.passRetained(Job { continuation.resume(with: Result(catching: work)) })
            thread = minsky_curl_thread_start(
                { context in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeRetainedValue().work()
                }, job.toOpaque())
            if thread == nil {
                job.release()
                continuation.resume(throwing: HTTPError(.other, "no thread could be started for a request"))
            }
        }
    }
}
