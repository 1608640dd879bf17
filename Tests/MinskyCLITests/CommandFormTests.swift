import MinskyModel
import TestSupport
import Testing

@Suite("Forms of commands")
struct CommandFormTests {
    @Test func shortFormsEqualTheLongOnes() throws {
        let minsky = try Minsky(.sqlite)
        for form in [["add"], ["tasks", "add"]] { try minsky.ok(form + ["A"]) }
        let ids = try minsky.ok("list", "--quiet").split(separator: "\n").map(String.init)
        #expect(try minsky.ok("list") == minsky.ok("tasks", "list"))
        #expect(try minsky.ok("show", ids[0]) == minsky.ok("tasks", "show", ids[0]))
        #expect(try minsky.ok("start", ids[0]).hasPrefix("Started "))
        #expect(try minsky.ok("tasks", "start", ids[1]).hasPrefix("Started "))
        #expect(try minsky.ok("done", ids[0]).hasPrefix("Done "))
        #expect(try minsky.ok("tasks", "done", ids[1]).hasPrefix("Done "))
    }

    @Test(arguments: [
        ["--json", "tasks", "list"], ["tasks", "--json", "list"], ["tasks", "list", "--json"], ["--json", "list"],
        ["list", "--json"],
    ])
    func optionsStandBeforeOrAfterTheCommand(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        #expect(try minsky.ok(arguments).output == "[]\n")
    }

    @Test(arguments: [["-C", "there", "add", "A"], ["add", "A", "-C", "there"], ["add", "-C", "there", "A"]])
    func theFolderStandsBeforeOrAfterTheCommand(arguments: [String]) throws {
        let minsky = try Minsky()
        try minsky.ok("init", "-C", "there")
        _ = try minsky.ok(arguments)
        #expect(try minsky.json("list", in: minsky.folder + "/there").titles == ["A"])
    }

    @Test func whatFollowsTwoDashesIsText() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("add", "--", "--json", "-p", "high")
        #expect(try minsky.json("list").titles == ["--json -p high"])
    }

    @Test func theVersionIsPrinted() throws {
        #expect(try Minsky().ok("--version") == "0.1.0\n")
    }

    @Test(arguments: [
        [], ["init"], ["tasks"], ["tasks", "add"], ["tasks", "list"], ["tasks", "show"], ["tasks", "edit"],
        ["tasks", "start"], ["tasks", "done"], ["tasks", "reopen"], ["tasks", "drop"], ["tasks", "delete"],
        ["tasks", "move"], ["tasks", "decompose"], ["tasks", "history"], ["add"], ["list"], ["show"], ["start"],
        ["done"],
        ["undo"], ["config"], ["config", "get"], ["config", "set"], ["config", "unset"], ["config", "list"],
        ["config", "path"], ["ai"], ["ai", "status"], ["ai", "test"], ["doctor"],
    ])
    func everyCommandHelps(path: [String]) throws {
        let minsky = try Minsky()
        let result = try minsky.start(path + ["--help"]).wait()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        #expect(result.output.contains("USAGE: \((["minsky"] + path).joined(separator: " "))"))
    }

    @Test func theHelpNamesEveryCommand() throws {
        let help = try Minsky().ok("--help")
        for name in [
            "init", "tasks", "add", "list", "show", "start", "done", "undo", "history", "config", "ai", "doctor",
        ] {
            #expect(help.contains("\n  \(name) "))
        }
    }

    @Test func theHelpClaimsNoModel() throws {
        let help = try Minsky().ok("--help")
        #expect(!help.prefix { $0 != "\n" }.contains("model"), "the default is offline")
        #expect(try Minsky().ok("help", "list").contains("USAGE: minsky list"))
    }

    @Test func aCommandWithoutItsVerbShowsHelp() throws {
        let minsky = try Minsky()
        for path in [[], ["tasks"], ["config"], ["ai"]] {
            let result = try minsky.start(path).wait()
            #expect(result.exitCode == 0)
            #expect(result.output.contains("SUBCOMMANDS:"))
        }
    }
}
