import MinskyModel
import TestSupport
import Testing

@Suite("Text from others is shown, not obeyed")
struct TerminalSafetyTests {
    /// Escape sequences of both kinds, a bell, a reversal of the reading direction, line ends of every kind, and what is
    /// drawn as nothing.
    static let hostile = "A\u{1B}[31mB\u{9B}2JC\u{7}D\u{202E}E\nF\u{2028}G\rH\u{85}I\u{7F}J\u{AD}\u{3164}\u{E0100}K"
    static let shown =
        "A^[[31mB<U+009B>2JC^GD<U+202E>E^JF<U+2028>G^MH<U+0085>I^?J<U+00AD><U+3164><U+E0100>K"

    /// Checks that nothing in an output is obeyed but the ends of its lines.
    private static func expectSafe(
        _ result: ProcessResult, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for text in [result.output, result.errors] {
            let obeyed = text.unicodeScalars.filter {
                ($0.isTerminalControl || $0.properties.isDefaultIgnorableCodePoint) && $0 != "\n"
            }
            #expect(obeyed.isEmpty, "\(what): \(text.debugDescription)", sourceLocation: sourceLocation)
        }
    }

    /// A workspace with hostile text in every field of a task.
    private static func workspace(_ storage: Storage) throws -> (minsky: Minsky, id: String) {
        let minsky = try Minsky(storage)
        let tag = hostile.filter { !$0.isWhitespace }
        let id = try minsky.add(hostile, "-d", hostile, "--assignee", hostile, "-t", tag)
        let json = JSON.object([.init(hostile, .string(hostile))]).text()
        try minsky.sql(
            "UPDATE tasks SET metadata = '\(json)', external_ref = '\(hostile)', complexity_reason = '\(hostile)'")
        try minsky.sql("UPDATE operations SET actor = '\(hostile)', command = '\(hostile)', id = id || '\(hostile)'")
        return (minsky, id)
    }

    @Test(arguments: Storage.allCases)
    func inEveryCommandThatShowsTasks(storage: Storage) throws {
        let (minsky, id) = try Self.workspace(storage)
        for command in [
            ["list"], ["show", id], ["tasks", "history", id], ["tasks", "history", "-q", id], ["history"],
            ["start", id],
            ["tasks", "edit", id, "-p", "low"], ["undo"], ["tasks", "decompose", "--dry-run", id],
            ["tasks", "decompose", id],
            ["tasks", "delete", id],
        ] {
            let result = try minsky.ok(command)
            Self.expectSafe(result, command.joined(separator: " "))
        }
    }

