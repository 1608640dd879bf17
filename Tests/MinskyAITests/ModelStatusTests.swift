import MinskyAI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ModelStatusTests {
    @Test(
        arguments: [
            (400, .rejected), (401, .unauthorized), (403, .unauthorized), (404, .rejected), (413, .rejected),
            (418, .rejected), (500, .serverFailed), (502, .serverFailed), (504, .serverFailed),
        ] as [(Int, AIError.Code)])
    func everyStatusHasItsErrorAndIsNotTriedAgain(status: Int, code: AIError.Code) async throws {
        let server = try TestHTTPServer.replying(.refusal(status, "these are the server's words"))
        let error = try await server.planner().failure()
        #expect(error.code == code)
        #expect(error.message.contains("HTTP \(status)"))
        #expect(error.message.contains("these are the server's words"))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        (#"{"error":{"message":"the words"}}"#, "(HTTP 400): the words"),
        (#"{"error":"the words"}"#, "(HTTP 400): the words"), (#"{"message":"the words"}"#, "(HTTP 400): the words"),
        ("the\n  words", "(HTTP 400): the words"), ("", "(HTTP 400)"),
        (#"{"detail":"the words"}"#, #"(HTTP 400): {"detail":"the words"}"#),
    ])
    func theServersWordsAreQuotedOnOneLine(body: String, ending: String) async throws {
        let server = try TestHTTPServer.replying(.status(400, body))
        #expect(try await server.planner().failure().message.hasSuffix(ending))
    }

    @Test func longErrorsAreCut() async throws {
        let server = try TestHTTPServer.replying(.status(500, String(repeating: "trace ", count: 100_000)))
        #expect(try await server.planner().failure().message.count < 500)
    }

    @Test func theAddressThatIsNotFoundIsNamedWithoutItsPassword() async throws {
        let server = try TestHTTPServer.replying(.status(404))
        let endpoint = Endpoint(baseURL: "http://ada:s3cr3t@127.0.0.1:\(server.port)/v2", apiKey: nil)
        let error = try await ModelPlanner(endpoint: endpoint, model: "m").failure()
        #expect(error.message.contains("127.0.0.1:\(server.port)/v2/chat/completions"))
        #expect(!error.message.contains("s3cr3t"))
    }

    @Test(arguments: [429, 503])
    func anOverloadedServerIsAskedAgain(status: Int) async throws {
        let busy = Reply.refusal(status, "busy", headers: [("Retry-After", "0")])
        let server = try TestHTTPServer.replying(busy, busy, .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [(429, .rateLimited), (503, .serverFailed)] as [(Int, AIError.Code)])
    func butThreeTimesAtMost(status: Int, code: AIError.Code) async throws {
        let busy = Reply.refusal(status, "busy", headers: [("Retry-After", "0")])
        let server = try TestHTTPServer.replying(busy, busy, busy, .stream(validAnswer))
        #expect(try await server.planner().failure().code == code)
        #expect(server.requests.count == 3)
    }

    /// An hour would be past the time limit of the test.
    @Test(arguments: ["3600", "9223372036854775807"])
    func aLongWaitIsReportedInsteadOfWaitedFor(seconds: String) async throws {
        let server = try TestHTTPServer.replying(.refusal(429, "slow down", headers: [("Retry-After", seconds)]))
        let error = try await server.planner().failure()
        #expect(error.code == .rateLimited)
        #expect(error.message.contains("it asks to wait \(seconds) seconds"))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["-5", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "99999999999999999999", ""])
    func aWaitThatIsNoNumberOfSecondsIsChosenHere(header: String) async throws {
        let server = try TestHTTPServer.replying(
            .refusal(429, "busy", headers: [("Retry-After", header)]), .stream(validAnswer))
        #expect(try await server.planner().answer().subtasks == validSubtasks)
    }

    @Test(arguments: [301, 302, 307, 308])
    func aRedirectIsNotFollowed(status: Int) async throws {
        let elsewhere = try TestHTTPServer.replying(.stream(validAnswer))
        let server = try TestHTTPServer.replying(.status(status, headers: [("Location", elsewhere.baseURL)]))
        let error = try await server.planner(key: "sk-1234").failure()
        #expect(error.code == .rejected)
        #expect(error.message.contains("redirects"))
        #expect(elsewhere.requests.isEmpty)
    }

    @Test func cancellingEndsTheWait() async throws {
        let server = try TestHTTPServer.replying(.refusal(429, "busy", headers: [("Retry-After", "15")]))
        let planner = server.planner()
        let task = Task { try await planner.answer() }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: AIError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
