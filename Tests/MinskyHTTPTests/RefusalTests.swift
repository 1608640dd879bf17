import MinskyHTTP
import TestSupport
import Testing

/// What is refused before a byte is sent.
@Suite(.timeLimit(.minutes(1)))
struct RefusalTests {
    let client = HTTPClient()

    @Test(arguments: [
        HTTPHeader("X-A", "a\r\nX-Injected: b"), HTTPHeader("X-A", "a\nX-Injected: b"), HTTPHeader("X-A", "a\rb"),
        HTTPHeader("X-A", "a\0b"), HTTPHeader("X-A\r\nX-Injected", "b"), HTTPHeader("X-A: b\nX-Injected", "b"),
        HTTPHeader("X-A\0", "b"), HTTPHeader("X A", "b"), HTTPHeader("X-A:", "b"), HTTPHeader("", "b"),
        HTTPHeader("Content-Length", "5"), HTTPHeader("transfer-encoding", "chunked"),
    ])
    func headerInjection(header: HTTPHeader) async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let error = try await client.failure(HTTPRequest(url: server.baseURL, headers: [header]))
        #expect(error.code == .invalidRequest)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [
        "/a b", "/a\r\nX-Injected: b", "/a\nb", "/a\tb", "/a\0b", "/a\u{7F}b",
    ])
    func urlWithBlanksOrControlCharacters(path: String) async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let error = try await client.failure(HTTPRequest(url: server.baseURL + path))
        #expect(error.code == .invalidRequest)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [
        "", "/", "127.0.0.1", "http:", "http://", "http:///path", "http://:80/", "file:///etc/hostname",
        "FILE:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "httpx://127.0.0.1/", "http://127.0.0.1:x/",
    ])
    func urlThatIsNotHTTP(url: String) async throws {
        let error = try await client.failure(HTTPRequest(url: url))
        #expect(error.code == .invalidRequest)
    }

    @Test(arguments: ["", "GET /", "GET\r\nX: y", "G\0", "GÉT"])
    func method(method: String) async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let error = try await client.failure(HTTPRequest(method: method, url: server.baseURL))
        #expect(error.code == .invalidRequest)
        #expect(server.requests.isEmpty)
    }

    @Test func limitsThatAreNotPositive() async throws {
        let url = "http://127.0.0.1/"
        for request in [
            HTTPRequest(url: url, connectTimeout: .zero), HTTPRequest(url: url, idleTimeout: .seconds(-1)),
            HTTPRequest(url: url, totalTimeout: .zero), HTTPRequest(url: url, maximumBodyBytes: -1),
            HTTPRequest(method: "HEAD", url: url, body: []),
        ] {
            #expect(try await client.failure(request).code == .invalidRequest)
        }
    }

    @Test func schemeMayBeInCapitals() async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let response = try await client.send(HTTPRequest(url: "HTTP://127.0.0.1:\(server.port)"))
        #expect(response.status == 200)
    }
}
