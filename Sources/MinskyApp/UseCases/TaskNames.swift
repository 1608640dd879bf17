import MinskyModel
import MinskyStore

/// What people call the tasks and operations that a piece of the log is about, so that it can be told in their words.
public struct TaskNames: Sendable {
    private let titles: [String: String]
    private let shortIDs: [String: String]
    private let commands: [String: String]

    /// Reads the names of the tasks in some operations, deleted ones included, and of the operations they take back.
    /// - Throws: `StoreError`, `SQLError`.
    init(in operations: [LoggedOperation], _ session: some StoreSession) throws {
        let ids = Array(Set(operations.flatMap { $0.changes.flatMap(\.taskIDs) })).sorted()
        titles = try session.titles(of: ids)
        shortIDs = try session.shortIDs(of: ids)
        var commands: [String: String] = [:]
        for operation in operations { commands[operation.id] = operation.command }
        for id in Set(operations.compactMap(\.reverts)) where commands[id] == nil {
            commands[id] = try session.operation(id)?.command
        }
        self.commands = commands
    }

    /// A task's title, or nil when there is no such task.
    public func title(of id: String) -> String? { titles[id] }

    /// A task's id as people type it.
    public func shortID(of id: String) -> String { shortIDs[id] ?? id }

    /// What was typed to make an operation, or nil when it is not known.
    public func command(of operation: String) -> String? { commands[operation] }
}

extension Change {
    /// The task the change is about, or nil when it is about none.
    public var taskID: String? {
        switch table {
        case "tasks": rowID
        // By scalars, not by characters: what follows may begin with an accent, which would join the slash.
        case "task_tags", "task_dependencies": String(rowID.unicodeScalars.prefix { $0 != "/" })
        case "notes", "links", "time_entries": (after ?? before)?["task_id"]?.string
        default: nil
        }
    }

    /// The second part of a compound key: the tag, or the task that is depended on.
    public var otherKey: String { String(rowID.unicodeScalars.drop { $0 != "/" }.dropFirst()) }

    /// Every task the change names.
    fileprivate var taskIDs: [String] {
        var ids = [taskID].compactMap { $0 }
        if table == "task_dependencies" { ids.append(otherKey) }
        for fields in [before, after] { if let parent = fields?["parent_id"]?.string { ids.append(parent) } }
        return ids
    }
}
