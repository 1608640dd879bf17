/// A careful guess at how many tokens a text takes, for cutting prompts to size.
enum TokenBudget {
    /// About four ASCII characters make a token; other characters are counted as one and a half each.
    static func tokens(in text: some StringProtocol) -> Int {
        var quarters = 0
        for scalar in text.unicodeScalars { quarters += scalar.isASCII ? 1 : 6 }
        return (quarters + 3) / 4
    }

    /// The longest beginning of a text that stays within a number of tokens.
    static func prefix(of text: String, tokens limit: Int) -> String {
        guard tokens(in: text) > limit else { return text }
        var quarters = 0
        var end = text.startIndex
        while end < text.endIndex {
            for scalar in text[end].unicodeScalars { quarters += scalar.isASCII ? 1 : 6 }
            if quarters > limit * 4 { break }
            end = text.index(after: end)
        }
        return String(text[..<end])
    }
}
