import MinskyAI
import MinskyModel
import MinskySQL
import MinskyStore

/// What went wrong in the terms every face shares. A face adds how it tells it: an exit code, a hint, an HTTP status.
public struct Failure: Sendable {
    /// The classes of failure; their names are documented codes (docs/exit-codes.md).
    public enum Kind: String, Sendable, CaseIterable {
        case failed, usage, notFound, ambiguous, conflict, unavailable, refused
    }

    public let kind: Kind
    /// The documented code: the kind's name, or a finer one.
    public let code: String
    /// What happened, as a clause without a capital or a full stop.
    public let message: String

    /// Describes a failure.
    public init(_ kind: Kind, _ message: String, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code ?? kind.rawValue
    }

    /// The failure that an error of a use case stands for.
    public init(_ error: any Error) {
        switch error {
        case let error as AppError: self.init(Self.kind(of: error), error.message)
        case let error as MistypedPhrase: self.init(.usage, error.error.message)
        case let error as StoreError: self.init(Self.kind(of: error), error.message)
        case let error as SQLError: self.init(error)
        case let error as AIError: self.init(Self.kind(of: error), error.message, code: error.code.description)
        default: self.init(.failed, "\(error)")
        }
    }

    /// The failure as the documented JSON object.
    /// - Parameter hint: What the face advises, if anything.
    public func json(hint: String?) -> JSON {
        ["error": ["code": .string(code), "message": .string(message), "hint": .optional(hint)]]
    }

    private static func kind(of error: AppError) -> Kind {
        switch error.code {
        case .noWorkspace, .notSet, .notFound: .notFound
        case .invalidArgument: .usage
        case .refused: .refused
        case .conflict: .conflict
        case .unavailable: .unavailable
        default: .failed
        }
    }

    private static func kind(of error: StoreError) -> Kind {
        switch error.code {
        case .notFound, .unknownOperation, .nothingToUndo, .notInitialized: .notFound
        case .ambiguous: .ambiguous
        case .conflict, .notContinued, .unlogged, .alreadyUndone, .overtaken: .conflict
        case .newerSchema, .foreign, .migrationNeeded, .diverged: .refused
        case .outcomeUnknown, .moved: .unavailable
        default: .failed
        }
    }

    private static func kind(of error: AIError) -> Kind {
        switch error.code {
        case .unreachable, .timedOut, .rateLimited, .serverFailed: .unavailable
        case .unauthorized: .refused
        case .nothingNew: .conflict
        default: .failed
        }
    }

    private init(_ error: SQLError) {
        switch error.kind {
        case .busy, .serialization: self.init(.unavailable, "the database is busy: \(error)")
        case .connection where error.nativeCode == nil: self.init(.unavailable, "\(error)")
        case .connection: self.init(.unavailable, "the database cannot be reached: \(error)")
        case .permission: self.init(.refused, "the database refused: \(error)")
        case .constraint: self.init(.failed, "the database refused a value: \(error)")
        case .corrupt: self.init(.failed, "the database is damaged or no database: \(error)")
        case .storage: self.init(.failed, "the disk is full or failing: \(error)")
        case .interrupted: self.init(.unavailable, "the database ended the statement: \(error)")
        case .other: self.init(.failed, "\(error)")
        }
    }
}
