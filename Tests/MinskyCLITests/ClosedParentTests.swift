import MinskyModel
import TestSupport
import Testing

@Suite("Tasks below closed ones, on both databases")
struct ClosedParentTests {
    /// A tree of three levels with ids that can be told apart: aaaa → bbbb → cccc, and aaaa → dddd.
    private static func tree(_ storage: Storage) throws -> Minsky {
        let minsky = try Minsky(storage)
        for (id, title) in [("aaaa", "Release"), ("bbbb", "Test"), ("cccc", "Write a test"), ("dddd", "Ship")] {
            try minsky.insert(id: id + "000000000000", title: title)
        }
        for (id, parent) in [("bbbb", "aaaa"), ("cccc", "bbbb"), ("dddd", "aaaa")] {
            try minsky.ok("tasks", "move", id, "--under", parent)
        }
        return minsky
    }

    @Test(arguments: Storage.allCases)
    func openTasksStayUnderAClosedParent(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("done", "aaaa", "bbbb")
        #expect(
            try minsky.ok("list") == """
                ID    TASK
                aaaa  [x] Release
                bbbb  ├─ [x] Test
                cccc  │  └─ [ ] Write a test
                dddd  └─ [ ] Ship

                """)
        #expect(try minsky.json("list").titles == ["Write a test", "Ship"], "to a program the list is what matches")
        #expect(try minsky.ok("list", "-q").lines == ["cccc000000000000", "dddd000000000000"])
        #expect(
            try minsky.ok("list", "--under", "bbbb") == """
                ID    TASK
                bbbb  [x] Test
                cccc  └─ [ ] Write a test

                """, "not what is above the task that was named")
        try minsky.ok("done", "cccc", "dddd")
        #expect(try minsky.ok("list") == "", "nothing is open any more")
    }

    @Test func theClosedParentIsDimmed() throws {
        let minsky = try Self.tree(.sqlite)
        try minsky.ok("done", "aaaa")
        let lines = try minsky.run("list", environment: ["CLICOLOR_FORCE": "1"]).lines
        #expect(lines[1] == "\u{1B}[36maaaa\u{1B}[0m  \u{1B}[2m[x] Release\u{1B}[0m")
        #expect(!lines[2].contains("\u{1B}[2m"))
    }

    @Test(arguments: Storage.allCases)
    func doneSaysWhatIsOpenBelow(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        #expect(
            try minsky.run("done", "aaaa").errors == """
                3 subtasks are still open:
                  bbbb  Test
                  cccc  Write a test
                  dddd  Ship

                """)
    }

    @Test(arguments: Storage.allCases)
    func dropOffersToDropWhatIsBelow(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("done", "dddd")
        let result = try minsky.run("tasks", "drop", "aaaa")
        #expect(result.output == "Dropped aaaa  Release\n")
        #expect(result.errors.hasSuffix("minsky tasks drop --recursive aaaa drops them, too.\n"))
        let dropped = try minsky.run("tasks", "drop", "--recursive", "aaaa")
        #expect(dropped.output == "Dropped bbbb  Test\nDropped cccc  Write a test\n")
        #expect(dropped.errors == "Nothing changed: aaaa is dropped already.\n")
        #expect(try minsky.json("show", "dddd")["status"] == "done", "what is closed stays as it is")
        try minsky.ok("undo")
        #expect(try minsky.json("list").titles == ["Test", "Write a test"])
    }

    @Test(arguments: Storage.allCases)
    func addAndMoveSayThatTheParentIsClosed(storage: Storage) throws {
        let minsky = try Self.tree(storage)
        try minsky.ok("tasks", "drop", "--recursive", "aaaa")
        let note = "aaaa, which it is part of, is dropped; minsky tasks reopen aaaa opens it.\n"
        #expect(try minsky.run("add", "More", "--parent", "aaaa").errors == note)
        let id = try minsky.add("Elsewhere")
        #expect(try minsky.run("tasks", "move", id, "--under", "aaaa").errors == note)
        #expect(try minsky.run("tasks", "move", id, "--first").errors == "", "it is no news")
    }
}

@Suite("Commands say what happened, on both databases")
struct WhatHappenedTests {
    @Test(arguments: Storage.allCases)
    func aStatusThatATaskHasAlready(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "A")
        for (command, word) in [("start", "started"), ("done", "done"), ("drop", "dropped"), ("reopen", "to do")] {
            #expect(try minsky.run("tasks", command, "aaaa").output.hasSuffix(" aaaa  A\n"))
            let again = try minsky.run("tasks", command, "aaaa")
            #expect(again.exitCode == 0)
            #expect(again.output == "")
            #expect(again.errors == "Nothing changed: aaaa is \(word) already.\n")
            #expect(try minsky.json("tasks", command, "aaaa").titles == ["A"], "a program gets the task")
        }
    }

    @Test(arguments: Storage.allCases)
    func startSaysThatItReopens(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "A")
        #expect(try minsky.ok("start", "aaaa") == "Started aaaa  A\n")
        #expect(try minsky.ok("tasks", "reopen", "aaaa") == "Put back aaaa  A\n")
        try minsky.ok("done", "aaaa")
        #expect(try minsky.ok("start", "aaaa") == "Reopened and started aaaa  A\n")
    }

    @Test(arguments: Storage.allCases)
    func anEditOrMoveThatChangesNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        try minsky.insert(id: "aaaa000000000000", title: "A")
        try minsky.insert(id: "bbbb000000000000", title: "B")
        try minsky.ok("tasks", "edit", "aaaa", "-p", "low")
        for arguments in [
            ["edit", "aaaa", "--untag", "absent"], ["edit", "aaaa", "-p", "low"], ["edit", "aaaa", "--title", "A"],
            ["move", "aaaa", "--first"], ["move", "aaaa", "--before", "bbbb"],
        ] {
            let result = try minsky.start(["tasks"] + arguments).wait()
            #expect(result.exitCode == 0)
            #expect(result.output == "", "\(arguments)")
            #expect(result.errors == "Nothing changed: aaaa is as it was.\n")
        }
        try minsky.ok("undo")
        #expect(try minsky.json("show", "aaaa")["priority"] == .null, "what changed nothing is no operation")
    }
}
