/// English text as words to compare: lower case, without the most common words, cut to their stems.
enum Words {
    /// The stems of a text's words, in order; common words are left out unless asked for.
    static func stems(of text: String, keepingCommon: Bool = false) -> [String] {
        words(of: text.lowercased()).compactMap { !keepingCommon && common.contains($0) ? nil : stem($0) }
    }

    private static func words(of text: String) -> [String] {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.split { !$0.isLetter && !$0.isNumber && $0 != "+" && $0 != "#" }.map { String($0) }
        }
        // The same for the usual case, which need not look for the ends of characters.
        return text.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
                UInt8(ascii: "#"):
                false
            default: true
            }
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A rough stem: the endings of plurals, participles and gerunds cut off.
    static func stem(_ word: String) -> String {
        guard word.count > 3 else { return word }
        var stem = word
        if stem.hasSuffix("ies"), stem.count > 4 {
            stem = stem.dropLast(3) + "y"
        } else if stem.hasSuffix("sses") || stem.hasSuffix("shes") || stem.hasSuffix("ches") || stem.hasSuffix("xes") {
            stem = String(stem.dropLast(2))
        } else if stem.hasSuffix("s"), !stem.hasSuffix("ss"), !stem.hasSuffix("us"), !stem.hasSuffix("is") {
            stem = String(stem.dropLast())
        }
        for ending in ["ing", "ed"] where stem.hasSuffix(ending) && stem.count >= ending.count + 4 {
            stem = String(stem.dropLast(ending.count))
            // "plann" from "planning"
            if let last = stem.last, stem.dropLast().last == last, !"lsz".contains(last) {
                stem = String(stem.dropLast())
            }
            break
        }
        if stem.hasSuffix("e"), stem.count > 4 { stem = String(stem.dropLast()) }
        return stem
    }

    private static let common: Set<String> = [
        "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "for", "from", "has", "have", "how", "i",
        "if",
        "in", "into", "is", "it", "its", "me", "my", "of", "on", "or", "our", "out", "so", "some", "that", "the",
        "their",
        "them", "then", "there", "they", "this", "to", "up", "us", "we", "what", "when", "which", "will", "with", "you",
        "your",
    ]
}

/// The words of a text, to look phrases up in.
struct WordIndex {
    private let words: [String]
    private var places: [String: [Int]] = [:]

    init(_ words: [String]) {
        self.words = words
        for (place, word) in words.enumerated() { places[word, default: []].append(place) }
    }

    /// Whether the text holds all words of a phrase, one after the other.
    func contains(_ phrase: [String]) -> Bool {
        guard let first = phrase.first, let places = places[first] else { return false }
        return places.contains { words[$0...].starts(with: phrase) }
    }

    /// Whether the text begins with all words of a phrase.
    func begins(with phrase: [String]) -> Bool { !phrase.isEmpty && words.starts(with: phrase) }
}
