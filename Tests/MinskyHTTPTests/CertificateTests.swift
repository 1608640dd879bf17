import Foundation
import MinskyHTTP
import Testing

/// A real TLS server with a certificate nobody has signed. It needs the `openssl` command.
@Suite(.timeLimit(.minutes(1)), .enabled(if: FileManager.default.isExecutableFile(atPath: SelfSignedServer.openssl)))
struct CertificateTests {
    @Test func certificateNobodyHasSignedIsRefused() async throws {
        let server = try SelfSignedServer()
        defer { server.stop() }
        let error = try await HTTPClient().failure(HTTPRequest(url: "https://localhost:\(server.port)/"))
        #expect(error.code == .tls)
        #expect(error.message.contains("certificate"))
    }
}

private struct SelfSignedServer {
    static let openssl = "/usr/bin/openssl"

    let port: Int
    private let process: Process
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("minsky-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appendingPathComponent("key.pem").path
        let certificate = folder.appendingPathComponent("certificate.pem").path
        let make = Self.command([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ])
        try make.run()
        make.waitUntilExit()

        let output = Pipe()
        process = Self.command(["s_server", "-www", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate])
        process.standardOutput = output
        try process.run()
        // It says on which port it listens: ACCEPT 127.0.0.1:40123
        var said = ""
        while !said.contains("ACCEPT ") || !said.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += String(decoding: more, as: UTF8.self)
        }
        let digits = said.split(separator: ":").last?.prefix { $0.isNumber } ?? ""
        port = try #require(Int(digits), "openssl did not start: \(said)")
    }

    func stop() {
        // Not terminate(): the child inherits the mask of a thread of the pool, in which SIGTERM is blocked.
        _ = kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func command(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
