import MinskyHTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimeLimitTests {
    let client = HTTPClient()

    @Test func silenceInTheMiddleOfABodyTimesOut() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event("1")
            connection.waitForClientToLeave()
        }
        let pieces = Log<[UInt8]>()
        let error = try await client.failure(
            HTTPRequest(url: server.baseURL, idleTimeout: .milliseconds(300), totalTimeout: .seconds(50))
        ) { pieces.add($0) }
        #expect(error.code == .timedOut)
        #expect(error.message == "no byte for 0.3 seconds (127.0.0.1:\(server.port))")
        #expect(pieces.all.count == 1)
    }

    @Test func silenceBeforeTheResponseTimesOut() async throws {
        let server = try TestHTTPServer { _, connection in connection.waitForClientToLeave() }
        let error = try await client.failure(HTTPRequest(url: server.baseURL, idleTimeout: .seconds(1)))
        #expect(error.code == .timedOut)
        #expect(error.message.hasPrefix("no byte for 1 second "))
    }

    @Test func slowButSteadyBodyIsNotIdle() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            for number in 0..<10 {
                connection.sleep(milliseconds: 250)
                connection.event("\(number)")
            }
            connection.endEventStream()
        }
        let response = try await client.send(HTTPRequest(url: server.baseURL, idleTimeout: .milliseconds(1500)))
        #expect(response.body.suffix(9) == Array("data: 9\n\n".utf8)[...])
    }

    /// The receiver's own time is not the server's silence.
    @Test func slowReceiverIsNotIdle() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            for number in 0..<3 { connection.event("\(number)") }
            connection.endEventStream()
        }
        let pieces = Log<[UInt8]>()
        _ = try await client.send(HTTPRequest(url: server.baseURL, idleTimeout: .milliseconds(500))) { bytes in
            if pieces.add(bytes) == 1 { Gate.pause(seconds: 1) }
        }
        #expect(pieces.all.flatMap { $0 }.count == 3 * 9)
    }

    @Test func responseThatNeverEndsMeetsTheTotalLimit() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            while connection.event("again") { connection.sleep(milliseconds: 10) }
        }
        let error = try await client.failure(
            HTTPRequest(url: server.baseURL, idleTimeout: .seconds(50), totalTimeout: .milliseconds(500)))
        #expect(error.code == .timedOut)
        #expect(error.message == "not finished within 0.5 seconds (127.0.0.1:\(server.port))")
    }

    /// The connection stands, but the TLS handshake, which belongs to connecting, is never answered.
    @Test func serverThatDoesNotTakePartInTheHandshakeTimesOut() async throws {
        let dead = try DeadPort(accepting: true)
        let error = try await client.failure(
            HTTPRequest(
                url: "https://127.0.0.1:\(dead.port)/", connectTimeout: .milliseconds(300),
                idleTimeout: .milliseconds(50)))
        #expect(error.code == .timedOut)
        #expect(error.message == "could not connect within 0.3 seconds (127.0.0.1:\(dead.port))")
    }

    @Test func enormousLimitsAreNoLimits() async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let forever = Duration.seconds(Int64.max)
        let response = try await client.send(
            HTTPRequest(
                url: server.baseURL, connectTimeout: forever, idleTimeout: forever, totalTimeout: forever,
                maximumBodyBytes: .max))
        #expect(response.status == 200)
    }
}
