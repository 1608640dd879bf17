/// Which tasks wait for which, to find circles in: tasks that wait for each other could never be done.
///
/// Building it and every question take time and memory in proportion to the number of tasks and dependencies, however
/// long the chains are.
public struct DependencyGraph: Sendable {
    private var numbers: [String: Int] = [:]
    private var ids: [String] = []
    /// For every task by number, those it waits for.
    private var next: [[Int]] = []

    /// Creates a graph without dependencies.
    public init() {}

    /// Creates a graph from each task's id and the ids of those it waits for.
    public init(_ dependencies: some Sequence<(task: String, waitsFor: [String])>) {
        for (task, others) in dependencies {
            for other in others { add(task, waitsFor: other) }
        }
    }

    /// Adds that a task waits for another one.
    public mutating func add(_ task: String, waitsFor other: String) {
        let (from, to) = (number(task), number(other))
        next[from].append(to)
    }

    /// The tasks of a circle, each waiting for the one after it and the last for the first, or nil when there is none.
    ///
    /// It begins with the task of it that was added first; the same graph always gives the same circle.
    public func firstCycle() -> [String]? {
        var isFinished = [Bool](repeating: false, count: next.count)
        /// Where a task stands on the path, or -1.
        var place = [Int](repeating: -1, count: next.count)
        for start in next.indices where !isFinished[start] {
            var path = [(task: start, tried: 0)]
            place[start] = 0
            while let (task, tried) = path.last {
                guard tried < next[task].count else {
                    isFinished[task] = true
                    place[task] = -1
                    path.removeLast()
                    continue
                }
                path[path.count - 1].tried += 1
                let other = next[task][tried]
                if place[other] >= 0 { return Self.rotated(path[place[other]...].map(\.task)).map { ids[$0] } }
                if !isFinished[other] {
                    place[other] = path.count
                    path.append((other, 0))
                }
            }
        }
        return nil
    }

    /// The tasks of the shortest circle that a task is part of, beginning with it, or nil when there is none.
    public func cycle(through task: String) -> [String]? {
        guard let start = numbers[task] else { return nil }
        /// From where a task was reached, or -1.
        var previous = [Int](repeating: -1, count: next.count)
        var queue = [start]
        var index = 0
        while index < queue.count {
            let current = queue[index]
            index += 1
            for other in next[current] {
                if other == start {
                    var path = [current]
                    while let last = path.last, last != start { path.append(previous[last]) }
                    return path.reversed().map { ids[$0] }
                }
                if previous[other] < 0 {
                    previous[other] = current
                    queue.append(other)
                }
            }
        }
        return nil
    }

    private mutating func number(_ id: String) -> Int {
        if let number = numbers[id] { return number }
        numbers[id] = ids.count
        ids.append(id)
        next.append([])
        return ids.count - 1
    }

    /// The circle from its lowest number on.
    private static func rotated(_ circle: [Int]) -> [Int] {
        guard let first = circle.indices.min(by: { circle[$0] < circle[$1] }) else { return circle }
        return Array(circle[first...] + circle[..<first])
    }
}
