import MinskyModel
import Testing

@Suite("The order of a tree")
struct TaskForestTests {
    /// Tasks from their ids, each with its parent's after a slash.
    private func tasks(_ names: String...) -> [TaskItem] {
        names.map { name in
            let parts = name.split(separator: "/").map(String.init)
            var task = TaskItem(id: parts[0], title: parts[0], rank: "i", createdAt: Timestamp(microseconds: 0))
            task.parentID = parts.count > 1 ? parts[1] : nil
            return task
        }
    }

    private func shape(_ forest: TaskForest) -> [String] {
        zip(forest.nodes, forest.tasks).map { node, task in
            String(repeating: " ", count: node.depth) + task.id + (node.isLast ? "." : "")
        }
    }

    @Test func eachTaskIsFollowedByWhatIsBelowIt() {
        let forest = TaskForest(tasks("c/a", "a", "b", "d/a", "e/c"))
        #expect(shape(forest) == ["a", " c", "  e.", " d.", "b"])
        #expect(forest.nodes.map(\.parent) == [nil, 0, 1, 0, nil])
    }

    @Test func whoseParentIsMissingStandsAtTheTop() {
        #expect(shape(TaskForest(tasks("a/x", "b/a"))) == ["a", " b."])
    }

    /// Only an edit by hand makes a circle.
    @Test func aCircleLeavesNobodyOut() {
        #expect(shape(TaskForest(tasks("a/c", "b/a", "c/b", "d"))) == ["d", "a", " b.", "  c."])
        #expect(shape(TaskForest(tasks("a/a", "b/a"))) == ["a", " b."])
    }

    @Test func withoutATreeTheOrderStays() {
        let forest = TaskForest(flat: tasks("b/a", "a"))
        #expect(forest.tasks.map(\.id) == ["b", "a"])
        #expect(forest.nodes.allSatisfy { $0.depth == 0 && $0.parent == nil })
    }
}
