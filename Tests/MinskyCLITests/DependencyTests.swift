import MinskyModel
import TestSupport
import Testing

@Suite("Tasks that wait for others, on both databases")
struct DependencyTests {
    /// aaaa → bbbb → cccc, and dddd beside aaaa.
    private static func tree(_ storage: Storage) throws -> Minsky {
        let minsky = try Minsky(storage)
        for (id, title) in [("aaaa", "Release"), ("bbbb", "Test"), ("cccc", "Write a test"), ("dddd", "Ship")] {
            try minsky.insert(id: id + "000000000000", title: title)
        }
        for (id, parent) in [("bbbb", "aaaa"), ("cccc", "bbbb")] {
            try minsky.ok("tasks", "move", id, "--under", parent)
        }
        return minsky
    }

    @Test(arguments: Storage.allCases)
    func aTaskDoesNotWaitForOneItIsPartOf(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        for arguments in [
            ["tasks", "edit", "bbbb", "--depends-on", "aaaa"], ["tasks", "edit", "cccc", "--depends-on", "aaaa"],
            ["add", "E", "--parent", "bbbb", "--depends-on", "aaaa"],
        ] {
            let result = try minsky.start(arguments).wait()
            #expect(result.exitCode == 4)
            #expect(result.errors.contains("cannot wait for 'Release' (aaaa), which it is part of"), "\(result.errors)")
            #expect(result.errors.contains("hint:  A task is done when what is part of it is done"))
        }
        #expect(try minsky.count("task_dependencies") == 0)
        #expect(try minsky.count("tasks") == 4)
    }

    @Test(arguments: Storage.allCases)
    func aTaskDoesNotWaitForAPartOfIt(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        for part in ["bbbb", "cccc"] {
            let failure = try minsky.failure("tasks", "edit", "aaaa", "--depends-on", part)
            #expect(failure.exitCode == 4)
            #expect(failure.message.contains("which is part of it"))
        }
        #expect(try minsky.count("task_dependencies") == 0)
    }

    @Test(arguments: Storage.allCases)
    func noMoveBringsATaskBelowOneThatItWaitsFor(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("tasks", "edit", "cccc", "--depends-on", "dddd")
        let failure = try minsky.failure("tasks", "move", "aaaa", "--under", "dddd")
        #expect(failure.exitCode == 4)
        #expect(failure.message.contains("'Write a test' (cccc)"))
        #expect(failure.message.contains("'Ship' (dddd)"))
        #expect(failure.hint?.contains("minsky tasks edit cccc --no-depends-on dddd") == true)
        try minsky.ok("tasks", "edit", "cccc", "--no-depends-on", "dddd")
        try minsky.ok("tasks", "edit", "dddd", "--depends-on", "cccc")
        #expect(try minsky.failure("tasks", "move", "bbbb", "--under", "dddd").exitCode == 4)
        #expect(try minsky.run("tasks", "move", "cccc", "--after", "dddd").exitCode == 0)
    }

    /// What an edit by hand has made stands in the way of nothing else.
    @Test(arguments: Storage.allCases)
    func oneThatIsThereDoesNotKeepFromOtherEdits(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        let at = "'2026-11-01T00:00:00.000000Z'"
        try minsky.sql(
            """
            INSERT INTO task_dependencies (task_id, depends_on_id, created_at)
            VALUES ('cccc000000000000', 'aaaa000000000000', \(at))
            """)
        try minsky.ok("tasks", "edit", "cccc", "--depends-on", "dddd")
        try minsky.ok("tasks", "move", "cccc", "--first")
        try minsky.ok("tasks", "edit", "cccc", "--no-depends-on", "aaaa")
    }

    // MARK: Working on what waits

    @Test(arguments: Storage.allCases, ["start", "done"])
    func workOnATaskThatWaitsSaysForWhat(storage: Storage, command: String) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("tasks", "edit", "dddd", "--depends-on", "aaaa", "--depends-on", "bbbb")
        let result = try minsky.run(command, "dddd")
        #expect(result.exitCode == 0)
        #expect(
            result.errors == """
                dddd waits for 2 tasks that are not done:
                  aaaa  Release
                  bbbb  Test

                """)
        try minsky.ok("tasks", "reopen", "dddd")
        let answer = try minsky.json(command, "dddd")[0]
        #expect(answer?["blockedBy"] == ["aaaa000000000000", "bbbb000000000000"])
        #expect(answer?["blocked"] == .bool(command == "start"))
    }

    @Test(arguments: Storage.allCases)
    func whatIsDoneWithItIsNotWaitedFor(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("tasks", "edit", "dddd", "--depends-on", "bbbb", "--depends-on", "cccc")
        #expect(try minsky.run("done", "dddd", "bbbb", "cccc").errors == "")
        try minsky.ok("tasks", "reopen", "dddd")
        #expect(try minsky.run("start", "dddd").errors == "")
        #expect(try minsky.json("show", "dddd")["blockedBy"] == [])
        #expect(try minsky.run("tasks", "drop", "dddd").errors == "")
        try minsky.ok("tasks", "reopen", "bbbb")
        #expect(try minsky.json("list", "--all", "--status", "dropped")[0]?["blockedBy"] == ["bbbb000000000000"])
        #expect(try minsky.run("tasks", "reopen", "dddd").errors == "", "to put back is no work")
    }
}
