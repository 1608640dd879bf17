import MinskyModel
import Testing

@testable import MinskyApp

@Suite("Names and values of settings")
struct ConfigurationKeyTests {
    @Test(arguments: [
        ("ai.provider", "MINSKY_AI_PROVIDER"), ("ai.baseUrl", "MINSKY_AI_BASE_URL"), ("ai.apiKey", "MINSKY_AI_API_KEY"),
        ("ai.embedding.baseUrl", "MINSKY_AI_EMBEDDING_BASE_URL"), ("ai.maxOutputTokens", "MINSKY_AI_MAX_OUTPUT_TOKENS"),
        ("actor", "MINSKY_ACTOR"), ("actorKind", "MINSKY_ACTOR_KIND"), ("database.url", "MINSKY_DATABASE_URL"),
    ])
    func theVariableFollowsFromTheName(name: String, variable: String) throws {
        #expect(try ConfigurationKey.named(name).variable == variable)
    }

    @Test func noTwoSettingsShareANameOrAVariable() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map { $0.name.lowercased() }).count == keys.count)
        #expect(Set(keys.map(\.variable)).count == keys.count)
    }

    @Test func defaultsPassTheirOwnCheck() throws {
        for key in ConfigurationKey.all { if let value = key.defaultValue { try key.check(value) } }
    }

    @Test(arguments: [
        ("ai.provider", "Builtin"), ("ai.baseUrl", "localhost:8080"), ("ai.baseUrl", "ftp://host"),
        ("ai.baseUrl", "http://"), ("ai.baseUrl", "http://user@host/"), ("ai.timeoutSeconds", "0"),
        ("ai.timeoutSeconds", "1000001"), ("ai.timeoutSeconds", "1.5"), ("ai.timeoutSeconds", "ten"),
        ("ai.apiKey", "a b"),
        ("ai.model", ""), ("ai.model", "a\nb"), ("actor", "\u{202E}x"),
    ])
    func nonsenseIsRefused(name: String, value: String) throws {
        let key = try ConfigurationKey.named(name)
        let error = #expect(throws: AppError.self) { try key.check(value) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(name) == true)
    }

    @Test(arguments: [("ai.modle", "ai.model"), ("AI.apikeys", "ai.apiKey"), ("databse.url", "database.url")])
    func aMisspeltNameIsCorrected(typed: String, meant: String) {
        let error = #expect(throws: AppError.self) { try ConfigurationKey.named(typed) }
        #expect(error?.hint == "Did you mean \(meant)?")
    }
}

@Suite("Addresses")
struct AddressTests {
    @Test(arguments: [
        ("http://localhost:8080/v1", "localhost:8080"), ("https://API.OpenAI.com/v1", "api.openai.com"),
        ("HTTP://host", "host"), ("http://host?x", "host"), ("http://host#x", "host"),
        ("http://[::1]:80/v1", "[::1]:80"),
    ])
    func theHostIsFound(address: String, host: String) {
        #expect(Address.host(of: address) == host)
    }

    @Test(arguments: [
        "", "host", "host:80", "ftp://host", "http://", "http:///path", "http://user@host", "http://a:b@host",
        "http://localhost\\@host", "http://ho st", "http://ho\tst", "file:///etc/passwd",
    ])
    func whatIsNoPlainAddressHasNone(address: String) {
        #expect(Address.host(of: address) == nil)
    }

    @Test(arguments: ["localhost", "localhost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8080"])
    func thisMachineIsKnown(host: String) {
        #expect(Address.isLoopback(host))
    }

    @Test(arguments: [
        "localhost.evil.test", "127.0.0.1.evil.test", "127.evil.test", "1270.0.0.1", "127.0.0", "127.0.0.256",
        "0.0.0.0",
        "10.0.0.1", "[::1].evil.test", "[::2]", "evil.test", "evil.test:127",
    ])
    func otherMachinesAreNotTakenForIt(host: String) {
        #expect(!Address.isLoopback(host))
    }
}

@Suite("Passwords in database URLs")
struct PasswordTests {
    @Test(arguments: [
        ("postgresql://ada:secret@host/db", "postgresql://ada:…@host/db"),
        ("postgres://ada:secret@host:5432/db?sslmode=require", "postgres://ada:…@host:5432/db?sslmode=require"),
        ("postgresql://:secret@host", "postgresql://:…@host"),
        ("postgresql://ada:se:cr@et@host/db", "postgresql://ada:…@host/db"),
        ("postgresql://ada:se/cret@host/db", "postgresql://ada:…@host/db"),
        ("postgresql://ada:se?cret@host/db?a=b", "postgresql://ada:…@host/db?a=b"),
        ("postgresql://ada:secret@[::1]:5432/db", "postgresql://ada:…@[::1]:5432/db"),
        ("postgresql://ada:secret@one:1,two:2/db", "postgresql://ada:…@one:1,two:2/db"),
        ("postgresql:///db?user=ada&password=secret&host=/run", "postgresql:///db?user=ada&password=…&host=/run"),
        ("postgresql:///db?PassWord=secret", "postgresql:///db?PassWord=…"),
        ("postgresql:///db?pass%77ord=secret", "postgresql:///db?pass%77ord=…"),
        ("postgresql:///db?sslpassword=secret&x=y", "postgresql:///db?sslpassword=…&x=y"),
        ("mysql://ada:secret@host/db", "mysql://ada:…@host/db"),
        ("POSTGRESQL://ada:secret@host", "POSTGRESQL://ada:…@host"),
        ("host=h password=secret", "…"),
    ])
    func areHidden(url: String, shown: String) {
        #expect(StoreOpener.hidingPassword(url) == shown)
        #expect(StoreOpener.holdsPassword(url))
    }

    @Test(arguments: [
        "postgresql://ada@host/db", "postgresql://host:5432/db", "postgresql:///db?host=/run&user=ada", "postgresql://",
        "postgresql://[::1]:5432/db", "postgresql://ada@[::1]:5432/db", "postgresql://host/db?options=-c%20a@b",
        "postgresql://ada@host/db?passfile=/secret/.pgpass", "tasks.db", "/data/my tasks.db", "",
    ])
    func whatHoldsNoneIsShownWhole(url: String) {
        #expect(StoreOpener.hidingPassword(url) == url)
        #expect(!StoreOpener.holdsPassword(url))
    }
}

@Suite("The nearest match")
struct NearestMatchTests {
    @Test(arguments: [("lst", "list"), ("LIST", "list"), ("hlep", "help"), ("decompse", "decompose"), ("ad", "add")])
    func isWhatWasMeant(typed: String, meant: String) {
        #expect(NearestMatch.of(typed, among: ["add", "list", "help", "decompose"]) == meant)
    }

    @Test(arguments: ["frobnicate", "xyz", "", "listing everything"])
    func isNothingWhenNothingIsNear(typed: String) {
        #expect(NearestMatch.of(typed, among: ["add", "list", "help", "decompose"]) == nil)
    }

    @Test func nothingIsNearAmongNone() {
        #expect(NearestMatch.of("list", among: []) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ])
    func distancesCountEdits(left: String, right: String, distance: Int) {
        #expect(NearestMatch.distance(left, right) == distance)
        #expect(NearestMatch.distance(right, left) == distance)
    }
}
