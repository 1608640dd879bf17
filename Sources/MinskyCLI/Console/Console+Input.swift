import Foundation
import MinskyApp
import MinskyModel

extension Console {
    /// The largest text that is read from standard input or an editor, in bytes.
    static let largestText = 1_000_000

    /// A text as typed, or all of standard input for `-`.
    /// - Throws: `CommandFailure`.
    func text(_ typed: String) throws -> String {
        guard typed == "-" else { return typed }
        let data = try FileHandle.standardInput.read(upToCount: Self.largestText + 1) ?? Data()
        return try Self.checked(data)
    }

    /// What a person makes of a text in their editor: `$VISUAL`, `$EDITOR`, or vi.
    /// - Throws: `CommandFailure` when there is no terminal, or the editor ends with an error.
    func edited(_ text: String, name: String) throws -> String {
        guard isInteractive else {
            throw CommandFailure(
                .usage, "there is no terminal for an editor", hint: "- reads the text from standard input.")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("minsky-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        let command =
            [environment.variables["VISUAL"], environment.variables["EDITOR"]]
            .compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let editor = Process()
        editor.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The editor's own options are part of the variable; the file is no part of the command.
        editor.arguments = ["-c", command + " \"$1\"", "sh", file.path]
        try editor.run()
        editor.waitUntilExit()
        guard editor.terminationStatus == 0 else {
            throw CommandFailure(.failed, "the editor ended with \(editor.terminationStatus); nothing was changed")
        }
        return try Self.checked(try Data(contentsOf: file))
    }

    static func checked(_ bytes: some Collection<UInt8>) throws -> String {
        guard bytes.count <= largestText else {
            throw CommandFailure(.usage, "the text is longer than \(largestText / 1_000_000) MB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.usage, "the text is not UTF-8")
        }
        return text
    }

    /// The ids a command is to act on: those typed, or those of a query after a look at them.
    /// - Parameters:
    ///   - verb: What is going to happen: `Finish`.
    ///   - isSure: Whether `--yes` was typed.
    /// - Throws: `CommandFailure` when nobody can be asked, or the answer is no.
    func chosen(_ words: [String], to verb: String, isSure: Bool, in workspace: OpenWorkspace) throws -> [String] {
        let choice = TaskChoice(words)
        guard choice.isQuery else { return words }
        let found = try choice.tasks(in: workspace, as: workspace.configuration.caller)
        guard !isSure else { return found.tasks.map(\.id) }
        let count = found.tasks.count == 1 ? "1 task" : "\(found.tasks.count) tasks"
        guard isInteractive else {
            throw CommandFailure(
                .usage, "\(count) would be changed, and nobody can be asked",
                hint: "--yes goes ahead without a question.")
        }
        for task in found.tasks.prefix(10) {
            note(lines(" ", task, found).joined(separator: "\n"))
        }
        if found.tasks.count > 10 { note("  … and \(found.tasks.count - 10) more") }
        guard try confirms("\(verb) \(count)?") else { throw CommandFailure(.failed, "nothing was changed") }
        return found.tasks.map(\.id)
    }
}
