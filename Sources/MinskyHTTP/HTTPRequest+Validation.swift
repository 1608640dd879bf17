import MinskyModel

extension HTTPRequest {
    /// Checks everything that can be wrong before a byte is sent.
    ///
    /// - Throws: `HTTPError` with the code `invalidRequest`. The message names no header value and no part of the URL.
    func validate() throws {
        guard Self.isToken(method) else { throw invalid("the method is not a word") }
        try validateURL()
        for header in headers { try validate(header) }
        guard method != "HEAD" || body == nil else { throw invalid("a HEAD request has no body") }
        guard connectTimeout > .zero, idleTimeout > .zero, totalTimeout.map({ $0 > .zero }) ?? true else {
            throw invalid("a time limit must be positive")
        }
        guard maximumBodyBytes >= 0 else { throw invalid("the largest body cannot be negative") }
    }

    private func validateURL() throws {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw invalid("the URL has a blank or a control character")
        }
        guard authority != nil else { throw invalid("the URL does not begin with http:// or https:// and a host") }
    }

    private func validate(_ header: HTTPHeader) throws {
        guard Self.isToken(header.name) else { throw invalid("a header name is not a word") }
        guard header.value.utf8.allSatisfy({ $0 != 0x0D && $0 != 0x0A && $0 != 0 }) else {
            throw invalid("the value of the header \(header.name) has a line break or a NUL")
        }
        guard !["content-length", "transfer-encoding"].contains(header.name.lowercased()) else {
            throw invalid("the header \(header.name) follows from the body and cannot be set")
        }
    }

    private func invalid(_ message: String) -> HTTPError { HTTPError(.invalidRequest, message) }

    /// Tells whether `text` is a token in the sense of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

extension HTTPRequest {
    /// Host and port, for messages: `api.example.com:443`.
    var endpoint: String {
        guard let authority else { return "no host" }
        let port = authority.lastIndex(of: ":").map { authority[$0...].dropFirst() }
        if let port, !port.contains("]") { return port.isEmpty ? "\(authority)\(defaultPort)" : String(authority) }
        return "\(authority):\(defaultPort)"
    }

    /// Whether the host is this machine.
    var isToThisMachine: Bool { authority.map(WebAddress.isLoopback) ?? false }

    private var isSecure: Bool { url.prefix(8).lowercased() == "https://" }
    private var defaultPort: Int { isSecure ? 443 : 80 }

    /// The host and the port as the URL has them, without user and password; nil unless it is an http or https URL.
    private var authority: Substring? {
        guard isSecure || url.prefix(7).lowercased() == "http://" else { return nil }
        let rest = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let authority = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
        return authority.isEmpty || authority.hasPrefix(":") ? nil : authority
    }
}
