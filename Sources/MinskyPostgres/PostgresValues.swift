import CLibPQ
import MinskyModel
import MinskySQL

/// Object ids of the types that travel; from PostgreSQL's `pg_type.dat`.
private enum TypeID {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let json: Oid = 114
    static let varchar: Oid = 1043
    static let timestamptz: Oid = 1184
    static let jsonb: Oid = 3802
    static let textArray: Oid = 1009
}

/// Microseconds from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
private let postgresEpoch: Int64 = 946_684_800_000_000

/// A value in the form in which it goes to the server.
struct PostgresParameter {
    let type: Oid
    /// The value's bytes and a terminating zero, or nil for null.
    let bytes: [UInt8]?
    let isBinary: Bool

    init(_ value: SQLValue) throws {
        switch value {
        case .null: self.init(type: 0, bytes: nil, isBinary: false)
        case .integer(let value): self.init(type: TypeID.int8, bytes: Self.bigEndian(value), isBinary: true)
        case .text(let text): self.init(type: TypeID.text, bytes: try Self.terminated(text), isBinary: false)
        case .blob(let bytes): self.init(type: TypeID.bytea, bytes: bytes + [0], isBinary: true)
        case .timestamp(let moment):
            let value = try moment.storable().microseconds - postgresEpoch
            self.init(type: TypeID.timestamptz, bytes: Self.bigEndian(value), isBinary: true)
        case .json(let json):
            self.init(type: TypeID.jsonb, bytes: try Self.terminated(json.storedText()), isBinary: false)
        case .rawText: throw SQLError.textWithoutUnicode
        case .storedJSON(let text):
            self.init(type: TypeID.jsonb, bytes: try Self.terminated(text), isBinary: false)
        case .texts(let texts):
            self.init(type: TypeID.textArray, bytes: try Self.array(texts) + [0], isBinary: true)
        }
    }

    /// A list in the binary form of an array of one dimension (PostgreSQL's `array_send`).
    private static func array(_ texts: [String?]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        // Dimensions, whether there are nulls, the type, and of the dimension its length and its first index.
        let head = [texts.isEmpty ? 0 : 1, texts.contains(nil) ? 1 : 0, Int32(TypeID.text)]
        for number in texts.isEmpty ? head : head + [Int32(texts.count), 1] { bytes.append(bigEndian: number) }
        for text in texts {
            guard let text else {
                bytes.append(bigEndian: Int32(-1))
                continue
            }
            try bytes.append(field: text)
        }
        return bytes
    }

    private init(type: Oid, bytes: [UInt8]?, isBinary: Bool) {
        self.type = type
        self.bytes = bytes
        self.isBinary = isBinary
    }

    private static func bigEndian(_ value: Int64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) } + [0]
    }

    private static func terminated(_ text: String) throws -> [UInt8] {
        guard !text.holdsNUL else {
            throw SQLError.textWithNUL
        }
        return Array(text.utf8) + [0]
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends the length of a text and the text.
    /// - Parameter prefix: A byte that stands before it.
    /// - Throws: `SQLError` of kind `.constraint`.
    mutating func append(field text: String, after prefix: UInt8? = nil) throws {
        guard !text.holdsNUL else { throw SQLError.textWithNUL }
        append(bigEndian: Int32(text.utf8.count + (prefix == nil ? 0 : 1)))
        if let prefix { append(prefix) }
        append(contentsOf: text.utf8)
    }

    /// Appends a value as a field of a binary COPY: its length and its bytes; JSON has its version in front.
    /// - Throws: `SQLError` of kind `.constraint`, or `.corrupt` for text that is not Unicode.
    mutating func append(field value: SQLValue) throws {
        switch value {
        case .null: append(bigEndian: Int32(-1))
        case .integer(let number):
            append(bigEndian: Int32(8))
            append(bigEndian: number)
        case .timestamp(let moment):
            append(bigEndian: Int32(8))
            append(bigEndian: try moment.storable().microseconds - postgresEpoch)
        case .text(let text): try append(field: text)
        case .json(let json): try append(field: json.storedText(), after: 1)
        case .storedJSON(let text): try append(field: text, after: 1)
        case .blob(let content):
            append(bigEndian: Int32(content.count))
            append(contentsOf: content)
        case .rawText, .texts: throw SQLError.textWithoutUnicode
        }
    }
}

