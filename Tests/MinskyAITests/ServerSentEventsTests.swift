import Testing

@testable import MinskyAI

struct ServerSentEventsTests {
    /// The events of a text that arrives in pieces of some bytes.
    private func events(_ text: String, size: Int = .max) -> [String] {
        var parser = ServerSentEvents()
        var events: [[UInt8]] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += parser.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        events += parser.finish()
        return events.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("data: a\n\ndata: b\n\n", ["a", "b"]), ("data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]), ("data: a\n\r\ndata: b\r\n\n", ["a", "b"]), ("data:a\n\n", ["a"]),
        ("data:  a \n\n", [" a "]), ("data:\n\n", [""]), ("data: a\ndata: b\ndata:\n\n", ["a\nb\n"]),
        (": comment\n\ndata: a\n: more\ndata: b\n\n", ["a\nb"]), ("event: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]),
        ("id: 1\n\n\n\n", []), ("data: a", ["a"]), ("data: a\n", ["a"]), ("data: a\n\ndata: b", ["a", "b"]), ("", []),
        ("\n\n\n", []), ("database: x\n\ndata : y\n\nDATA: z\n\n", []), (" data: x\n\n", []),
        ("data: data: x\n\n", ["data: x"]), ("data: é😀\n\n", ["é😀"]), ("{\"a\": 1}\n", []),
    ])
    func linesBecomeEventsHoweverTheyAreCut(text: String, expected: [String]) {
        for size in [1, 2, 3, 5, .max] { #expect(events(text, size: size) == expected, "pieces of \(size)") }
    }

    @Test func anEventIsReturnedWithItsEmptyLine() {
        var parser = ServerSentEvents()
        #expect(parser.take(Array("data: a\n".utf8)).isEmpty)
        #expect(parser.take(Array("\n".utf8)) == [Array("a".utf8)])
        #expect(parser.take(Array("data: b\r".utf8)).isEmpty)
        #expect(parser.take(Array("\n\r".utf8)) == [Array("b".utf8)])
        #expect(parser.take(Array("\n".utf8)).isEmpty)
        #expect(parser.finish().isEmpty)
    }
}
