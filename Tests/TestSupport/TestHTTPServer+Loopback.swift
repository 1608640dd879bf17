import Foundation

/// A port of 127.0.0.1 behind which there is nobody: it refuses connections, or accepts them and stays silent.
public final class DeadPort: Sendable {
    private let descriptor: Int32
    private let number: UInt16

    /// Takes a free port.
    ///
    /// - Parameter accepting: Whether connecting succeeds.
    /// - Throws: `POSIXError` when there is no socket to be had.
    public init(accepting: Bool) throws {
        (descriptor, number) = try LoopbackSocket.bind(listening: accepting)
    }

    deinit { _ = close(descriptor) }

    /// The number of the port.
    public var port: Int { Int(number) }

    /// Waits, at most 20 seconds, until a client has sent something, and resets its connection without reading it.
    public func resetFirstClient() {
        guard Self.waitForInput(descriptor) else { return }
        let client = accept(descriptor, nil, nil)
        _ = Self.waitForInput(client)
        // Closing a socket with unread input resets it.
        _ = close(client)
    }

    private static func waitForInput(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 20_000) == 1
    }
}

/// The few socket calls in which systems differ.
enum LoopbackSocket {
    /// Binds a free port and, unless it is to refuse connections, listens on it.
    static func bind(listening: Bool = true) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = open()
        guard descriptor >= 0 else { throw failure() }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withSocketAddress(&address) { pointer in
            var result = bindSocket(descriptor, pointer, length)
            if result == 0, listening { result = listen(descriptor, 128) }
            if result == 0 { result = getsockname(descriptor, pointer, &length) }
            return result
        }
        guard result == 0 else {
            let error = failure()
            _ = close(descriptor)
            throw error
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Connects to a port of 127.0.0.1; the descriptor is the caller's to close.
    static func connect(to port: UInt16) -> Int32 {
        let descriptor = open()
        var address = loopback(port: port)
        _ = withSocketAddress(&address) {
            connectSocket(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        return descriptor
    }

    private static func open() -> Int32 {
        #if canImport(Darwin)
            socket(AF_INET, SOCK_STREAM, 0)
        #else
            socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #endif
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withSocketAddress(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }

    private static func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}

// Named apart from the methods above, which would hide them.
private func bindSocket(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}
private func connectSocket(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}
