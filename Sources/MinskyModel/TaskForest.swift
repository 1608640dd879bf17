/// Tasks in the order in which a person reads them: each followed by what is below it.
///
/// A task is a fat value, so that its place among those that were given stands for it.
public struct TaskForest: Sendable {
    /// The place of a task in the tree.
    public struct Node: Sendable {
        /// Which of the given tasks it is.
        public let index: Int
        /// How many tasks it stands below; 0 at the top.
        public let depth: Int
        /// The node that it stands right below, or nil at the top.
        public let parent: Int?
        /// Whether it is the last one below that.
        public let isLast: Bool

        init(index: Int, depth: Int = 0, parent: Int? = nil, isLast: Bool = false) {
            self.index = index
            self.depth = depth
            self.parent = parent
            self.isLast = isLast
        }
    }

    private let given: [TaskItem]
    public let nodes: [Node]

    /// The tasks in the order of the tree.
    public var tasks: [TaskItem] { nodes.map { given[$0.index] } }

    /// Arranges tasks that are in the order of their ranks.
    ///
    /// A task whose parent is not among them stands at the top. So does one of a circle of parents, which only an edit
    /// by hand can make: no task is ever left out.
    public init(_ tasks: [TaskItem]) {
        given = tasks
        let places = Dictionary(tasks.indices.map { (tasks[$0].id, $0) }) { first, _ in first }
        let parents = tasks.indices.map { index in tasks[index].parentID.flatMap { places[$0] } }
        var children: [[Int]] = Array(repeating: [], count: tasks.count)
        for (index, parent) in parents.enumerated() {
            if let parent { children[parent].append(index) }
        }
        var nodes: [Node] = []
        nodes.reserveCapacity(tasks.count)
        var isSeen = Array(repeating: false, count: tasks.count)
        func visit(from root: Int) {
            var stack = [Node(index: root)]
            while let node = stack.popLast() {
                // A circle comes back to where it began.
                guard !isSeen[node.index] else { continue }
                isSeen[node.index] = true
                let place = nodes.count
                nodes.append(node)
                let below = children[node.index]
                for (number, index) in below.enumerated().reversed() {
                    stack.append(
                        Node(index: index, depth: node.depth + 1, parent: place, isLast: number == below.count - 1))
                }
            }
        }
        for (index, parent) in parents.enumerated() where parent == nil { visit(from: index) }
        if nodes.count < tasks.count {
            for index in tasks.indices where !isSeen[index] { visit(from: index) }
        }
        self.nodes = nodes
    }

    /// The same tasks below one another, without a tree.
    public init(flat tasks: [TaskItem]) {
        given = tasks
        nodes = tasks.indices.map { Node(index: $0) }
    }
}
