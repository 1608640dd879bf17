import MinskyModel
import MinskyStore

/// Adds the tasks of a list, a line a task, all in one operation.
public struct AddTasks: Sendable {
    /// The list.
    public var text: String
    /// What all of them get besides; their own words go before.
    public var fields: TaskEdit
    /// The task they become part of, as typed.
    public var parent: String?

    /// What was added.
    public struct Result: Sendable {
        /// In the order of the list.
        public let list: TaskList

        /// The tasks as the documented JSON array.
        public var json: JSON { list.json }
    }

    /// Creates the request.
    public init(text: String, fields: TaskEdit = TaskEdit(), parent: String? = nil) {
        self.text = text
        self.fields = fields
        self.parent = parent
    }

    /// Adds the tasks.
    /// - Throws: `AppError` with code `.invalidArgument` that names the line; `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let reading = FieldReading(configuration: workspace.configuration, caller: caller)
        let outline = try TaskOutline(text, isMarked: false, in: reading)
        guard !outline.nodes.isEmpty else {
            throw AppError(
                .invalidArgument, "there is no task in the list",
                hint: "Every line is a task; indented, it is part of the one above.")
        }
        let all = fields
        return Result(list: try Self.add(outline.nodes, under: parent, in: workspace, as: caller) { _ in all })
    }

    /// Adds tasks in one operation.
    /// - Parameter common: What a task gets besides, by its place; its own words go before.
    static func add(
        _ nodes: [TaskOutline.Node], under parent: String?, in workspace: OpenWorkspace, as caller: Caller,
        _ common: (Int) -> TaskEdit
    ) throws -> TaskList {
        let ids = nodes.map { _ in workspace.environment.newID() }
        let commons = nodes.indices.map(common)
        let operation = workspace.operation("add", of: caller)
        return try workspace.perform(operation) { session in
            let isHanging =
                parent != nil || (commons + nodes.map(\.fields)).contains { !$0.addedDependencies.isEmpty }
            if isHanging { try session.lockGraph() }
            let parentID = try parent.map { try session.resolveTask($0) }
            var siblings: [Int?: [Int]] = [:]
            for (place, node) in nodes.enumerated() { siblings[node.parent, default: []].append(place) }
            var ranks = nodes.map { _ in "" }
            for (above, places) in siblings {
                let last = above == nil ? try session.lastRank(under: parentID) : nil
                for (place, rank) in zip(places, Rank.spread(count: places.count, between: last, and: nil)) {
                    ranks[place] = rank
                }
            }
            var tasks: [TaskItem] = []
            for (place, node) in nodes.enumerated() {
                var task = TaskItem(
                    id: ids[place], title: node.title, rank: ranks[place], createdAt: operation.now,
                    createdBy: caller.name)
                task.parentID = node.parent.map { ids[$0] } ?? parentID
                try commons[place].apply(to: &task, in: session)
                try node.fields.apply(to: &task, in: session)
                let text = node.text.joined(separator: "\n").trimmingSpace
                if !text.isEmpty, task.description == nil { task.description = text }
                if node.isDone { task.move(to: .done, at: operation.now) }
                tasks.append(task)
            }
            try session.insert(tasks)
            for task in tasks where !task.dependsOn.isEmpty { try session.requireApart(task, from: task.dependsOn) }
            return try TaskList(tasks: try ids.map { try session.task($0) }, in: session)
        }
    }
}
