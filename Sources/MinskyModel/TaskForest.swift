/// Tasks in the order in which a person reads them: each followed by what is below it.
public struct TaskForest: Sendable {
    /// A task with its place in the tree.
    public struct Node: Sendable {
        public let task: TaskItem
        /// For every level from the top down to the task, whether it stands last there; empty at the top.
        public let isLast: [Bool]

        init(task: TaskItem, isLast: [Bool]) {
            self.task = task
            self.isLast = isLast
        }

        /// A task without a tree.
        public init(alone task: TaskItem) { self.init(task: task, isLast: []) }
    }

    public let nodes: [Node]

    /// Arranges tasks that are in the order of their ranks.
    ///
    /// A task whose parent is not among them stands at the top. So does one of a circle of parents, which only an edit
    /// by hand can make: no task is ever left out.
    public init(_ tasks: [TaskItem]) {
        let present = Set(tasks.map(\.id))
        var children: [String: [TaskItem]] = [:]
        var roots: [TaskItem] = []
        for task in tasks {
            if let parent = task.parentID, present.contains(parent) {
                children[parent, default: []].append(task)
            } else {
                roots.append(task)
            }
        }
        var nodes: [Node] = []
        nodes.reserveCapacity(tasks.count)
        func visit(from root: TaskItem) {
            var stack = [Node(task: root, isLast: [])]
            while let node = stack.popLast() {
                nodes.append(node)
                // Taken out, so that a circle ends.
                guard let below = children.removeValue(forKey: node.task.id) else { continue }
                for (index, task) in below.enumerated().reversed() {
                    stack.append(Node(task: task, isLast: node.isLast + [index == below.count - 1]))
                }
            }
        }
        for root in roots { visit(from: root) }
        if nodes.count < tasks.count {
            var seen = Set(nodes.map(\.task.id))
            for task in tasks where !seen.contains(task.id) {
                let start = nodes.count
                visit(from: task)
                // The circle comes back to where it began.
                nodes.removeAll { $0.task.id == task.id && !$0.isLast.isEmpty }
                seen.formUnion(nodes[min(start, nodes.count)...].map(\.task.id))
            }
        }
        self.nodes = nodes
    }
}
