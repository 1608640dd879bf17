import MinskyModel
import Testing

struct DependencyGraphTests {
    /// From `a>b b>c`: a waits for b, and b for c.
    private func graph(_ text: String) -> DependencyGraph {
        DependencyGraph(
            text.split(separator: " ").map { edge in
                let parts = edge.split(separator: ">").map(String.init)
                return (task: parts[0], waitsFor: [parts[1]])
            })
    }

    @Test(arguments: [
        "", "a>b", "a>b b>c c>d", "a>b a>c b>d c>d", "a>b a>b", "d>c c>b b>a", "a>b c>b c>a", "x>a a>b y>b",
    ])
    func withoutACircleThereIsNone(edges: String) {
        #expect(graph(edges).firstCycle() == nil)
        for task in ["a", "b", "c", "d", "nowhere"] { #expect(graph(edges).cycle(through: task) == nil) }
    }

    @Test(arguments: [
        ("a>a", "a"), ("a>b b>a", "a b"), ("a>b b>c c>a", "a b c"), ("x>a a>b b>a", "a b"), ("c>a a>b b>c", "c a b"),
        ("a>b a>c c>d d>a", "a c d"), ("a>b b>c c>b", "b c"), ("a>b c>d d>c", "c d"), ("a>b b>c b>a c>a", "a b c"),
        ("a>b b>d a>c c>d d>e e>c", "d e c"),
    ])
    func aCircleIsNamedInTheOrderOfWaiting(edges: String, circle: String) {
        #expect(graph(edges).firstCycle() == circle.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("a>b b>c c>a", "b", "b c a"), ("a>b b>c b>a c>a", "a", "a b"), ("a>b b>c c>b", "a", nil), ("a>a", "a", "a"),
        ("a>b b>a c>d d>c", "d", "d c"), ("a>b b>c c>d d>a a>c", "a", "a c d"),
    ])
    func theShortestCircleThroughATask(edges: String, task: String, circle: String?) {
        #expect(graph(edges).cycle(through: task) == circle.map { $0.split(separator: " ").map(String.init) })
    }

    /// Deep enough to end a search that calls itself, and with enough ways to end one that tries them all.
    @Test func longChainsAndManyWaysAreNoBurden() {
        let count = 50_000
        var graph = DependencyGraph()
        for task in 1..<count {
            graph.add("\(task)", waitsFor: "\(task + 1)")
            graph.add("\(task)", waitsFor: "\(min(task + 2, count))")
        }
        #expect(graph.firstCycle() == nil)
        #expect(graph.cycle(through: "1") == nil)
        graph.add("\(count)", waitsFor: "1")
        #expect(graph.firstCycle()?.first == "1")
        #expect(graph.firstCycle()?.count == count)
        #expect(graph.cycle(through: "1")?.count == count / 2 + 1)
    }

    /// What is found is a circle, and nothing is found exactly when the tasks can be put in order.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithAnOrderOfRandomGraphs(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let size = Int.random(in: 1...8, using: &generator)
            var edges: Set<[Int]> = []
            for _ in 0..<Int.random(in: 0...size * 2, using: &generator) {
                edges.insert((0..<2).map { _ in Int.random(in: 0..<size, using: &generator) })
            }
            let graph = DependencyGraph(edges.map { (task: "\($0[0])", waitsFor: ["\($0[1])"]) })
            var left = Set(0..<size)
            while let free = left.first(where: { task in !edges.contains { $0[0] == task && left.contains($0[1]) } }) {
                left.remove(free)
            }
            let circle = graph.firstCycle()
            try #require((circle == nil) == left.isEmpty, "\(edges)")
            for circle in [circle] + (0..<size).map({ graph.cycle(through: "\($0)") }) {
                let tasks = try (circle ?? []).map { try #require(Int($0)) }
                for (task, next) in zip(tasks, tasks.dropFirst() + tasks.prefix(1)) {
                    try #require(edges.contains([task, next]), "\(edges)")
                }
                try #require(Set(tasks).count == tasks.count)
            }
        }
    }
}
