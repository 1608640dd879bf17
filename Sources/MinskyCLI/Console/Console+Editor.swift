import Foundation
import MinskyApp
import MinskyModel

extension Console {
    /// Lets a person edit a text until it can be read, or they leave it as it is.
    /// - Parameter read: What is done with the text.
    /// - Returns: Nil when the person changed nothing.
    /// - Throws: What reading throws, when the text is wrong and was left so, or for another reason; the text is kept in a file
    ///   then, which the hint names.
    func editing<Value>(_ text: String, _ read: (String) throws -> Value) throws -> Value? {
        var shown = text
        var previous = TaskDocument.withoutMarks(text)
        while true {
            let edited = TaskDocument.withoutMarks(try edited(shown, name: "tasks.md"))
            do {
                if edited == previous, shown == text { return nil }
                return try read(edited)
            } catch let problem as TextProblem {
                guard edited != previous || shown == text else {
                    throw CommandFailure(
                        .usage, "line \(problem.line): \(problem.message)",
                        hint: try kept(edited, besides: problem.hint))
                }
                previous = edited
                shown = Self.marked(edited, problem)
            } catch {
                let hint = CommandFailure(error)?.hint
                throw CommandFailure(error, hint: try kept(edited, besides: hint))
            }
        }
    }

    /// The text with what is wrong below the line it is about.
    private static func marked(_ text: String, _ problem: TextProblem) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let words = [problem.message, problem.hint].compactMap { $0?.terminalSafe() }
        lines.insert(
            contentsOf: words.map { TaskDocument.mark + "^ " + $0 }, at: min(max(problem.line, 1), lines.count))
        return lines.joined(separator: "\n")
    }

    /// Keeps a text that cannot be stored, and says where.
    private func kept(_ text: String, besides hint: String?) throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("minsky-\(UUID().uuidString).md")
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw CommandFailure(.failed, "\(file.path) cannot be written") }
        return (hint.map { $0 + "\n       " } ?? "") + "What you wrote is kept in \(file.path)"
    }

    /// Lets a person edit tasks as one text, and stores what is different.
    func editInEditor(_ words: [String], in workspace: OpenWorkspace) throws {
        let caller = workspace.configuration.caller
        let document = try TaskDocument(words, in: workspace, as: caller)
        let changed = try editing(document.text) { try document.apply($0, in: workspace, as: caller) } ?? []
        show(json: .array(changed.map(\.json)), ids: changed.map(\.task.id)) {
            changed.flatMap { lines("Changed", $0.task, $0.list) }
        }
        if changed.isEmpty { note("Nothing changed.") }
    }
}
