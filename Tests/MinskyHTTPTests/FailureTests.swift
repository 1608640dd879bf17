import Foundation
import MinskyHTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FailureTests {
    let client = HTTPClient()

    @Test func refusedConnection() async throws {
        let dead = try DeadPort(accepting: false)
        let error = try await client.failure(HTTPRequest(url: "http://127.0.0.1:\(dead.port)/"))
        #expect(error.code == .couldNotConnect)
        #expect(error.message == "could not connect: connection refused (127.0.0.1:\(dead.port))")
    }

    @Test func stoppedServerRefuses() async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        #expect(try await client.send(HTTPRequest(url: server.baseURL)).status == 200)
        server.stop()
        let error = try await client.failure(HTTPRequest(url: server.baseURL))
        #expect(error.code == .couldNotConnect)
    }

    @Test func unknownHost() async throws {
        let error = try await client.failure(
            HTTPRequest(url: "http://nonexistent.invalid/", totalTimeout: .seconds(50)))
        #expect(error.code == .couldNotResolve)
        #expect(error.message == "the host has no known address (nonexistent.invalid:80)")
    }

    @Test func noResponseAtAll() async throws {
        let server = try TestHTTPServer { _, _ in }
        let error = try await client.failure(HTTPRequest(url: server.baseURL))
        #expect(error.code == .connectionLost)
        #expect(error.message.hasSuffix("(127.0.0.1:\(server.port))"))
    }

    @Test func bodyShorterThanAnnounced() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.head(status: 200, headers: [("Content-Length", "100")])
            connection.write("short")
        }
        let pieces = Log<[UInt8]>()
        let error = try await client.failure(HTTPRequest(url: server.baseURL)) { pieces.add($0) }
        #expect(error.code == .connectionLost)
        #expect(pieces.all.flatMap { $0 } == Array("short".utf8))
    }

    @Test func chunkedBodyWithoutItsEnd() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event("1")
        }
        let error = try await client.failure(HTTPRequest(url: server.baseURL))
        #expect(error.code == .connectionLost)
    }

    @Test func resetInTheMiddleOfTheBody() async throws {
        let arrived = Gate()
        let server = try TestHTTPServer { _, connection in
            connection.startEventStream()
            connection.event("1")
            _ = arrived.pass()
            connection.reset()
        }
        let error = try await client.failure(HTTPRequest(url: server.baseURL)) { _ in arrived.open() }
        #expect(error.code == .connectionLost)
        #expect(error.message.lowercased().contains("reset"))
    }

    @Test func resetDuringALargeUpload() async throws {
        let dead = try DeadPort(accepting: true)
        Thread { dead.resetFirstClient() }.start()
        let body = [UInt8](repeating: 1, count: 30_000_000)
        let error = try await client.failure(
            HTTPRequest(method: "POST", url: "http://127.0.0.1:\(dead.port)/", body: body))
        #expect(error.code == .connectionLost)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{1}\u{2}\u{3}garbage\n\n", "HTTP/banana\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
    ])
    func garbageInsteadOfHTTP(answer: String) async throws {
        let server = try TestHTTPServer { _, connection in connection.write(answer) }
        let error = try await client.failure(HTTPRequest(url: server.baseURL))
        #expect(error.code == .protocolViolation)
        #expect(error.message.hasSuffix("(127.0.0.1:\(server.port))"))
    }

    @Test func tlsHandshakeWithAPlainServer() async throws {
        let server = try TestHTTPServer { _, connection in connection.respond(status: 200) }
        let error = try await client.failure(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        #expect(error.code == .tls)
        #expect(server.requests.isEmpty)
    }

    @Test func messagesCarryNoSecret() async throws {
        let server = try TestHTTPServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-Echo: s3cr3t\r\n\r\ns3cr3t")
        }
        let dead = try DeadPort(accepting: false)
        let silent = try DeadPort(accepting: true)
        let urls = [
            "http://user:s3cr3t@127.0.0.1:\(server.port)/s3cr3t?key=s3cr3t",
            "http://127.0.0.1:\(dead.port)/?key=s3cr3t",
            "http://127.0.0.1:\(silent.port)/?key=s3cr3t", "https://127.0.0.1:\(server.port)/?key=s3cr3t",
            "http://127.0.0.1:99999999/?key=s3cr3t", "ftp://127.0.0.1/?key=s3cr3t", "http://127.0.0.1/?key=s3cr3t bad",
        ]
        for url in urls {
            let request = HTTPRequest(
                url: url, headers: [HTTPHeader("Authorization", "Bearer s3cr3t")], idleTimeout: .milliseconds(200))
            let error = try await client.failure(request)
            #expect(!"\(error) \(String(reflecting: error))".contains("s3cr3t"))
            #expect(error.message.first?.isLowercase == true)
            #expect(!"\(request.headers)".contains("s3cr3t"))
        }
    }

    /// libcurl would cost every command its start-up time.
    @Test func libcurlIsNotLinked() {
        #expect(dlsym(nil, "curl_easy_init") == nil)
    }
}
