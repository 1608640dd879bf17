import MinskyModel
import MinskySQL

// What hangs on a task names it in a column. The log of an update does not repeat that, and a row that is gone is only there.

/// The task that a logged note, link or time was inserted or deleted with, as the index `changes_by_task` has it.
enum LoggedTask {
    /// What the index holds: an update does not repeat the task.
    static let condition = "table_name IN ('notes', 'links', 'time_entries') AND kind <> 'update'"

    /// The id of the task, in parentheses; null where fields that were written by hand cannot be read.
    static func sql(_ dialect: Dialect) -> String {
        dialect == .sqlite
            ? "CASE WHEN json_valid(fields) THEN fields ->> 'task_id' END" : "(fields ->> 'task_id')"
    }
}

extension StoreSession {
    /// The ids of the notes, links and times of a task, those that are gone included as long as the log tells of them.
    func parts(ofTask id: String) throws -> [String] {
        try reader.rows(
            """
            SELECT id FROM notes WHERE task_id = \(id) UNION SELECT id FROM links WHERE task_id = \(id)
            UNION SELECT id FROM time_entries WHERE task_id = \(id)
            UNION SELECT row_id FROM changes
                WHERE \(unsafeRaw: LoggedTask.condition) AND \(unsafeRaw: LoggedTask.sql(reader.dialect)) = \(id)
            """
        ) { try $0.text(0) }
    }

    /// The tasks on which notes, links and times hang or hung, by the ids of these; unknown ones are left out.
    public func owners(of parts: [String]) throws -> [String: String] {
        guard !parts.isEmpty else { return [:] }
        let wanted = reader.listed(parts)
        let found = try reader.rows(
            """
            SELECT row_id, \(unsafeRaw: LoggedTask.sql(reader.dialect)) FROM changes
                WHERE row_id IN (\(wanted)) AND \(unsafeRaw: LoggedTask.condition)
            UNION ALL SELECT id, task_id FROM notes WHERE id IN (\(wanted))
            UNION ALL SELECT id, task_id FROM links WHERE id IN (\(wanted))
            UNION ALL SELECT id, task_id FROM time_entries WHERE id IN (\(wanted))
            """
        ) { (try $0.text(0), try $0.optionalText(1)) }
        // What is there counts, not what it was once.
        return Dictionary(found.compactMap { id, task in task.map { (id, $0) } }) { $1 }
    }
}
