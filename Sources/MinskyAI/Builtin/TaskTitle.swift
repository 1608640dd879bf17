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
    /// The position of the word that tells that; it is not the first where a fault is told and no order given.
    let kindPlace: Int
    /// The classes its words belong to, by position.
    let classes: [Set<WordClass>]
    /// Whether it seems to be in another language than English.
    let isForeign: Bool
    /// The position from which on it says no longer what it is about, but for whom, where, from what: behind the first
    /// preposition that does not follow the first word. "Add search to the docs" is about search.
    let circumstances: Int
    /// The positions at which a part of the sentence has ended.
    private let ends: Set<Int>
    /// Whether each word begins with a capital letter.
    private let isName: [Bool]

    init(_ title: String) {
        let text = Words.beginning(of: title, bytes: Self.byteLimit)
        var words: [(word: String, stem: String)] = []
        var ends: Set<Int> = []
        var start = 0
        for token in text.split(whereSeparator: \.isWhitespace) {
            let (isFirst, before) = (words.count == start, words.count)
            let bare = token.drop { "([{\"“'".contains($0) }
            let end = bare.lastIndex { !".,;:!?)]}\"”'".contains($0) }
            let word = String(end.map { bare[...$0] } ?? bare)
            for part in Words.words(of: String(token)) {
                words.append((word, Words.stem(part)))
            }
            if let last = token.last, ",.:;!?)".contains(last) { ends.insert(words.count) }
            let isTag = token.hasPrefix("[") && token.hasSuffix("]")
            if isFirst, isTag || (words.count == before + 1 && Self.fillers.contains(words[before].stem)) {
                start = words.count
            }
        }
        let stems = words.map(\.stem)
        self.stems = stems
        self.start = start
        self.ends = ends
        isName = words.map { $0.word.first?.isUppercase == true }
        classes = WordClass.of(words)
        let told = KindOfWork.of(stems[start...])
        // A fault of what is at home says little of how it is mended.
        let isVague = told?.isComplaint == true && classes.contains { $0.contains(.everyday) }
        kind = isVague ? nil : told?.kind
        kindPlace = told?.place ?? start
        // "Study for the exam", but "theme for the party"
        let isOrder = told?.place == start
        circumstances =
            stems.indices.first { $0 > start + (isOrder ? 1 : 0) && Self.prepositions.contains(stems[$0]) }
            ?? stems.count
        isForeign = Self.seemsForeign(title, text)
    }

    /// The position of the thing that the words before it only qualify, or nil: in "crash course" it is the course.
    func thing(behind words: Range<Int>) -> Int? {
        var thing: Int?
        for place in words.upperBound..<max(words.upperBound, stems.count) {
            guard !ends.contains(place), !Self.linking.contains(stems[place]),
                !stems[place].contains(where: \.isNumber), !isName[place] || classes[place].contains(.everyday)
            else { break }
            thing = place
        }
        return thing
    }

    /// Whether words order something, though they name a thing elsewhere: "bug the landlord", "crash my car".
    func isOrder(_ words: Range<Int>) -> Bool {
        words.lowerBound == start && words.upperBound < stems.count
            && Subject.determiners.contains(stems[words.upperBound])
    }

    /// Whether something in it belongs to programs.
    var isTechnical: Bool {
        classes.contains { !$0.isDisjoint(with: [.software, .platform, .service, .version]) }
    }

    /// Whether it is one word, which names a thing and not what is to be done with it.
    var isOneWord: Bool { stems.count - start < 2 }

    private static let fillers: Set<String> = [
        "also", "chor", "finally", "i", "mayb", "must", "need", "pleas", "to", "todo", "we",
    ]

    private static let prepositions: Set<String> = [
        "about", "after", "at", "befor", "by", "during", "for", "from", "in", "into", "on", "to", "when", "while",
        "with",
    ]

    /// Words that go on with the sentence and are no things.
    private static let linking = Set(
        """
        a about after again against all an and another are as at because before become behind below between broken but by \
        can cannot crashes do does doesnt during each every fails failing first fixed for freezes from gets hangs has have \
        if in inside into is isnt it like load loads missing my near new no not of off on once only or our out over per \
        please plus returns run runs second shows since so stay stays stops take takes than that the then these this those \
        three through till to today tomorrow two under until up via vs was were what when where which while who why will \
        with within without work works wrong your
        """.split(whereSeparator: \.isWhitespace).map { Words.stem(String($0)) })

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
