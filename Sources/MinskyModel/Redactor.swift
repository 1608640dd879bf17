/// The secrets of a user, and the one way in which text that leaves the program is freed of them: on its way to the
/// terminal, into the database, into an error.
///
/// A secret is found by the letters and digits it spells, not by its characters, so that neither capitals nor marks,
/// invisible characters, line breaks, escapes or wide letters hide it. Look-alikes of other scripts, other encodings
/// such as base64, and parts of a secret are not found.
public struct Redactor: Sendable {
    /// What stands in place of a secret.
    public static let mask = "[hidden]"
    /// From this length in bytes on a secret is looked for in every disguise and inside of words. A shorter one could
    /// stand anywhere by chance, so it is hidden only where it is a whole word, exactly as it is.
    public static let disguisedLength = 16

    private let spellings: [[UInt8]]
    private let words: [[UInt8]]

    /// Creates a redactor; empty secrets are passed over.
    public init(_ secrets: [String]) {
        var (spellings, words): ([[UInt8]], [[UInt8]]) = ([], [])
        for secret in Set(secrets) where !secret.isEmpty {
            let spelling = Spelling(secret, decoding: false).letters
            // Of a password of signs there is nothing to spell.
            if secret.utf8.count >= Self.disguisedLength, spelling.count >= Self.disguisedLength * 3 / 4 {
                spellings.append(spelling)
            } else {
                words.append(Array(secret.utf8))
            }
        }
        self.spellings = spellings
        self.words = words
    }

    /// Whether a text holds one of the longer secrets, in any disguise.
    public func holdsSecret(_ text: String) -> Bool {
        guard !spellings.isEmpty else { return false }
        var form = text
        // What is escaped twice is still read by whoever decodes it twice.
        for round in 0...2 {
            let spelling = Spelling(form, decoding: false)
            if spellings.contains(where: { spelling.first($0, from: 0) != nil }) { return true }
            let decoded = Escapes.decoded(form)
            if round == 2 || decoded.utf8.elementsEqual(form.utf8) { return false }
            form = decoded
        }
        return false
    }

    /// The text with `mask` in place of every secret; where one stands that cannot be cut out, nothing but that.
    public func redacted(_ text: String) -> String {
        var result = text
        for word in words { result = Self.hiding(word, in: result) }
        guard holdsSecret(result) else { return result }
        for decoding in [false, true] {
            for spelling in spellings { result = Self.hiding(spelling, in: result, decoding: decoding) }
        }
        return holdsSecret(result) ? Self.mask : result
    }

    private static func hiding(_ secret: [UInt8], in text: String, decoding: Bool) -> String {
        let spelling = Spelling(text, decoding: decoding)
        guard var found = spelling.first(secret, from: 0) else { return text }
        let scalars = Array(text.unicodeScalars)
        var (result, end) = (String.UnicodeScalarView(), 0)
        while true {
            result.append(contentsOf: scalars[end..<spelling.places[found].lowerBound])
            result.append(contentsOf: mask.unicodeScalars)
            end = spelling.places[found + secret.count - 1].upperBound
            guard let next = spelling.first(secret, from: found + secret.count) else { break }
            found = next
        }
        result.append(contentsOf: scalars[end...])
        return String(result)
    }

