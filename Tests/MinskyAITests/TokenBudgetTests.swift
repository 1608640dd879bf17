import Testing

@testable import MinskyAI

struct TokenBudgetTests {
    @Test(arguments: [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("é", 2), ("漢字", 3), ("😀", 2)])
    func fourLettersOrTwoThirdsOfAnotherSignMakeAToken(text: String, tokens: Int) {
        #expect(TokenBudget.tokens(in: text) == tokens)
    }

    @Test func aTextWithinTheBudgetIsWhole() {
        #expect(TokenBudget.prefix(of: "abcdefgh", tokens: 2) == "abcdefgh")
        #expect(TokenBudget.prefix(of: "", tokens: 0) == "")
    }

    @Test func aLongerTextIsCutToTheBudget() {
        #expect(TokenBudget.prefix(of: "abcdefghi", tokens: 2) == "abcdefgh")
        #expect(TokenBudget.prefix(of: "漢字漢字", tokens: 3) == "漢字")
        #expect(TokenBudget.prefix(of: "abc", tokens: 0) == "")
    }

    @Test func noCharacterIsCutInTwo() {
        let family = "👩‍👩‍👧"
        for limit in 0...20 {
            let prefix = TokenBudget.prefix(of: String(repeating: family, count: 3), tokens: limit)
            #expect(prefix == String(repeating: family, count: prefix.count))
            #expect(TokenBudget.tokens(in: prefix) <= limit)
        }
    }

    @Test func theCutIsAsLateAsPossible() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                    "ab é漢😀".randomElement(using: &generator) ?? "a"
                })
            let limit = Int.random(in: 0...40, using: &generator)
            let prefix = TokenBudget.prefix(of: text, tokens: limit)
            #expect(text.hasPrefix(prefix) && TokenBudget.tokens(in: prefix) <= limit)
            if prefix.count < text.count { #expect(TokenBudget.tokens(in: text.prefix(prefix.count + 1)) > limit) }
        }
    }
}
