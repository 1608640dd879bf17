import MinskyModel
import MinskyStore

/// One task that a use case has written, as every face shows it.
public struct WrittenTask: Sendable {
    public let task: TaskItem
    /// Whether anything about it is different from before.
    public let hasChanged: Bool
    /// The parent it now stands under, when that is done or dropped and was not its parent before.
    public let closedParent: TaskItem?
    public let list: TaskList

    init(_ task: TaskItem, was old: TaskItem?, hasChanged: Bool = true, in session: some StoreSession) throws {
        self.task = task
        self.hasChanged = hasChanged
        let parent = task.parentID == old?.parentID ? nil : try session.liveTask(task.parentID)
        closedParent = parent.flatMap { $0.status.isOpen ? nil : $0 }
        list = try TaskList(tasks: [task] + (closedParent.map { [$0] } ?? []), in: session)
    }

    /// The task as the documented JSON object.
    public var json: JSON { list.json(of: task) }
}
