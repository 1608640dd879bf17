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

    @Test func followsTheClockWhenThatIsLater() throws {
        let next = HybridTimestamp(milliseconds: 5, counter: 7).next(now: try moment("2026-01-01T00:00:00.123999Z"))
        #expect(next.timestamp.iso8601 == "2026-01-01T00:00:00.123000Z")
        #expect(next.counter == 0)
    }

    @Test func countsOnWhileTheClockStandsStillOrGoesBack() throws {
        let now = try moment("2026-01-01T00:00:00Z")
        let first = HybridTimestamp(milliseconds: 0).next(now: now)
        let second = first.next(now: now)
        let third = second.next(now: now.adding(seconds: -3600))
        #expect([second.counter, third.counter] == [1, 2])
        #expect(third.milliseconds == first.milliseconds)
    }

    @Test func aFullCounterCarriesIntoTheMilliseconds() {
        let next = HybridTimestamp(milliseconds: 9, counter: .max).next(now: Timestamp(microseconds: 0))
        #expect(next == HybridTimestamp(milliseconds: 10, counter: 0))
    }

    @Test func readingsOnlyGrowWhateverTheClockDoes() {
        var generator = SeededGenerator(seed: 3)
        var reading = HybridTimestamp(milliseconds: 1_000_000)
        for _ in 0..<10_000 {
            let next = reading.next(now: Timestamp(microseconds: .random(in: 0...3_000_000_000, using: &generator)))
            #expect(next > reading)
            reading = next
        }
    }

    /// A replica with a broken clock must not take the others down.
    @Test func theLastReadingOfAllHasNoSuccessorButDoesNotCrash() {
        let last = HybridTimestamp(rawValue: .max)
        #expect(last.next(now: Timestamp(microseconds: 0)) == last)
        #expect(last.next(now: Timestamp(microseconds: .max)) == last)
        #expect(!last.timestamp.iso8601.isEmpty)
    }
}
