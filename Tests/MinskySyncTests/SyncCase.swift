import MinskyModel
import MinskySQL

@testable import MinskyStore

/// A row of a table in docs/sync.md: two people edit what they have not seen of each other, in some words that are read and
/// carried out, and what comes of it, in the same words.
///
/// The words: `title = A` (also description, assignee, complexity, reason, rank, reference, metadata.key), `no title`,
/// `start`, `finish`, `drop`, `reopen`, `delete`, `restore`, `under P`, `under nothing`, `add`, `tag x`, `untag x`,
/// `wait for P`, `do not wait for P`. They are about the task T, unless another one's letter and a colon come first.
struct SyncCase {
    let before: [String]
    let ada: [String]
    let bob: [String]

    static let fields = [
        "title": "title", "description": "description", "assignee": "assignee", "complexity": "complexity",
        "reason": "complexity_reason", "rank": "rank", "reference": "external_ref",
    ]

    /// The tasks of a case: T, P and Q stand side by side; others are made by `add`.
    struct Names {
        let number: Int

        func id(_ letter: String) -> String {
            let digits = String(number)
            return letter.lowercased() + String(repeating: "0", count: 15 - digits.count) + digits
        }

        func letter(_ id: String) -> String { String(id.prefix(1)).uppercased() }

        /// A task and what is said of it.
        func split(_ words: String) -> (letter: String, rest: String) {
            let parts = words.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].count == 1 else { return ("T", words) }
            return (String(parts[0]), parts[1].trimmed)
        }
    }

    /// What the words are no edit of.
    struct Unknown: Error { let words: String }

    // MARK: Reading

    /// Carries out one edit.
    static func perform(_ words: String, _ names: Names, _ session: WriteSession) throws {
        let (letter, text) = names.split(words)
        let (id, writer, now) = (names.id(letter), session.writer, session.operation.now)
        func set(_ assignments: SQL) throws {
            try writer.execute("UPDATE tasks SET \(assignments), updated_at = \(now) WHERE id = \(id)")
        }
        func after(_ prefix: String) -> String? {
            text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }
        if let (name, value) = assignment(text) {
            if let key = name.dropping("metadata.") {
                var members = RowFields(try session.task(id).metadata)
                members[key] = value.map(JSON.string) ?? .null
                return try set("metadata = \(members.json)")
            }
            guard let column = fields[name] else { throw Unknown(words: words) }
            if name == "complexity" { return try set("complexity = \(value.flatMap(Int.init))") }
            return try set("\(unsafeRaw: column) = \(value)")
        }
        switch text {
        case "start":
            try set(
                "status = 'doing', started_at = \(now), completed_at = NULL, assignee = \(session.operation.actor)")
        case "finish": try set("status = 'done', completed_at = \(now)")
        case "drop": try set("status = 'dropped', completed_at = \(now)")
        case "reopen": try set("status = 'todo', started_at = NULL, completed_at = NULL")
        case "delete": _ = try session.delete(id)
        case "restore": try set("deleted_at = NULL")
        case "add":
            var task = TaskItem(id: id, title: letter, rank: "i00000", createdAt: now)
            if !["T", "P", "Q"].contains(letter) { task.parentID = names.id("T") }
            try session.insert(task)
        default:
            if let parent = after("under ") {
                try set("parent_id = \(parent == "nothing" ? nil : names.id(parent))")
            } else if let tag = after("tag ") {
                try writer.execute("INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(id), \(tag), \(now))")
            } else if let tag = after("untag ") {
                try writer.execute("DELETE FROM task_tags WHERE task_id = \(id) AND tag = \(tag)")
            } else if let other = after("wait for ") {
                try writer.execute(
                    """
                    INSERT INTO task_dependencies (task_id, depends_on_id, created_at)
                    VALUES (\(id), \(names.id(other)), \(now))
                    """)
            } else if let other = after("do not wait for ") {
                try writer.execute(
                    "DELETE FROM task_dependencies WHERE task_id = \(id) AND depends_on_id = \(names.id(other))")
            } else {
                throw Unknown(words: words)
            }
        }
    }

    private static func assignment(_ text: String) -> (name: String, value: String?)? {
        let parts = text.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { return (parts[0].trimmed, parts[1].trimmed) }
        guard let name = text.dropping("no "), fields[name] != nil || name.hasPrefix("metadata.") else { return nil }
        return (name, nil)
    }

    // MARK: Telling

    /// What is of interest of a row, by the operations that have touched it.
    static func outcome(_ operations: [LoggedOperation], in sites: SyncSites, _ names: Names) throws -> String {
        var touched: [String: Set<String>] = [:]
        for change in operations.flatMap(\.changes) where change.table == "tasks" {
            if change.kind == .insert {
                touched[change.rowID, default: []].insert("parent_id")
            } else {
                for member in change.after?.members ?? [] { touched[change.rowID, default: []].insert(member.key) }
                let keys = [change.before, change.after].flatMap { RowFields($0?["metadata"]).names }
                touched[change.rowID, default: []].formUnion(keys.map { "metadata.\($0)" })
            }
        }
        var words: [String] = []
        try sites.upstream.read { session in
            let rows = WorkingRowsOf(session)
            for (id, fields) in touched.sorted(by: { $0.key > $1.key }) {
                guard let row = try rows.task(id) else { continue }
                if row[Column.deletedAt] != .null { words.append(said(id, "deleted", names)) }
                if fields.contains(Column.deletedAt), row[Column.deletedAt] == .null {
                    words.append(said(id, "not deleted", names))
                }
                for field in fields.sorted() {
                    if let text = telling(field, value(field, of: row), names) { words.append(said(id, text, names)) }
                }
            }
            let hanging = Set(
                operations.flatMap(\.changes).filter { ["task_tags", "task_dependencies"].contains($0.table) }
                    .map { RowKey($0) })
            for key in hanging.sorted(by: { $0.id < $1.id }) {
                words.append(hangs(key, isThere: try rows.isThere(key), names))
            }
        }
        let ids = Set(
            try sites.upstream.read { try $0.conflicts(all: true) }.filter {
                $0.rowID.contains(names.id("").dropFirst())
            }
        )
        func lost(_ isOpen: Bool) -> [String] {
            ids.filter { $0.isOpen == isOpen }.flatMap { self.lost($0, names) }.sorted()
        }
        func spans(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
        return [("", words), ("lost ", lost(false)), ("open ", lost(true))]
            .filter { !$0.1.isEmpty }.map { $0.0 + spans($0.1) }.joined(separator: "; ")
    }

    /// The values of a conflict that lost.
    private static func lost(_ conflict: Conflict, _ names: Names) -> [String] {
        let key = RowKey(conflict.table, conflict.rowID)
        guard let field = conflict.field else {
            let isThere = conflict.lost.value != .null
            return [
                conflict.table == "tasks" ? said(conflict.rowID, "the row", names) : hangs(key, isThere: isThere, names)
            ]
        }
        guard let fields = conflict.lost.fields else {
            if field == Column.deletedAt {
                let text = conflict.lost.value == .null ? "not deleted" : "deleted"
                return [said(conflict.rowID, text, names)]
            }
            return [telling(field, conflict.lost.value, names).map { said(conflict.rowID, $0, names) } ?? field]
        }
        let told = (fields.members ?? []).filter { conflict.kept.fields?[$0.key] != $0.value }
            .compactMap { telling($0.key, $0.value, names).map { said(conflict.rowID, $0, names) } }
        return told.isEmpty ? [field] : told
    }

    private static func said(_ id: String, _ text: String, _ names: Names) -> String {
        names.letter(id) == "T" ? text : "\(names.letter(id)): \(text)"
    }

    private static func hangs(_ key: RowKey, isThere: Bool, _ names: Names) -> String {
        let parts = key.id.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return key.id }
        let text =
            key.table == "task_tags"
            ? "\(isThere ? "" : "no ")tag \(parts[1])"
            : "\(isThere ? "waits" : "does not wait") for \(names.letter(parts[1]))"
        return said(parts[0], text, names)
    }

    private static func value(_ field: String, of row: RowFields) -> JSON {
        guard let key = field.dropping("metadata.") else { return row[field] }
        return RowFields(row["metadata"])[key]
    }

    /// A field in words; nil for times, and for what is told by its keys.
    private static func telling(_ field: String, _ value: JSON, _ names: Names) -> String? {
        if field == "status" { return "status = \(value.string ?? "")" }
        if field == "parent_id" { return "under \(value.string.map(names.letter) ?? "nothing")" }
        guard let name = fields.first(where: { $0.value == field })?.key ?? (field.hasPrefix("metadata.") ? field : nil)
        else { return nil }
        return value.string.map { "\(name) = \($0)" } ?? "no \(name)"
    }
}

/// Rows as they are in a store.
private struct WorkingRowsOf {
    let session: ReadSession
    init(_ session: ReadSession) { self.session = session }

    func task(_ id: String) throws -> RowFields? {
        guard let table = session.schema.table("tasks") else { return nil }
        let columns = TableCopy(table).columns
        var found: RowFields?
        try TableCopy(table).rows(session.reader, where: "id = \(id)") { values in
            var row = RowFields()
            for (column, value) in zip(columns, values) { row[column.name] = value.logged }
            found = row
        }
        return found
    }

    func isThere(_ key: RowKey) throws -> Bool {
        let id: SQL =
            key.table == "task_tags" ? "task_id || '/' || tag" : "task_id || '/' || depends_on_id"
        return try session.reader.first("SELECT 1 FROM \(unsafeRaw: key.table) WHERE \(id) = \(key.id)") { _ in true }
            ?? false
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// What comes after a beginning.
    fileprivate func dropping(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
