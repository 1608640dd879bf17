import MinskyModel
import TestSupport
import Testing

@Suite("What a narrow terminal must not hide")
struct NarrowTerminalTests {
    private static let narrow = ["COLUMNS": "40"]
    private static let long =
        "Rewrite the whole of the billing system so that nobody has to be called at night any "
        + "more, ever again, neither by it nor about it"

    /// The words of some lines, whatever lines they stand on.
    private static func words(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func aLongTitleDoesNotHideWhatBecameOfTheTask() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add(Self.long)
        try minsky.ok("tasks", "edit", id, "-p", "low", "-e", "2h", "--assignee", "grace hopper", "-t", "night")
        let history = Self.words(try minsky.ok("history", environment: Self.narrow))
        let deeds = [
            "priority: nothing → low", "estimate: nothing → 2h", "assignee: nothing → grace hopper", "tag night added",
        ]
        for deed in deeds { #expect(history.contains(deed)) }
        for deed in deeds {
            #expect(Self.words(try minsky.ok("history", id, environment: Self.narrow)).contains(deed))
        }
        let undone = Self.words(try minsky.ok("undo", environment: Self.narrow))
        for deed in ["priority: low → nothing", "tag night removed"] { #expect(undone.contains(deed)) }
        #expect(undone.contains("Rewrite the whole"))
    }

    @Test func aDryRunShowsWholeTitles() throws {
        let minsky = try Minsky(.sqlite)
        let titles = try minsky.json("tasks", "decompose", "--dry-run", "Build user authentication")["subtasks"]?.titles
        let shown = Self.words(
            try minsky.ok("tasks", "decompose", "--dry-run", "Build user authentication", environment: Self.narrow))
        for title in try #require(titles) { #expect(shown.contains(title)) }
        #expect(!shown.contains("…"))
        #expect(shown.contains("(2h, complexity 5, after 1)"))
    }

    @Test func settingsAndChecksAreNoWiderThanTheTerminal() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "ai.baseUrl", "http://localhost:8080/a/long/path/to/some/server/v1")
        try minsky.ok("config", "set", "ai.provider", "openai-compatible")
        try minsky.ok("config", "set", "ai.model", "a-model-with-a-very-long-name-that-is-wider-than-any-column")
        for command in [["config", "list"], ["config", "path"], ["doctor"], ["ai", "test"], ["ai", "status"]] {
            for width in [40, 60, 80] {
                let result = try minsky.start(command, environment: ["COLUMNS": "\(width)"]).wait()
                let widest = result.lines.map(\.count).max() ?? 0
                #expect(widest <= width, "\(command): \(result.output)")
            }
        }
        let list = try minsky.ok("config", "list", environment: Self.narrow)
        #expect(
            list.filter { !$0.isWhitespace }.contains("a-model-with-a-very-long-name-that-is-wider-than-any-column"))
        #expect(list.filter { !$0.isWhitespace }.contains(minsky.configuration))
    }

    @Test func callsOfAModelAreToldInTheHistory() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        try minsky.ok("tasks", "decompose", "A task", "--dry-run", environment: model.environment)
        let lines = try minsky.run("history").lines
        #expect(lines.count == 2)
        #expect(lines.last == "  asked tiny for a breakdown: ok, 33 tokens")
        try minsky.ok("tasks", "decompose", "A task", environment: model.environment)
        #expect(try !minsky.ok("history").contains("asked tiny-embed"), "where tasks were made, they are what is told")
    }
}
