import MinskyModel
import Testing

struct JSONFuzzTests {
    /// Whatever parses is read back from both layouts as it was, and its canonical form is one.
    private func check(_ bytes: [UInt8]) throws -> Bool {
        guard let value = try? JSON(parsing: bytes) else { return false }
        for layout in [JSON.Layout.compact, .indented] {
            let text = value.text(layout)
            try #require(try JSON(parsing: text) == value, "\(bytes)")
            try #require(try JSON(parsing: text).text() == value.text(), "\(bytes)")
            try #require(!text.unicodeScalars.contains { $0.isTerminalControl && $0 != "\n" }, "\(bytes)")
        }
        try #require(value.canonical == value.canonical.canonical, "\(bytes)")
        return true
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func randomBytesNeverCrash(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10_000 {
            let count = Int.random(in: 0...12, using: &generator)
            _ = try check((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func randomPiecesOfJSONNeverCrash(seed: UInt64) throws {
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "\\", "\\u", "d83d", "\\ud83d\\ude00", "0", "-",
            "1.5", "e9", "9223372036854775808", "true", "null", " ", "\n", "\u{1B}", "\u{202E}", "é",
        ].map { Array($0.utf8) }
        var generator = SeededGenerator(seed: seed)
        var parsed = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...9, using: &generator)
            let bytes = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            if try check(bytes) { parsed += 1 }
        }
        #expect(parsed > 500)
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func damagedDocumentsNeverCrash(seed: UInt64) throws {
        let document = Array(
            #"{"id":"abc","n":[-1,2.5e-3,9223372036854775807],"t":"é😀\u001b\ud83d\ude00\n","o":{"x":null,"y":[true,{}]}}"#
                .utf8)
        var generator = SeededGenerator(seed: seed)
        var parsed = 0
        for _ in 0..<10_000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = bytes.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0...3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(document.randomElement(using: &generator) ?? 0, at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            if try check(bytes) { parsed += 1 }
        }
        #expect(parsed > 500)
    }
}
