/// A hybrid logical clock's reading: 48 bits of milliseconds since the epoch, then a 16-bit counter.
///
/// Source: Kulkarni et al., "Logical Physical Clocks" (2014). Readings of one replica only grow; ties between replicas
/// are broken by the replica id.
public struct HybridTimestamp: Sendable, Hashable, Comparable {
    public let rawValue: Int64

    /// Creates a reading from its 64-bit form, as the change log stores it.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Creates a reading from its two parts; milliseconds beyond what 48 bits hold, after the year 6429, are the last ones.
    public init(milliseconds: Int64, counter: UInt16 = 0) {
        rawValue = min(max(milliseconds, -1 << 47), 1 << 47 - 1) << 16 | Int64(counter)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64 { rawValue >> 16 }

    /// The count of readings within the same millisecond.
    public var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// The reading as a moment, precise to the millisecond.
    public var timestamp: Timestamp { Timestamp(microseconds: milliseconds * 1000) }

    /// Readings from here on, in the year 4199, are passed over by the clock: one that a broken or hostile clock wrote at the
    /// end of what 64 bits hold would leave no reading after it.
    public static let horizon = HybridTimestamp(rawValue: 1 << 62)

    public static func < (left: HybridTimestamp, right: HybridTimestamp) -> Bool { left.rawValue < right.rawValue }
}