    @Test func aTitleBreaksNoLine() throws {
        let (minsky, id) = try Self.workspace(.sqlite)
        let lines = try minsky.run("list", environment: ["COLUMNS": "200"]).lines
        #expect(lines.count == 3, "broken for its width, not by what it holds")
        let parts = [lines[1].dropFirst(10).prefix { $0 != " " }, lines[2].dropFirst(10)]
        #expect(parts.joined() == Self.shown)
        #expect(try minsky.run("show", id, environment: ["COLUMNS": "200"]).lines[0] == Self.shown)
        try minsky.ok("add", Self.hostile)
        #expect(
            try minsky.run("undo", environment: ["COLUMNS": "200"]).lines[1].hasSuffix("  \(Self.shown): removed again")
        )
    }

    @Test(arguments: Storage.allCases)
    func asJSONItIsEscapedAndComesBackWhole(storage: Storage) throws {
        let (minsky, id) = try Self.workspace(storage)
        for command in [["list"], ["show", id], ["tasks", "history", id]] {
            Self.expectSafe(try minsky.ok(command + ["--json"]), command[0])
        }
        let task = try minsky.json("show", id)
        #expect(task["title"] == .string(Self.hostile))
        #expect(task["description"] == .string(Self.hostile))
        #expect(task["assignee"] == .string(Self.hostile))
        #expect(task["metadata"]?[Self.hostile] == .string(Self.hostile))
    }

    @Test(arguments: Storage.allCases)
    func evenAnIdIsNotTrusted(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "ab\u{1B}[31mcd\u{7}000000", title: "By hand")
        try minsky.insert(id: "zzzz000000000000", title: "Waits")
        for command in [["list"], ["list", "--quiet"], ["tasks", "decompose", "By hand", "--yes"], ["undo"]] {
            Self.expectSafe(try minsky.ok(command), command.joined(separator: " "))
        }
    }

    @Test(arguments: [
        ["show", hostile], ["add", "A", "-p", hostile], ["add", "A", "--due", hostile], [hostile],
        ["list", "--\(hostile)"],
        ["list", "due:\(hostile)"], ["search", "(\(hostile)"], ["list", "@\(hostile)"], ["done", "x:\(hostile)"],
        ["list", "--fields", hostile], ["list", "--sort", hostile], ["claim", hostile],
        ["depend", hostile, "--on", hostile], ["config", "get", hostile], ["-C", hostile, "list"],
        ["undo", "--operation", hostile],
        ["tasks", "decompose", "A task", "--context", hostile], ["config", "set", "actor", hostile],
    ])
    func inErrorsAboutArguments(arguments: [String]) throws {
        let minsky = try Minsky(.sqlite)
        for more in [[], ["--json"]] {
            let result = try minsky.start(more + arguments).wait()
            #expect([2, 3].contains(result.exitCode))
            Self.expectSafe(result, "\(arguments)")
            if !more.isEmpty { #expect(try JSON(parsing: result.errors).keys == ["error"]) }
        }
    }

    @Test(arguments: Storage.allCases)
    func anAmbiguousIdListsOneCandidateALine(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "abcd000000000001", title: Self.hostile)
        try minsky.insert(id: "abcd000000000002", title: "Two")
        let result = try minsky.run("show", "abcd")
        Self.expectSafe(result, "show")
        #expect(result.errors.split(separator: "\n").count == 4)
    }

    @Test func whatAServerSaysInAnErrorIsShown() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel(chat: FakeModel.error(500, Self.hostile))
        let result = try minsky.run("tasks", "decompose", "A task", environment: model.environment)
        #expect(result.exitCode == 5)
        Self.expectSafe(result, "decompose")
        #expect(result.errors.contains("A^[[31mB"))
        #expect(result.errors.split(separator: "\n").count == 2)
    }

    @Test(arguments: [[], ["--dry-run"], ["--json"]])
    func whatAModelAnswersIsShown(options: [String]) throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel(
            chat: FakeModel.streaming(FakeModel.plan(titles: [Self.hostile, "Two"], description: Self.hostile)))
        let result = try minsky.ok(["tasks", "decompose", "A task"] + options, environment: model.environment)
        Self.expectSafe(result, "decompose")
    }

    @Test func whatAModelAnswersIsShownOnTheWayToo() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel(chat: FakeModel.streaming(FakeModel.plan(titles: [Self.hostile, "Two"])))
        let output = try minsky.shell(
            #"script -qec '"$minsky" --no-color tasks decompose "A task"' /dev/null"#, environment: model.environment
        ).output
        #expect(output.contains("  + A^[[31mB<U+009B>2JC^GD<U+202E>E"))
        let obeyed = output.unicodeScalars.filter { $0.isTerminalControl && $0 != "\n" && $0 != "\r" }
        #expect(obeyed.isEmpty, "\(output.debugDescription)")
    }

    @Test func progressIsOneLineHoweverLongATitleIs() throws {
        let minsky = try Minsky(.sqlite)
        let title = String(repeating: "many words ", count: 10)
        let model = try FakeModel(chat: FakeModel.streaming(FakeModel.plan(titles: [title, "Two"])))
        let output = try minsky.shell(
            #"script -qec 'stty cols 60; exec "$minsky" --no-color tasks decompose "A task"' /dev/null"#,
            environment: model.environment
        ).output
        let lines = output.split(whereSeparator: \.isNewline).filter { $0.contains("  + ") }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.count <= 60 })
        #expect(lines[0].hasSuffix("…"))
    }

    @Test func namesOfFilesAreShown() throws {
        let minsky = try Minsky()
        let name = "odd\u{1B}[31m\nfolder"
        for command in [["init", "-C", name], ["-C", name, "config", "path"], ["-C", name, "config", "path", "-q"]] {
            Self.expectSafe(try minsky.ok(command), command.joined(separator: " "))
        }
        try minsky.write("nonsense", to: minsky.folder + "/\(name)/.minsky/playbooks/\u{1B}[31m.md")
        for command in [["ai", "status"], ["tasks", "decompose", "A task"], ["doctor"]] {
            let result = try minsky.start(["-C", name] + command).wait()
            #expect(result.exitCode == 1)
            Self.expectSafe(result, command.joined(separator: " "))
        }
    }

    @Test func settingsAreShown() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("[ai]\n\"mo\\u001B[31mdel\" = \"x\"\nmodel = \"a\\u001B[31mb\"\n", to: minsky.configuration)
        for command in [["config", "list"], ["list"], ["doctor"]] {
            let result = try minsky.start(command).wait()
            #expect(result.exitCode == 1)
            Self.expectSafe(result, command.joined(separator: " "))
        }
    }
}
