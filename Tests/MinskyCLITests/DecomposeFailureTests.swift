import MinskyModel
import TestSupport
import Testing

/// A way in which a model server fails, and what a person is told.
struct ModelFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var chat: FakeModel.Part = FakeModel.good
    let exitCode: Int32
    let code: String
    /// A part of the message that no other fault has.
    let message: String

    private static let nonsense = FakeModel.streaming("I would rather talk about the weather.")
    private static let broken: FakeModel.Part = { _, connection in
        connection.startEventStream()
        connection.event(FakeModel.delta(String(FakeModel.plan.prefix(50))))
    }
    private static let ended: FakeModel.Part = { _, connection in
        connection.startEventStream()
        connection.event(FakeModel.delta(String(FakeModel.plan.prefix(50))))
        connection.endEventStream()
    }
    private static let huge: FakeModel.Part = { _, connection in
        connection.startEventStream()
        let piece = FakeModel.delta(String(repeating: "x", count: 1 << 20))
        for _ in 0..<10 where connection.event(piece) {}
        connection.endEventStream()
    }
    private static let silent: FakeModel.Part = { _, connection in connection.waitForClientToLeave() }

    static let all = [
        ModelFault(
            testDescription: "silence", chat: silent, exitCode: 5, code: "timedOut", message: "no byte for 1 second"),
        ModelFault(
            testDescription: "401", chat: FakeModel.error(401, "who are you"), exitCode: 6, code: "unauthorized",
            message: "the model's server asks for a key, and there is none (HTTP 401): who are you"),
        ModelFault(
            testDescription: "404", chat: FakeModel.error(404, "no model tiny"), exitCode: 1, code: "rejected",
            message: "no such model or address"),
        ModelFault(
            testDescription: "400", chat: FakeModel.error(400, "too long"), exitCode: 1, code: "rejected",
            message: "refused the request (HTTP 400): too long"),
        ModelFault(
            testDescription: "429", chat: FakeModel.error(429, "slow down", headers: [("Retry-After", "60")]),
            exitCode: 5,
            code: "rateLimited", message: "asks for fewer requests (HTTP 429); it asks to wait 60 seconds: slow down"),
        ModelFault(
            testDescription: "429 three times", chat: FakeModel.error(429, "slow", headers: [("Retry-After", "0")]),
            exitCode: 5, code: "rateLimited", message: "it asks to wait 0 seconds"),
        ModelFault(
            testDescription: "500", chat: FakeModel.status(500, "<h1>Oh no</h1>"), exitCode: 5, code: "serverFailed",
            message: "failed (HTTP 500): <h1>Oh no</h1>"),
        ModelFault(
            testDescription: "redirect",
            chat: FakeModel.status(302, "", headers: [("Location", "http://elsewhere.test/")]),
            exitCode: 1, code: "rejected", message: "redirects elsewhere (HTTP 302)"),
        ModelFault(
            testDescription: "at its limit", chat: FakeModel.streaming(FakeModel.plan, finishReason: "length"),
            exitCode: 1,
            code: "truncated", message: "stopped at its limit of tokens"),
        ModelFault(
            testDescription: "held back", chat: FakeModel.streaming(FakeModel.plan, finishReason: "content_filter"),
            exitCode: 1, code: "declined", message: "content filter"),
        ModelFault(
            testDescription: "a stream that ends early", chat: ended, exitCode: 1, code: "truncated",
            message: "broke off before its end"),
        ModelFault(
            testDescription: "a connection that breaks", chat: broken, exitCode: 5, code: "unreachable",
            message: "the connection was lost"),
        ModelFault(
            testDescription: "nonsense twice", chat: nonsense, exitCode: 1, code: "malformed",
            message: "the model's answer cannot be used: it is not valid JSON"),
        ModelFault(
            testDescription: "a circle of dependencies",
            chat: FakeModel.streaming(
                #"{"subtasks":[{"title":"T","description":"","estimate_minutes":5,"complexity":1,"depends_on":[2]},"#
                    + #"{"title":"U","description":"","estimate_minutes":5,"complexity":1,"depends_on":[1]}]}"#),
            exitCode: 1, code: "malformed", message: "cannot be used: subtasks 1, 2 depend on each other in a circle"),
        ModelFault(
            testDescription: "no words", chat: FakeModel.streaming(" "), exitCode: 1, code: "empty",
            message: "the model gave an empty answer"),
        ModelFault(
            testDescription: "no body", chat: FakeModel.status(200, ""), exitCode: 1, code: "empty",
            message: "the model's server sent an empty answer"),
        ModelFault(
            testDescription: "no JSON", chat: FakeModel.status(200, "<html>Welcome to the hotel</html>"), exitCode: 1,
            code: "malformed", message: "neither JSON nor a stream of events"),
        ModelFault(
            testDescription: "refusal",
            chat: FakeModel.status(200, #"{"choices":[{"message":{"refusal":"That I will not do."}}]}"#), exitCode: 1,
            code: "declined", message: "the model declined: That I will not do."),
        ModelFault(
            testDescription: "huge", chat: huge, exitCode: 1, code: "tooLarge", message: "8388608"),
    ]
}

@Suite("When a model fails")
struct DecomposeFailureTests {
    @Test(arguments: ModelFault.all)
    func nothingIsStoredAndTheReasonIsTold(fault: ModelFault) throws {
        try check(fault, on: .sqlite)
    }

    @Test(arguments: ["401", "nonsense twice", "a connection that breaks"])
    func nothingIsStoredInPostgreSQLEither(name: String) throws {
        try check(try #require(ModelFault.all.first { $0.testDescription == name }), on: .postgres)
    }

    private func check(_ fault: ModelFault, on storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A task", "-t", "tag")
        let model = try FakeModel(chat: fault.chat)
        let environment = model.environment.merging(["MINSKY_AI_TIMEOUT_SECONDS": "1"]) {
            fault.code == "timedOut" ? $1 : $0
        }
        let before = try minsky.json("list", "--all")
        for target in [id, "A new task"] {
            let failure = try minsky.failure("tasks", "decompose", target, environment: environment)
            #expect(failure.exitCode == fault.exitCode)
            #expect(failure.code == fault.code)
            #expect(failure.message.contains(fault.message))
            #expect(try minsky.json("list", "--all") == before)
            for table in ["task_dependencies", "embeddings"] { #expect(try minsky.count(table) == 0) }
        }
        #expect(try minsky.count("tasks") == 1, "not even a deleted one")
        let outcomes = try minsky.sql("SELECT DISTINCT outcome FROM ai_calls").split(separator: "\n")
        let outcome = fault.message.contains("cannot be used") ? "ok" : fault.code
        #expect(outcomes.contains { $0 == outcome }, "an answer that makes no sense is an answer")
    }

    @Test func everyFaultHasAMessageOfItsOwn() throws {
        let minsky = try Minsky(.sqlite)
        var messages: Set<String> = []
        for fault in ModelFault.all where fault.code != "timedOut" && fault.testDescription != "429 three times" {
            let model = try FakeModel(chat: fault.chat)
            messages.insert(
                try minsky.failure("tasks", "decompose", "A task", environment: model.environment).message
                    .replacing("\(model.server.port)", with: "PORT"))
        }
        #expect(messages.count == ModelFault.all.count - 2)
    }

    /// While the model thinks, others work: here they delete the task.
    @Test(arguments: Storage.allCases)
    func aTaskDeletedMeanwhileGetsNoSubtasks(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let id = try minsky.add("A task")
        let model = try FakeModel(chat: { request, connection in
            _ = try? minsky.ok("tasks", "delete", id)
            FakeModel.good(request, connection)
        })
        let failure = try minsky.failure("tasks", "decompose", id, environment: model.environment)
        #expect(failure.exitCode == 4)
        #expect(failure.message.contains(id))
        #expect(try minsky.count("tasks") == 1)
        #expect(try minsky.count("embeddings") == 0)
        #expect(try minsky.count("ai_calls") == 2, "what was paid for is on record")
    }

    @Test(arguments: ["ai.model", "ai.baseUrl", "ai.embedding.model"])
    func aMissingSettingIsNamed(setting: String) throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        let key = try #require(Self.variables[setting])
        var environment = model.environment.merging(["MINSKY_AI_EMBEDDING_PROVIDER": "openai-compatible"]) { $1 }
        environment[key] = nil
        let failure = try minsky.failure("tasks", "decompose", "A task", environment: environment)
        #expect(failure.exitCode == 1)
        #expect(failure.code == "notConfigured")
        #expect(failure.message.contains("\(setting) is not set; for example: minsky config set \(setting) "))
        #expect(try minsky.count("tasks") == 0)
        #expect(model.server.requests.isEmpty, "known before anything is paid for")
    }

    private static let variables = [
        "ai.model": "MINSKY_AI_MODEL", "ai.baseUrl": "MINSKY_AI_BASE_URL",
        "ai.embedding.model": "MINSKY_AI_EMBEDDING_MODEL",
    ]
}
