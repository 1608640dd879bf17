/// A task's title, read for what it asks and what it is about.
struct TaskTitle {
    /// How many bytes of a title are looked at.
    static let byteLimit = 1000

    /// The stems of its words, common ones included.
    let stems: [String]
    /// The position of the first stem after a tag in brackets or a word such as "please".
    let start: Int
    /// What it asks for, or nil when that cannot be told.
    let kind: KindOfWork?
    /// The classes its words belong to, by position.
    let classes: [Set<WordClass>]
    /// Whether it seems to be in another language than English.
    let isForeign: Bool

    init(_ title: String) {
        let text = Words.beginning(of: title, bytes: Self.byteLimit)
        var stems: [String] = []
        var classes: [Set<WordClass>] = []
        var start = 0
        for token in text.split(whereSeparator: \.isWhitespace) {
            let (isFirst, before) = (stems.count == start, stems.count)
            let bare = token.drop { "([{\"“'".contains($0) }
            let end = bare.lastIndex { !".,;:!?)]}\"”'".contains($0) }
            let word = String(end.map { bare[...$0] } ?? bare)
            for part in Words.words(of: String(token)) {
                let stem = Words.stem(part)
                stems.append(stem)
                classes.append(WordClass.of(word, stem: stem))
            }
            let isTag = token.hasPrefix("[") && token.hasSuffix("]")
            if isFirst, isTag || (stems.count == before + 1 && Self.fillers.contains(stems[before])) {
                start = stems.count
            }
        }
        self.stems = stems
        self.start = start
        self.classes = classes
        kind = KindOfWork.of(stems[start...])
        isForeign = Self.seemsForeign(title, text)
    }

    /// Whether it is one word, which names a thing and not what is to be done with it.
    var isOneWord: Bool { stems.count - start < 2 }

    private static let fillers: Set<String> = [
        "also", "finally", "i", "mayb", "must", "need", "pleas", "to", "todo", "we",
    ]

    /// Letters of other scripts, words written with other letters than English ones where no name stands, and the small
    /// words and endings of other languages.
    private static func seemsForeign(_ title: String, _ text: String) -> Bool {
        let tokens = text.split(whereSeparator: \.isWhitespace)
        for (place, token) in tokens.enumerated() {
            for scalar in token.unicodeScalars where scalar.properties.isAlphabetic && !scalar.isASCII {
                if scalar.value >= 0x250 { return true }
                if place == 0 || token.unicodeScalars.first?.properties.isLowercase == true { return true }
            }
            let word = token.lowercased().filter(\.isLetter)
            if smallForeignWords.contains(word) { return true }
            if word.utf8.count > 6, foreignEndings.contains(where: word.hasSuffix) { return true }
        }
        return false
    }

    private static let smallForeignWords = Set(
        """
        der das dem ein eine einen einem einer und oder mit von vom zur zum beim für auf aus nach bei wegen nicht le les \
        du une et pour avec dans sur est aux el los las una unos para por della dello degli alla il che uma um het een \
        voor naar och för med på til się
        """.split(separator: " ").map(String.init))

    private static let foreignEndings = ["ieren", "schaft", "keit", "heiten", "ungen", "zione", "ción", "ções", "eren"]
}
