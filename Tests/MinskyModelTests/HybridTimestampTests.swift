import MinskyModel
import Testing

struct HybridTimestampTests {
    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    @Test func isMillisecondsAndACounter() {
        let reading = HybridTimestamp(milliseconds: 1_700_000_000_123, counter: 65_535)
        #expect(reading.rawValue == 1_700_000_000_123 << 16 | 0xFFFF)
        #expect(reading.milliseconds == 1_700_000_000_123)
        #expect(reading.counter == 65_535)
        #expect(reading.timestamp.microseconds == 1_700_000_000_123_000)
        #expect(HybridTimestamp(rawValue: reading.rawValue) == reading)
    }

    @Test func ordersByTimeThenByCounter() {
        #expect(HybridTimestamp(milliseconds: 1, counter: 9) < HybridTimestamp(milliseconds: 2, counter: 0))
        #expect(HybridTimestamp(milliseconds: 2, counter: 0) < HybridTimestamp(milliseconds: 2, counter: 1))
    }
}
