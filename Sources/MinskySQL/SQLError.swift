/// What a database refused or failed to do. Bound values never appear in it.
public struct SQLError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, in terms both databases share.
    public enum Kind: Sendable {
        /// A constraint of the schema was violated, or a value cannot be stored.
        case constraint
        /// Another writer holds what this one needs; trying again may work.
        case busy
        /// The transaction collided with another one; the driver tries again by itself.
        case serialization
        /// The database cannot be reached, or the connection was lost.
        case connection
        /// The file or the role does not allow it.
        case permission
        /// What was read is not a database, or holds values of the wrong type.
        case corrupt
        /// The disk is full or cannot be read or written.
        case storage
        /// The statement was ended by `Database.interrupt`.
        case interrupted
        case other
    }

    public let kind: Kind
    /// The database's own code: an extended SQLite result code, or an SQLSTATE.
    public let nativeCode: String?
    /// The database's own words.
    public let message: String
    /// The statement, with placeholders for its values.
    public let sql: String?
    /// Whether it is not known if the transaction was committed: the connection was lost while the answer was awaited.
    public let isOutcomeUnknown: Bool

    /// Creates an error.
    public init(
        kind: Kind, nativeCode: String? = nil, message: String, sql: String? = nil, isOutcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.nativeCode = nativeCode
        self.message = message
        self.sql = sql
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// Whether the same transaction may succeed when it is run again at once.
    public var isRetryable: Bool { kind == .serialization }

    /// The error for text that no database stores.
    public static let textWithNUL = SQLError(kind: .constraint, message: "text with a NUL character cannot be stored")

    /// The error for text that is not Unicode.
    public static let textWithoutUnicode = SQLError(kind: .corrupt, message: "it holds bytes that are not UTF-8")

    public var description: String {
        nativeCode.map { "\(message) (\($0))" } ?? message
    }
}
