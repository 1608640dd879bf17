import Foundation
import MinskyModel
import TestSupport
import Testing

/// A way in which a server, or a model that was told to, can spell a key so that a comparison of texts overlooks it.
struct Disguise: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (String) -> String

    init(_ name: String, _ apply: @escaping @Sendable (String) -> String) {
        testDescription = name
        self.apply = apply
    }

    private static func between(_ mark: String) -> @Sendable (String) -> String {
        { key in key.unicodeScalars.map { String($0) }.joined(separator: mark) }
    }

    private static func inside(_ mark: String) -> @Sendable (String) -> String {
        { key in key.prefix(12) + mark + key.dropFirst(12) }
    }

    private static func shifted(_ first: Unicode.Scalar, to other: UInt32, _ count: UInt32)
        -> @Sendable (String) ->
        String
    {
        { key in
            var text = String.UnicodeScalarView()
            for scalar in key.unicodeScalars {
                let isIn = (first.value..<first.value + count).contains(scalar.value)
                text.append(isIn ? Unicode.Scalar(scalar.value - first.value + other) ?? scalar : scalar)
            }
            return String(text)
        }
    }

    static let all = [
        Disguise("as it is") { $0 },
        Disguise("capitals") { $0.uppercased() },
        Disguise("every other letter a capital") { key in
            key.enumerated().map { $0 % 2 == 0 ? $1.uppercased() : "\($1)" }.joined()
        },
        Disguise("a mark behind") { $0 + "\u{301}" },
        Disguise("an enclosing mark behind") { $0 + "\u{20DD}" },
        Disguise("marks on every letter", between("\u{336}")),
        Disguise("its last letter with an accent") { $0.dropLast() + "\u{17A}" },
        Disguise("a percent sign for a hyphen") { $0.replacing("-", with: "%2D") },
        Disguise("percent signs") { key in key.utf8.map { "%" + String($0, radix: 16) }.joined() },
        Disguise("percent signs, twice") { key in key.utf8.map { "%25" + String($0, radix: 16) }.joined() },
        Disguise("escapes of JSON") { key in
            key.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
        },
        Disguise("entities of HTML") { key in key.unicodeScalars.map { "&#\($0.value);" }.joined() },
        Disguise("a line feed inside", inside("\n")),
        Disguise("a tab inside", inside("\t")),
        Disguise("a blank inside", inside(" ")),
        Disguise("blanks everywhere", between(" ")),
        Disguise("a zero-width space inside", inside("\u{200B}")),
        Disguise("joiners everywhere", between("\u{200D}")),
        Disguise("a soft hyphen inside", inside("\u{AD}")),
        Disguise("selectors everywhere", between("\u{FE0F}")),
        Disguise("a direction inside", inside("\u{202E}")),
        Disguise("tags inside", inside("\u{E0061}")),
        Disguise("dashes for hyphens") { $0.replacing("-", with: "\u{2013}") },
        Disguise("backslashes before hyphens") { $0.replacing("-", with: "\\-") },
        Disguise("stars around a part", inside("**")),
        Disguise("wide letters", shifted("!", to: 0xFF01, 94)),
        Disguise("mathematical letters", shifted("a", to: 0x1D41A, 26)),
    ]
}

@Suite("A key in disguise")
struct DisguisedKeyTests {
    static let key = SecretsTests.key

    /// Whether a text or the bytes of a file hold the key, spelled as it is or as a server was told to spell it.
    private func expectAbsent(_ spelled: String, in minsky: Minsky, _ results: [ProcessResult]) throws {
        for result in results {
            for text in [result.output, result.errors] {
                #expect(!text.contains(Self.key))
                #expect(!Array(text.utf8).contains(Array(spelled.utf8)), "\(text)")
            }
        }
        for path in try minsky.files(below: minsky.workspace) {
            let data = try #require(FileManager.default.contents(atPath: path))
            #expect(data.range(of: Data(spelled.utf8)) == nil, "\(path)")
            #expect(data.range(of: Data(Self.key.utf8)) == nil, "\(path)")
        }
    }

