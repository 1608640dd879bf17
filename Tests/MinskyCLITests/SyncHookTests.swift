import Foundation
import MinskyModel
import TestSupport
import Testing

/// Programs of the user's that are run after syncs.
@Suite("sync hooks")
struct SyncHookTests {
    private static let script = "#!/bin/sh\ncat >> \"$HOME/heard\"\nenv > \"$HOME/variables\"\n"

    /// Puts a hook into a workspace.
    private static func hook(_ name: String, _ minsky: Minsky, _ text: String = script, mode: String = "755") throws {
        try FileManager.default.createDirectory(atPath: minsky.workspace + "/hooks", withIntermediateDirectories: true)
        try text.write(toFile: minsky.workspace + "/hooks/" + name, atomically: true, encoding: .utf8)
        #expect(try minsky.shell("chmod 755 .minsky .minsky/hooks; chmod \(mode) .minsky/hooks/\(name)").exitCode == 0)
    }

    private static func heard(_ minsky: Minsky) -> [JSON] {
        let text = (try? String(contentsOfFile: minsky.home + "/heard", encoding: .utf8)) ?? ""
        return text.lines.compactMap { try? JSON(parsing: $0) }
    }

    @Test func hearsOfConflicts() throws {
        let pair = try SyncPair(.sqlite)
        let task = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try Self.hook("on-conflict", pair.ada)
        #expect(try pair.ada.json("sync", "hooks")[0]?["runs"] == false)
        #expect(try pair.ada.ok("sync", "hooks").contains("minsky hooks --approve"))
        try pair.bothEdit(["tasks", "edit", task, "--title", "A"], ["tasks", "edit", task, "--title", "B"])
        #expect(Self.heard(pair.ada).isEmpty, "what came with a folder is not run")
        #expect(try pair.ada.json("sync", "hooks", "--approve").array?.prefix(2).map { $0["runs"] } == [true, false])
        let secret = ["MINSKY_AI_API_KEY": "sk-canary-0123456789abcdef", "PGPASSWORD": "canary"]
        try pair.ada.ok("tasks", "edit", task, "--title", "C", environment: ["MINSKY_ACTOR": "ada"])
        try pair.grace.ok("tasks", "edit", task, "--title", "D", environment: ["MINSKY_ACTOR": "grace"])
        try pair.ada.ok("sync")
        #expect(Self.heard(pair.ada).isEmpty)
        try pair.grace.ok("sync")
        try pair.ada.ok(["sync"], environment: secret)
        let message = try #require(Self.heard(pair.ada).first)
        #expect(message.keys == ["event", "workspace", "upstream", "conflicts"])
        #expect(message["event"] == "conflict" && message["workspace"] == .string(pair.ada.workspace))
        #expect(message["conflicts"]?.array?.count == 1)
        #expect(message["conflicts"]?[0]?["lost"]?["value"] == "C")
        let variables = try String(contentsOfFile: pair.ada.home + "/variables", encoding: .utf8)
        #expect(variables.contains("HOME=") && !variables.contains("canary"))
        try pair.ada.ok("sync")
        #expect(Self.heard(pair.ada).count == 1, "each is told once")
    }

    @Test func hearsOnceThatSyncsKeepFailing() throws {
        let pair = try SyncPair(.sqlite)
        try Self.hook("on-sync-failure", pair.ada)
        try pair.ada.ok("sync", "hooks", "--approve")
        let away = pair.place[0] + ".away"
        try FileManager.default.moveItem(atPath: pair.place[0], toPath: away)
        for count in 1...5 {
            #expect(try pair.ada.run("sync").exitCode != 0)
            #expect(Self.heard(pair.ada).count == (count < 3 ? 0 : 1))
        }
        let message = try #require(Self.heard(pair.ada).first)
        #expect(message.keys == ["event", "workspace", "upstream", "error", "failures", "lastSync"])
        #expect(message["event"] == "sync-failure" && message["failures"] == 3)
        try FileManager.default.moveItem(atPath: away, toPath: pair.place[0])
        try pair.ada.ok("sync")
        #expect(Self.heard(pair.ada).count == 1)
    }

    /// Whatever somebody else could have put there is not run, approved or not.
    @Test(arguments: [
        "printf 'echo more\\n' >> .minsky/hooks/on-conflict",
        "chmod g+w .minsky/hooks/on-conflict", "chmod a-x .minsky/hooks/on-conflict", "chmod o+w .minsky/hooks",
        "chmod g+w .minsky", "chmod o+w .",
        "mv .minsky/hooks/on-conflict .minsky/real; ln -s ../real .minsky/hooks/on-conflict",
        "chmod o+w \"$HOME/.config/minsky/approved-hooks\"",
    ])
    func whatOthersCanWriteIsNotRun(change: String) throws {
        let minsky = try Minsky(.sqlite)
        try Self.hook("on-conflict", minsky)
        try minsky.ok("sync", "hooks", "--approve")
        #expect(try minsky.json("sync", "hooks")[0]?["runs"] == true)
        #expect(try minsky.shell(change).exitCode == 0)
        let hook = try minsky.json("sync", "hooks")[0]
        #expect(hook?["runs"] == false && hook?["problem"] != .null, "\(change)")
        let isContent = change.hasPrefix("printf")
        #expect(try minsky.run("sync", "hooks", "--approve").exitCode == (isContent ? 0 : 6))
    }

    @Test func oneThatDoesNotEndIsEnded() throws {
        let pair = try SyncPair(.sqlite)
        let task = try pair.ada.add("Report")
        for minsky in pair.both { try minsky.ok("sync") }
        try Self.hook("on-conflict", pair.ada, "#!/bin/sh\nsleep 1000 & echo $! > \"$HOME/heard\"\nsleep 1000\n")
        try pair.ada.ok("sync", "hooks", "--approve")
        try pair.bothEdit(["tasks", "edit", task, "--title", "A"], ["tasks", "edit", task, "--title", "B"])
        let gone = try pair.ada.shell(
            "kill -0 $(cat \"$HOME/heard\") && ps -o stat= -p $(cat \"$HOME/heard\") | grep -v Z")
        #expect(gone.exitCode != 0, "with what it has started")
    }
}
