import MinskyModel

/// Names tasks after what they say, for files that give them no ids: the same text gets the same name in every reading, and
/// a text that comes again gets a number.
struct TextReferences: Sendable {
    private static let maximumLength = 200
    private var counts: [String: Int] = [:]

    /// The name that the next task with a text will get.
    func peek(_ text: String) -> String {
        let name = Self.shortened(text)
        let count = counts[name, default: 0] + 1
        return count == 1 ? name : "\(name) #\(count)"
    }

    /// The name of the next task with a text.
    mutating func next(_ text: String) -> String {
        defer { counts[Self.shortened(text), default: 0] += 1 }
        return peek(text)
    }

    /// The text, or the beginning of a long one with a hash of the whole.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return text }
        // FNV-1a, 64 bits (Fowler, Noll, Vo).
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var start = ""
        for scalar in text.unicodeScalars {
            guard start.utf8.count + 4 <= maximumLength else { break }
            start.unicodeScalars.append(scalar)
        }
        return "\(start)… \(String(hash, radix: 16))"
    }
}