    /// Hides a short secret where no letter or digit touches it; compares bytes.
    private static func hiding(_ word: [UInt8], in text: String) -> String {
        let bytes = Array(text.utf8)
        var (result, index, changed): ([UInt8], Int, Bool) = ([], 0, false)
        while index < bytes.count {
            let end = index + word.count
            if end <= bytes.count, bytes[index] == word[0], bytes[index..<end].elementsEqual(word),
                index == 0 || !bytes[index - 1].isWordByte, end == bytes.count || !bytes[end].isWordByte
            {
                result += Array(mask.utf8)
                index = end
                changed = true
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return changed ? String(decoding: result, as: UTF8.self) : text
    }
}

extension UInt8 {
    /// An ASCII letter or digit.
    fileprivate var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

/// The letters and digits a text spells, in lower case, and where each stands.
private struct Spelling {
    private(set) var letters: [UInt8] = []
    /// For each letter, the scalars of the text that make it, counted from 0.
    private(set) var places: [Range<Int>] = []

    /// - Parameter decoding: Whether an escape counts as the letter it stands for.
    init(_ text: String, decoding: Bool) {
        let scalars = Array(text.unicodeScalars)
        letters.reserveCapacity(scalars.count)
        var index = 0
        while index < scalars.count {
            let escape = decoding ? Escapes.first(of: scalars[index...]) : nil
            let end = index + (escape?.length ?? 1)
            if let letter = Self.letter(escape?.scalar ?? scalars[index]) {
                letters.append(letter)
                places.append(index..<end)
            }
            index = end
        }
    }

    /// Where a secret's letters begin, at or after a place.
    func first(_ secret: [UInt8], from start: Int) -> Int? {
        guard letters.count - start >= secret.count else { return nil }
        return (start...letters.count - secret.count).first { place in
            letters[place] == secret[0] && letters[place..<place + secret.count].elementsEqual(secret)
        }
    }

    /// The ASCII letter or digit a character stands for, in lower case, or nil when it is none.
    private static func letter(_ scalar: Unicode.Scalar) -> UInt8? {
        if scalar.isASCII {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            guard byte.isWordByte else { return nil }
            return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 0x20 : byte
        }
        switch scalar.value {
        // Latin with accents; super- and subscripts, letterlike and enclosed; wide; mathematical.
        case 0xC0...0x24F, 0x1E00...0x1EFF, 0x2070...0x214F, 0x2460...0x24FF, 0xFF01...0xFF5E, 0x1D400...0x1D7FF:
            return letter(named: scalar.properties.name ?? "")
        default: return nil
        }
    }

    /// Reads a character's name in Unicode: `FULLWIDTH LATIN SMALL LETTER S`, `SUPERSCRIPT TWO`.
    private static func letter(named name: String) -> UInt8? {
        let words = name.split(separator: " ").prefix { $0 != "WITH" }
        guard let last = words.last else { return nil }
        if last.utf8.count == 1, let letter = last.utf8.first { return letter | 0x20 }
        let digits = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"]
        return digits.firstIndex { $0 == last }.map { UInt8(ascii: "0") + UInt8($0) }
    }
}

/// The ways to write a character that JSON, addresses and HTML know.
private enum Escapes {
    /// The character an escape at the start of some text stands for, and how many scalars it takes; nil when there is
    /// none.
    static func first(of text: ArraySlice<Unicode.Scalar>) -> (scalar: Unicode.Scalar, length: Int)? {
        let rest = text.dropFirst()
        switch text.first {
        case "%": return value(rest.prefix(2), radix: 16, digits: 2).map { ($0, 3) }
        case "\\":
            guard let next = rest.first else { return nil }
            if next == "u" { return value(rest.dropFirst().prefix(4), radix: 16, digits: 4).map { ($0, 6) } }
            if next == "x" { return value(rest.dropFirst().prefix(2), radix: 16, digits: 2).map { ($0, 4) } }
            // What stands for a control character spells nothing; any other character stands for itself.
            return ("bfnrt".unicodeScalars.contains(next) ? " " : next, 2)
        case "&":
            guard rest.first == "#", let end = rest.prefix(12).firstIndex(of: ";") else { return nil }
            let digits = rest[(rest.startIndex + 1)..<end]
            let isHex = digits.first == "x" || digits.first == "X"
            return value(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10).map {
                ($0, end - text.startIndex + 1)
            }
        default: return nil
        }
    }

    /// The text with its escapes read once; bytes after percent signs are UTF-8.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(where: { "%\\&".utf8.contains($0) }) else { return text }
        let scalars = Array(text.unicodeScalars)
        var (bytes, index): ([UInt8], Int) = ([], 0)
        while index < scalars.count {
            if let escape = first(of: scalars[index...]) {
                if scalars[index] == "%" {
                    bytes.append(UInt8(truncatingIfNeeded: escape.scalar.value))
                } else {
                    bytes += Array(String(escape.scalar).utf8)
                }
                index += escape.length
            } else {
                bytes += Array(String(scalars[index]).utf8)
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(
        _ digits: ArraySlice<Unicode.Scalar>, radix: UInt32, digits count: Int? = nil
    ) -> Unicode.Scalar? {
        guard !digits.isEmpty, count == nil || digits.count == count else { return nil }
        var value: UInt32 = 0
        for scalar in digits {
            guard scalar.isASCII, let digit = Character(scalar).hexDigitValue, UInt32(digit) < radix else { return nil }
            value = value * radix + UInt32(digit)
            guard value <= 0x10FFFF else { return nil }
        }
        return Unicode.Scalar(value)
    }
}
