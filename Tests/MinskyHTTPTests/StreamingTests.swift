import MinskyHTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StreamingTests {
    let client = HTTPClient()

    @Test func piecesArriveAsTheyAreSent() async throws {
        let firstArrived = Gate()
        let wasSeenInTime = Log<Bool>()
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event("1")
            wasSeenInTime.add(firstArrived.pass())
            connection.event("2")
            connection.endEventStream()
        }
        let pieces = Log<[UInt8]>()
        let response = try await client.send(HTTPRequest(url: server.baseURL)) { bytes in
            pieces.add(bytes)
            firstArrived.open()
        }
        #expect(wasSeenInTime.all == [true])
        #expect(pieces.all.flatMap { $0 } == Array("data: 1\n\ndata: 2\n\n".utf8))
        #expect(response.status == 200)
        #expect(response.header("content-type") == "text/event-stream")
        #expect(response.body.isEmpty)
    }

    @Test func errorOfTheReceiverAbortsAndIsThrownAsItIs() async throws {
        struct Enough: Error, Equatable { let pieces: Int }
        let clientLeft = Signal()
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            while connection.event("again") {}
            clientLeft.fire()
        }
        let pieces = Log<[UInt8]>()
        await #expect(throws: Enough(pieces: 3)) {
            try await client.send(HTTPRequest(url: server.baseURL, maximumBodyBytes: .max)) { bytes in
                if pieces.add(bytes) == 3 { throw Enough(pieces: 3) }
            }
        }
        #expect(pieces.all.count == 3)
        await clientLeft.wait()
    }

    @Test func cancellingInTheMiddleAbortsAtOnce() async throws {
        let begun = Signal()
        let clientLeft = Signal()
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event("1")
            connection.waitForClientToLeave()
            clientLeft.fire()
        }
        let client = client
        let task = Task {
            try await client.send(HTTPRequest(url: server.baseURL)) { _ in begun.fire() }
        }
        await begun.wait()
        task.cancel()

        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        await clientLeft.wait()
    }

    @Test func cancelledTaskSendsNothing() async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let client = client
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(HTTPRequest(url: server.baseURL))
        }
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [false, true])
    func endlessBodyIsCutAtTheLimit(streamed: Bool) async throws {
        let clientLeft = Signal()
        let server = try TestHTTPServer { _, connection in
            connection.head(status: 200)
            while connection.write([UInt8](repeating: 120, count: 4096)) {}
            clientLeft.fire()
        }
        let limit = 100_000
        let pieces = Log<Int>()
        let request = HTTPRequest(url: server.baseURL, maximumBodyBytes: limit)
        let error =
            streamed
            ? try await client.failure(request) { pieces.add($0.count) } : try await client.failure(request)

        #expect(error.code == .bodyTooLarge)
        #expect(error.message.contains("100000 bytes"))
        #expect(pieces.all.reduce(0, +) <= limit)
        #expect(pieces.all.isEmpty != streamed)
        await clientLeft.wait()
    }

    @Test func bodyOfExactlyTheLimitIsWhole() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.respond(status: 200, body: [UInt8](repeating: 7, count: 100_000))
        }
        let response = try await client.send(HTTPRequest(url: server.baseURL, maximumBodyBytes: 100_000))
        #expect(response.body.count == 100_000)
    }

    @Test func endlessBodyOfAnUnsuccessfulResponseIsDropped() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.head(status: 500)
            while connection.write([UInt8](repeating: 120, count: 4096)) {}
        }
        let response = try await client.send(HTTPRequest(url: server.baseURL))
        #expect(response.status == 500)
        #expect(response.body == [UInt8](repeating: 120, count: 64 * 1024))
    }

    @Test func endlessHeadersAreRefused() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n")
            while connection.write("X-More: \(String(repeating: "x", count: 1000))\r\n") {}
        }
        let error = try await client.failure(HTTPRequest(url: server.baseURL))
        #expect(error.code == .protocolViolation)
    }
}
