import MinskyModel
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(arguments: [
        ("http://localhost:8080/v1", "localhost:8080"), ("https://API.OpenAI.com/v1", "api.openai.com"),
        ("HTTP://host", "host"), ("http://host?x", "host"), ("http://host#x", "host"),
        ("http://[::1]:80/v1", "[::1]:80"),
    ])
    func theHostIsFound(address: String, host: String) {
        #expect(WebAddress.host(of: address) == host)
    }

    @Test(arguments: [
        "http://localhost\\.evil.test", "http://host:-1", "http://host:8o", "http://:80", "http://[::1]x",
        "http://a%2e",
        "", "host", "host:80", "ftp://host", "http://", "http:///path", "http://user@host", "http://a:b@host",
        "http://localhost\\@host", "http://ho st", "http://ho\tst", "file:///etc/passwd",
    ])
    func whatIsNoPlainAddressHasNone(address: String) {
        #expect(WebAddress.host(of: address) == nil)
    }

    @Test(arguments: ["localhost", "localhost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8080"])
    func thisMachineIsKnown(host: String) {
        #expect(WebAddress.isLoopback(host))
    }

    @Test(arguments: [
        "127.0.0.-0", "127.0.0.+1", "127.0.-1.1", "127.0.0.0x1", "127.0.0.0001", "localhost:-0", "[::1]:x", "[::1]x",
        "localhost.evil.test", "127.0.0.1.evil.test", "127.evil.test", "1270.0.0.1", "127.0.0", "127.0.0.256",
        "0.0.0.0",
        "10.0.0.1", "[::1].evil.test", "[::2]", "evil.test", "evil.test:127",
    ])
    func otherMachinesAreNotTakenForIt(host: String) {
        #expect(!WebAddress.isLoopback(host))
    }
}

@Suite("Passwords in addresses")
struct ConnectionAddressTests {
    @Test(arguments: [
        ("postgresql://ada:secret@host/db", "postgresql://ada@host/db"),
        ("postgresql://:secret@host", "postgresql://@host"),
        ("postgresql://ada:secret@[::1]:5432/db?x=y", "postgresql://ada@[::1]:5432/db?x=y"),
        ("postgresql:///db?user=ada&password=secret&host=/run", "postgresql:///db?user=ada&host=/run"),
        ("postgresql:///db?password=a&sslpassword=b&x=y", "postgresql:///db?x=y"),
        ("postgresql://ada:a@h/db?x=y&password=b", "postgresql://ada@h/db?x=y"),
        ("postgresql:///db?password=a", "postgresql:///db"), ("postgresql://ada@h/db?x=", "postgresql://ada@h/db?x="),
        ("/tmp/a&b", "/tmp/a&b"),
    ])
    func canBeLeftOut(text: String, rest: String) {
        let address = ConnectionAddress(text)
        #expect(address.withoutSecrets == rest)
        #expect(ConnectionAddress(rest).form == address.form)
    }

    @Test(arguments: [
        ("postgresql://ada:secret@host/db", "postgresql://ada:…@host/db"),
        ("postgres://ada:secret@host:5432/db?sslmode=require", "postgres://ada:…@host:5432/db?sslmode=require"),
        ("postgresql://:secret@host", "postgresql://:…@host"),
        ("postgresql://ada:s%65cret@host", "postgresql://ada:…@host"),
        ("postgresql://ada:secret@[::1]:5432/db", "postgresql://ada:…@[::1]:5432/db"),
        ("postgresql://ada:secret@one:1,two:2/db", "postgresql://ada:…@one:1,two:2/db"),
        ("postgresql:///db?user=ada&password=secret&host=/run", "postgresql:///db?user=ada&password=…&host=/run"),
        ("postgresql:///db?PassWord=secret", "postgresql:///db?PassWord=…"),
        ("postgresql:///db?sslpassword=secret&x=y", "postgresql:///db?sslpassword=…&x=y"),
        ("postgresql:///db?oauth_client_secret=secret", "postgresql:///db?oauth_client_secret=…"),
        ("http://ada:secret@host:80/v1?a=@b", "http://…@host:80/v1?a=@b"), ("https://secret@host", "https://…@host"),
    ])
    func areHidden(text: String, shown: String) {
        let address = ConnectionAddress(text)
        #expect(address.shown == shown)
        #expect(address.holdsSecret)
        #expect(address.form != .other)
        #expect(!address.hidden(in: "no \"secret\" for secret").contains(" secret"))
    }

    /// Where nobody can tell what is secret, all of it is.
    @Test(arguments: [
        ("postgresql://ada:se:cr@et@host/db", "postgresql://…"), ("postgresql://ada:se/cret@host/db", "postgresql://…"),
        ("postgresql://ada:se?cret@host/db?a=b", "postgresql://…"), ("postgresql:///db?pass%77ord=s", "postgresql://…"),
        ("mysql://ada:secret@host/db", "mysql://…"), ("POSTGRESQL://ada:secret@host", "POSTGRESQL://…"),
        ("host=h password=secret", "…"), ("u:PW@h/db", "…"), ("postgresql:/u:PW@h", "…"), ("//u:PW@h", "…"),
        ("user=u password = PW", "…"), ("postgresql://u;PW@h", "postgresql://…"),
        ("postgresql://u:PW", "postgresql://…"),
        ("postgresql://h/db?a", "postgresql://…"), ("postgresql://h/db?a=b#c", "postgresql://…"),
        ("postgresql://h/%zz", "postgresql://…"), ("postgresql://h /db", "postgresql://…"), ("a=b://x", "…"),
    ])
    func whatCannotBeReadIsNotShown(text: String, shown: String) {
        let address = ConnectionAddress(text)
        #expect(address.shown == shown)
        #expect(address.form == .other)
    }

    @Test(
        arguments: [
            ("postgresql://ada@host/db", .postgres), ("postgresql://host:5432/db", .postgres),
            ("postgresql:///db?host=/run&user=ada", .postgres), ("postgresql://", .postgres),
            ("postgresql://[::1]:5432/db", .postgres), ("postgresql://ada@[::1]:5432/db", .postgres),
            ("postgresql://host/db?options=-c%20a@b", .postgres), ("postgresql://%2Frun%2Fpg/db", .postgres),
            ("postgresql://ada@host/db?passfile=/secret/.pgpass", .postgres), ("tasks.db", .path),
            ("/data/my tasks.db", .path), ("", .path), ("./a:b@c", .path), ("../a=b", .path), ("~/a@b", .path),
            ("https://host/v1", .web),
        ] as [(String, ConnectionAddress.Form)])
    func whatHoldsNoneIsShownWhole(text: String, form: ConnectionAddress.Form) {
        let address = ConnectionAddress(text)
        #expect(address.shown == text)
        #expect(address.form == form)
        #expect(!address.holdsSecret)
    }
}
