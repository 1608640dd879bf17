import Foundation
import MinskyModel

// What every database stores and gives back alike. Anything else is refused here, before it reaches one of them.

extension String {
    /// Whether a NUL character is in it, which no database stores. Asked of every text that is written, so that it looks for
    /// many bytes at once.
    public var holdsNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}

extension JSON {
    /// The most levels of objects and lists a stored value may have; a change of it in the log has one more, and a reader
    /// accepts 256.
    private static let deepest = 200

    /// The text by which a database knows the value: its canonical form.
    /// - Throws: `SQLError` of kind `.constraint` for what could not be read back: a NUL character, a key that appears
    ///   twice, too many levels.
    public func storedText() throws -> String {
        try requireStorable(levels: Self.deepest)
        return canonical.text()
    }

    /// Makes sure that every database can hold the value.
    /// - Throws: `SQLError` of kind `.constraint`.
    public func requireStorable() throws { try requireStorable(levels: Self.deepest) }

    private func requireStorable(levels: Int) throws {
        switch self {
        case .string(let text): if text.holdsNUL { throw SQLError.textWithNUL }
        case .array(let elements):
            if levels == 0 { throw Self.refusal("JSON of more than \(Self.deepest) levels") }
            for element in elements { try element.requireStorable(levels: levels - 1) }
        case .object(let members):
            if levels == 0 { throw Self.refusal("JSON of more than \(Self.deepest) levels") }
            var keys = Keys()
            for member in members {
                if member.key.holdsNUL { throw SQLError.textWithNUL }
                guard keys.insert(member.key) else { throw Self.refusal("JSON in which a key appears twice") }
                try member.value.requireStorable(levels: levels - 1)
            }
        case .null, .bool, .number: break
        }
    }

    private static func refusal(_ what: String) -> SQLError {
        SQLError(kind: .constraint, message: "\(what) cannot be stored")
    }
}

extension Timestamp {
    /// The same moment, when it is in the years 1 to 9999, which every database stores and writes alike.
    /// - Throws: `SQLError` of kind `.constraint`.
    public func storable() throws -> Timestamp {
        guard (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(microseconds) else {
            throw SQLError(kind: .constraint, message: "a time outside the years 1 to 9999 cannot be stored")
        }
        return self
    }
}

extension SQLValue {
    /// Makes sure that every database can hold the value.
    /// - Throws: `SQLError` of kind `.constraint`.
    public func requireStorable() throws {
        switch self {
        case .text(let text): if text.utf8.contains(0) { throw SQLError.textWithNUL }
        case .json(let json): try json.requireStorable()
        case .timestamp(let moment): _ = try moment.storable()
        default: break
        }
    }

    /// Texts are the same when their bytes are, as in the databases; for Swift, `é` in one character and in two are one.
    public static func == (left: SQLValue, right: SQLValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let left), .integer(let right)): left == right
        case (.text(let left), .text(let right)), (.storedJSON(let left), .storedJSON(let right)):
            left.utf8.elementsEqual(right.utf8)
        case (.blob(let left), .blob(let right)), (.rawText(let left), .rawText(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.json(let left), .json(let right)):
            left.canonical.text().utf8.elementsEqual(right.canonical.text().utf8)
        case (.texts(let left), .texts(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.sqlValue == $1.sqlValue }
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value): hasher.combine(value)
        case .text(let text), .storedJSON(let text): hasher.combine(text)
        case .blob(let bytes), .rawText(let bytes): hasher.combine(bytes)
        case .timestamp(let moment): hasher.combine(moment)
        case .json(let json): hasher.combine(json.canonical.text())
        case .texts(let texts): hasher.combine(texts)
        }
    }
}
