extension [PlannedSubtask] {
    /// Some of the subtasks, by position, ascending. What depended on one that is left out depends on what that depended on.
    func keeping(_ kept: [Int]) -> [PlannedSubtask] {
        var newPlace: [Int: Int] = [:]
        for (place, old) in kept.enumerated() { newPlace[old] = place }
        // For each subtask, the kept ones it waits for; dependencies point backwards, so one pass is enough.
        var waits: [Set<Int>] = []
        for subtask in self {
            var set: Set<Int> = []
            for other in subtask.dependsOn where waits.indices.contains(other) {
                if let place = newPlace[other] { set.insert(place) } else { set.formUnion(waits[other]) }
            }
            waits.append(set)
        }
        return kept.map { old in
            var subtask = self[old]
            subtask.dependsOn = waits[old].sorted()
            return subtask
        }
    }

    /// The positions of as many subtasks as are wanted: first those that do the work, then what they wait for, nearest
    /// first, then the others, the most complex first.
    /// - Parameter core: The positions of those that do the work; when there are none, the most complex does.
    func positions(ofMost count: Int, core: [Int]) -> [Int] {
        func byWeight(_ positions: some Sequence<Int>) -> [Int] {
            positions.sorted {
                let (left, right) = (self[$0].complexity ?? 0, self[$1].complexity ?? 0)
                return left == right ? $0 < $1 : left > right
            }
        }
        let first = core.isEmpty ? [Int](byWeight(indices).prefix(1)) : core
        var order = first
        var chosen = Set(first)
        var frontier = first
        while !frontier.isEmpty {
            frontier = byWeight(
                Set(frontier.flatMap { self[$0].dependsOn.filter(indices.contains) }).subtracting(chosen))
            chosen.formUnion(frontier)
            order += frontier
        }
        order += byWeight(indices.filter { !chosen.contains($0) })
        return order.prefix(Swift.max(1, count)).sorted()
    }
}

extension Breakdown {
    /// Leaves out subtasks whose titles are those of earlier ones or of subtasks there are, and remembers their titles.
    ///
    /// What waited for a repeated one waits for the one it repeats.
    public mutating func leaveOutRepeats(existing: [String]) -> [String] {
        let known = Set(existing.map(Self.key))
        var places: [String: Int] = [:]
        var kept: [Int] = []
        var leftOut: [String] = []
        for (place, subtask) in subtasks.enumerated() {
            let key = Self.key(subtask.title)
            subtasks[place].dependsOn = Set(
                subtask.dependsOn.filter { $0 < place && $0 >= 0 }.map { places[Self.key(subtasks[$0].title)] ?? $0 }
            ).sorted()
            if known.contains(key) || places[key] != nil {
                leftOut.append(subtask.title)
            } else {
                kept.append(place)
            }
            if places[key] == nil { places[key] = place }
        }
        subtasks = subtasks.keeping(kept)
        return leftOut
    }

    /// Titles that differ only in case and white space are the same; of a long one the beginning and the length count.
    private static func key(_ title: String) -> String {
        let beginning = String(String.UnicodeScalarView(title.unicodeScalars.prefix(1000)))
        let words = beginning.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return title.utf8.count > 4000 ? "\(words) \(title.utf8.count)" : words
    }
}