    @Test(arguments: Disguise.all)
    func doesNotGetIntoTheDatabase(disguise: Disguise) throws {
        let minsky = try Minsky(.sqlite)
        let spelled = disguise.apply(Self.key)
        for plan in [
            FakeModel.plan(titles: ["Use \(spelled) now", "B"]),
            FakeModel.plan(titles: ["A"], description: "With \(spelled) it works."),
        ] {
            let model = try FakeModel(chat: FakeModel.streaming(plan))
            let environment = model.environment.merging(["OPENAI_API_KEY": Self.key]) { $1 }
            let result = try minsky.run("tasks", "decompose", "A task", environment: environment)
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("it holds your key"))
            #expect(try minsky.count("tasks") == 0)
            try expectAbsent(spelled, in: minsky, [result])
        }
    }

    @Test(arguments: Disguise.all)
    func doesNotGetOntoTheTerminal(disguise: Disguise) throws {
        let minsky = try Minsky(.sqlite)
        let spelled = disguise.apply(Self.key)
        let model = try FakeModel(
            chat: FakeModel.error(400, "bad key \(spelled) given"),
            embeddings: FakeModel.error(400, "bad key \(spelled) given"))
        let environment = model.environment.merging(["MINSKY_AI_API_KEY": Self.key]) { $1 }
        try expectAbsent(
            spelled, in: minsky,
            [
                try minsky.run("tasks", "decompose", "A task", environment: environment),
                try minsky.run("--json", "ai", "test", environment: environment),
            ])
    }

    /// What a person or another program has stored is not shown either, and JSON stays JSON.
    @Test(arguments: Disguise.all)
    func isNotListed(disguise: Disguise) throws {
        let minsky = try Minsky(.sqlite)
        let spelled = disguise.apply(Self.key)
        try minsky.insert(id: "abcd000000000001", title: "Use \(spelled) now")
        let key = ["OPENAI_API_KEY": Self.key]
        for command in [["list"], ["list", "--json"], ["show", "abcd"], ["show", "abcd", "--json"]] {
            let result = try minsky.ok(command, environment: key)
            #expect(!Array(result.output.utf8).contains(Array(spelled.utf8)), "\(result.output)")
            if command.contains("--json") { _ = try JSON(parsing: result.output) }
        }
    }

    /// A key pasted with what stood behind it is the key; one with something inside is none.
    @Test(arguments: [" ", "\t", "\n", " \t\r\n"])
    func whiteSpaceAroundAKeyIsNoPartOfIt(space: String) throws {
        let minsky = try Minsky(.sqlite)
        let model = try FakeModel()
        for variable in ["OPENAI_API_KEY", "MINSKY_AI_API_KEY"] {
            let environment = model.environment.merging([variable: Self.key + space]) { $1 }
            try minsky.ok("ai", "test", environment: environment)
        }
        #expect(Set(model.server.requests.map { $0.headers["authorization"] }) == ["Bearer \(Self.key)"])
        let bad = model.environment.merging(["OPENAI_API_KEY": "sk-canary" + space + "x"]) { $1 }
        let failure = try minsky.failure("ai", "test", environment: bad)
        #expect(failure.message.hasSuffix("(from OPENAI_API_KEY)"))
        #expect(!failure.message.contains("canary"))
    }

    @Test(arguments: [
        "u:zebra@h/db", "postgresql:/u:zebra@h", "user=u password = zebra", "user=u password=zebra",
        "postgresql//u:zebra@h/db", "//u:zebra@h/db", "postgres:u:zebra@h", "mysql://u:zebra@h/db",
        "POSTGRESQL://u:zebra@h/db", "postgresql://u;zebra@h/db", "postgresql://u:zebra", "postgresql://u/zebra@h/db",
        "postgresql://h/db?x;password=zebra", "service=zebra", "file:zebra.db?key=zebra", "postgresql://h/db#zebra",
        " postgresql://u:zebra@h/db",
    ])
    func whatIsNeitherAPathNorALibpqURLIsNotWritten(url: String) throws {
        let minsky = try Minsky(.sqlite)
        let before = try minsky.text(minsky.configuration)
        for command in [
            ["config", "set", "database.url", url], ["config", "set", "--global", "database.url", url],
            ["init", "--db-url", url],
        ] {
            let result = try minsky.start(command).wait()
            #expect([2, 6].contains(result.exitCode), "\(command): \(result.errors)")
            #expect(!(result.output + result.errors).contains("zebra"), "\(command)")
        }
        #expect(try minsky.text(minsky.configuration) == before)
        #expect(!minsky.exists(minsky.userFolder + "/config.toml"))
        let read = try minsky.run("list", environment: ["MINSKY_DATABASE_URL": url, "PGCONNECT_TIMEOUT": "2"])
        #expect(read.exitCode != 0)
        #expect(!(read.output + read.errors).contains("zebra"))
    }

    @Test func aServerThatRepeatsThePasswordOfTheDatabaseIsNotQuoted() throws {
        let minsky = try Minsky(.sqlite)
        let server = try EchoingPostgres()
        let url = "postgresql://ada@127.0.0.1:\(server.port)/db?sslmode=disable&gssencmode=disable"
        for environment in [
            ["MINSKY_DATABASE_URL": url, "PGPASSWORD": "zebra-xyzzy"],
            ["MINSKY_DATABASE_URL": url.replacing("ada@", with: "ada:zebra-xyzzy@")],
        ] {
            let result = try minsky.run("list", environment: environment)
            #expect(result.exitCode != 0)
            #expect(result.errors.contains("denied"), "\(result.errors)")
            #expect(!result.errors.contains("zebra"), "\(result.errors)")
        }
    }

    @Test func aProxyThatRepeatsItsPasswordIsNotQuoted() throws {
        let minsky = try Minsky(.sqlite)
        let proxy = try TestHTTPServer { request, connection in
            connection.respond(
                status: 407, body: "no: \(request.headers["proxy-authorization"] ?? "") for ada:zebra-xyzzy")
        }
        let environment = FakeModel.environment(baseURL: "http://model.invalid/v1").merging([
            "http_proxy": "http://ada:zebra-xyzzy@127.0.0.1:\(proxy.port)"
        ]) { $1 }
        let result = try minsky.run("tasks", "decompose", "A task", environment: environment)
        #expect(proxy.requests.count == 1)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("407"))
        #expect(!result.errors.contains("zebra"))
        #expect(!result.errors.contains(Data("ada:zebra-xyzzy".utf8).base64EncodedString()))
    }
}

