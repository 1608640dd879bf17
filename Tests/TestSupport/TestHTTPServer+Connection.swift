import Foundation
import Synchronization

extension TestHTTPServer {
    /// The connection of one request. A client that has gone away is no error: writing returns false.
    public final class Connection: Sendable {
        /// The socket, or -1 once it is closed.
        private let descriptor: Mutex<Int32>

        init(_ descriptor: Int32) {
            #if canImport(Darwin)
                var on: Int32 = 1
                _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
            #endif
            self.descriptor = Mutex(descriptor)
        }

        /// Sends bytes as they are, blocking while the client does not read.
        ///
        /// - Returns: False when the client has gone away or the server was stopped.
        @discardableResult
        public func write(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let descriptor = descriptor.withLock { $0 }
                let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Self.noSignal) }
                guard sent > 0 else {
                    if sent < 0, errno == EINTR { continue }
                    return false
                }
                rest = rest.dropFirst(sent)
            }
            return true
        }

        /// Sends text as it is, in UTF-8.
        @discardableResult
        public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

        /// Waits before the next byte.
        public func sleep(milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1000) }

        /// Waits until the client closes its side, or the server is stopped.
        public func waitForClientToLeave() { while read() != nil {} }

        /// Ends the connection in good order: what was written still arrives.
        public func close() {
            descriptor.withLock { if $0 >= 0 { _ = shutdown($0, Int32(SHUT_RDWR)) } }
        }

        /// Ends the connection with a TCP reset. To be called by the handler, on its own thread.
        public func reset() {
            descriptor.withLock { descriptor in
                guard descriptor >= 0 else { return }
                var immediately = linger(l_onoff: 1, l_linger: 0)
                _ = setsockopt(
                    descriptor, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
                Self.closeSocket(&descriptor)
            }
        }

        /// Ends the connection and gives the socket back.
        func finish() {
            close()
            descriptor.withLock { if $0 >= 0 { Self.closeSocket(&$0) } }
        }

        /// Returns the next bytes from the client, or nil at the end.
        func read() -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let descriptor = descriptor.withLock { $0 }
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count < 0, errno == EINTR { continue }
                return count > 0 ? Array(bytes.prefix(count)) : nil
            }
        }

        private static func closeSocket(_ descriptor: inout Int32) {
            #if canImport(Darwin)
                _ = Darwin.close(descriptor)
            #else
                _ = Glibc.close(descriptor)
            #endif
            descriptor = -1
        }

        #if canImport(Darwin)
            private static let noSignal: Int32 = 0
        #else
            private static let noSignal = Int32(MSG_NOSIGNAL)
        #endif
    }
}

extension TestHTTPServer.Connection {
    /// Sends a whole response with its `Content-Length`.
    public func respond(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        head(status: status, headers: headers + [("Content-Length", "\(body.count)")])
        write(body)
    }

    /// Sends a whole response with a text body.
    public func respond(status: Int, headers: [(String, String)] = [], body: String) {
        respond(status: status, headers: headers, body: Array(body.utf8))
    }

    /// Sends a status line and headers, and `Connection: close`; the body is up to the caller.
    public func head(status: Int, headers: [(String, String)] = []) {
        let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        write("HTTP/1.1 \(status) Status\r\n\(lines)Connection: close\r\n\r\n")
    }

    /// Begins a chunked response of server-sent events.
    public func startEventStream() {
        head(status: 200, headers: [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])
    }

    /// Sends one event, `data: …` and a blank line, as a chunk of its own.
    ///
    /// - Returns: False when the client has gone away.
    @discardableResult
    public func event(_ json: String) -> Bool { chunk("data: \(json)\n\n") }

    /// Sends one chunk of a chunked response.
    ///
    /// - Returns: False when the client has gone away.
    @discardableResult
    public func chunk(_ text: String) -> Bool {
        write("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    /// Ends a chunked response in good order.
    public func endEventStream() { write("0\r\n\r\n") }
}
