import MinskyModel
import MinskySQL

// Many rows at once: whatever their number, a handful of statements.

extension StoreSession {
    /// Tasks by their ids or by what they are called elsewhere, deleted ones included, each with all its tags and
    /// dependencies.
    public func tasks(ids: [String], references: [String]) throws -> [TaskItem] {
        var tasks: [TaskItem] = []
        for condition in [
            "id IN (\(reader.listed(ids)))" as SQL, "external_ref IN (\(reader.listed(references)))",
        ] {
            tasks += try reader.rows(
                """
                SELECT \(unsafeRaw: TaskItem.columnList(in: schema)) FROM tasks WHERE \(condition) ORDER BY id\(rowLock)
                """, as: TaskItem.init(row:))
        }
        var places: [String: Int] = [:]
        var found: [TaskItem] = []
        for task in tasks where places[task.id] == nil {
            places[task.id] = found.count
            found.append(task)
        }
        let all = reader.listed(found.map(\.id))
        try reader.query("SELECT task_id, tag FROM task_tags WHERE task_id IN (\(all)) ORDER BY tag") { row in
            if let place = places[try row.text(0)] { found[place].tags.append(try row.text(1)) }
        }
        try reader.query(
            "SELECT task_id, depends_on_id FROM task_dependencies WHERE task_id IN (\(all)) ORDER BY depends_on_id"
        ) { row in
            if let place = places[try row.text(0)] { found[place].dependsOn.append(try row.text(1)) }
        }
        return found
    }

    /// The last rank among the subtasks of each of some tasks, and under nil among the tasks at the top.
    public func lastRanks(under parents: [String]) throws -> [String?: String] {
        var ranks: [String?: String] = [:]
        ranks[nil] = try lastRank(under: nil)
        guard !parents.isEmpty else { return ranks }
        try reader.query(
            """
            SELECT parent_id, max(rank) FROM tasks WHERE parent_id IN (\(reader.listed(parents))) GROUP BY parent_id
            """
        ) { ranks[try $0.text(0)] = try $0.text(1) }
        return ranks
    }

    /// How all tasks that are not deleted hang together: each with the one it is part of, and with those it waits for.
    public func links() throws -> (parents: [String: String], dependencies: [String: [String]]) {
        var parents: [String: String] = [:]
        var dependencies: [String: [String]] = [:]
        try reader.query("SELECT id, parent_id FROM tasks WHERE parent_id IS NOT NULL AND deleted_at IS NULL") {
            parents[try $0.text(0)] = try $0.text(1)
        }
        try reader.query("SELECT task_id, depends_on_id FROM task_dependencies ORDER BY task_id, depends_on_id") {
            dependencies[try $0.text(0), default: []].append(try $0.text(1))
        }
        return (parents, dependencies)
    }

    /// The notes of some tasks by task, deleted ones included.
    public func allNotes(of ids: [String]) throws -> [String: [(note: Note, isDeleted: Bool)]] {
        var notes: [String: [(note: Note, isDeleted: Bool)]] = [:]
        try reader.query(
            """
            SELECT id, task_id, body, author, created_at, updated_at, deleted_at FROM notes
            WHERE task_id IN (\(reader.listed(ids))) ORDER BY created_at, id
            """
        ) { row in
            let task = try row.text(1)
            let note = Note(
                id: try row.text(0), taskID: task, body: try row.text(2), author: try row.text(3),
                createdAt: try row.timestamp(4), updatedAt: try row.timestamp(5))
            notes[task, default: []].append((note, try row.optionalTimestamp(6) != nil))
        }
        return notes
    }

    /// Of some ids, those that a note has.
    public func takenNoteIDs(_ ids: [String]) throws -> Set<String> {
        Set(try reader.rows("SELECT id FROM notes WHERE id IN (\(reader.listed(ids)))") { try $0.text(0) })
    }

    /// The tasks that pass a filter in its order, each with its parent; nothing else is read of them.
    public func places(_ filter: TaskFilter) throws -> [(id: String, parentID: String?)] {
        let compiler = QueryCompiler(dialect: reader.dialect, schema: schema, now: filter.now)
        return try reader.rows(
            "SELECT id, parent_id FROM tasks WHERE \(filter.condition(compiler)) \(filter.ending(compiler))"
        ) { (try $0.text(0), try $0.optionalText(1)) }
    }