/// A row of a result in binary format.
struct PostgresRow: Row {
    let pq: minsky_pq
    let result: OpaquePointer
    let index: Int32

    func isNull(_ column: Int) -> Bool { pq.PQgetisnull(result, index, Int32(column)) != 0 }

    func integer(_ column: Int) throws -> Int64 {
        let type = pq.PQftype(result, Int32(column))
        guard [TypeID.int8, TypeID.int4, TypeID.int2, TypeID.bool].contains(type) else { throw mismatch(column) }
        let bytes = try bytes(column)
        guard let first = bytes.first, bytes.count <= 8 else { throw mismatch(column) }
        let start: Int64 = first & 0x80 != 0 ? -1 : 0
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }

    func text(_ column: Int) throws -> String {
        let type = pq.PQftype(result, Int32(column))
        guard [TypeID.text, TypeID.varchar, TypeID.name].contains(type) else { throw mismatch(column) }
        return String(decoding: try bytes(column), as: UTF8.self)
    }

    func jsonText(_ column: Int) throws -> String {
        let bytes = try bytes(column)
        switch pq.PQftype(result, Int32(column)) {
        case TypeID.jsonb: return String(decoding: bytes.dropFirst(), as: UTF8.self)  // a version byte comes first
        case TypeID.json, TypeID.text: return String(decoding: bytes, as: UTF8.self)
        default: throw mismatch(column)
        }
    }

    func blob(_ column: Int) throws -> [UInt8] {
        guard pq.PQftype(result, Int32(column)) == TypeID.bytea else { throw mismatch(column) }
        return Array(try bytes(column))
    }

    func timestamp(_ column: Int) throws -> Timestamp {
        let bytes = try bytes(column)
        guard pq.PQftype(result, Int32(column)) == TypeID.timestamptz, bytes.count == 8 else { throw mismatch(column) }
        let value = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let (moment, overflow) = value.addingReportingOverflow(postgresEpoch)
        guard !overflow else { throw mismatch(column) }
        return Timestamp(microseconds: moment)
    }

    private func bytes(_ column: Int) throws -> UnsafeBufferPointer<UInt8> {
        guard !isNull(column), let start = pq.PQgetvalue(result, index, Int32(column)) else { throw mismatch(column) }
        let count = Int(pq.PQgetlength(result, index, Int32(column)))
        return UnsafeRawBufferPointer(start: start, count: count).assumingMemoryBound(to: UInt8.self)
    }

    private func mismatch(_ column: Int) -> SQLError {
        SQLError(kind: .corrupt, message: "column \(column) holds no value of the expected type")
    }
}

extension SQLError {
    /// The kind of an error by its SQLSTATE (PostgreSQL's manual, appendix A).
    static func kind(ofSQLState state: String) -> Kind {
        switch state {
        case "40001", "40P01": .serialization
        case "55P03": .busy
        case "57014": .interrupted
        case "42501", "25006": .permission
        // The server, or a time limit of its administrator, ended the connection.
        case "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300": .connection
        case _ where state.hasPrefix("08"): .connection
        case _ where state.hasPrefix("28"): .permission
        case _ where state.hasPrefix("22"), _ where state.hasPrefix("23"), _ where state.hasPrefix("54"): .constraint
        case _ where state.hasPrefix("53"), _ where state.hasPrefix("58"): .storage
        case _ where state.hasPrefix("XX"): .corrupt
        default: .other
        }
    }
}
