import MinskyModel
import Testing

struct RankTests {
    private func isBefore(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    private func isStrictlyOrdered(_ ranks: [String]) -> Bool { zip(ranks, ranks.dropFirst()).allSatisfy(isBefore) }

    /// Inserts at the places that a rule chooses and checks every new rank against its neighbours.
    private func insert(_ count: Int, at place: (Int) -> Int) throws -> [String] {
        var ranks = [Rank.between(nil, nil)]
        for _ in 0..<count {
            let index = place(ranks.count)
            let lower = index > 0 ? ranks[index - 1] : nil
            let upper = index < ranks.count ? ranks[index] : nil
            let rank = Rank.between(lower, upper)
            if let lower { try #require(isBefore(lower, rank), "\(lower) \(rank)") }
            if let upper { try #require(isBefore(rank, upper), "\(rank) \(upper)") }
            ranks.insert(rank, at: index)
        }
        #expect(isStrictlyOrdered(ranks))
        return ranks
    }

    private func longest(_ ranks: [String]) -> Int { ranks.map(\.utf8.count).max() ?? 0 }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func insertionsAtRandomPlacesStayShort(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let ranks = try insert(4000) { Int.random(in: 0...$0, using: &generator) }
        #expect(longest(ranks) <= 14)
    }

    @Test func appendingKeepsOneLength() throws {
        #expect(longest(try insert(10_000) { $0 }) == 6)
    }

    @Test func prependingKeepsOneLength() throws {
        #expect(longest(try insert(10_000) { _ in 0 }) == 6)
    }

    /// Halving a gap costs one of 36 values, so a character lasts for about five insertions.
    @Test(arguments: [0, 1])
    func insertingIntoTheSameGapTakesOneCharacterForFiveInsertions(offset: Int) throws {
        let ranks = try insert(2000) { min($0, offset + 1) == 1 ? 1 : $0 / 2 }
        #expect(longest(ranks) <= 2000 / 5 + 8)
    }

    @Test func insertingAlwaysBeforeTheLastStaysBounded() throws {
        #expect(longest(try insert(2000) { $0 - 1 }) <= 2000 / 5 + 8)
    }

    @Test func thereIsRoomBeforeTheFirstAndAfterTheLastOfAll() throws {
        var first = "000001"
        var last = "zzzzzz"
        for _ in 0..<200 {
            let (before, after) = (Rank.between(nil, first), Rank.between(last, nil))
            try #require(isBefore(before, first), "\(before) \(first)")
            try #require(isBefore(last, after), "\(last) \(after)")
            (first, last) = (before, after)
        }
        #expect(first.utf8.count < 60 && last.utf8.count < 60)
    }

    @Test func ranksHoldOnlyDigitsAndLowerCase() throws {
        var generator = SeededGenerator(seed: 9)
        let ranks = try insert(1000) { Int.random(in: 0...$0, using: &generator) }
        #expect(ranks.allSatisfy { $0.allSatisfy { "0123456789abcdefghijklmnopqrstuvwxyz".contains($0) } })
    }

    @Test func anyTwoRanksInOrderHaveRoomBetweenThem() throws {
        var generator = SeededGenerator(seed: 4)
        let digits = Array("0001az")
        for _ in 0..<5000 {
            let pair = (0..<2).map { _ in
                String(
                    (0..<Int.random(in: 1...8, using: &generator)).map { _ in
                        digits.randomElement(using: &generator) ?? "0"
                    })
            }.sorted()
            // Trailing zeros do not count: such texts name one place.
            let (low, high) = (pair[0], pair[1])
            let values = pair.map { $0.reversed().drop { $0 == "0" }.reversed() }
            guard !values[0].elementsEqual(values[1]), !values[0].isEmpty else { continue }
            let rank = Rank.between(low, high)
            try #require(isBefore(low, rank) && isBefore(rank, high), "\(low) \(rank) \(high)")
        }
    }

    @Test(
        arguments: [
            (nil, nil), ("", ""), ("ABC", "é"), ("0", "000"), ("z", "a"), ("i", "i"), ("i", "i00"), ("\0", nil),
        ] as [(String?, String?)])
    func badNeighboursStillGiveARank(lower: String?, upper: String?) {
        let rank = Rank.between(lower, upper)
        #expect(!rank.isEmpty)
        let next = Rank.between(rank, nil)
        #expect(isBefore(rank, next))
    }

    /// Every text of up to three digits that could be a rank between the two, shortest length first.
    private func room(_ lower: String?, _ upper: String?, length: Int) -> Int {
        let digits = "0123456789abcdefghijklmnopqrstuvwxyz".map(String.init)
        let texts = (0..<length).reduce([""]) { texts, _ in texts.flatMap { text in digits.map { text + $0 } } }
        func trimmed(_ text: String) -> String { String(text.reversed().drop { $0 == "0" }.reversed()) }
        return texts.filter { text in
            isBefore(trimmed(lower ?? ""), trimmed(text))
                && (upper.map { isBefore(trimmed(text), trimmed($0)) } ?? true)
        }.count
    }

    @Test(
        arguments: [
            (nil, nil), ("i", nil), (nil, "i"), ("a", "b"), ("a", "b5"), ("az", "b"), ("a00", "a1"), ("zy", nil),
            (nil, "01"), ("a", "z"), ("a1", "a2"), ("azz", "b"), ("azzx", "b01"),
        ] as [(String?, String?)])
    func spreadRanksAreInOrderAndAsShortAsCanBe(lower: String?, upper: String?) throws {
        for count in [1, 2, 3, 10, 34, 35, 36, 100, 1000, 1295] {
            let ranks = Rank.spread(count: count, between: lower, and: upper)
            #expect(ranks.count == count)
            try #require(isStrictlyOrdered([lower].compactMap { $0 } + ranks + [upper].compactMap { $0 }), "\(ranks)")
            try #require(!ranks.contains { $0.hasSuffix("0") })
            let length = longest(ranks)
            if length <= 3 { #expect(room(lower, upper, length: length - 1) < count, "\(count)") }
        }
    }

    @Test func spreadRanksLeaveEqualRoom() {
        #expect(Rank.spread(count: 5, between: nil, and: nil) == ["6", "c", "i", "o", "u"])
        #expect(Rank.spread(count: 3, between: "a", and: "e") == ["b", "c", "d"])
        #expect(Rank.spread(count: 3, between: "a", and: "d") == ["ar", "bi", "c9"])
        #expect(Rank.spread(count: 0, between: nil, and: nil).isEmpty)
        #expect(Rank.spread(count: -1, between: nil, and: nil).isEmpty)
    }

    @Test func siblingsWhoseRanksAreLongGetShortOnes() throws {
        let ranks = try insert(3200) { min($0, 1) }
        #expect(longest(ranks) > 600)
        let spread = Rank.spread(count: ranks.count, between: nil, and: nil)
        #expect(isStrictlyOrdered(spread))
        #expect(longest(spread) == 3)
        let between = Rank.spread(count: 5000, between: ranks[0], and: ranks[1])
        #expect(isStrictlyOrdered([ranks[0]] + between + [ranks[1]]))
        #expect(longest(between) <= longest(ranks) + 3)
    }

    @Test(arguments: [("z", "a"), ("i", "i"), ("", "É"), ("0", "00")])
    func badNeighboursStillGiveRoom(lower: String, upper: String) {
        #expect(isStrictlyOrdered(Rank.spread(count: 50, between: lower, and: upper)))
    }
}
