import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Exit code 130: interrupted")
struct InterruptTests {
    /// A model server that begins an answer, tells the test, and does not go on.
    private struct SlowModel {
        let model: FakeModel
        let asked = DispatchSemaphore(value: 0)

        init() throws {
            let asked = asked
            model = try FakeModel(chat: { _, connection in
                connection.startEventStream()
                connection.event(FakeModel.delta(String(FakeModel.plan.prefix(200))))
                asked.signal()
                connection.waitForClientToLeave()
            })
        }

        func waitUntilAsked() throws {
            guard asked.wait(timeout: .now() + .seconds(60)) == .success else {
                throw ProcessFailure("the model was not asked")
            }
        }
    }

    @Test(arguments: Storage.allCases)
    func whileAModelAnswersStoresNothing(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let slow = try SlowModel()
        let process = try minsky.start(["tasks", "decompose", "A task"], environment: slow.model.environment)
        try slow.waitUntilAsked()
        process.send(SIGINT)
        let result = try process.wait()
        #expect(result.exitCode == 130)
        #expect(result.output == "")
        #expect(result.errors == "\nInterrupted.\n")
        for table in ["tasks", "embeddings", "operations"] { #expect(try minsky.count(table) == 0) }
    }

    @Test func isToldInJSONToo() throws {
        let minsky = try Minsky(.sqlite)
        let slow = try SlowModel()
        let process = try minsky.start(["--json", "tasks", "decompose", "A task"], environment: slow.model.environment)
        try slow.waitUntilAsked()
        process.send(SIGINT)
        let result = try process.wait()
        #expect(result.exitCode == 130)
        #expect(try JSON(parsing: result.errors)["error"]?["code"] == "interrupted")
    }

    @Test func terminationStoresNothingEither() throws {
        let minsky = try Minsky(.sqlite)
        let slow = try SlowModel()
        let process = try minsky.start(["tasks", "decompose", "A task"], environment: slow.model.environment)
        try slow.waitUntilAsked()
        process.send(SIGTERM)
        #expect(try process.wait().exitCode == -SIGTERM)
        #expect(try minsky.count("tasks") == 0)
    }

    /// As under `nohup`, or in the background of a script: who started the program decides.
    @Test func whatTheParentIgnoresStaysIgnored() throws {
        let minsky = try Minsky(.sqlite)
        let asked = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)
        let model = try FakeModel(chat: { request, connection in
            asked.signal()
            _ = goOn.wait(timeout: .now() + .seconds(60))
            FakeModel.good(request, connection)
        })
        let process = try ChildProcess(
            "/bin/sh", ["-c", "trap '' INT; exec \"$0\" tasks decompose 'A task'", try Minsky.binary.get()],
            environment: minsky.environment(model.environment), folder: minsky.folder)
        #expect(asked.wait(timeout: .now() + .seconds(60)) == .success)
        process.send(SIGINT)
        goOn.signal()
        #expect(try process.wait().exitCode == 0)
        #expect(try minsky.count("tasks") == 4)
    }
}
