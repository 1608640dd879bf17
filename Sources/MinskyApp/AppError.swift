/// Why a use case refused or could not do what was asked, beyond what the store and the models say themselves.
public struct AppError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public struct Code: Sendable, Hashable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// There is no workspace here or above.
        public static let noWorkspace = Code("noWorkspace")
        /// A configuration file or value makes no sense.
        public static let configuration = Code("configuration")
        /// An argument makes no sense.
        public static let invalidArgument = Code("invalidArgument")
        /// A rule forbids it.
        public static let refused = Code("refused")
        /// A file cannot be read or written.
        public static let file = Code("file")
        /// A backup is not what was written.
        public static let damaged = Code("damaged")
        /// What was named does not exist.
        public static let notFound = Code("notFound")
        /// The request contradicts what is stored, or what was changed meanwhile.
        public static let conflict = Code("conflict")
        /// It cannot be done now, but later perhaps.
        public static let unavailable = Code("unavailable")
        /// A hook ended otherwise than by saying yes or no.
        public static let hook = Code("hook")
        /// A setting has no value.
        public static let notSet = Code("notSet")
    }

    public let code: Code
    /// What happened, as a clause without a capital or a full stop.
    public let message: String
    /// What to type next, if anything.
    public let hint: String?

    /// Creates an error.
    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { message }
}
