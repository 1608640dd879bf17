import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("An answer that was paid for is kept, and none is paid for in vain")
struct PaidAnswerTests {
    @Test(
        arguments: [
            ("404", FakeModel.error(404, "no such model")), ("401", FakeModel.error(401, "who are you")),
            ("500", FakeModel.error(500, "out of memory")), ("too few", FakeModel.vectors { $0 - 1 }),
            ("none", FakeModel.status(200, "{}")), ("batch", FakeModel.error(400, "batch size 4 is too large")),
        ] as [(String, FakeModel.Part)])
    func aFaultOfTheEmbeddingsCostsNothing(name: String, embeddings: @escaping FakeModel.Part) throws {
        for storage in name == "404" ? Storage.allCases : [.sqlite] {
            let minsky = try Minsky(storage)
            let model = try FakeModel(embeddings: embeddings)
            let result = try minsky.run("tasks", "decompose", "A task", environment: model.environment)
            #expect(result.exitCode == 0)
            #expect(result.errors.contains("Embeddings are built in this time: the embedding server"))
            #expect(try minsky.count("tasks") == 4)
            #expect(try minsky.sql("SELECT DISTINCT model FROM embeddings").hasPrefix("builtin"))
            #expect(try minsky.count("embeddings") == 4)
            #expect(try minsky.sql("SELECT count(*) FROM ai_calls WHERE purpose = 'embed'") != "0")
            let json = try minsky.json("tasks", "decompose", "Another task", environment: model.environment)
            #expect(json["warnings"]?.array?.count == 1)
            #expect(json["warnings"]?[0]?.string?.contains("the embedding server") == true)
        }
    }

    @Test func withoutAFaultThereIsNoWarning() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        #expect(
            try minsky.json("tasks", "decompose", "A task", environment: model.environment)["warnings"] == [])
    }

    @Test(arguments: Storage.allCases)
    func aDatabaseThatCannotBeWrittenIsFoundBeforeTheModelIsAsked(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let model = try FakeModel()
        var environment = model.environment
        switch storage {
        case .sqlite: try minsky.sql("CREATE TRIGGER no BEFORE INSERT ON actors BEGIN SELECT RAISE(ABORT, 'no'); END")
        case .postgres: environment["PGOPTIONS"] = "-c default_transaction_read_only=on"
        }
        for command in [["tasks", "decompose", "A task"], ["tasks", "decompose", "A", "--dry-run"], ["ai", "test"]] {
            #expect(try minsky.start(command, environment: environment).wait().exitCode != 0)
            #expect(model.server.requests.isEmpty, "\(command)")
        }
    }

    @Test func aLockedDatabaseIsFoundBeforeTheModelIsAsked() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let script = """
            mkfifo hold && (echo 'BEGIN IMMEDIATE;'; echo '.shell touch held'; cat hold) | sqlite3 .minsky/tasks.db &
            for wait in $(seq 400); do [ -e held ] || sleep 0.05; done
            "$minsky" --json tasks decompose A
            status=$?
            : >hold
            wait
            exit $status
            """
        let result = try minsky.shell(script, environment: model.environment)
        #expect(result.exitCode == 5)
        #expect(model.server.requests.isEmpty)
    }

    @Test func aCountThatIsFarOffIsAskedForAgainAndThenRefused() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let failure = try minsky.failure(
            "tasks", "decompose", "A task", "--count", "7", environment: model.environment)
        #expect(failure.code == "malformed")
        #expect(failure.message.contains("3 subtasks where 7 were asked for"))
        #expect(try model.questions().count == 2)
        #expect(try minsky.count("tasks") == 0)
    }

    @Test func aCountThatIsNearIsAcceptedWithAWord() throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel(
            chat: FakeModel.streaming(FakeModel.plan(titles: (1...6).map { "Step \($0)" })))
        let result = try minsky.run(
            "tasks", "decompose", "A task", "--count", "5", environment: model.environment)
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("6 subtasks where 5 were asked for"))
        #expect(try model.questions().count == 1)
    }
}
