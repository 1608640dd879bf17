import MinskyModel
import MinskyStore

// Tasks of a file can close a circle together with those that are stored, and a task can wait for one that it is part of.
// Of the links of the file as many are cut as it takes; stored links stay.

extension ImportPlan {
    /// Cuts links of the file until tasks neither stand below themselves, nor wait for themselves, for what they are part
    /// of, or for a part of them.
    mutating func cutCircles(in session: some StoreSession) throws {
        var graph = Graph()
        let new = Set(created.map(\.id))
        let linked = (created + changed.map(\.new)).flatMap { $0.dependsOn + [$0.parentID].compactMap { $0 } }
        if !changed.isEmpty || linked.contains(where: { !new.contains($0) }) {
            (graph.parents, graph.dependencies) = try session.links()
        }
        for task in created { graph.put(task, was: nil) }
        for (old, task) in changed { graph.put(task, was: old) }
        guard graph.hasNewLinks else { return }
        for cut in graph.cutCircles() {
            let field = cut.isParent ? "parent" : "dependency"
            let other = places[cut.target]?.reference ?? cut.target
            warn(cut.task, field, "\(other.quotedForReport) \(cut.reason); left out")
        }
        for index in created.indices { graph.apply(to: &created[index]) }
        for index in changed.indices { graph.apply(to: &changed[index].new) }
        changed.removeAll { $0.new.isSame(as: $0.old) }
    }
}

/// A link that was cut.
private struct Cut {
    let task: String
    let target: String
    let isParent: Bool
    let reason: String
}

private struct Graph {
    var parents: [String: String] = [:]
    var dependencies: [String: [String]] = [:]
    /// The tasks whose parent the file sets, with the one they had.
    private var newParents: [String: String?] = [:]
    private var newDependencies: [String: Set<String>] = [:]

    var hasNewLinks: Bool { !newParents.isEmpty || !newDependencies.isEmpty }

    mutating func put(_ task: TaskItem, was old: TaskItem?) {
        if task.parentID != old?.parentID, task.parentID != nil { newParents[task.id] = .some(old?.parentID) }
        parents[task.id] = task.parentID
        let added = Set(task.dependsOn).subtracting(old?.dependsOn ?? [])
        if !added.isEmpty { newDependencies[task.id] = added }
        dependencies[task.id] = task.dependsOn.isEmpty ? nil : task.dependsOn
    }

    /// Gives a task what is left of its links.
    func apply(to task: inout TaskItem) {
        task.parentID = parents[task.id]
        task.dependsOn = dependencies[task.id] ?? []
    }

    mutating func cutCircles() -> [Cut] {
        var cuts: [Cut] = []
        var found = 1
        // Where a parent is put back to what it was, a further circle may come about; every round cuts something.
        while found > 0 {
            let before = cuts.count
            let standing = Walk(parents.mapValues { [$0] }) { newParents[$0] != nil && $1 == parents[$0] }.closing
            for (task, parent) in standing { cuts.append(cutParent(of: task, parent, "would close a circle")) }
            let waiting = Walk(dependencies) { newDependencies[$0]?.contains($1) == true }.closing
            for (task, other) in waiting { cuts.append(cutDependency(of: task, other, "would close a circle")) }
            cuts += cutRelatives()
            found = cuts.count - before
        }
        return cuts
    }

    private mutating func cutParent(of task: String, _ parent: String, _ reason: String) -> Cut {
        parents[task] = newParents.removeValue(forKey: task) ?? nil
        return Cut(task: task, target: parent, isParent: true, reason: reason)
    }

    private mutating func cutDependency(of task: String, _ other: String, _ reason: String) -> Cut {
        dependencies[task]?.removeAll { $0 == other }
        if dependencies[task]?.isEmpty == true { dependencies[task] = nil }
        newDependencies[task]?.remove(other)
        return Cut(task: task, target: other, isParent: false, reason: reason)
    }

    /// Cuts what makes a task wait for one above or below it.
    private mutating func cutRelatives() -> [Cut] {
        let spans = Spans(parents)
        var cuts: [Cut] = []
        for (task, others) in dependencies.sorted(by: { $0.key < $1.key }) {
            for other in others {
                let isAbove = spans.isPart(task, of: other)
                guard isAbove || spans.isPart(other, of: task) else { continue }
                if newDependencies[task]?.contains(other) == true {
                    cuts.append(
                        cutDependency(of: task, other, isAbove ? "is what it is part of" : "is part of it"))
                } else {
                    // The dependency was there first, so it is the new place that does not fit.
                    var place: String? = isAbove ? task : other
                    while let id = place, newParents[id] == nil { place = parents[id] }
                    if let id = place, let parent = parents[id] {
                        cuts.append(cutParent(of: id, parent, "does not go with a dependency that is there"))
                    }
                }
            }
        }
        return cuts
    }
}

/// A walk in depth over links, which finds those that close a circle. Its path is a list, so that no chain is too long.
private struct Walk {
    /// New links whose removal leaves no circle.
    private(set) var closing: [(String, String)] = []

    init(_ links: [String: [String]], isNew: (String, String) -> Bool) {
        var finished: Set<String> = []
        var place: [String: Int] = [:]
        for start in links.keys.sorted() where !finished.contains(start) {
            var path = [(node: start, next: 0)]
            place[start] = 0
            while let (node, next) = path.last {
                let targets = links[node] ?? []
                guard next < targets.count else {
                    finished.insert(node)
                    place[node] = nil
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let target = targets[next]
                if let first = place[target] {
                    // From the target along the path and back to it: the last new link of these is cut.
                    if isNew(node, target) {
                        closing.append((node, target))
                        continue
                    }
                    var index = path.count - 2
                    while index >= first, !isNew(path[index].node, path[index + 1].node) { index -= 1 }
                    guard index >= first else { continue }
                    closing.append((path[index].node, path[index + 1].node))
                    // What lies behind it has not been walked to its end.
                    while path.count > index + 1 { place[path.removeLast().node] = nil }
                } else if !finished.contains(target), links[target] != nil {
                    place[target] = path.count
                    path.append((target, 0))
                }
            }
        }
    }
}

/// Which tasks are part of which, each asked in no time at all.
private struct Spans {
    /// When a walk over the whole tree comes to a task, and when it leaves it.
    private var spans: [String: (start: Int, end: Int)] = [:]

    init(_ parents: [String: String]) {
        var children: [String: [String]] = [:]
        for (task, parent) in parents { children[parent, default: []].append(task) }
        var time = 0
        for root in children.keys where parents[root] == nil {
            var path = [(node: root, next: 0)]
            spans[root] = (time, Int.max)
            while let (node, next) = path.last {
                time += 1
                let below = children[node] ?? []
                if next < below.count {
                    path[path.count - 1].next += 1
                    spans[below[next]] = (time, Int.max)
                    path.append((below[next], 0))
                } else {
                    spans[node]?.end = time
                    path.removeLast()
                }
            }
        }
    }

    func isPart(_ task: String, of other: String) -> Bool {
        guard let inner = spans[task], let outer = spans[other] else { return false }
        return outer.start < inner.start && inner.end < outer.end
    }
}
