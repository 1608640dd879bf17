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
        let low = valid(lower)
        let high = valid(upper)
        switch (low, high) {
        case (nil, nil): return text(limit / 2)
        case (let low?, nil):
            let value = head(low) + step
            return value < limit ? text(value) : midpoint(low, nil)
        case (nil, let high?):
            let value = head(high) - step
            return value > 0 ? text(value) : midpoint([], high)
        case (let low?, let high?):
            return low.lexicographicallyPrecedes(high) ? midpoint(low, high) : between(lower, nil)
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

    /// The shortest fraction strictly between two; nil as the upper one stands for 1.
    private static func midpoint(_ low: [Int], _ high: [Int]?) -> String {
        var result: [Int] = []
        var isBelowHigh = high == nil
        for index in 0... {
            let lowDigit = index < low.count ? low[index] : 0
            let highDigit = isBelowHigh ? 36 : high.map { index < $0.count ? $0[index] : 0 } ?? 36
            if highDigit - lowDigit > 1 {
                result.append((lowDigit + highDigit) / 2)
                break
            }
            result.append(lowDigit)
            if lowDigit < highDigit { isBelowHigh = true }
        }
        return text(result)
    }
}
