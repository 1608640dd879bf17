/// A number as JSON writes it: a decimal of any size up to the bound, exact, with the digits after its point.
///
/// Two numbers are equal when their texts are: `1e2` is `100`, but `1.5` is not `1.50`. The text is the one that
/// PostgreSQL gives back for the number in a `jsonb`, so that it is the same from every database.
public struct JSONNumber: Sendable, Hashable {
    /// The most digits before the point, and the most after it. Every `Double` fits, and a few bytes (`1e131071`) never
    /// become as many as PostgreSQL would make of them.
    public static let maximumDigits = 1000

    /// `significand` × 10^`exponent`. The significand has a sign when it is negative and no leading zeros. What fits 64
    /// bits is always `.integer`; any other whole number has an exponent of at least 0 and no trailing zeros. A negative
    /// exponent is the count of digits after the point. Zeros are made only when the text is asked for.
    private enum Form: Sendable, Hashable {
        case integer(Int64)
        case decimal(significand: String, exponent: Int)
    }

    private let form: Form

    /// Creates a whole number.
    public init(_ value: Int64) { form = .integer(value) }

    /// Creates the shortest decimal that is read back as the same `Double`, or nil for one that is not finite.
    public init?(_ value: Double) {
        guard value.isFinite, case .number(let number)? = try? JSON(parsing: "\(value)") else { return nil }
        self = number
    }

    /// Creates a number from its parts, ASCII digits and a power of ten, or nil when it would have more than
    /// `maximumDigits` on a side of its point.
    init?(isNegative: Bool, whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, exponent: Int) {
        let zero = UInt8(ascii: "0")
        var digits = ArraySlice((whole + fraction).drop { $0 == zero })
        let isZero = digits.isEmpty
        let (places, overflows) = fraction.count.subtractingReportingOverflow(exponent)
        if overflows { return nil }
        // PostgreSQL, too, lets a zero forget its power of ten, but not the digits after its point.
        let scale = isZero ? max(0, places) : places
        let (size, sizeOverflows) = digits.count.subtractingReportingOverflow(scale)
        guard !sizeOverflows, max(size, scale) <= Self.maximumDigits else { return nil }
        if isZero { digits = [zero] }
        var trailing = 0
        if scale <= 0 {
            while digits.count > 1, digits.last == zero {
                digits.removeLast()
                trailing += 1
            }
        }
        let significand = String(decoding: isNegative && !isZero ? [UInt8(ascii: "-")] + digits : digits, as: UTF8.self)
        let power = trailing - scale
        if power >= 0, size < 20, let value = Int64(significand + String(repeating: "0", count: power)) {
            form = .integer(value)
        } else {
            form = .decimal(significand: significand, exponent: power)
        }
    }

    /// The number in JSON, without an exponent: `100`, `-0.50`, `0.0000001`.
    public var text: String {
        switch form {
        case .integer(let value): return String(value)
        case .decimal(let significand, let exponent) where exponent >= 0:
            return significand + String(repeating: "0", count: exponent)
        case .decimal(let significand, let exponent):
            let sign = significand.hasPrefix("-") ? "-" : ""
            let digits = significand.dropFirst(sign.utf8.count)
            let places = -exponent
            if digits.utf8.count > places { return sign + digits.dropLast(places) + "." + digits.suffix(places) }
            return sign + "0." + String(repeating: "0", count: places - digits.utf8.count) + digits
        }
    }

    /// The value when it is written without a point and fits 64 bits, else nil.
    public var integer: Int64? {
        if case .integer(let value) = form { value } else { nil }
    }

    /// The nearest `Double`; infinite beyond its range.
    public var double: Double {
        switch form {
        case .integer(let value): Double(value)
        case .decimal(let significand, let exponent): Double("\(significand)e\(exponent)") ?? .nan
        }
    }
}
