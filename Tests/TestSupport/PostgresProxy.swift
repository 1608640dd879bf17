import Foundation
import Synchronization

/// Stands between a client and the private PostgreSQL server, on a Unix socket of its own, and cuts connections on demand.
public final class PostgresProxy: Sendable {
    private let folder: ScratchFolder
    private let target: String
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        /// What a client has to send for its connection to be cut.
        var word: [UInt8]?
        /// Whether what it sends then is kept back from the server.
        var isHeld = false
    }

    /// Starts to listen.
    public init() throws {
        target = try TestStorage.postgresFolder() + "/.s.PGSQL.\(try TestStorage.postgresPort())"
        folder = try ScratchFolder()
        listener = try Self.socket(at: folder.path + "/.s.PGSQL.5432", bind)
        guard listen(listener, 16) == 0 else { throw ProcessFailure("cannot listen") }
        let thread = Thread { [self] in accepting() }
        thread.start()
    }

    /// The URL of the server by way of the proxy.
    public var url: String { "postgresql:///postgres?host=\(folder.path)&user=postgres&port=5432" }

    /// Cuts the next connection whose client sends a text, after the server has got it and before its answer.
    public func cutAfter(_ text: String) { state.withLock { $0.word = Array(text.utf8) } }

    /// Cuts the next connection whose client sends a text, and lets the server have that text only when it is released.
    public func cutHolding(_ text: String) { state.withLock { ($0.word, $0.isHeld) = (Array(text.utf8), true) } }

    /// Lets the server have what has been kept back from it.
    public func release() { state.withLock { $0.isHeld = false } }

    /// Stops listening; connections there are stay.
    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
        folder.remove()
    }

    private func accepting() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            guard let server = try? Self.socket(at: target, connect) else {
                Foundation.close(client)
                continue
            }
            Thread { [self] in pass(from: client, to: server, isClient: true) }.start()
            Thread { [self] in pass(from: server, to: client, isClient: false) }.start()
        }
    }

    private func pass(from source: Int32, to target: Int32, isClient: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            let mustCut = isClient && takesWord(in: buffer[..<count])
            // The client is cut off first, so that it never sees the answer.
            if mustCut { shutdown(source, Int32(SHUT_RDWR)) }
            while mustCut, state.withLock({ $0.isHeld }) { Thread.sleep(forTimeInterval: 0.01) }
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count, !mustCut else {
                // The server goes on with what it has got, and finds out later.
                Thread.sleep(forTimeInterval: 0.2)
                break
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private func takesWord(in bytes: ArraySlice<UInt8>) -> Bool {
        state.withLock { state in
            guard let word = state.word, bytes.firstRange(of: word) != nil else { return false }
            state.word = nil
            return true
        }
    }

    private static func socket(
        at path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, result == 0 else { throw ProcessFailure("no socket at \(path)") }
        return descriptor
    }
}