    /// What tasks are called in one place elsewhere, by id.
    /// - Parameter source: The kind of place, such as `taskwarrior`.
    public func references(to source: String) throws -> [String: String] {
        let (start, end) = ("\(source):", "\(source);")  // the character after the colon
        let found = try reader.rows(
            "SELECT id, external_ref FROM tasks WHERE external_ref >= \(start) AND external_ref < \(end)"
        ) { (try $0.text(0), try $0.text(1)) }
        return Dictionary(found) { first, _ in first }
    }
}

extension WriteSession {
    /// Writes the present state of tasks over what is stored of them. They were read within the operation, so nobody has
    /// changed them meanwhile.
    public func overwrite(_ tasks: [TaskItem]) throws {
        guard !tasks.isEmpty, let table = schema.table("tasks") else { return }
        let rows = try tasks.map { task in
            JSON.object(
                try TaskItem.columns.compactMap { column in
                    try column.value(task).listedValue.map { JSON.Member(column.name, $0) }
                })
        }
        let assignments = TaskItem.columnNames.filter { $0 != "id" }.map { name -> SQL in
            let value: SQL = "fresh.value ->> '\(unsafeRaw: name)'"
            guard writer.dialect == .postgres else { return "\(unsafeRaw: name) = \(value)" }
            let type: SQL =
                switch table.column(name)?.kind {
                case .integer: "::bigint"
                case .timestamp: "::timestamptz"
                case .json: "::jsonb"
                case .text, .blob, nil: ""
                }
            return "\(unsafeRaw: name) = (\(value))\(type)"
        }
        try writer.execute(
            """
            UPDATE tasks SET \(SQL.joined(assignments, separator: ", ")) FROM \(writer.elements(of: .array(rows))) AS fresh
            WHERE tasks.id = fresh.value ->> 'id'
            """)
    }

    /// Brings back deleted tasks.
    public func revive(_ ids: [String]) throws {
        guard !ids.isEmpty else { return }
        try writer.execute(
            """
            UPDATE tasks SET deleted_at = NULL, updated_at = \(operation.now) WHERE id IN (\(reader.listed(ids)))
            """)
    }

    /// Takes tags from tasks.
    public func deleteTags(_ tags: [(task: String, tag: String)]) throws {
        try delete(tags.map { ($0.task, $0.tag) }, from: "task_tags", "task_id, tag")
    }

    /// Puts tags on tasks.
    public func addTags(_ tags: [(task: String, tag: String)]) throws { try insertTags(tags) }

    /// Takes dependencies from tasks.
    public func deleteDependencies(_ dependencies: [(task: String, on: String)]) throws {
        try delete(dependencies.map { ($0.task, $0.on) }, from: "task_dependencies", "task_id, depends_on_id")
    }

    /// Lets tasks wait for others. The lock of the graph has to be held.
    /// - Throws: `StoreError` with code `.conflict` when that closes a circle; `SQLError`.
    public func addDependencies(_ dependencies: [(task: String, on: String)]) throws {
        try insertDependencies(dependencies)
    }

    private func delete(_ pairs: [(String, String)], from table: String, _ columns: String) throws {
        guard !pairs.isEmpty else { return }
        let list = JSON.array(pairs.map { [.string($0.0), .string($0.1)] })
        try writer.execute(
            """
            DELETE FROM \(unsafeRaw: table) WHERE (\(unsafeRaw: columns)) IN (
                SELECT gone.value ->> 0, gone.value ->> 1 FROM \(writer.elements(of: list)) AS gone)
            """)
    }

    /// Gives notes another text.
    public func rewrite(_ notes: [Note]) throws {
        guard !notes.isEmpty else { return }
        let list = JSON.array(notes.map { ["id": .string($0.id), "body": .string($0.body)] })
        try writer.execute(
            """
            UPDATE notes SET body = fresh.value ->> 'body', updated_at = \(operation.now)
            FROM \(writer.elements(of: list)) AS fresh WHERE notes.id = fresh.value ->> 'id'
            """)
    }

    /// Marks notes as deleted.
    public func deleteNotes(_ ids: [String]) throws {
        guard !ids.isEmpty else { return }
        try writer.execute(
            """
            UPDATE notes SET deleted_at = \(operation.now), updated_at = \(operation.now)
            WHERE id IN (\(reader.listed(ids)))
            """)
    }
}

extension SQLValue {
    /// The value as a member of a row that travels as JSON, or nil for null.
    fileprivate var listedValue: JSON? {
        get throws {
            switch self {
            case .null, .blob, .rawText, .texts: nil
            case .integer(let number): .integer(number)
            case .text(let text), .storedJSON(let text): .string(text)
            case .timestamp(let moment): .string(try moment.storable().iso8601)
            case .json(let json): .string(try json.storedText())
            }
        }
    }
}
