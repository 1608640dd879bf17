import MinskyModel
import TestSupport
import Testing

@Suite("Answers say what happened, and hints lead on")
struct PlainAnswerTests {
    @Test func nothingIsRemovedWhereNothingIs() throws {
        let minsky = try Minsky(.sqlite)
        for (name, file) in [("ai.model", minsky.configuration), ("ai.apiKey", minsky.secrets)] {
            let result = try minsky.run("config", "unset", name)
            #expect(result.exitCode == 0)
            #expect(result.output == "")
            #expect(result.errors == "Nothing changed: \(name) is not set in \(file).\n")
        }
        #expect(!minsky.exists(minsky.userFolder), "nor is a folder made for it")
        try minsky.ok("config", "set", "ai.model", "m")
        #expect(
            try minsky.run("config", "set", "ai.model", "m").errors.hasPrefix(
                "Nothing changed: ai.model is that already"))
        #expect(try minsky.ok("config", "unset", "ai.model") == "Removed ai.model from \(minsky.configuration)\n")
    }

    @Test func whatMadeAWorkspaceSaysSo() throws {
        let minsky = try Minsky(.postgres)
        let url = try TestStorage.postgresURL()
        let answer = try minsky.ok("init", "-C", "second", "--db-url", url)
        #expect(answer == "Made a workspace in \(minsky.folder)/second/.minsky, for the tasks there are in \(url)\n")
        #expect(try minsky.ok("init", "-C", "second").hasPrefix("There is a workspace in "))
    }

    @Test func aFailedInitDoesNotSendToTheDoctor() throws {
        let minsky = try Minsky()
        let port = try DeadPort(accepting: false)
        let failure = try minsky.failure("init", "--db-url", "postgresql://ada@127.0.0.1:\(port.port)/db")
        #expect(failure.exitCode == 5)
        #expect(failure.hint == "Is the server up, and the address right? Nothing was made; try again.")
        let denied = try minsky.failure("init", "--db-url", try TestStorage.postgresURL() + "&dbname=no_such")
        #expect(denied.exitCode == 6)
        #expect(denied.hint?.contains("doctor") == false)
    }

    @Test func aFailedTestOfAModelDoesNotSendToItself() throws {
        let minsky = try Minsky(.sqlite)
        let port = try DeadPort(accepting: false)
        let variables = FakeModel.environment(baseURL: "http://127.0.0.1:\(port.port)/v1")
        let failure = try minsky.failure("ai", "test", environment: variables)
        #expect(failure.code == "unreachable")
        #expect(failure.hint == "Is the server up? minsky ai status shows its address.")
        let slow = try FakeModel(chat: { _, connection in connection.respond(status: 500, body: "no") })
        let failed = try minsky.failure("ai", "test", environment: slow.environment)
        #expect(failed.hint?.contains("stored") == false, "\(failed.hint ?? "")")
        let odd = try FakeModel(chat: FakeModel.streaming("no JSON at all"))
        #expect(try minsky.failure("ai", "test", environment: odd.environment).hint?.contains("stored") == false)
    }

    @Test func whatCannotBeToldWasDoneAllTheSame() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.shell(#""$minsky" add A >/dev/full"#)
        #expect(result.exitCode == 1)
        #expect(
            result.errors == """
                error: standard output cannot be written: No space left on device
                hint:  The command was carried out; only its answer is lost. Look before you type it again.

                """)
        #expect(try minsky.json("list").titles == ["A"])
        let json = try minsky.shell(#""$minsky" list --json >/dev/full"#)
        let error = try JSON(parsing: json.errors)["error"]
        #expect(error?["code"] == "failed")
        #expect(error?["message"] == "standard output cannot be written: No space left on device")
    }

    @Test func aDashReadsAKeyFromStandardInput() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("config", "set", "ai.apiKey", "-", input: .text("sk-canary-1\n"))
        #expect(result.exitCode == 0)
        #expect(try minsky.text(minsky.secrets).contains("apiKey = \"sk-canary-1\""))
        #expect(try minsky.run("config", "set", "ai.apiKey", "-").exitCode == 2)
    }

    @Test(arguments: [
        (["list", "--parent", "x"], "Did you mean --under?"),
        (["add", "A", "--deps", "x"], "Did you mean --depends-on?"),
        (["add", "A", "--desc", "x"], "Did you mean --description?"),
        (["init", "--url", "x"], "Did you mean --db-url?"),
        (["list", "--done"], "Did you mean --status?"),
        (["tasks", "edit", "x", "--name", "y"], "Did you mean --title?"),
        (["version"], "Did you mean minsky --version?"), (["rename", "x"], "Did you mean minsky edit?"),
        (["decomp", "A"], "Did you mean minsky decompose?"),
        (["show", "--verbose", "x"], "minsky show --help tells how to use it."),
    ])
    func whatOthersCallThingsIsUnderstood(arguments: [String], hint: String) throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.start(["--json"] + arguments).wait()
        let error = try JSON(parsing: failure.errors)["error"]
        #expect(error?["hint"] == .string(hint))
        #expect(error?["message"]?.string?.hasSuffix(".") == false)
    }

    @Test func whoIsMeantByDefaultIsShown() throws {
        let minsky = try Minsky(.sqlite)
        let actor = try minsky.json("config", "get", "actor")
        #expect(actor["source"] == "default")
        try minsky.ok("add", "A")
        #expect(try minsky.json("list")[0]?["createdBy"] == actor["value"])
    }
}

@Suite("Dates that cannot be read say why")
struct DatePhraseErrorTests {
    @Test(
        arguments: [
            (
                "03/04/2027", "'03/04/2027' could be 2027-03-04 or 2027-04-03",
                "Type the one that is meant, such as 2027-03-04."
            ),
            ("2m", "'2m' could be 2min or 2mo", "Type the one that is meant, such as 2min."),
            (
                "fri midnight", "'fri midnight' could be fri 00:00 or fri",
                "Type the one that is meant, such as 'fri 00:00'."
            ),
            ("13/04/2027", "'13/04/2027' is not a date", "Type it as 2027-04-13."),
            ("-3d", "'-3d' is not a date", nil), ("--priority", "'--priority' is not a date", nil),
        ] as [(String, String, String?)])
    func theyAreNotJustNoDates(phrase: String, message: String, hint: String?) throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("add", "A", "--due", phrase)
        #expect(failure.exitCode == 2)
        #expect(failure.message == message)
        if let hint { #expect(failure.hint == hint) }
    }

    @Test(arguments: ["Europe/Nowhere", "Berlin", "/etc/passwd", "no zone"])
    func aZoneNobodyKnowsIsNotTakenForUTC(zone: String) throws {
        let minsky = try Minsky(.sqlite)
        let variables = ["TZ": zone]
        let failure = try minsky.failure("add", "A", "--due", "fri", environment: variables)
        #expect(failure.exitCode == 1)
        #expect(failure.message.contains("'\(zone)'"))
        let id = try minsky.add("A", "--due", "2027-04-03T10:00:00Z", environment: variables)
        let shown = try minsky.run("show", id, environment: variables)
        #expect(shown.errors == "TZ names '\(zone)', which this machine does not know; times are in UTC.\n")
        #expect(try minsky.run("show", id, "-q", environment: variables).errors == "")
        #expect(try minsky.run("doctor", environment: variables).output.contains("warning zone"))
    }

    @Test(arguments: ["", "UTC", ":UTC", "UTC0", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3", "<-03>3", "GMT"])
    func theOthersAreTaken(zone: String) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("add", "A", "--due", "fri", environment: ["TZ": zone])
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
    }
}
