import MinskyModel

/// Why a store refused a request.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal it is; new kinds may be added.
    public struct Code: Sendable, Hashable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The database holds no store.
        public static let notInitialized = Code("notInitialized")
        /// A newer version of minsky made the store.
        public static let newerSchema = Code("newerSchema")
        /// The workspace is being moved elsewhere, or has gone there.
        public static let moved = Code("moved")
        /// The store's schema is older than this program's, and who is logged in may not change it.
        public static let migrationNeeded = Code("migrationNeeded")
        /// No row has the id.
        public static let notFound = Code("notFound")
        /// No operation has the id.
        public static let unknownOperation = Code("unknownOperation")
        /// Several rows' ids begin with the text; `candidates` lists them.
        public static let ambiguous = Code("ambiguous")
        /// The request contradicts what is stored, such as a dependency that would close a circle.
        public static let conflict = Code("conflict")
        /// The target of a relocation holds operations that the source does not have.
        public static let notContinued = Code("notContinued")
        /// Rows are not what the change log tells.
        public static let unlogged = Code("unlogged")
        /// There is no operation to take back.
        public static let nothingToUndo = Code("nothingToUndo")
        /// The operation has been taken back already.
        public static let alreadyUndone = Code("alreadyUndone")
        /// What the operation did has been changed since; `overtaken` says by what.
        public static let overtaken = Code("overtaken")
        /// The database holds something that is not minsky's.
        public static let foreign = Code("foreign")
        /// It is not known whether an operation was committed.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// The upstream is not what it was when the two met last.
        public static let diverged = Code("diverged")
        /// A stored value makes no sense to this version.
        public static let corrupt = Code("corrupt")
    }

    /// A task that an ambiguous id may have meant.
    public struct Candidate: Sendable, Hashable {
        public let id: String
        public let title: String
    }

    /// What came in the way of taking an operation back.
    public struct Overtaken: Sendable, Hashable {
        /// The operation that cannot be taken back.
        public let undone: LoggedOperation
        public let table: String
        public let rowID: String
        /// The column that has another value now, or nil when the whole row is gone, or there again.
        public let field: String?
        /// The operation that changed it, with its changes of that row, if the log knows.
        public let operation: LoggedOperation?
    }

    public let code: Code
    /// What happened, as a clause without a capital or a full stop.
    public let message: String
    /// The first few tasks an ambiguous id may have meant.
    public let candidates: [Candidate]
    public let overtaken: Overtaken?

    /// Creates an error.
    public init(_ code: Code, _ message: String, candidates: [Candidate] = [], overtaken: Overtaken? = nil) {
        self.code = code
        self.message = message
        self.candidates = candidates
        self.overtaken = overtaken
    }

    public var description: String { message }

    static let moved = StoreError(.moved, "the workspace is being moved to another database, or has gone there")

    static func newerSchema(installed: Int, known: Int) -> StoreError {
        StoreError(
            .newerSchema,
            "the store has schema version \(installed), made by a newer minsky; this one knows versions up to \(known)")
    }
}
