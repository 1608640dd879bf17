import ArgumentParser
import MinskyApp
import MinskyModel

/// Where a word of a command may be completed from the workspace.
extension CompletionKind {
    static let tasks = words(.task)
    static let tags = words(.tag)
    static let projects = words(.project)
    static let assignees = words(.assignee)
    static let settings = words(.setting)
    static let templates = words(.template)
    static let query = words(.query)
    static let priorities = CompletionKind.list(TaskPriority.allCases.map(\.rawValue))
    static let statuses = CompletionKind.list(TaskStatus.allCases.map(\.rawValue))

    private static func words(_ kind: SuggestWords.Kind) -> CompletionKind {
        .custom { arguments, _, prefix in
            let place = arguments.firstIndex(of: "-C")
            let directory: String? = place.flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
            // Somebody who is typing wants no error; where nothing can be found, nothing is suggested.
            let words = (try? SuggestWords(kind, prefix: prefix).run(directory, in: .live())) ?? []
            return words.map { shown($0, in: CompletionShell.requesting) }
        }
    }

    /// A word as a shell takes it: zsh and fish show what it stands for.
    private static func shown(_ word: SuggestWords.Word, in shell: CompletionShell?) -> String {
        let text = word.text.terminalSafe()
        guard let meaning = word.meaning.map({ TextWidth.truncate($0.terminalSafe(), to: 60) }) else {
            return shell == .zsh ? text.escapingColons : text
        }
        switch shell {
        case .zsh?: return text.escapingColons + ":" + meaning.escapingColons
        case .fish?: return text + "\t" + meaning
        default: return text
        }
    }
}

extension String {
    /// As zsh's `_describe` takes a word or what it stands for.
    fileprivate var escapingColons: String {
        reduce(into: "") { text, character in
            if character == ":" || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }
}
