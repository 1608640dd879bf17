/// Tells which characters of a text a terminal shows where they stand.
///
/// Hidden are those it obeys (`Unicode.Scalar.isTerminalControl`) and those that Unicode says are drawn as nothing
/// (Default_Ignorable_Code_Point of the Unicode Character Database, as the standard library has it; the list is the same
/// in versions 14 to 16): soft hyphens, fillers, variation selectors, tags. Two kinds of them are part of what people
/// write and stay, where they have an effect:
/// - variation selectors 15 and 16 after an emoji, and joiners between emoji (UTS #51);
/// - joiners in scripts whose letters change with them: after a virama (RFC 5892, appendix A.1 and A.2), and between
///   letters of such a script, as Persian needs U+200C.
struct VisibleCharacters {
    private static let nonJoiner: UInt32 = 0x200C
    private static let joiner: UInt32 = 0x200D
    /// No sequence of emoji that is recommended for interchange has more than three; a chain of them counts as one
    /// character.
    private static let maximumEmojiJoiners = 5

    /// The character before the present one, and the one before that.
    private var before: Unicode.Scalar?
    private var earlier: Unicode.Scalar?
    private var emojiJoiners = 0

    /// Calls a closure with every character of a text and whether it is visible there. Takes linear time.
    static func forEach(in text: String, _ body: (_ scalar: Unicode.Scalar, _ isVisible: Bool) -> Void) {
        var state = VisibleCharacters()
        var rest = text.unicodeScalars.makeIterator()
        var current = rest.next()
        while let scalar = current {
            let next = rest.next()
            body(scalar, state.shows(scalar, followedBy: next))
            current = next
        }
    }

    private mutating func shows(_ scalar: Unicode.Scalar, followedBy next: Unicode.Scalar?) -> Bool {
        defer { (earlier, before) = (before, scalar) }
        if scalar.isTerminalControl { return false }
        guard scalar.isIgnorable else {
            if before?.value != Self.joiner, !scalar.isEmojiModifier { emojiJoiners = 0 }
            return true
        }
        guard let before else { return false }
        switch scalar.value {
        case 0xFE0E, 0xFE0F:
            // After a digit it is part of a keycap, or of nothing.
            return before.isEmoji || before.properties.isEmoji && next?.value == 0x20E3
        case Self.joiner where isAfterEmoji(before) && next?.isEmoji == true:
            emojiJoiners += 1
            return emojiJoiners <= Self.maximumEmojiJoiners
        case Self.joiner, Self.nonJoiner:
            return before.properties.canonicalCombiningClass == .virama
                || before.isOfJoiningScript && next?.isOfJoiningScript == true
        default: return false
        }
    }

    private func isAfterEmoji(_ before: Unicode.Scalar) -> Bool {
        before.isEmoji || before.value == 0xFE0F && earlier?.isEmoji == true
    }
}

extension Unicode.Scalar {
    /// Whether Unicode says that it is drawn as nothing.
    var isIgnorable: Bool { value >= 0xAD && properties.isDefaultIgnorableCodePoint }

    /// Whether it belongs to the letter before it: a combining mark of any kind, the first of which is U+0300.
    var isMark: Bool {
        guard value >= 0x300 else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: return true
        default: return false
        }
    }

    /// An emoji, or a symbol that can be one; digits, which also can, are left out.
    fileprivate var isEmoji: Bool { value > 0x7F && properties.isEmoji }

    fileprivate var isEmojiModifier: Bool { (0x1F3FB...0x1F3FF).contains(value) }

    /// A letter or mark of a script that joins its letters: Arabic, Syriac and their neighbours, the scripts of India and
    /// Sri Lanka, Myanmar, Khmer and Mongolian.
    fileprivate var isOfJoiningScript: Bool {
        switch value {
        case 0x0600...0x08FF, 0x0900...0x0DFF, 0x1000...0x109F, 0x1780...0x18AF, 0xA8E0...0xA8FF, 0xFB50...0xFDFF,
            0xFE70...0xFEFC:
            properties.isAlphabetic || isMark
        default: false
        }
    }
}
