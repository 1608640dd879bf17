/// Ids of rows, operations and replicas: 16 characters of lower-case Crockford base32, 80 random bits.
///
/// Source of the alphabet: Douglas Crockford, "Base 32" (no i, l, o, u).
public enum Identifier {
    /// The number of characters in an id.
    public static let length = 16
    /// The fewest characters an id is shortened to.
    public static let shortestPrefix = 4

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A new id from 80 random bits.
    public static func random(using generator: inout some RandomNumberGenerator) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for _ in 0..<2 {
            var bits = generator.next() as UInt64
            for _ in 0..<length / 2 {
                bytes.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Ten bytes as an id, five bits a character.
    public static func text(ofBits bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 5 {
                count -= 5
                characters.append(alphabet[bits >> count & 31])
            }
        }
        return String(decoding: characters.prefix(length), as: UTF8.self)
    }

    /// The ten bytes that `text(ofBits:)` makes an id of, or nil for a text that is not an id as they are stored.
    public static func bits(of id: String) -> [UInt8]? {
        guard id.utf8.count == length else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for character in id.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 5 | digit) & 0xFFFF
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        return bytes
    }

    /// What a person typed as an id or the beginning of one, in the form ids are stored in, or nil when it cannot be one.
    ///
    /// Upper case is accepted, and the letters people confuse are read as Crockford asks: i and l as 1, o as 0.
    public static func prefix(_ text: String) -> String? {
        let characters = text.lowercased().utf8
        guard (shortestPrefix...length).contains(characters.count) else { return nil }
        var bytes: [UInt8] = []
        for character in characters {
            switch character {
            case UInt8(ascii: "i"), UInt8(ascii: "l"): bytes.append(UInt8(ascii: "1"))
            case UInt8(ascii: "o"): bytes.append(UInt8(ascii: "0"))
            case _ where alphabet.contains(character): bytes.append(character)
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The shortest beginning of an id, at least 4 characters, that neither neighbour in sorted order shares.
    public static func shortest(_ id: String, between previous: String?, and next: String?) -> String {
        let shared = max(commonLength(id, previous), commonLength(id, next))
        let length = max(shortestPrefix, shared + 1)
        // An edit by hand can have put characters of several bytes there.
        return id.utf8.count == Self.length
            ? String(decoding: id.utf8.prefix(length), as: UTF8.self) : String(id.prefix(length))
    }

    private static func commonLength(_ id: String, _ other: String?) -> Int {
        guard let other else { return 0 }
        var length = 0
        for (left, right) in zip(id.utf8, other.utf8) {
            if left != right { break }
            length += 1
        }
        return length
    }
}
