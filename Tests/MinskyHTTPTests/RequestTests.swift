import MinskyHTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
    let client = HTTPClient()

    @Test func getArrivesAndItsResponseComesBack() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.respond(status: 200, headers: [("X-Answer", " forty two ")], body: "hello")
        }
        let response = try await client.send(HTTPRequest(url: server.baseURL + "/a/b?c=d%20e"))

        #expect(response.status == 200)
        #expect(response.body == Array("hello".utf8))
        #expect(response.header("x-answer") == "forty two")
        #expect(response.header("X-ANSWER") == "forty two")
        #expect(response.header("x-other") == nil)
        let received = try #require(server.requests.first)
        #expect(server.requests.count == 1)
        #expect(received.method == "GET")
        #expect(received.path == "/a/b?c=d%20e")
        #expect(received.body.isEmpty)
        #expect(received.headers["user-agent"] == "minsky")
        #expect(received.headers["accept-encoding"] == nil)
        #expect(received.headers["content-type"] == nil)
    }

    @Test func postArrivesWithItsHeadersAndEveryByte() async throws {
        let server = try TestHTTPServer { request, connection in connection.respond(status: 201, body: request.body) }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Authorization", "Bearer s3cr3t: with, signs;"),
            HTTPHeader("X-Empty", ""), HTTPHeader("X-Umlaut", "grün"),
        ]
        let response = try await client.send(
            HTTPRequest(method: "POST", url: server.baseURL, headers: headers, body: body))

        #expect(response.status == 201)
        #expect(response.body == body)
        let received = try #require(server.requests.first)
        #expect(received.method == "POST")
        #expect(received.body == body)
        #expect(received.headers["content-type"] == "application/json")
        #expect(received.headers["authorization"] == "Bearer s3cr3t: with, signs;")
        #expect(received.headers["x-empty"] == "")
        #expect(received.headers["x-umlaut"] == "grün")
        #expect(received.headers["content-length"] == "3000000")
        #expect(received.headers["expect"] == nil)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"], [nil, [], [UInt8]("x\0y".utf8)])
    func everyMethodWorksWithAndWithoutBody(method: String, body: [UInt8]?) async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200, body: "ok") }
        let response = try await client.send(HTTPRequest(method: method, url: server.baseURL, body: body))

        #expect(response.body == Array("ok".utf8))
        #expect(server.requests.map(\.method) == [method])
        #expect(server.requests.map(\.body) == [body ?? []])
        #expect(server.requests.first?.headers["content-type"] == nil)
    }

    @Test func headResponseHasNoBodyAndIsNotWaitedFor() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.head(status: 200, headers: [("Content-Length", "1000")])
        }
        let response = try await client.send(HTTPRequest(method: "HEAD", url: server.baseURL))
        #expect(response.header("content-length") == "1000")
        #expect(response.body.isEmpty)
    }

    @Test func interimResponsesAndTrailersLeaveNoHeaders() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
            connection.head(status: 200, headers: [("X-Late", "1"), ("Transfer-Encoding", "chunked")])
            connection.write("2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n")
        }
        let response = try await client.send(HTTPRequest(url: server.baseURL))
        #expect(response.status == 200)
        #expect(response.body == Array("ok".utf8))
        #expect(response.header("x-early") == nil)
        #expect(response.header("x-late") == "1")
        #expect(response.header("x-trailer") == nil)
    }

    @Test(arguments: [400, 401, 404, 429, 500, 503])
    func unsuccessfulStatusIsAResponseWithItsBody(status: Int) async throws {
        let server = try TestHTTPServer { _, connection in
            connection.respond(status: status, headers: [("Retry-After", "7")], body: "{\"error\":\"no\"}")
        }
        let streamed = Log<[UInt8]>()
        let response = try await client.send(HTTPRequest(url: server.baseURL)) { streamed.add($0) }

        #expect(response.status == status)
        #expect(response.header("retry-after") == "7")
        #expect(response.body == Array("{\"error\":\"no\"}".utf8))
        #expect(streamed.all.isEmpty)
    }

    @Test func redirectIsNotFollowed() async throws {
        let other = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let server = try TestHTTPServer { _, connection in
            connection.respond(status: 307, headers: [("Location", other.baseURL + "/stolen")])
        }
        let response = try await client.send(
            HTTPRequest(
                method: "POST", url: server.baseURL, headers: [HTTPHeader("Authorization", "Bearer s3cr3t")], body: [1])
        )

        #expect(response.status == 307)
        #expect(response.header("location") == other.baseURL + "/stolen")
        #expect(other.requests.isEmpty)
    }

    /// All of them are in flight at the same time: nobody is answered before the last one has arrived.
    @Test func manyRequestsRunAtOnce() async throws {
        let count = 50
        let arrived = Log<Int>()
        let allArrived = Gate()
        let server = try TestHTTPServer { request, connection in
            if arrived.add(1) == count { allArrived.open() }
            connection.respond(status: allArrived.pass() ? 200 : 500, body: request.body)
        }
        let client = client
        let bodies = try await withThrowingTaskGroup(of: (Int, HTTPResponse).self) { group in
            for number in 0..<count {
                group.addTask {
                    let request = HTTPRequest(method: "POST", url: server.baseURL, body: Array("\(number)".utf8))
                    return (number, try await client.send(request))
                }
            }
            return try await group.reduce(into: [Int: HTTPResponse]()) { $0[$1.0] = $1.1 }
        }
        #expect(bodies.count == count)
        for (number, response) in bodies {
            #expect(response.status == 200)
            #expect(response.body == Array("\(number)".utf8))
        }
    }
}
