import MinskyModel
import TestSupport
import Testing

@Suite("Exit code 2: commands that make no sense")
struct UsageErrorTests {
    /// A command line that makes no sense, a part of what is said about it, and of the hint.
    struct Mistake: Sendable {
        let arguments: [String]
        let message: String
        let hint: String?

        init(_ arguments: [String], _ message: String, _ hint: String?) {
            self.arguments = arguments
            self.message = message
            self.hint = hint
        }
    }

    static let mistakes: [Mistake] = [
        Mistake(["lst"], "minsky has no command 'lst'", "Did you mean minsky list?"),
        Mistake(
            ["tasks", "decompse", "A"], "minsky tasks has no command 'decompse'", "Did you mean minsky tasks decompose?"
        ),
        Mistake(["config", "lsit"], "minsky config has no command 'lsit'", "Did you mean minsky config list?"),
        Mistake(["frobnicate"], "minsky has no command 'frobnicate'", "minsky --help lists the commands."),
        Mistake(["-C", "there", "lst"], "minsky has no command 'lst'", "Did you mean minsky list?"),
        Mistake(["ls"], "minsky has no command 'ls'", "Did you mean minsky list?"),
        Mistake(["remove", "abcd"], "minsky has no command 'remove'", "Did you mean minsky rm?"),
        Mistake(["tasks", "remove"], "minsky tasks has no command 'remove'", "Did you mean minsky rm?"),
        Mistake(["edit"], "missing expected argument", nil),
        Mistake(["delete"], "missing expected argument", nil),
        Mistake(["reopn"], "minsky has no command 'reopn'", "Did you mean minsky reopen?"),
        Mistake(["help", "lst"], "minsky has no command 'lst'", "Did you mean minsky list?"),
        Mistake(["help", "tasks", "edti"], "minsky tasks has no command 'edti'", "Did you mean minsky tasks edit?"),
        Mistake(["tasks"], "minsky tasks needs a command", "minsky tasks --help lists the commands."),
        Mistake(["tasks", "-q"], "minsky tasks needs a command", nil),
        Mistake([], "minsky needs a command", "minsky --help lists the commands."),
        Mistake(["undo", "--due", "fri"], "unknown option '--due'", "minsky undo --help tells how to use it."),
        Mistake(["list", "--asignee", "ada"], "unknown option '--asignee'", "Did you mean --assignee?"),
        Mistake(
            ["add", "-5"], "unknown option '-5'", "A title that begins with a dash stands after two: minsky add -- …"),
        Mistake(
            ["tasks", "decompose", "Order", "pizza"], "unexpected argument 'pizza'",
            "A title of several words stands in quotes: minsky tasks decompose \"…\""),
        Mistake(["list", "--colour"], "unknown option '--colour'", "minsky list --help tells how to use it."),
        Mistake(
            ["-C", "there", "list", "--colour"], "unknown option '--colour'", "minsky list --help tells how to use it."),
        Mistake(["show", "stray", "more"], "unexpected argument 'more'", "minsky show --help tells how to use it."),
        Mistake(["show"], "missing expected argument '<id>'", "minsky show --help tells how to use it."),
        Mistake(["add", "A", "--due"], "missing value for '--due <due>'", "minsky add --help tells how to use it."),
        Mistake(["tasks", "decompose", "A", "--count", "many"], "'many' is invalid", "minsky tasks decompose --help"),
        Mistake(["tasks", "decompose", "A", "--count", "0"], "--count must be from 1 to 50", nil),
        Mistake(["tasks", "decompose", "A", "--count", "51"], "--count must be from 1 to 50", nil),
        Mistake(["add", "A", "--due", "someday"], "'someday' is not a date", "tomorrow"),
        Mistake(["add", "A", "--due", "2026-02-30"], "'2026-02-30' is not a date", "2026-12-01"),
        Mistake(["add", "A", "-p", "hihg"], "'hihg' is not a priority", "low, medium, high, critical"),
        Mistake(["add", "A", "-e", "lots"], "'lots' is not an amount of work", "1h30m"),
        Mistake(["add", "A", "--complexity", "11"], "'11' is not a complexity", "1 to 10"),
        Mistake(["add", "A", "-t", "two words"], "'two words' cannot be a tag", nil),
        Mistake(["add", " \t "], "the title is empty", nil),
        Mistake(["tasks", "decompose", " "], "the title is empty", nil),
        Mistake(["list", "-s", "open"], "'open' is not a status", "todo, doing, done, dropped"),
        Mistake(["config", "set", "ai.modle", "m"], "there is no setting 'ai.modle'", "Did you mean ai.model?"),
        Mistake(["config", "get", "colour"], "there is no setting 'colour'", "minsky config list shows them all."),
        Mistake(
            ["config", "set", "ai.provider", "buildin"], "ai.provider cannot be 'buildin'", "Did you mean builtin?"),
        Mistake(["config", "set", "ai.maxOutputTokens", "0"], "must be a whole number", nil),
        Mistake(["config", "set", "ai.baseUrl", "localhost:8080"], "must be an address", nil),
        Mistake(
            ["config", "set", "ai.model", ""], "ai.model cannot be empty", "minsky config unset ai.model removes it."),
    ]

