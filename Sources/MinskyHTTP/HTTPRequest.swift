/// One header line of a request or a response.
public struct HTTPHeader: Sendable, Equatable {
    /// The name, in the case it was given or received in.
    public var name: String
    /// The value, without surrounding blanks.
    public var value: String

    /// Creates a header from its name and its value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPHeader: CustomStringConvertible {
    /// The name alone: a value may be a key.
    public var description: String { "\(name): …" }
}

/// A request and the limits its response has to keep.
public struct HTTPRequest: Sendable {
    /// The method, such as `GET` or `POST`.
    public var method: String
    /// The absolute `http` or `https` URL, already percent-encoded.
    public var url: String
    /// The headers to send, in order. `Content-Length` and `Transfer-Encoding` follow from the body and are refused.
    public var headers: [HTTPHeader]
    /// The bytes to send, or nil for none.
    public var body: [UInt8]?
    /// The longest time until the connection stands, with name look-up, proxy and TLS handshake. 10 seconds by default.
    public var connectTimeout: Duration
    /// The longest time without a single byte sent or received once connected. 60 seconds by default.
    public var idleTimeout: Duration
    /// The longest time for all of it, or nil for no limit, which is the default.
    public var totalTimeout: Duration?
    /// The largest body of a 2xx response, in bytes, streamed or not. 16 MiB by default.
    public var maximumBodyBytes: Int

    /// Creates a request; only the URL is required.
    public init(
        method: String = "GET", url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
        connectTimeout: Duration = .seconds(10), idleTimeout: Duration = .seconds(60), totalTimeout: Duration? = nil,
        maximumBodyBytes: Int = 16 * 1024 * 1024
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.maximumBodyBytes = maximumBodyBytes
    }
}
