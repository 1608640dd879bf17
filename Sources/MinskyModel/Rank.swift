/// The order of siblings: texts of the digits 0-9 and a-z that sort, byte by byte, as the tasks stand.
///
/// A rank is read as a fraction between 0 and 1 in base 36, so there is always room between two of them.
public enum Rank {
    private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    private static let width = 6
    private static let limit = 2_176_782_336  // 36^6
    private static let step = 1296  // 36^2: room to insert by hand, and 1.6 million appends at one length

    /// A rank after `lower` and before `upper`; nil stands for the beginning and the end.
    ///
    /// Texts that are no ranks, or that stand in the wrong order, are taken as absent, so that the answer is always usable.
    public static func between(_ lower: String?, _ upper: String?) -> String {
        let (low, high) = neighbours(lower, upper)
        switch (low, high) {
        case (nil, nil): return text(limit / 2)
        case (let low?, nil) where head(low) + step < limit: return text(head(low) + step)
        case (nil, let high?) where head(high) - step > 0: return text(head(high) - step)
        default: return spread(count: 1, low ?? [], high)[0]
        }
    }

    /// As many ranks as asked for, in order and evenly spread, after `lower` and before `upper`; nil stands for the
    /// beginning and the end, and texts are taken as by `between(_:_:)`.
    ///
    /// The longest of them is as short as it can be. Moves to one place make ranks longer, by a character for about five;
    /// this is how the siblings there get short ones again.
    public static func spread(count: Int, between lower: String?, and upper: String?) -> [String] {
        let (low, high) = neighbours(lower, upper)
        return spread(count: count, low ?? [], high)
    }

    /// Both neighbours read, the upper one only when it is above the lower one.
    private static func neighbours(_ lower: String?, _ upper: String?) -> (low: [Int]?, high: [Int]?) {
        guard let low = valid(lower) else { return (nil, valid(upper)) }
        return (low, valid(upper).flatMap { low.lexicographicallyPrecedes($0) ? $0 : nil })
    }

    private static func spread(count: Int, _ low: [Int], _ high: [Int]?) -> [String] {
        guard count > 0 else { return [] }
        // How many ranks of a length lie between the two, for one length after the other: `distance` is what the first
        // `length` digits of the two differ by, and the upper one counts itself when it has more digits.
        var start: [Int] = []
        var distance = high == nil ? 1 : 0
        var room = 0
        while room < count {
            let place = start.count
            let lowDigit = place < low.count ? low[place] : 0
            let highDigit = high.map { place < $0.count ? $0[place] : 0 } ?? 0
            start.append(lowDigit)
            distance = distance * 36 + highDigit - lowDigit
            room = distance - 1 + (high.map { $0.count > start.count ? 1 : 0 } ?? 0)
        }
        // The i-th stands at i/(count + 1) of the way, in whole steps.
        let (step, rest) = (room + 1).quotientAndRemainder(dividingBy: count + 1)
        return (1...count).map { index in
            var values = start
            var carry = index * step + index * rest / (count + 1)
            for place in values.indices.reversed() where carry > 0 {
                (carry, values[place]) = (values[place] + carry).quotientAndRemainder(dividingBy: 36)
            }
            while values.last == 0 { values.removeLast() }
            return text(values)
        }
    }

    /// The digits' values, without trailing zeros, or nil when the text is no rank.
    private static func valid(_ text: String?) -> [Int]? {
        guard let text, !text.isEmpty else { return nil }
        var values: [Int] = []
        for byte in text.utf8 {
            guard let value = digits.firstIndex(of: byte) else { return nil }
            values.append(value)
        }
        while values.last == 0 { values.removeLast() }
        return values.isEmpty ? nil : values
    }

    private static func head(_ values: [Int]) -> Int {
        (0..<width).reduce(0) { $0 * 36 + ($1 < values.count ? values[$1] : 0) }
    }

    private static func text(_ value: Int) -> String {
        var rest = value
        var values = [Int](repeating: 0, count: width)
        for index in stride(from: width - 1, through: 0, by: -1) {
            values[index] = rest % 36
            rest /= 36
        }
        return text(values)
    }

    private static func text(_ values: [Int]) -> String {
        String(decoding: values.map { digits[$0] }, as: UTF8.self)
    }
}
