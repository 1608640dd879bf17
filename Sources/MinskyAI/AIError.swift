import MinskyHTTP

/// Why a model gave no usable answer.
public struct AIError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The name under which calls are recorded.
        public var description: String { name }

        /// A setting is missing or makes no sense.
        public static let notConfigured = Code("notConfigured")
        /// The server could not be reached, or the connection was lost.
        public static let unreachable = Code("unreachable")
        public static let timedOut = Code("timedOut")
        /// The server's certificate or the encryption was refused.
        public static let tls = Code("tls")
        /// The server refused the key.
        public static let unauthorized = Code("unauthorized")
        /// The server asks for fewer requests.
        public static let rateLimited = Code("rateLimited")
        /// The server refused the request for another reason.
        public static let rejected = Code("rejected")
        /// The server failed.
        public static let serverFailed = Code("serverFailed")
        /// The answer stops before its end.
        public static let truncated = Code("truncated")
        /// The model declined to answer.
        public static let refused = Code("declined")
        public static let empty = Code("empty")
        /// The answer is not what was asked for.
        public static let malformed = Code("malformed")
        /// The answer is larger than any sensible one.
        public static let tooLarge = Code("tooLarge")
        public static let cancelled = Code("cancelled")
        /// A playbook's file cannot be read.
        public static let badPlaybook = Code("badPlaybook")
        /// There is nothing to add to the task.
        public static let nothingNew = Code("nothingNew")
    }

    public let code: Code
    /// What happened, as a clause without a capital or a full stop. May quote the server; never holds a key.
    public let message: String
    /// The status with which a server refused, if one did.
    let status: Int?

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.init(code, message, status: nil)
    }

    init(_ code: Code, _ message: String, status: Int?) {
        self.code = code
        self.message = message
        self.status = status
    }

    public var description: String { message }

    /// Whether a server refused a request because of its form, and said so with one of some words.
    func refusesForm(naming words: [String]) -> Bool {
        guard status == 400 || status == 422 else { return false }
        let message = message.lowercased()
        return words.contains(where: message.contains)
    }

    /// The same failure seen from the model's side.
    init(_ error: HTTPError) {
        let code: Code =
            switch error.code {
            case .timedOut: .timedOut
            case .tls: .tls
            case .bodyTooLarge: .tooLarge
            case .cancelled: .cancelled
            case .invalidRequest, .libraryMissing: .notConfigured
            case .protocolViolation: .malformed
            default: .unreachable
            }
        self.init(code, error.message)
    }
}
