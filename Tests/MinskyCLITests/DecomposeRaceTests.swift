import MinskyModel
import Synchronization
import TestSupport
import Testing

@Suite("What the planner was told still holds when its answer is stored, on both databases")
struct DecomposeRaceTests {
    /// A model that lets something happen to the workspace while it thinks.
    private func model(_ meanwhile: @escaping @Sendable () -> Void) throws -> FakeModel {
        try FakeModel(chat: { request, connection in
            meanwhile()
            FakeModel.good(request, connection)
        })
    }

    @Test(arguments: Storage.allCases)
    func ofFourAtOnceOneIsStored(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("Fix the login crash")
        let script = """
            for each in 1 2 3 4; do { "$minsky" tasks decompose \(id) >/dev/null 2>&1; echo $?; } & done
            wait
            """
        #expect(try minsky.shell(script).lines.sorted() == ["0", "4", "4", "4"])
        let titles = try minsky.json("show", id)["subtasks"]?.titles ?? []
        #expect(titles.count >= 4)
        #expect(Set(titles).count == titles.count)
    }

    @Test(arguments: Storage.allCases)
    func aSubtaskAddedMeanwhileIsPlannedAround(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A task")
        let model = try model { _ = try? minsky.ok(["add", "Added once", "--parent", id, "-q"]) }
        let failure = try minsky.failure("tasks", "decompose", id, environment: model.environment)
        #expect(failure.exitCode == 4)
        #expect(try model.questions().count == 2, "it is asked once more, not for ever")
        #expect(try minsky.json("show", id)["subtasks"]?.titles == ["Added once", "Added once"])
        #expect(try minsky.count("embeddings") == 0)
        let prompt = try #require(try model.questions()[1]["messages"]?[1]?["content"]?.string)
        #expect(prompt.contains("- Added once"))
        #expect(try minsky.sql("SELECT count(*) FROM ai_calls WHERE purpose = 'decompose'") == "2")
    }

    @Test(arguments: Storage.allCases)
    func whenItStaysTheSecondTimeItIsStored(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A task")
        let isFirst = Once()
        let model = try model {
            if isFirst.take() { _ = try? minsky.ok(["add", "check  PASSWORDS", "--parent", id, "-q"]) }
        }
        let answer = try minsky.json("tasks", "decompose", id, environment: model.environment)
        #expect(answer["subtasks"]?.titles == ["Model accounts", "Write tests"])
        #expect(answer["leftOut"] == ["Check passwords"])
        #expect(answer["subtasks"]?[1]?["dependsOn"] == [answer["subtasks"]?[0]?["id"] ?? .null])
    }

    @Test(arguments: Storage.allCases, ["done", "drop"])
    func aTaskClosedMeanwhileGetsNothing(storage: Storage, command: String) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A task")
        let model = try model { _ = try? minsky.ok(["tasks", command, id, "-q"]) }
        #expect(try minsky.failure("tasks", "decompose", id, environment: model.environment).exitCode == 4)
        #expect(try minsky.count("tasks") == 1)
        #expect(try model.questions().count == 1)
    }

    @Test func aClosedTaskIsNotBrokenDown() throws {
        let minsky = try Minsky(.sqlite)
        let id = try minsky.add("Fix the login crash")
        try minsky.ok("done", id)
        let failure = try minsky.failure("tasks", "decompose", id)
        #expect(failure.exitCode == 4)
        #expect(failure.hint == "minsky tasks reopen \(id) opens it again.")
    }

    @Test(arguments: Storage.allCases)
    func aDeletedGrandparentIsNoHindrance(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let top = try minsky.add("Top")
        let middle = try minsky.add("Middle", "--parent", top)
        let id = try minsky.add("Fix the login crash", "--parent", middle)
        try minsky.sql("UPDATE tasks SET deleted_at = '2026-11-01T00:00:00.000000Z' WHERE id = '\(top)'")
        #expect(try minsky.json("tasks", "decompose", id)["model"] == "playbook:bug")
    }

    @Test func whatAModelSaysTwiceIsStoredOnceAndSaid() throws {
        let minsky = try Minsky(.sqlite)
        let plan = FakeModel.plan(titles: ["Model accounts", "Write tests", "write  TESTS"])
        let model = try FakeModel(chat: FakeModel.streaming(plan))
        let id = try minsky.add("A task")
        _ = try minsky.add("model accounts", "--parent", id)
        let result = try minsky.run("tasks", "decompose", id, environment: model.environment)
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("Left out, as it would be there twice: “Model accounts”, “write TESTS”."))
        #expect(try minsky.json("show", id)["subtasks"]?.titles == ["model accounts", "Write tests"])
        let again = try minsky.failure("tasks", "decompose", id, environment: model.environment)
        #expect(again.exitCode == 4)
        #expect(again.code == "nothingNew")
    }
}

/// True the first time, from whichever thread.
private final class Once: Sendable {
    private let isTaken = Mutex(false)

    func take() -> Bool {
        isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
    }
}
