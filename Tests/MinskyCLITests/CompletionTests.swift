import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Completion, on both databases")
struct CompletionTests {
    /// What a shell asks when the last word of a command is to be completed.
    private func words(_ minsky: Minsky, _ option: String, _ line: [String], shell: String = "bash") throws -> [String]
    {
        let command = line.dropFirst().prefix { !$0.isEmpty && !$0.hasPrefix("-") }.prefix(1)
        let variables = ["SAP_SHELL": shell, "SAP_SHELL_VERSION": "5.2"]
        let prefix = line.last ?? ""
        let result = try minsky.ok(
            ["---completion"] + command + ["--", option, "\(line.count - 1)", "\(prefix.count)"] + line,
            environment: variables)
        return result.output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: Storage.allCases)
    func wordsComeFromTheWorkspace(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Mend: the till", "-t", "shop", "--project", "web.api")
        let other = try minsky.add("Old", "-t", "old")
        try minsky.ok("done", other)
        try minsky.ok("config", "set", "view.today", "due:today")
        let short = String(id.prefix(4))
        #expect(try words(minsky, "positional@0", ["minsky", "show", ""]) == [short])
        #expect(try words(minsky, "positional@0", ["minsky", "show", short]) == [short])
        #expect(
            try words(minsky, "positional@0", ["minsky", "show", ""], shell: "zsh").first == short + ":Mend\\: the till"
        )
        #expect(
            try words(minsky, "positional@0", ["minsky", "show", ""], shell: "fish") == [short + "\tMend: the till"])
        #expect(try words(minsky, "positional@0", ["minsky", "list", "+s"]) == ["+shop"])
        #expect(try words(minsky, "positional@0", ["minsky", "list", "@"]) == ["@today"])
        #expect(try words(minsky, "positional@0", ["minsky", "list", "project:w"]) == ["project:web.api"])
        #expect(try words(minsky, "positional@0", ["minsky", "list", "is:ov"]) == ["is:overdue"])
        #expect(try words(minsky, "--project", ["minsky", "add", "--project", "w"]) == ["web.api"])
        #expect(try words(minsky, "--tag", ["minsky", "add", "--tag", ""]) == ["old", "shop"])
    }

    @Test func nothingIsSuggestedWhereNothingIs() throws {
        let minsky = try Minsky()
        #expect(try words(minsky, "positional@0", ["minsky", "show", ""]) == [])
    }

    @Test func scriptsAreWhatShellsRead() throws {
        let minsky = try Minsky(.sqlite)
        for shell in ["bash", "zsh", "fish"] {
            #expect(try minsky.ok("completion", shell).contains("---completion"))
        }
        #expect(try minsky.failure("completion", "tcsh").exitCode == 2)
        #expect(try minsky.failure("--generate-completion-script", "bash").exitCode == 2)
    }

    @Test func zshTakesABackslashForItself() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A", "-t", #"a\b"#)
        #expect(try words(minsky, "positional@0", ["minsky", "list", "+a"], shell: "zsh").first == #"+a\\b"#)
    }
}

/// A real bash on a terminal, where somebody presses TAB.
@Suite("TAB in bash, on both databases")
struct BashTabTests {
    /// What stands on the line after each was typed.
    private func lines(_ minsky: Minsky, _ typed: [String]) throws -> [String] {
        // Ctrl-O writes down the line and empties it: nothing is run that was only typed.
        try minsky.write(
            """
            PS1='> '
            bind 'set enable-bracketed-paste off'
            bind 'set show-all-if-ambiguous on'
            show() { printf '%s\\n' "$READLINE_LINE" >> lines; READLINE_LINE=; }
            bind -x '"\\C-o": show'
            . ./script

            """, to: minsky.folder + "/rc")
        try minsky.write(
            typed.map { "minsky " + $0 + "\t\u{0F}" }.joined() + "exit\n", to: minsky.folder + "/typed")
        let result = try minsky.shell(
            """
            mkdir -p bin && ln -sf "$minsky" bin/minsky && PATH="$PWD/bin:$PATH" && export PATH
            minsky completion bash > script
            script -qec 'bash --noprofile --rcfile rc -i' /dev/null < typed
            """, environment: ["TERM": "dumb"])
        let lines = try minsky.text(minsky.folder + "/lines").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == typed.count + 1, "\(result.output)")
        return lines.dropLast().map { String($0.dropFirst("minsky ".count)) }
    }

    @Test(arguments: Storage.allCases)
    func nothingOfAWorkspaceIsRun(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let evil = "$(touch${IFS}OWNED)`touch${IFS}OWNED`"
        let id = try minsky.add(
            "Title " + evil, "-t", "x" + evil, "-t", "q'\(evil)'", "--project", "p $(touch OWNED)", "--assignee",
            "w" + evil)
        let quoted = #"\$\(touch\$\{IFS\}OWNED\)\`touch\$\{IFS\}OWNED\`"#
        let expected = [
            ("list +x", "list +x\(quoted) "), ("list tag:x", "list tag:x\(quoted) "),
            ("list +q", #"list +q\'"# + quoted + #"\' "#),
            ("list '+x", "list '+x\(evil)' "), ("list '+q", "list '+q"),
            ("list \"+x", #"list "+x\$(touch\${IFS}OWNED)\`touch\${IFS}OWNED\`" "#),
            ("add --tag x", "add --tag x\(quoted) "), ("list --tag x", "list --tag x\(quoted) "),
            ("edit 1 --untag x", "edit 1 --untag x\(quoted) "),
            ("list project:p", #"list project:p\ \$\(touch\ OWNED\) "#),
            (#"list project:p\ \$"#, #"list project:p\ \$\(touch\ OWNED\) "#),
            ("add --project p", #"add --project p\ \$\(touch\ OWNED\) "#),
            ("list --assignee w", "list --assignee w\(quoted) "), ("list assignee:w", "list assignee:w\(quoted) "),
            ("show ", "show \(id.prefix(4)) "), ("list $(touch OWNED)", "list $(touch OWNED)"),
        ]
        let lines = try lines(minsky, expected.map(\.0))
        for (line, (typed, completed)) in zip(lines, expected) { #expect(line == completed, "\(typed)") }
        #expect(!FileManager.default.fileExists(atPath: minsky.folder + "/OWNED"))
    }

    /// `:` is among the default COMP_WORDBREAKS.
    @Test func aColonDoesNotEndAWord() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A", "-t", "one:two:three", "-t", "wow!")
        try minsky.write("A", to: minsky.folder + "/my file.txt")
        let expected = [
            ("list is:re", "list is:ready "), ("list is:", "list is:"), ("list 'is:wait", "list 'is:waiting' "),
            ("list du", "list due:"), ("list +one:t", "list +one:two:three "), ("list +wow", #"list +wow\! "#),
            ("list is:re x\u{1B}[D\u{1B}[D", "list is:ready x"), ("lis", "list "),
            ("add --from my", #"add --from my\ file.txt "#),
        ]
        let lines = try lines(minsky, expected.map(\.0))
        for (line, (typed, completed)) in zip(lines, expected) { #expect(line == completed, "\(typed)") }
    }
}
