import MinskyModel
import MinskyStore

/// The tasks that a command is to act on: ids as typed, or a query.
public struct TaskChoice: Sendable {
    public let words: [String]

    /// Creates the choice.
    public init(_ words: [String]) { self.words = words }

    /// Whether the words are a query: something in them is no part of an id or of a word.
    ///
    /// A word alone never is, so that a mistyped id does not become a search.
    public var isQuery: Bool {
        words.contains { word in
            word.hasPrefix("+") || word.hasPrefix("-") || word.hasPrefix("@")
                || word.unicodeScalars.contains { ":<>=()\"".unicodeScalars.contains($0) || $0.properties.isWhitespace }
        }
    }

    /// The tasks that the query lets through; of any status only where it says so.
    /// - Throws: `AppError` with code `.notFound` when there is none; `MistypedPhrase`, `StoreError`, `SQLError`.
    public func tasks(in workspace: OpenWorkspace, as caller: Caller) throws -> TaskList {
        let found = try ListTasks(TaskRequest(words)).run(in: workspace, as: caller).list
        guard !found.tasks.isEmpty else {
            throw AppError(
                .notFound, "no task matches", hint: "minsky list takes the same query and shows what it finds.")
        }
        return found
    }
}
