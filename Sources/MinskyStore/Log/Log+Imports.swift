import MinskyModel
import MinskySQL

/// What an import last said about a task, as far as the log still knows.
///
/// It is put together from all imports: one that left a field as it was said nothing new about it. What was imported and
/// taken back was never said.
public struct LastImport: Sendable {
    /// The command by which the log knows an import.
    public static let command = "import"

    /// Values by column, in the form they have in the log; an absent one was null.
    public private(set) var fields: [String: JSON] = [:]
    /// Every key of the metadata for itself.
    public private(set) var metadata: [ExactText: JSON] = [:]
    /// The tags, compared by their bytes.
    public private(set) var tags: Set<ExactText> = []
    /// The ids of the tasks it waits for.
    public private(set) var dependencies: Set<String> = []
    /// Whether the log has the import that made the task, so that an absent field is known to have been empty.
    public private(set) var isComplete = false

    /// Creates what is known where no import is.
    public init() {}

    fileprivate mutating func take(_ change: Change, part: String?) {
        switch (change.table, change.kind) {
        case ("tasks", .delete): break
        case ("tasks", let kind):
            if kind == .insert { self = LastImport() }
            isComplete = isComplete || kind == .insert
            for member in change.after?.members ?? [] where member.key != "metadata" {
                fields[member.key] = member.value
            }
            take(metadata: change.after?["metadata"], was: change.before?["metadata"])
        case ("task_tags", let kind):
            guard let part else { break }
            if kind == .delete { tags.remove(ExactText(part)) } else { tags.insert(ExactText(part)) }
        case ("task_dependencies", let kind):
            guard let part else { break }
            if kind == .delete { dependencies.remove(part) } else { dependencies.insert(part) }
        default: break
        }
    }

    private mutating func take(metadata new: JSON?, was old: JSON?) {
        guard let members = new?.members else { return }
        for member in members where old?[member.key] != member.value { metadata[ExactText(member.key)] = member.value }
        for member in old?.members ?? [] where new?[member.key] == nil { metadata[ExactText(member.key)] = nil }
    }
}

extension StoreSession {
    /// What imports last said about some tasks; those that none has made or changed are left out.
    public func lastImports(of ids: [String]) throws -> [String: LastImport] {
        var imports: [String: LastImport] = [:]
        guard !ids.isEmpty else { return imports }
        // Of many tasks, all that was ever imported is read faster than what is about each.
        let isMany = ids.count > 50
        // A compound key begins with the task's id and a slash; '0' is the character after '/'.
        let rows = ids.prefix(isMany ? 0 : 50).map { id -> SQL in
            "c.row_id = \(id) OR c.row_id >= \(id + "/") AND c.row_id < \(id + "0")"
        }
        let wanted = Set(ids)
        try reader.query(
            """
            SELECT c.operation, c.table_name, c.row_id, c.kind, c.fields, c.lost, c.original FROM changes AS c
            WHERE c.operation IN (
                    SELECT o.number FROM operations AS o WHERE o.command = \(LastImport.command) AND NOT EXISTS (
                        SELECT 1 FROM operations AS undo WHERE undo.reverts = o.id
                            AND NOT EXISTS (SELECT 1 FROM operations AS redo WHERE redo.reverts = undo.id)))
                AND c.table_name IN ('tasks', 'task_tags', 'task_dependencies')
                AND (\(isMany ? "1 = 1" : SQL.joined(rows, separator: " OR ")))
            ORDER BY c.position
            """
        ) { row in
            let change = try Change(row: row)
            let id = String(change.rowID.unicodeScalars.prefix { $0 != "/" })
            guard wanted.contains(id) else { return }
            let part = change.rowID.unicodeScalars.dropFirst(id.unicodeScalars.count + 1)
            imports[id, default: LastImport()].take(change, part: part.isEmpty ? nil : String(part))
        }
        return imports
    }

    /// Of some deleted tasks, those that only the taking back of an import has deleted.
    public func takenBack(_ ids: [String]) throws -> Set<String> {
        var found: Set<String> = []
        guard !ids.isEmpty else { return found }
        try reader.query(
            """
            SELECT c.row_id, (SELECT undone.command FROM operations AS undone WHERE undone.id = o.reverts)
            FROM changes AS c JOIN operations AS o ON o.number = c.operation
            WHERE c.row_id IN (\(reader.listed(ids))) AND c.table_name = 'tasks' ORDER BY c.position
            """
        ) { row in
            let id = try row.text(0)
            if try row.optionalText(1) == LastImport.command { found.insert(id) } else { found.remove(id) }
        }
        return found
    }
}