/// A server that speaks so much of PostgreSQL's protocol that it can ask for a password and repeat it.
private final class EchoingPostgres: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, size) == 0, listen(descriptor, 4) == 0,
                    getsockname(descriptor, generic, &size) == 0
                else { throw ProcessFailure("no socket") }
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        Thread { Self.serve(descriptor) }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func serve(_ listener: Int32) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = recv(client, &buffer, buffer.count, 0)
            // AuthenticationCleartextPassword, then what came as the words of a fatal error.
            let question: [UInt8] = [UInt8(ascii: "R"), 0, 0, 0, 8, 0, 0, 0, 3]
            _ = send(client, question, question.count, Int32(MSG_NOSIGNAL))
            let count = recv(client, &buffer, buffer.count, 0)
            let password = String(decoding: buffer[5..<max(5, count - 1)], as: UTF8.self)
            var fields: [UInt8] = []
            for (code, value) in [("S", "FATAL"), ("V", "FATAL"), ("C", "28P01"), ("M", "denied: \(password)")] {
                fields += Array(code.utf8) + Array(value.utf8) + [0]
            }
            fields.append(0)
            let length = UInt32(fields.count + 4).bigEndian
            let answer = [UInt8(ascii: "E")] + withUnsafeBytes(of: length) { Array($0) } + fields
            _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
    }
}
