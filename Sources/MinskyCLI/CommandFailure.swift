import ArgumentParser
import MinskyAI
import MinskyApp
import MinskyModel
import MinskySQL
import MinskyStore

/// What a person or a program is told when a command fails: the one place where failures get exit codes and hints.
struct CommandFailure: Error {
    private let failure: Failure
    /// What to type next, if anything.
    let hint: String?

    var kind: Failure.Kind { failure.kind }

    init(_ kind: Failure.Kind, _ message: String, hint: String? = nil) {
        failure = Failure(kind, message)
        self.hint = hint
    }

    /// The failure an error stands for, or nil when it comes from parsing arguments.
    init?(_ error: any Error) {
        if let failure = error as? CommandFailure {
            self = failure
            return
        }
        // The parser's own error types are not public.
        let isParsing = String(describing: type(of: error)).hasPrefix("CommandError")
        if isParsing || error is ValidationError || error is CleanExit { return nil }
        if let error = error as? SQLError, error.kind == .constraint {
            self = CommandFailure(constraint: error)
            return
        }
        failure = Failure(error)
        hint = Self.hint(for: error)
    }

    /// An error that a command gives better advice on than would hold anywhere.
    init(_ error: any Error, hint: String?) {
        failure = Failure(error)
        self.hint = hint
    }

    /// Words for the terminal, safe to print.
    var text: String {
        var text = "error: " + failure.message.terminalSafe() + "\n"
        if let hint { text += "hint:  " + hint.terminalSafe(keepingNewlines: true) + "\n" }
        return text
    }

    /// The documented JSON object.
    var json: JSON { failure.json(hint: hint) }
}

extension Failure.Kind {
    /// The exit code (docs/exit-codes.md).
    var exitCode: Int32 {
        switch self {
        case .failed: 1
        case .usage: 2
        case .notFound, .ambiguous: 3
        case .conflict: 4
        case .unavailable: 5
        case .refused: 6
        }
    }
}

extension CommandFailure {
    private static func hint(for error: any Error) -> String? {
        switch error {
        case let error as AppError: error.hint
        case let error as MistypedPhrase:
            // The first line stands after `hint:`.
            ([error.error.hint ?? "Here:"]
                + error.error.marked(in: error.text, width: TextWidth.of(_:)).map { "       " + $0 })
                .joined(separator: "\n")
        case let error as StoreError: hint(for: error)
        case let error as SQLError: hint(for: error)
        case let error as AIError: hint(for: error)
        default: nil
        }
    }

    private static func hint(for error: StoreError) -> String? {
        switch error.code {
        case .notFound: return "minsky list shows the open tasks, minsky list --all every task."
        case .ambiguous:
            let list = error.candidates.map { "  \($0.id)  \(String($0.title.prefix(60)).shellQuoted)" }
                .joined(separator: "\n")
            return "Type more of the id:\n" + list
        case .unknownOperation: return "minsky history shows the ids of operations."
        case .conflict: return nil
        case .alreadyUndone, .overtaken: return "minsky history shows what else can be taken back."
        case .foreign: return "Name another file or schema."
        case .outcomeUnknown: return "Look whether it took place (minsky list) before you type it again."
        case .nothingToUndo: return "minsky history shows operations; minsky undo --operation ID takes one back."
        case .newerSchema: return "Install the newer minsky; this one would damage the store."
        case .diverged:
            return
                "minsky sync reset --from local brings it what it lacks; --from upstream makes this workspace what it is."
        case .notInitialized: return "minsky init makes one."
        default: return "minsky doctor looks for the cause."
        }
    }

    private static func hint(for error: SQLError) -> String? {
        switch error.kind {
        case .busy, .serialization: "Another command is writing; try again."
        case .connection where error.nativeCode != nil: "Try again."
        case .interrupted: "Try again."
        case .connection, .permission, .corrupt: "minsky doctor looks for the cause."
        case .constraint, .storage, .other: nil
        }
    }

    private static func hint(for error: AIError) -> String? {
        switch error.code {
        case .notConfigured:
            "minsky ai status shows what is set; minsky config set ai.provider builtin needs no server."
        case .unreachable, .timedOut: "Nothing was stored. Is the server up? minsky ai test asks it something small."
        case .rateLimited, .serverFailed: "Nothing was stored; try again in a while."
        case .unauthorized:
            "minsky config set ai.apiKey asks for a key and keeps it; minsky ai status shows which one is used."
        case .truncated: "Nothing was stored. Fewer subtasks (--count) or a larger ai.maxOutputTokens may help."
        case .malformed, .empty, .tooLarge: "Nothing was stored; try again, or try another model."
        case .nothingNew: "minsky tasks show ID lists the subtasks it has."
        default: nil
        }
    }
}
