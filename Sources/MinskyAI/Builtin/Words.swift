/// English text as words to compare: lower case, without the most common words, cut to their stems.
///
/// However long a text is, and whatever it is made of, the work is bounded: only its beginning is looked at, and of a word
/// only its first 40 scalars.
enum Words {
    /// How many bytes of a text are looked at.
    static let byteLimit = 50_000
    private static let wordLimit = 40

    /// The stems of a text's words, in order; common words are left out unless asked for.
    static func stems(of text: String, keepingCommon: Bool = false) -> [String] {
        words(of: text).compactMap { !keepingCommon && common.contains($0) ? nil : stem($0) }
    }

    /// The words of a text in lower case: letters, digits, `+` and `#`.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var length = 0
        func end() {
            if !word.isEmpty { words.append(String(word).lowercased()) }
            word.removeAll(keepingCapacity: true)
            length = 0
        }
        for scalar in beginning(of: text, bytes: byteLimit).unicodeScalars {
            let properties = scalar.properties
            let isPart =
                properties.isAlphabetic || properties.numericType != nil || scalar == "+" || scalar == "#"
                // A mark belongs to the letter before it.
                || (!word.isEmpty
                    && [.nonspacingMark, .spacingMark, .enclosingMark].contains(properties.generalCategory))
            if !isPart {
                end()
            } else if length < wordLimit {
                word.append(scalar)
                length += 1
            }
        }
        end()
        return words
    }

    /// As many whole scalars of a text's beginning as a number of bytes holds.
    static func beginning(of text: String, bytes: Int) -> String {
        var end = text.unicodeScalars.startIndex
        var length = 0
        while end != text.unicodeScalars.endIndex {
            length += UTF8.width(text.unicodeScalars[end])
            guard length <= bytes else { break }
            end = text.unicodeScalars.index(after: end)
        }
        return String(text.unicodeScalars[..<end])
    }

    /// A rough stem: the endings of plurals, participles and gerunds cut off.
    static func stem(_ word: String) -> String {
        guard word.utf8.count > 3 else { return word }
        var stem = word
        if stem.hasSuffix("ies"), stem.utf8.count > 4 {
            stem = stem.dropLast(3) + "y"
        } else if ["sses", "shes", "ches", "xes"].contains(where: stem.hasSuffix) {
            stem = String(stem.dropLast(2))
        } else if stem.hasSuffix("s"), !["ss", "us", "is"].contains(where: stem.hasSuffix) {
            stem = String(stem.dropLast())
        }
        for ending in ["ing", "ed"] where stem.hasSuffix(ending) && stem.utf8.count >= ending.utf8.count + 4 {
            stem = String(stem.dropLast(ending.count))
            // "plann" from "planning"
            if let last = stem.last, stem.dropLast().last == last, !"lsz".contains(last) {
                stem = String(stem.dropLast())
            }
            break
        }
        if stem.hasSuffix("e"), stem.utf8.count > 4 { stem = String(stem.dropLast()) }
        return stem
    }

    /// The words that say little of what a text is about.
    static let common = Set(
        """
        a an and any are as at be by can do for from has have how i if in into is it its me my of on or our out so some \
        that the their them then there they this to up us we what when which will with you your
        """.split(separator: " ").map(String.init))
}

/// The words of a text, to look phrases up in.
struct WordIndex {
    private let words: [String]
    private var places: [String: [Int]] = [:]

    init(_ words: [String]) {
        self.words = words
        for (place, word) in words.enumerated() { places[word, default: []].append(place) }
    }

    var isEmpty: Bool { words.isEmpty }

    /// Whether the text holds all words of a phrase, one after the other.
    func contains(_ phrase: [String]) -> Bool { !ranges(of: phrase).isEmpty }

    /// The first 20 places at which all words of a phrase stand, one after the other.
    func ranges(of phrase: [String]) -> [Range<Int>] {
        guard let first = phrase.first, let places = places[first] else { return [] }
        return places.prefix(20).filter { words[$0...].starts(with: phrase) }.map { $0..<$0 + phrase.count }
    }
}
