import ArgumentParser
import MinskyModel

struct CompletionCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a script that lets a shell complete commands, ids, tags and more.",
        discussion: """
            bash: minsky completion bash > ~/.local/share/bash-completion/completions/minsky
            zsh:  minsky completion zsh > _minsky, in a folder of $fpath
            fish: minsky completion fish > ~/.config/fish/completions/minsky.fish
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    func run(on console: Console) async throws {
        guard let known = CompletionShell(rawValue: shell) else {
            throw CommandFailure(
                .usage, "there is no completion for '\(shell)'", hint: "There is for bash, zsh and fish.")
        }
        let parsers = MinskyCommand.completionScript(for: known)
        let script = known == .bash ? parsers + "\n\n" + BashCompletion.words : parsers
        console.show(json: ["shell": .string(shell), "script": .string(script)], ids: [script]) {
            script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

/// What `make install` makes the manual page with.
struct ManualCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Print the manual page.", shouldDisplay: false)

    @OptionGroup var global: GlobalOptions

    func run(on console: Console) async throws {
        let lines = try ManualPage().lines()
        console.show(json: ["lines": .array(lines.map(JSON.string))], ids: lines) { lines }
    }
}
