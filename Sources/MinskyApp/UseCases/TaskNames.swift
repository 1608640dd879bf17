import MinskyModel
import MinskyStore

/// What people call the tasks and operations that a piece of the log is about, so that it can be told in their words.
public struct TaskNames: Sendable {
    private let titles: [String: String]
    private let shortIDs: [String: String]
    private let commands: [String: String]
    /// The tasks on which notes, links and times hang, by the ids of these.
    private let owners: [String: String]

    /// Reads the names of the tasks in some operations, deleted ones included, and of the operations they take back.
    /// - Throws: `StoreError`, `SQLError`.
    init(in operations: [LoggedOperation], _ session: some StoreSession) throws {
        let changes = operations.flatMap(\.changes)
        let owners = try session.owners(of: Set(changes.filter(\.isOfPart).map(\.rowID)).sorted())
        self.owners = owners
        let ids = Set(changes.flatMap(\.taskIDs) + owners.values).sorted()
        titles = try session.titles(of: ids)
        shortIDs = try session.shortIDs(of: ids)
        var commands: [String: String] = [:]
        for operation in operations { commands[operation.id] = operation.command }
        for id in Set(operations.compactMap(\.reverts)) where commands[id] == nil {
            commands[id] = try session.operation(id)?.command
        }
        self.commands = commands
    }

    /// The task a change is about, or nil when it is about none.
    public func task(of change: Change) -> String? { change.taskID ?? owners[change.rowID] }

    /// A task's title, or nil when there is no such task.
    public func title(of id: String) -> String? { titles[id] }

    /// A task's id as people type it.
    public func shortID(of id: String) -> String { shortIDs[id] ?? id }

    /// What was typed to make an operation, or nil when it is not known.
    public func command(of operation: String) -> String? { commands[operation] }
}

extension Change {
    /// The task that the change itself names as the one it is about, or nil when it names none.
    var taskID: String? {
        switch table {
        case "tasks": rowID
        // By scalars, not by characters: what follows may begin with an accent, which would join the slash.
        case "task_tags", "task_dependencies": String(rowID.unicodeScalars.prefix { $0 != "/" })
        default: isOfPart ? (after ?? before)?["task_id"]?.string : nil
        }
    }

    /// Whether it is about a note, a link or a time.
    var isOfPart: Bool { ["notes", "links", "time_entries"].contains(table) }

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
