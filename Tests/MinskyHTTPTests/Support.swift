import Dispatch
import MinskyHTTP
import Synchronization
import TestSupport
import Testing

/// Something that happens once, and that a test waits for without blocking a thread all tasks share.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func fire() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}

/// A lock that server handlers, which have threads of their own, wait at until a test opens it.
struct Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Returns false when nobody has opened the gate for so long that nobody ever will.
    func pass() -> Bool {
        guard semaphore.wait(timeout: .now() + 20) == .success else { return false }
        semaphore.signal()
        return true
    }

    /// Blocks the thread it is called on.
    static func pause(seconds: Int) { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .seconds(seconds)) }
}

/// Collects what arrives from several threads.
final class Log<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    /// Adds an element and returns how many there are now.
    @discardableResult
    func add(_ element: Element) -> Int {
        elements.withLock {
            $0.append(element)
            return $0.count
        }
    }
}

extension HTTPClient {
    /// Sends a request that has to fail, and returns its error.
    func failure(
        _ request: HTTPRequest, onBody: (@Sendable ([UInt8]) throws -> Void)? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPError {
        let error = await #expect(throws: HTTPError.self, sourceLocation: sourceLocation) {
            try await send(request, onBody: onBody)
        }
        return try #require(error, sourceLocation: sourceLocation)
    }
}
