import MinskyModel
import TestSupport
import Testing

@Suite("Several programs at once, on both databases")
struct ConcurrencyTests {
    @Test(arguments: Storage.allCases)
    func eightWritersLoseNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let script = """
            for writer in 1 2 3 4 5 6 7 8; do
                ( for number in 0 1 2 3 4 5 6 7 8 9; do
                    "$minsky" add "Task $writer$number" -t "w$writer" -q || echo failed
                done ) &
            done
            wait
            """
        let result = try minsky.shell(script)
        #expect(result.errors == "")
        let ids = result.lines
        #expect(Set(ids).count == 80)
        let tasks = try #require(try minsky.json("list").array)
        #expect(Set(tasks.compactMap { $0["id"]?.string }) == Set(ids))
        #expect(Set(tasks.compactMap { $0["title"]?.string }).count == 80)
        #expect(tasks.allSatisfy { $0["tags"]?.array?.count == 1 })
        try minsky.ok("tasks", "history", ids[0])
        #expect(
            try minsky.sql("SELECT min(sequence), max(sequence), count(DISTINCT sequence), count(*) FROM operations")
                == "1|80|80|80")
        #expect(try minsky.sql("SELECT count(*) FROM changes") == "161", "an actor, then a task and its tag each")
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func severalMayMakeTheWorkspaceAtOnce(storage: Storage) throws {
        let minsky = try Minsky(storage)
        if storage == .postgres { try minsky.sql("DROP SCHEMA \(minsky.schema) CASCADE") }
        let prepare = storage == .sqlite ? "rm -r .minsky" : "true"
        let script = """
            \(prepare)
            for each in 1 2 3 4; do { "$minsky" init >/dev/null 2>&1; echo $?; } & done
            wait
            """
        #expect(try minsky.shell(script).lines == ["0", "0", "0", "0"])
        _ = try minsky.add("A")
        #expect(try minsky.sql("SELECT count(*) FROM store_state") == "1")
        #expect(try minsky.run("doctor").exitCode == 0)
    }

    @Test(arguments: Storage.allCases)
    func readersAndWritersDoNotDisturbEachOther(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A")
        let script = """
            for each in 1 2 3; do
                ( for number in 1 2 3 4 5; do "$minsky" tasks edit \(id) --complexity $number -q || echo failed; done ) &
                ( for number in 1 2 3 4 5; do "$minsky" show \(id) -q || echo failed; done ) &
            done
            wait
            """
        let result = try minsky.shell(script)
        #expect(result.errors == "")
        #expect(result.lines == [String](repeating: id, count: 30))
    }
}
