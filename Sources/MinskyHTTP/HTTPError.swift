/// Tells why there is no response, or not a whole one.
///
/// A response with a status such as 404 or 500 is a response, not an error.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, to be compared with the static members.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The request could not be sent as it is: a bad URL, method, header or limit. Nothing was sent.
        public static let invalidRequest = Code("invalidRequest")
        /// libcurl is not installed, too old or does not start. Nothing was sent.
        public static let libraryMissing = Code("libraryMissing")
        /// The host, or the proxy, has no known address.
        public static let couldNotResolve = Code("couldNotResolve")
        /// The host, or the proxy, did not accept a connection.
        public static let couldNotConnect = Code("couldNotConnect")
        /// One of the time limits of the request has passed.
        public static let timedOut = Code("timedOut")
        /// The TLS handshake or the verification of the certificate failed.
        public static let tls = Code("tls")
        /// The body of a 2xx response went past `HTTPRequest.maximumBodyBytes`.
        public static let bodyTooLarge = Code("bodyTooLarge")
        /// The connection ended before the response did.
        public static let connectionLost = Code("connectionLost")
        /// What arrived is not HTTP.
        public static let protocolViolation = Code("protocolViolation")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// Anything else; the message says what.
        public static let other = Code("other")

        private let name: String

        private init(_ name: String) { self.name = name }

        /// The name of the static member.
        public var description: String { name }
    }

    /// What went wrong.
    public let code: Code
    /// One sentence without a full stop, with host and port where there are any, without any key or header value.
    public let message: String
    /// The message.
    public var description: String { message }

    /// Creates an error from its code and its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Creates an error whose message ends with host and port.
    init(_ code: Code, _ message: String, at endpoint: String) {
        self.init(code, "\(message) (\(endpoint))")
    }
}
