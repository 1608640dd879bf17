import Testing

@testable import MinskyModel

@Suite("The nearest match")
struct NearestMatchTests {
    @Test(arguments: [("lst", "list"), ("LIST", "list"), ("hlep", "help"), ("decompse", "decompose"), ("ad", "add")])
    func isWhatWasMeant(typed: String, meant: String) {
        #expect(NearestMatch.of(typed, among: ["add", "list", "help", "decompose"]) == meant)
    }

    @Test(arguments: ["frobnicate", "xyz", "", "listing everything"])
    func isNothingWhenNothingIsNear(typed: String) {
        #expect(NearestMatch.of(typed, among: ["add", "list", "help", "decompose"]) == nil)
    }

    @Test func aTextThatIsNoWordIsNearNothing() {
        let text = String(repeating: "list", count: 51)
        #expect(NearestMatch.of(text, among: [text + "s"]) == nil)
    }

    @Test func nothingIsNearAmongNone() {
        #expect(NearestMatch.of("list", among: []) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ])
    func distancesCountEdits(left: String, right: String, distance: Int) {
        #expect(NearestMatch.distance(left, right) == distance)
        #expect(NearestMatch.distance(right, left) == distance)
    }
}
