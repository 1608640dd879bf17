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
        let id = try minsky.add("A")
        for shell in ["bash", "zsh", "fish"] {
            #expect(try minsky.ok("completion", shell).contains("---completion"))
        }
        #expect(try minsky.failure("completion", "tcsh").exitCode == 2)
        // A bash that loads the script and completes a line.
        let result = try minsky.shell(
            """
            mkdir -p bin && ln -sf "$minsky" bin/minsky && PATH="$PWD/bin:$PATH"
            export PATH
            minsky completion bash > script
            bash -c '. ./script; COMP_WORDS=(minsky show ""); COMP_CWORD=2; COMP_LINE="minsky show "; COMP_POINT=12
                _minsky minsky "" show; printf "%s\\n" "${COMPREPLY[@]}"'
            """)
        #expect(result.output.contains(id.prefix(4)), "\(result.errors)")
    }
}
