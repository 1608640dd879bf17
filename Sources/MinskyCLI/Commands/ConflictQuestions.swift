import MinskyApp
import MinskyModel
import MinskyStore

/// Asks a person at a terminal about conflicts, one after another. Nothing is written before the last answer.
struct ConflictQuestions {
    let words: ConflictWords
    let workspace: OpenWorkspace
    let console: Console

    /// Asks about each.
    /// - Returns: What was decided, without those that were skipped; nil when the person ended it.
    /// - Throws: `StoreError`, `SQLError`.
    func ask(_ conflicts: [Conflict]) throws -> [ResolveConflict.Decision]? {
        var decisions: [ResolveConflict.Decision] = []
        for conflict in conflicts {
            console.note(words.lines(conflict, Style(isOn: false)).joined(separator: "\n"))
            switch try choice(conflict) {
            case .decided(let choice): decisions.append(.init(id: conflict.id, choice))
            case .skipped: continue
            case .ended: return nil
            }
        }
        return decisions
    }

    private enum Answer {
        case decided(ResolveConflict.Choice)
        case skipped
        case ended
    }

    private func choice(_ conflict: Conflict) throws -> Answer {
        let mayType = conflict.field != nil
        while let answer = console.ask(
            "  kept, lost,\(mayType ? " a value," : "") skip? [k/l\(mayType ? "/v" : "")/s] ")
        {
            switch answer.lowercased() {
            case "k", "kept": return .decided(.kept)
            case "l", "lost": return .decided(.lost)
            case "s", "skip": return .skipped
            case "v", "value", "a value":
                guard let field = conflict.field, mayType else { continue }
                guard let phrase = console.ask("  \(conflict.fieldName): ") else { return .ended }
                do {
                    _ = try workspace.store.read {
                        try conflict.reading(phrase, for: field, in: $0, console.environment)
                    }
                    return .decided(.set([field: phrase]))
                } catch let error as AppError {
                    console.note("  \(error.message)" + (error.hint.map { "\n  " + $0 } ?? ""))
                } catch let error as StoreError {
                    console.note("  \(error.message)")
                }
            default: continue
            }
        }
        return .ended
    }
}
