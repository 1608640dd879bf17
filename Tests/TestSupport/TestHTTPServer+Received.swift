import Foundation

extension TestHTTPServer {
    /// A request as it was received.
    public struct Received: Sendable {
        /// The method, such as `POST`.
        public let method: String
        /// The path with the query, as sent.
        public let path: String
        /// The headers by their lower-cased names; repeated ones are joined with `, `.
        public let headers: [String: String]
        /// The body without its transfer coding.
        public let body: [UInt8]
        /// The body as UTF-8 text.
        public var bodyText: String { String(decoding: body, as: UTF8.self) }
    }
}

extension TestHTTPServer.Connection {
    /// Reads one whole request; nil when the client goes away or does not speak HTTP.
    func receiveRequest() -> TestHTTPServer.Received? {
        var input = Input { self.read() }
        guard let requestLine = input.line()?.split(separator: " "), requestLine.count == 3,
            requestLine[2].hasPrefix("HTTP/1.")
        else { return nil }

        var headers: [String: String] = [:]
        while let line = input.line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        let body =
            headers["transfer-encoding"]?.lowercased() == "chunked"
            ? input.chunks() : input.bytes(Int(headers["content-length"] ?? "0") ?? 0)
        guard let body else { return nil }
        return TestHTTPServer.Received(
            method: String(requestLine[0]), path: String(requestLine[1]), headers: headers, body: body)
    }
}

/// Cuts what a connection delivers into lines and bodies; every method returns nil at the end of the input.
private struct Input {
    let read: () -> [UInt8]?
    private var buffer: ArraySlice<UInt8> = []

    init(read: @escaping () -> [UInt8]?) { self.read = read }

    /// Returns the next line without its end. A line that does not begin like text ends the input: a TLS handshake has
    /// no line end to wait for.
    mutating func line() -> String? {
        while true {
            if let first = buffer.first, first < 0x20, first != 0x0D { return nil }
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end]
                buffer = buffer[(end + 1)...]
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            guard buffer.count < 1 << 20, fill() else { return nil }
        }
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0 else { return nil }
        while buffer.count < count { guard fill() else { return nil } }
        defer { buffer = buffer.dropFirst(count) }
        return Array(buffer.prefix(count))
    }

    mutating func chunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let line = line(), let size = Int(line.prefix { $0 != ";" }, radix: 16) {
            guard size > 0 else {
                while let trailer = self.line() { if trailer.isEmpty { return body } }
                return nil
            }
            guard let chunk = bytes(size), self.line() != nil else { return nil }
            body += chunk
        }
        return nil
    }

    private mutating func fill() -> Bool {
        guard let more = read() else { return false }
        buffer += more
        return true
    }
}
