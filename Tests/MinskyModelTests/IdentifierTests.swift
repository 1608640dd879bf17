import MinskyModel
import Testing

struct IdentifierTests {
    @Test func randomIdsAreSixteenCharactersOfTheAlphabet() {
        var generator = SeededGenerator(seed: 1)
        var seen: Set<String> = []
        var characters: Set<Character> = []
        for _ in 0..<2000 {
            let id = Identifier.random(using: &generator)
            #expect(id.utf8.count == Identifier.length)
            #expect(Identifier.prefix(id) == id)
            seen.insert(id)
            characters.formUnion(id)
        }
        #expect(seen.count == 2000)
        #expect(characters == Set("0123456789abcdefghjkmnpqrstvwxyz"))
    }

    @Test func theSameRandomnessGivesTheSameId() {
        var left = SeededGenerator(seed: 7)
        var right = SeededGenerator(seed: 7)
        #expect(Identifier.random(using: &left) == Identifier.random(using: &right))
        #expect(Identifier.random(using: &left) != Identifier.random(using: &left))
    }

    @Test(arguments: [
        ("abcd", "abcd"), ("ABCD", "abcd"), ("oOiIlL", "001111"), ("0123456789abcdef", "0123456789abcdef"),
        ("hElLo", "he110"),
    ])
    func whatPeopleTypeIsNormalised(text: String, prefix: String) {
        #expect(Identifier.prefix(text) == prefix)
    }

    @Test(arguments: [
        "", "abc", "0123456789abcdefg", "abcu", "abc!", "ab cd", "abcé", "abc-", "abc%", "\0\0\0\0", "\u{212A}a",
        "\u{212A}\u{212A}",
    ])
    func whatCannotBeAnIdIsRefused(text: String) {
        #expect(Identifier.prefix(text) == nil)
    }

    @Test(arguments: [
        ("abcdefgh00000000", nil, nil, "abcd"), ("abcdefgh00000000", "abcdef0000000000", nil, "abcdefg"),
        ("abcdefgh00000000", nil, "abcdefgh10000000", "abcdefgh0"),
        ("abcdefgh00000000", "aaaa000000000000", "abce000000000000", "abcd"),
        ("abcdefgh00000000", "abcd000000000000", "abcdez0000000000", "abcdef"),
        ("abcdefgh00000000", "abcdefgh00000000", nil, "abcdefgh00000000"),
        ("日本語のとても長い名前がここに一つ", nil, nil, "日本語の"),
    ])
    func shortestIsWhatNoNeighbourShares(id: String, previous: String?, next: String?, shortest: String) {
        #expect(Identifier.shortest(id, between: previous, and: next) == shortest)
    }

    @Test func shortestFormsOfManyAreUnambiguous() {
        var generator = SeededGenerator(seed: 2)
        // Few different first characters, so that neighbours share more than four.
        let ids = Set((0..<3000).map { _ in "000" + Identifier.random(using: &generator).prefix(13) }).sorted()
        for (index, id) in ids.enumerated() {
            let short = Identifier.shortest(
                id, between: index > 0 ? ids[index - 1] : nil, and: index + 1 < ids.count ? ids[index + 1] : nil)
            #expect(id.hasPrefix(short) && short.count >= Identifier.shortestPrefix)
            if index > 0 { #expect(!ids[index - 1].hasPrefix(short)) }
            if index + 1 < ids.count { #expect(!ids[index + 1].hasPrefix(short)) }
        }
    }
}
