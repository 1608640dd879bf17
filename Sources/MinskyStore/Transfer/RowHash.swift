import Crypto
import MinskyModel
import MinskySQL

/// The number of a table's rows and the sum of their hashes, which does not depend on an order: the same in two databases
/// exactly when they hold the same rows.
public struct TableSum: Sendable, Hashable {
    public var rows = 0
    /// The sum of the first 128 bits of each row's SHA-256, modulo 2^128.
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Sums up nothing yet.
    public init() {}

    mutating func add(_ hash: RowHash) {
        rows += 1
        let (sum, carried) = low.addingReportingOverflow(hash.low)
        low = sum
        high = high &+ hash.high &+ (carried ? 1 : 0)
    }

    /// The sum as 32 hex digits.
    public var hash: String { Self.hex(high) + Self.hex(low) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// What tells whether a row is the same in two databases: a hash of the values of its columns in a form that no database has
/// a part in.
struct RowHash: Hashable {
    let high: UInt64
    let low: UInt64

    /// Hashes values, JSON in its canonical form: each with a letter for its kind and its length before it, so that no two rows are written alike.
    init(_ values: [SQLValue]) {
        var bytes: [UInt8] = []
        for value in values {
            switch value {
            case .null: bytes.append(UInt8(ascii: "n"))
            case .integer(let number): Self.append(number, "i", to: &bytes)
            case .timestamp(let moment): Self.append(moment.microseconds, "t", to: &bytes)
            case .text(let text): Self.append(Array(text.utf8), "s", to: &bytes)
            case .json(let json): Self.append(Array(json.text().utf8), "j", to: &bytes)
            case .storedJSON(let text): Self.append(Array(text.utf8), "j", to: &bytes)
            case .rawText(let text): Self.append(text, "r", to: &bytes)
            case .blob(let blob): Self.append(blob, "b", to: &bytes)
            case .texts(let texts):
                Self.append(Array(JSON.array(texts.map(JSON.optional)).text().utf8), "l", to: &bytes)
            }
        }
        let words = SHA256.hash(data: bytes).withUnsafeBytes { digest in
            (digest.loadUnaligned(as: UInt64.self), digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        (high, low) = (UInt64(bigEndian: words.0), UInt64(bigEndian: words.1))
    }

    private static func append(_ number: Int64, _ letter: Unicode.Scalar, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: letter))
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ content: [UInt8], _ letter: Unicode.Scalar, to bytes: inout [UInt8]) {
        append(Int64(content.count), letter, to: &bytes)
        bytes.append(contentsOf: content)
    }
}
