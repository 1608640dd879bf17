import ArgumentParser
import MinskyAI
import MinskyApp
import MinskyModel
import MinskySQL
import MinskyStore

/// What a person or a program is told when a command fails: the one place where errors become exit codes and hints.
struct CommandFailure: Error {
    /// The classes of failure, each with its exit code (docs/exit-codes.md).
    enum Kind: String {
        case failed, usage, notFound, ambiguous, conflict, unavailable, refused

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

    let kind: Kind
    /// A finer code than the kind's name, where there is one.
    var detailCode: String?
    let message: String
    var hint: String?

    init(_ kind: Kind, _ message: String, hint: String? = nil, detailCode: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.detailCode = detailCode
    }

    /// The failure an error stands for, or nil when it comes from parsing arguments.
    init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as AppError: self.init(error)
        case let error as StoreError: self.init(error)
        case let error as SQLError: self.init(error)
        case let error as AIError: self.init(error)
        case is ValidationError, is CleanExit: return nil
        default:
            // The parser's own error types are not public.
            if String(describing: type(of: error)).hasPrefix("CommandError") { return nil }
            self.init(.failed, "\(error)")
        }
    }

    /// Words for the terminal, safe to print.
    var text: String {
        var text = "error: " + message.terminalSafe() + "\n"
        if let hint { text += "hint:  " + hint.terminalSafe(keepingNewlines: true) + "\n" }
        return text
    }

    var json: JSON {
        ["error": ["code": .string(detailCode ?? kind.rawValue), "message": .string(message), "hint": .optional(hint)]]
    }
}

extension CommandFailure {
    private init(_ error: AppError) {
        let kind: Kind =
            switch error.code {
            case .noWorkspace, .notSet, .notFound: .notFound
            case .invalidArgument: .usage
            case .refused: .refused
            case .conflict: .conflict
            default: .failed
            }
        self.init(kind, error.message, hint: error.hint)
    }

    private init(_ error: StoreError) {
        switch error.code {
        case .notFound:
            self.init(.notFound, error.message, hint: "minsky list shows the open tasks, minsky list --all every task.")
        case .ambiguous:
            let list = error.candidates.map { "  \($0.id)  \(String($0.title.prefix(60)).shellQuoted)" }
                .joined(separator: "\n")
            self.init(.ambiguous, error.message, hint: "Type more of the id:\n" + list)
        case .unknownOperation:
            self.init(.notFound, error.message, hint: "minsky tasks history ID shows the ids of operations.")
        case .conflict, .alreadyUndone, .overtaken: self.init(.conflict, error.message)
        case .foreign: self.init(.refused, error.message, hint: "Name another file or schema.")
        case .outcomeUnknown:
            self.init(
                .unavailable, error.message,
                hint: "Look whether it took place (minsky list) before you type it again.")
        case .nothingToUndo:
            self.init(
                .notFound, error.message,
                hint: "minsky tasks history ID shows operations; minsky undo --operation ID takes one back.")
        case .newerSchema:
            self.init(.refused, error.message, hint: "Install the newer minsky; this one would damage the store.")
        case .notInitialized: self.init(.notFound, error.message, hint: "minsky init makes one.")
        default: self.init(.failed, error.message, hint: "minsky doctor looks for the cause.")
        }
    }

    private init(_ error: SQLError) {
        switch error.kind {
        case .busy, .serialization:
            self.init(.unavailable, "the database is busy: \(error)", hint: "Another command is writing; try again.")
        case .connection where error.nativeCode == nil:
            self.init(.unavailable, "\(error)", hint: "minsky doctor looks for the cause.")
        case .connection: self.init(.unavailable, "the database cannot be reached: \(error)", hint: "Try again.")
        case .permission:
            self.init(.refused, "the database refused: \(error)", hint: "minsky doctor looks for the cause.")
        case .constraint: self.init(constraint: error)
        case .corrupt:
            self.init(
                .failed, "the database is damaged or no database: \(error)", hint: "minsky doctor looks for the cause.")
        case .storage: self.init(.failed, "the disk is full or failing: \(error)")
        case .interrupted: self.init(.unavailable, "the database ended the statement: \(error)", hint: "Try again.")
        case .other: self.init(.failed, "\(error)")
        }
    }

    private init(_ error: AIError) {
        let (kind, hint): (Kind, String?) =
            switch error.code {
            case .notConfigured:
                (.failed, "minsky ai status shows what is set; minsky config set ai.provider builtin needs no server.")
            case .unreachable, .timedOut:
                (.unavailable, "Nothing was stored. Is the server up? minsky ai test asks it something small.")
            case .rateLimited, .serverFailed: (.unavailable, "Nothing was stored; try again in a while.")
            case .unauthorized:
                (
                    .refused,
                    "minsky config set ai.apiKey asks for a key and keeps it; minsky ai status shows which one is used."
                )
            case .truncated:
                (.failed, "Nothing was stored. Fewer subtasks (--count) or a larger ai.maxOutputTokens may help.")
            case .malformed, .empty, .tooLarge:
                (.failed, "Nothing was stored; try again, or try another model.")
            case .nothingNew: (.conflict, "minsky tasks show ID lists the subtasks it has.")
            default: (.failed, nil)
            }
        self.init(kind, error.message, hint: hint, detailCode: error.code.description)
    }

    /// The failure of arguments that do not parse.
    static func parsing(_ error: any Error, _ arguments: [String]) -> CommandFailure {
        // The words that lead to a command, as far as there is one.
        var path = ["minsky"]
        var children = MinskyCommand.configuration.subcommands
        let words = arguments.enumerated().filter { index, word in
            !word.hasPrefix("-") && (index == 0 || arguments[index - 1] != "-C")
        }
        for (_, word) in words where !children.isEmpty {
            guard let child = children.first(where: { $0._commandName == word }) else {
                let place = path.joined(separator: " ")
                let nearest = NearestMatch.of(word, among: children.map { $0._commandName })
                return CommandFailure(
                    .usage, "\(place) has no command '\(word)'",
                    hint: nearest.map { "Did you mean \(place) \($0)?" } ?? "\(place) --help lists the commands.")
            }
            children = child.configuration.subcommands
            path.append(word)
        }
        let message = MinskyCommand.message(for: error)
        return CommandFailure(
            .usage, message.prefix(1).lowercased() + message.dropFirst(),
            hint: "\(path.joined(separator: " ")) --help tells how to use it.")
    }
}