    @Test(arguments: mistakes)
    func saysWhatIsWrongAndWhatToType(mistake: Mistake) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.start(mistake.arguments + ["--json"]).wait()
        #expect(result.exitCode == 2)
        #expect(result.output == "")
        let error = try #require(try JSON(parsing: result.errors)["error"])
        #expect(error["code"] == "usage")
        let said = try #require(error["message"]?.string)
        #expect(said.contains(mistake.message))
        #expect(!said.contains("Did you mean"), "the parser's guesses are not near")
        let advice = error["hint"]?.string
        if let hint = mistake.hint { #expect(advice?.contains(hint) == true, "\(advice ?? "no hint")") }
        #expect(try minsky.count("tasks") == 0)
    }

    @Test(arguments: [
        ([], "there is nothing to change"), (["--clear", "prioriti"], "'prioriti' is not a field that can be emptied"),
        (["--title", ""], "the title is empty"),
    ])
    func anEditNeedsSomethingToChange(arguments: [String], message: String) throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        let result = try minsky.start(["tasks", "edit", id] + arguments).wait()
        #expect(result.exitCode == 2)
        #expect(result.errors.contains(message))
    }

    @Test(arguments: [[], ["--top", "--first"], ["--under", "aaaa", "--last"]])
    func aMoveNeedsExactlyOnePlace(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("A")
        #expect(try minsky.start(["tasks", "move", id] + arguments).wait().exitCode == 2)
    }

    @Test func aMisspeltFieldIsCorrected() throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("tasks", "edit", try minsky.add("A"), "--clear", "prioriti")
        #expect(failure.hint == "Did you mean priority?")
    }

    @Test func peopleAreToldInWords() throws {
        let result = try Minsky().run("lst")
        #expect(result.output == "")
        #expect(result.errors == "error: minsky has no command 'lst'\nhint:  Did you mean minsky list?\n")
    }

    @Test(arguments: ["add '%s'", "-C '%s' list", "list --tag '%s'", "--json show '%s'"])
    func textThatIsNotUTF8IsRefused(command: String) throws {
        let minsky = try Minsky(.sqlite)
        let words = command.split(separator: "'%s'", omittingEmptySubsequences: false).joined(
            separator: #""$(printf 'a\377b')""#)
        let result = try minsky.shell("\"$minsky\" \(words)")
        #expect(result.exitCode == 2)
        #expect(result.output == "")
        #expect(result.errors.contains("an argument is not valid UTF-8 text"))
        if command.hasPrefix("--json") { #expect(try JSON(parsing: result.errors)["error"]?["code"] == "usage") }
        #expect(try minsky.count("tasks") == 0)
    }
}
