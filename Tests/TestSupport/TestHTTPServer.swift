import Foundation
import Synchronization

/// An HTTP/1.1 server on 127.0.0.1 for tests, with a thread for every connection and a handler that decides on every
/// byte of the answer.
///
/// A connection serves one request and is closed when the handler returns. The server stops when it is released.
///
///     let server = try TestHTTPServer { request, connection in
///         connection.respond(status: 200, body: "hello \(request.path)")
///     }
public final class TestHTTPServer: Sendable {
    /// Answers one request. It runs on the connection's own thread and may block.
    public typealias Handler = @Sendable (Received, Connection) -> Void

    private let core: Core

    /// Starts a server on a free port.
    ///
    /// - Throws: `POSIXError` when there is no socket to be had.
    public init(handler: @escaping Handler) throws {
        core = try Core(handler: handler)
        let core = core
        Thread { core.acceptUntilStopped() }.start()
    }

    deinit { core.stop() }

    /// The port the server listens on.
    public var port: Int { Int(core.port) }

    /// Where the server is, without a slash at the end: `http://127.0.0.1:40123`.
    public var baseURL: String { "http://127.0.0.1:\(core.port)" }

    /// Everything received so far, in order of arrival.
    public var requests: [Received] { core.requests }

    /// Stops listening and cuts all connections; afterwards connecting is refused. Handlers are not waited for.
    public func stop() { core.stop() }
}

/// What the threads of a server share; it holds no reference to the server, so that releasing that ends it.
private final class Core: Sendable {
    private struct State {
        var isStopped = false
        var requests: [TestHTTPServer.Received] = []
        var connections: [TestHTTPServer.Connection] = []
    }

    let port: UInt16
    private let listener: Int32
    private let handler: TestHTTPServer.Handler
    private let state = Mutex(State())
    private let listenerClosed = DispatchSemaphore(value: 0)

    init(handler: @escaping TestHTTPServer.Handler) throws {
        (listener, port) = try LoopbackSocket.bind()
        self.handler = handler
    }

    var requests: [TestHTTPServer.Received] { state.withLock { $0.requests } }

    func acceptUntilStopped() {
        while true {
            let connection = TestHTTPServer.Connection(accept(listener, nil, nil))
            let isStopped = state.withLock { state in
                if !state.isStopped { state.connections.append(connection) }
                return state.isStopped
            }
            if isStopped {
                connection.finish()
                break
            }
            Thread { self.serve(connection) }.start()
        }
        _ = close(listener)
        listenerClosed.signal()
    }

    private func serve(_ connection: TestHTTPServer.Connection) {
        defer {
            connection.finish()
            state.withLock { $0.connections.removeAll { $0 === connection } }
        }
        guard let request = connection.receiveRequest() else {
            connection.respond(status: 400)
            return
        }
        state.withLock { $0.requests.append(request) }
        handler(request, connection)
    }

    func stop() {
        let open: [TestHTTPServer.Connection]? = state.withLock { state in
            if state.isStopped { return nil }
            state.isStopped = true
            return state.connections
        }
        guard let open else { return }
        // A connection of our own gets the thread out of `accept`, on every system.
        let wake = LoopbackSocket.connect(to: port)
        listenerClosed.wait()
        if wake >= 0 { _ = close(wake) }
        for connection in open { connection.close() }
    }
}
