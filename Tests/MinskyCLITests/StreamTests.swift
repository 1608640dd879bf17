import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Standard streams")
struct StreamTests {
    @Test(arguments: Storage.allCases)
    func dataGoesOutAndEverythingElseGoesToStandardError(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let result = try minsky.run("tasks", "decompose", "Fix the login bug")
        #expect(result.output.hasPrefix("ID    TASK"))
        #expect(result.lines.allSatisfy { !$0.contains("playbook") })
        #expect(result.errors == "From the playbook “Fix a bug”; no model was asked. minsky undo takes it back.\n")
        let deleted = try minsky.run("tasks", "delete", try minsky.add("A"))
        #expect(deleted.errors == "minsky undo brings it back.\n")
        #expect(deleted.lines.count == 1)
    }

    @Test func aFailureLeavesStandardOutputEmpty() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("show", "zzzz")
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("error: there is no task whose id begins with 'zzzz'\nhint:  "))
    }

    @Test(arguments: Storage.allCases)
    func noHintsWithJSONOrQuiet(storage: Storage) throws {
        let minsky = try Minsky(storage)
        for option in ["--json", "--quiet"] {
            #expect(try minsky.run("tasks", "decompose", "Plan a party", option).errors == "")
            #expect(try minsky.run("list", "--tag", "none", option).errors == "")
        }
    }

    @Test(arguments: Storage.allCases)
    func aReaderThatLeavesEndsTheProgramQuietly(storage: Storage) throws {
        let minsky = try Minsky(storage)
        // More than a pipe holds, so that writing meets the closed end.
        let title = String(repeating: "long ", count: 20_000)
        for _ in 0..<3 { try minsky.ok("add", title) }
        let result = try minsky.shell(#"{ "$minsky" list --json; echo "code $?" >&2; } | head -c 1"#)
        #expect(result.output == "[")
        #expect(["code 0\n", "code 141\n"].contains(result.errors))
        let lines = try minsky.shell(#""$minsky" list | head -1"#)
        #expect(lines.lines.count == 1)
        #expect(lines.errors == "")
    }

    @Test func outputThatCannotBeWrittenIsAFailure() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.shell(#""$minsky" config list >/dev/full"#)
        #expect(result.exitCode == 1)
        #expect(result.errors.hasPrefix("error: standard output cannot be written: "))
    }

    @Test(arguments: Storage.allCases)
    func closedStreamsDoNoHarm(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let result = try minsky.shell(#""$minsky" add A <&- 2>&- && "$minsky" add B >&-; echo $?"#)
        #expect(result.lines.last == "1", "what cannot be told is a failure")
        #expect(result.errors.contains("standard output cannot be written"))
        #expect(try minsky.shell(#""$minsky" list <&- 2>&-"#).lines.count == 3)
        #expect(try minsky.json("list").titles == ["A", "B"])
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: [
        ["init"], ["list"], ["add", "A"], ["show", "zzzz"], ["undo"], ["tasks", "delete", "zzzz"],
        ["tasks", "decompose", "Plan a party"], ["config", "list"], ["config", "set", "ai.apiKey", "sk-canary"],
        ["ai", "test"], ["doctor"], [],
    ])
    func noCommandWaitsForInput(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let expected = try minsky.start(arguments, input: .empty).wait().exitCode
        let closed = try Minsky(.sqlite)
        #expect(try closed.start(arguments, input: .closed).wait().exitCode == expected)
    }

    @Test func whatIsPipedInIsNotRead() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.shell(#"printf 'first\nsecond\n' | { "$minsky" add A -q >/dev/null; cat; }"#)
        #expect(result.output == "first\nsecond\n")
    }
}

@Suite("Colors")
struct ColorTests {
    private static func isColored(_ text: String) -> Bool { text.unicodeScalars.contains("\u{1B}") }

    @Test func aPipeGetsNone() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        #expect(try !Self.isColored(minsky.ok("list")))
        #expect(try !Self.isColored(minsky.ok("list", environment: ["CLICOLOR_FORCE": "0"])))
    }

    @Test func theyCanBeForced() throws {
        let minsky = try Minsky(.sqlite)
        let force = ["CLICOLOR_FORCE": "1"]
        let id = try minsky.add("A")
        #expect(try minsky.ok("list", environment: force).contains("\u{1B}[36m\(id.prefix(4))\u{1B}[0m"))
        #expect(try !Self.isColored(minsky.ok("list", "--no-color", environment: force)))
        #expect(try !Self.isColored(minsky.ok("list", "--json", environment: force)))
        #expect(try !Self.isColored(minsky.ok("list", "--quiet", environment: force)))
    }

    /// `script` gives the program a terminal.
    @Test func aTerminalGetsThem() throws {
        let minsky = try Minsky(.sqlite)
        _ = try minsky.add("A")
        func onTerminal(_ command: String, _ environment: [String: String] = [:]) throws -> String {
            try minsky.shell(
                "script -qec '\(command)' /dev/null", environment: ["TERM": "xterm"].merging(environment) { $1 }
            ).output
        }
        let list = "\"$minsky\" list"
        #expect(try Self.isColored(onTerminal(list)))
        #expect(try !Self.isColored(onTerminal(list, ["NO_COLOR": "1"])))
        #expect(try Self.isColored(onTerminal(list, ["NO_COLOR": ""])), "an empty NO_COLOR says nothing")
        #expect(try !Self.isColored(onTerminal(list, ["TERM": "dumb"])))
        #expect(try !Self.isColored(onTerminal(list + " --no-color")))
    }
}
