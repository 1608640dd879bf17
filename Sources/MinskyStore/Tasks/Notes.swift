import MinskyModel
import MinskySQL

extension StoreSession {
    /// The notes of some tasks that are not deleted, by task, the oldest first.
    public func notes(of ids: [String]) throws -> [String: [Note]] {
        var notes: [String: [Note]] = [:]
        try reader.query(
            """
            SELECT id, task_id, kind, body, importance, author, created_at, updated_at FROM notes
            WHERE task_id IN (\(reader.listed(ids))) AND deleted_at IS NULL ORDER BY created_at, id
            """
        ) { row in
            let note = Note(
                id: try row.text(0), taskID: try row.optionalText(1),
                kind: Note.Kind(rawValue: try row.text(2)) ?? .comment,
                body: try row.text(3), importance: try row.optionalInteger(4).map { Int($0) }, author: try row.text(5),
                createdAt: try row.timestamp(6), updatedAt: try row.timestamp(7))
            notes[note.taskID ?? "", default: []].append(note)
        }
        return notes
    }

    /// How many notes some tasks have; those without are left out.
    public func noteCounts(of ids: [String]) throws -> [String: Int] {
        let counts = try reader.rows(
            """
            SELECT task_id, count(*) FROM notes WHERE task_id IN (\(reader.listed(ids))) AND deleted_at IS NULL
            GROUP BY task_id
            """
        ) { (try $0.text(0), Int(try $0.integer(1))) }
        return Dictionary(counts) { first, _ in first }
    }
}

extension WriteSession {
    /// Writes new notes.
    public func insert(_ notes: [Note]) throws {
        try writer.insert(
            into: "notes",
            columns: ["id", "task_id", "kind", "body", "importance", "author", "created_at", "updated_at"],
            rows: notes.map { note in
                [
                    note.id.sqlValue, note.taskID.sqlValue, note.kind.rawValue.sqlValue, note.body.sqlValue,
                    note.importance.sqlValue, note.author.sqlValue, note.createdAt.sqlValue, note.updatedAt.sqlValue,
                ]
            })
    }
}
