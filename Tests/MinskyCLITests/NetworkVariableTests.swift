import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Proxies, certificates and other surroundings of a request")
struct NetworkVariableTests {
    static let key = ["OPENAI_API_KEY": SecretsTests.key]

    @Test(arguments: ["*", " * ", "other.test,*", "model.invalid", ".invalid"])
    func noProxyIsAskedForWhatNeedsNone(hosts: String) throws {
        let minsky = try Minsky(.sqlite)
        let proxy = try TestHTTPServer { _, connection in connection.respond(status: 500) }
        for name in ["no_proxy", "NO_PROXY"] {
            let environment = FakeModel.environment(baseURL: "http://model.invalid/v1").merging([
                "http_proxy": proxy.baseURL, name: hosts,
            ]) { $1 }
            let failure = try minsky.failure(
                "tasks", "decompose", "A task", environment: environment.merging(Self.key) { $1 })
            #expect(failure.code == "unreachable")
        }
        #expect(proxy.requests.isEmpty)
    }

    @Test func aProxyIsAskedForTheRest() throws {
        let minsky = try Minsky(.sqlite)
        let proxy = try TestHTTPServer { _, connection in connection.respond(status: 500) }
        let environment = FakeModel.environment(baseURL: "http://model.invalid/v1").merging([
            "http_proxy": proxy.baseURL, "no_proxy": "other.invalid",
        ]) { $1 }
        _ = try minsky.failure("tasks", "decompose", "A task", environment: environment)
        #expect(proxy.requests.count == 1)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "127.0.0.2", "127.1.2.3", "[::1]"])
    func thisMachineIsNeverReachedByAProxy(host: String) throws {
        let minsky = try Minsky(.sqlite)
        let proxy = try TestHTTPServer { _, connection in connection.respond(status: 500) }
        let port = try DeadPort(accepting: false)
        let environment = FakeModel.environment(baseURL: "http://\(host):\(port.port)/v1").merging([
            "http_proxy": proxy.baseURL, "no_proxy": "other.invalid",
        ]) { $1 }
        let failure = try minsky.failure("tasks", "decompose", "A task", environment: environment)
        #expect(failure.code == "unreachable")
        #expect(proxy.requests.isEmpty)
    }

    @Test(arguments: [
        "127.0.0.-0", "127.0.0.+1", "127.0.-0.1", "[::1]:-0", "127.0.0.1:-0", "127.0.0.0x1", "127.0.0.",
        "localhost:+80",
    ])
    func whatOnlyLooksLikeThisMachineGetsNoKey(host: String) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"http://\(host)/v1\"\n",
            to: minsky.configuration)
        let proxy = try TestHTTPServer { _, connection in connection.respond(status: 500) }
        let environment = Self.key.merging(["http_proxy": proxy.baseURL]) { $1 }
        let failure = try minsky.failure("tasks", "decompose", "A task", environment: environment)
        #expect(failure.exitCode == 6 || failure.exitCode == 1)
        #expect(proxy.requests.isEmpty)
    }

    @Test(arguments: ["SSL_CERT_FILE", "CURL_CA_BUNDLE"])
    func certificatesOfOnesOwnAreTrusted(variable: String) throws {
        let minsky = try Minsky(.sqlite)
        let server = try SelfSignedServer()
        defer { server.stop() }
        let environment = FakeModel.environment(baseURL: "https://localhost:\(server.port)/v1")
        #expect(try minsky.failure("tasks", "decompose", "A", environment: environment).code == "tls")
        let trusting = environment.merging([variable: server.certificate]) { $1 }
        #expect(try minsky.failure("tasks", "decompose", "A", environment: trusting).code != "tls")
        let missing = environment.merging([variable: minsky.folder + "/no-such-file"]) { $1 }
        let failure = try minsky.failure("tasks", "decompose", "A", environment: missing)
        #expect(failure.code == "tls")
        #expect(failure.message.contains(variable))
    }

    @Test(arguments: [0o666, 0o620, 0o602])
    func aListOfServersThatOthersCanWriteIsRefused(mode: Int) throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"http://elsewhere.invalid/v1\"\n",
            to: minsky.configuration)
        let file = minsky.userFolder + "/trusted-origins"
        try minsky.write("http://elsewhere.invalid\n", to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let failure = try minsky.failure("tasks", "decompose", "A", environment: Self.key)
        #expect(failure.exitCode == 6)
        #expect(failure.message.contains(file))
        #expect(failure.hint?.contains("chmod 600 \(file)") == true)
        #expect(try minsky.failure("config", "set", "ai.baseUrl", "http://x.test/v1").exitCode == 6)
        #expect(try minsky.run("doctor").output.contains("trusted-origins"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(try minsky.failure("tasks", "decompose", "A", environment: Self.key).exitCode == 5)
    }
}

/// A TLS server with a certificate nobody has signed, by the `openssl` command.
private struct SelfSignedServer {
    let port: Int
    let certificate: String
    private let process: ChildProcess
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        certificate = scratch.path + "/certificate.pem"
        let key = scratch.path + "/key.pem"
        let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        let made = try ChildProcess(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ], environment: environment, folder: scratch.path
        ).wait()
        guard made.exitCode == 0 else { throw ProcessFailure("openssl: \(made.errors)") }
        let log = scratch.path + "/log"
        process = try ChildProcess(
            "/bin/sh",
            [
                "-c", "exec openssl s_server -www -accept 127.0.0.1:0 -key \"$1\" -cert \"$2\" >\"$3\" 2>&1", "sh",
                key, certificate, log,
            ], environment: environment, folder: scratch.path)
        var said = ""
        for _ in 0..<400 where !said.contains("ACCEPT ") || !said.contains("\n") {
            Thread.sleep(forTimeInterval: 0.05)
            said = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        }
        let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") } ?? ""
        port = try #require(Int(line.split(separator: ":").last ?? ""), "openssl did not start: \(said)")
    }

    func stop() {
        process.send(SIGTERM)
        _ = try? process.wait()
        scratch.remove()
    }
}
