import Foundation
import MinskyModel
import TestSupport
import Testing

/// Programs of the user's that look at tasks before they are stored.
@Suite("task hooks, on both databases")
struct TaskHookTests {
    private static func hook(_ name: String, _ minsky: Minsky, _ lines: String, approved: Bool = true) throws {
        try minsky.write("#!/bin/sh\n" + lines + "\n", to: minsky.workspace + "/hooks/" + name)
        #expect(try minsky.shell("chmod 755 .minsky .minsky/hooks .minsky/hooks/\(name)").exitCode == 0)
        if approved { try minsky.ok("hooks", "--approve") }
    }

    @Test(arguments: Storage.allCases)
    func changeWhatIsStored(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try Self.hook("on-add", minsky, "cat > \"$HOME/heard\"; echo '{\"tags\":[\"inbox\"],\"priority\":\"high\"}'")
        let added = try minsky.json("add", "A", environment: ["MINSKY_ACTOR": "ada"])
        #expect(added["tags"] == ["inbox"] && added["priority"] == "high")
        let heard = try JSON(parsing: try minsky.text(minsky.home + "/heard"))
        #expect(heard.keys == ["event", "workspace", "command", "actor", "task"])
        #expect(heard["event"] == "add" && heard["actor"] == "ada" && heard["task"]?["title"] == "A")
        let id = try #require(added["id"]?.string)
        // One operation, and one undo.
        #expect(Set(try minsky.json("history", id).array?.map { $0["operationId"] } ?? []).count == 1)
        try Self.hook(
            "on-modify", minsky, "sed 's/.*\"task\":\\({.*}\\),\"old\".*/\\1/; s/\"title\":\"B\"/\"title\":\"C\"/'")
        #expect(try minsky.json("edit", id, "--title", "B")["title"] == "C", "the whole task is an answer, too")
        try Self.hook("on-done", minsky, "cat > \"$HOME/done\"; echo '{\"estimateMinutes\":30}'")
        try minsky.ok("done", id)
        #expect(try minsky.json("show", id)["estimateMinutes"] == 30)
        let done = try JSON(parsing: try minsky.text(minsky.home + "/done"))
        #expect(done["old"]?["status"] == "todo" && done["task"]?["status"] == "done")
    }

    @Test(arguments: Storage.allCases)
    func refuseAWholeOperation(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try Self.hook("on-add", minsky, "if grep -q '\"title\":\"B\"'; then echo 'no B here' >&2; exit 1; fi")
        let refused = try minsky.failure("add", "B")
        #expect(refused.exitCode == 6 && refused.message == "the hook on-add refused: no B here")
        #expect(try minsky.run("add", "-", input: .text("A\nB\n")).exitCode == 6)
        #expect(try minsky.json("list", "--all") == [], "all or nothing")
        try minsky.ok("add", "A")
    }

    @Test(arguments: [
        ("echo hello", 1), ("echo '{\"status\":\"done\"}'", 1), ("echo '{\"complexity\":11}'", 1),
        ("echo '{\"title\":\" \"}'", 1), ("echo '{\"metadata\":3}'", 1), ("sleep 100", 1), ("kill -9 $$", 6),
    ])
    func whatMakesNoSenseStoresNothing(lines: String, exitCode: Int) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.ok("config", "set", "hooks.timeoutSeconds", "1")
        try Self.hook("on-add", minsky, lines)
        #expect(try minsky.failure("add", "A").exitCode == Int32(exitCode))
        #expect(try minsky.json("list", "--all") == [])
    }

    @Test func onesThatAreNotApprovedAreNotRun() throws {
        let minsky = try Minsky(.sqlite)
        try Self.hook("on-add", minsky, "exit 1", approved: false)
        let result = try minsky.run("add", "A")
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("The hook on-add is not run") && result.errors.contains("minsky hooks"))
        #expect(try minsky.json("hooks").array?.map { $0["runs"] } == [false, false, false, false, false])
        #expect(try minsky.run("list").errors == "", "who reads is not bothered")
    }

    /// While the hook looks at the task another command changes it: it is asked again, and nothing is lost.
    @Test(arguments: Storage.allCases)
    func areAskedAgainWhenTheTaskHasChanged(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let binary = try Minsky.binary.get()
        let variables = storage == .postgres ? "export MINSKY_DATABASE_SCHEMA=\(minsky.schema)" : ":"
        try Self.hook(
            "on-modify", minsky,
            """
            \(variables)
            echo asked >> "$HOME/asked"
            [ -e "$HOME/once" ] && exit 0
            touch "$HOME/once"
            exec \(binary) -C '\(minsky.folder)' edit \(id) --project web > /dev/null
            """)
        try minsky.ok("edit", id, "--title", "B")
        let task = try minsky.json("show", id)
        #expect(task["title"] == "B" && task["project"] == "web")
        #expect(
            try minsky.text(minsky.home + "/asked") == "asked\nasked\nasked\n",
            "by the edit, by the other one, and again")
    }

    /// The examples of the documentation do what it says.
    @Test func examplesWork() throws {
        let minsky = try Minsky(.sqlite)
        let page = try String(contentsOfFile: TranscriptTests.root + "/docs/hooks.md", encoding: .utf8)
        let examples = page.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(examples.count == 3)
        for (name, text) in zip(["on-add", "on-modify", "on-done"], examples) {
            try minsky.write(text, to: minsky.workspace + "/hooks/" + name)
        }
        #expect(try minsky.shell("chmod 755 .minsky .minsky/hooks .minsky/hooks/*").exitCode == 0)
        try minsky.ok("hooks", "--approve")
        let id = try minsky.add("A")
        #expect(try minsky.json("show", id)["tags"] == ["inbox"])
        #expect(try minsky.json("show", try minsky.add("B", "-t", "x"))["tags"] == ["x"])
        let refused = try minsky.failure("start", id)
        #expect(refused.exitCode == 6 && refused.message.contains("say first how much work it is"))
        try minsky.ok("edit", id, "--estimate", "2h")
        try minsky.ok("start", id)
        try minsky.ok("done", id)
        #expect(try minsky.text(minsky.home + "/done.txt") == "A\n")
    }
}
