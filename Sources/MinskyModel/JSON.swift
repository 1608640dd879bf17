// MinskyModel: the values and rules everything else speaks in.
//
// Pure: no input or output, no clock, no randomness; those are passed in. Imports nothing but the
// standard library, and every other target may import it.

/// A JSON value whose objects keep the order of their members.
///
/// Texts and keys are the same when their bytes are, as in the databases; for Swift, `é` in one character and in two are
/// one.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One key of an object with its value.
    public struct Member: Sendable {
        public var key: String
        public var value: JSON

        /// Creates a member.
        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The value of an object's member, or nil when this is no object or has no such member.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The text of a string, or nil for any other kind of value.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a number that is written without a point and fits 64 bits, or nil for any other value.
    public var integer: Int64? { number?.integer }

    /// The number, or nil for any other kind of value.
    public var number: JSONNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    /// The elements of an array, or nil for any other kind of value.
    public var array: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object, or nil for any other kind of value.
    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// A word for the kind of value, for messages: "null", "true or false", "number", "text", "list" or "object".
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "number"
        case .string: "text"
        case .array: "list"
        case .object: "object"
        }
    }

    /// Whether a string anywhere in the value holds a NUL character, which no database stores.
    public var containsNUL: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.containsNUL)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.containsNUL }
        default: false
        }
    }

    /// A whole number.
    public static func integer(_ value: Int64) -> JSON { .number(JSONNumber(value)) }

    /// A string, or `null` for nil.
    public static func optional(_ text: String?) -> JSON {
        text.map(JSON.string) ?? .null
    }

    /// An integer, or `null` for nil.
    public static func optional(_ value: Int?) -> JSON {
        value.map { .integer(Int64($0)) } ?? .null
    }

    /// The same value in the one form in which equal values have equal text: members ordered by the UTF-8 bytes of
    /// their keys, at every depth.
    public var canonical: JSON {
        if isCanonical { return self }
        return switch self {
        case .object(let members):
            .object(
                members.map { Member($0.key, $0.value.canonical) }
                    .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        case .array(let elements): .array(elements.map(\.canonical))
        default: self
        }
    }

    private var isCanonical: Bool {
        switch self {
        case .object(let members):
            zip(members, members.dropFirst()).allSatisfy { !$1.key.utf8.lexicographicallyPrecedes($0.key.utf8) }
                && members.allSatisfy(\.value.isCanonical)
        case .array(let elements): elements.allSatisfy(\.isCanonical)
        default: true
        }
    }
}

extension JSON {
    /// The keys of an object, which are the same when their bytes are.
    public struct Keys {
        private var few: [String] = []
        private var many: Set<[UInt8]> = []

        /// Begins with none.
        public init() {}

        /// Takes a key, and tells whether it was not there yet.
        public mutating func insert(_ key: String) -> Bool {
            if few.count < 8 {
                guard !few.contains(where: { $0.utf8.count == key.utf8.count && $0.utf8.elementsEqual(key.utf8) })
                else {
                    return false
                }
                few.append(key)
                if few.count == 8 { many = Set(few.map { Array($0.utf8) }) }
                return true
            }
            return many.insert(Array(key.utf8)).inserted
        }
    }
}

extension JSON: Hashable {
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let number): hasher.combine(number)
        case .string(let text): hasher.combine(bytesOf: text)
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(members)
        }
    }
}

extension JSON.Member: Hashable {
    public static func == (left: JSON.Member, right: JSON.Member) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: key)
        hasher.combine(value)
    }
}

extension Hasher {
    mutating func combine(bytesOf text: String) {
        var text = text
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(0xFF as UInt8)
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = JSONNumber(value).map(JSON.number) ?? .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
