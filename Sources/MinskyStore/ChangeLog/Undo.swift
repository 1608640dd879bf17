import MinskyModel
import MinskySQL

/// What an operation did, in short.
public struct OperationSummary: Sendable, Hashable {
    public let id: String
    public let actor: String
    /// The changes that undo takes back, oldest first.
    public let changes: [Change]
}

extension StoreSession {
    /// The latest operation that can be taken back: not itself an undo, and not taken back already.
    /// - Parameter actor: Whose operations count, or nil for everybody's.
    /// - Throws: `StoreError` with code `.nothingToUndo`; `SQLError`.
    public func lastUndoableOperation(by actor: String?) throws -> String {
        let undoable = schema.tables.filter(\.isUndoable).map(\.name)
        var taken: Set<String> = []
        var before = Int64.max
        while true {
            let page = try connection.rows(
                """
                SELECT operation_id, max(reverts), max(actor), max(position) FROM change_log
                WHERE position < \(before) AND table_name IN (\(list: undoable))
                GROUP BY operation_id ORDER BY max(position) DESC LIMIT 200
                """
            ) { (id: try $0.text(0), reverts: try $0.optionalText(1), actor: try $0.text(2), last: try $0.integer(3)) }
            guard let oldest = page.last else {
                throw StoreError(
                    .nothingToUndo,
                    actor.map { "there is nothing of \($0)'s to undo" } ?? "there is nothing to undo")
            }
            for operation in page where !taken.contains(operation.id) {
                // Newest first: an undo that was itself taken back has no effect on what it reverted.
                if let reverted = operation.reverts {
                    taken.insert(reverted)
                } else if actor == nil || operation.actor == actor {
                    return operation.id
                }
            }
            before = oldest.last
        }
    }
}

extension WriteSession {
    /// Takes an operation back: every change it made is reversed, newest first, as changes of the present operation.
    ///
    /// A row that the operation made is deleted again, one that it removed comes back, and changed fields get the value
    /// they had. Changes of tables that are not undoable stay.
    /// - Throws: `StoreError` with code `.unknownOperation` when there is no such operation, `.conflict` when a field it wrote
    ///   has been changed since, a row it made is in use, or what comes back would close a circle or stand under a
    ///   deleted task; `SQLError`.
    public func revert(_ operationID: String) throws -> OperationSummary {
        let changes = try changes("operation_id = \(operationID) ORDER BY position")
        guard let first = changes.first else {
            throw StoreError(.unknownOperation, "there is no operation \(operationID)")
        }
        let reversible = changes.filter { schema.table($0.table)?.isUndoable == true }
        try lockGraph()
        for change in reversible.reversed() {
            guard let table = schema.table(change.table) else { continue }
            try revert(change, in: table)
        }
        try requireNoOrphans(reversible)
        try requireNoCircles(reversible)
        return OperationSummary(id: operationID, actor: first.actor, changes: reversible)
    }

    private func revert(_ change: Change, in table: Table) throws {
        let now = operation.now
        switch change.kind {
        case .insert:
            let after = try RowFields(change.after, table)
            let key = try after.keyCondition()
            try requireSameJSON(after, key, change)
            let condition = "\(key) AND \(after.unchangedCondition(connection.dialect))" as SQL
            let statement: SQL =
                table.keepsDeletedRows
                ? "UPDATE \(unsafeRaw: table.name) SET deleted_at = \(now), updated_at = \(now) WHERE \(condition)"
                : "DELETE FROM \(unsafeRaw: table.name) WHERE \(condition)"
            try require(try connection.execute(statement), change)
        case .delete:
            let before = try RowFields(change.before, table)
            try require(
                try connection.execute(
                    """
                    INSERT INTO \(unsafeRaw: table.name) (\(unsafeRaw: before.names.joined(separator: ", ")))
                    VALUES (\(list: before.values)) ON CONFLICT DO NOTHING
                    """), change)
        case .update:
            let before = try RowFields(change.before, table)
            let after = try RowFields(change.after, table)
            var assignments = zip(before.names, before.values).filter { $0.0 != Column.updatedAt }
                .map { "\(unsafeRaw: $0.0) = \($0.1)" as SQL }
            if table.column(Column.updatedAt) != nil {
                assignments.append("\(unsafeRaw: Column.updatedAt) = \(now)")
            }
            let key = try RowFields(rowID: change.rowID, table).replacing(after).keyCondition()
            try requireSameJSON(after, key, change)
            let unchanged = after.unchangedCondition(connection.dialect)
            try require(
                try connection.execute(
                    """
                    UPDATE \(unsafeRaw: table.name) SET \(SQL.joined(assignments, separator: ", "))
                    WHERE \(key) AND \(unchanged)
                    """), change)
        }
    }

    private func require(_ changedRows: Int, _ change: Change) throws {
        guard changedRows == 1 else {
            throw StoreError(
                .conflict,
                "\(change.table) \(change.rowID) has been changed since, so the operation cannot be taken back")
        }
    }

    /// In SQLite JSON keeps the text it was written with, by hand perhaps, while the log gives its value; so the two are
    /// compared here rather than in the statement. No other writer can come between.
    private func requireSameJSON(_ fields: RowFields, _ key: SQL, _ change: Change) throws {
        guard connection.dialect == .sqlite else { return }
        for (name, value) in fields.json {
            let stored = try connection.first(
                "SELECT \(unsafeRaw: name) FROM \(unsafeRaw: fields.table.name) WHERE \(key)"
            ) { try $0.optionalJSON(0).sqlValue }
            try require(stored == value ? 1 : 0, change)
        }
    }

    /// A task that came to stand under a task which this undo deletes would vanish with it; so would one that comes back
    /// under a task which has been deleted since.
    private func requireNoOrphans(_ changes: [Change]) throws {
        let orphan = try connection.first(
            """
            SELECT child.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
            WHERE child.deleted_at IS NULL AND parent.deleted_at = \(operation.now) LIMIT 1
            """
        ) { try $0.text(0) }
        if let orphan {
            throw StoreError(
                .conflict, "task \(orphan) now stands under what the operation made, so it cannot be taken back")
        }
        for change in changes where change.table == "tasks" && change.kind != .insert {
            try refuse(
                """
                SELECT child.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
                WHERE child.id = \(change.rowID) AND child.deleted_at IS NULL AND parent.deleted_at IS NOT NULL
                """, "stood under a task that is deleted now")
        }
    }

    /// A parent or a dependency that comes back must not close a circle with those that have been added since.
    private func requireNoCircles(_ changes: [Change]) throws {
        for change in changes where change.kind != .insert {
            switch change.table {
            case "tasks" where change.before?["parent_id"]?.string != nil:
                let id = change.rowID
                try refuse(
                    """
                    WITH RECURSIVE above (id) AS (
                        SELECT parent_id FROM tasks WHERE id = \(id)
                        UNION SELECT tasks.parent_id FROM tasks JOIN above ON tasks.id = above.id
                    )
                    SELECT id FROM above WHERE id = \(id)
                    """, "would stand under itself")
            case "task_dependencies":
                let id = String(change.rowID.unicodeScalars.prefix { $0 != "/" })
                try refuse(
                    """
                    WITH RECURSIVE reachable (id) AS (
                        SELECT depends_on_id FROM task_dependencies WHERE task_id = \(id)
                        UNION SELECT d.depends_on_id FROM task_dependencies AS d JOIN reachable ON d.task_id = reachable.id
                    )
                    SELECT id FROM reachable WHERE id = \(id)
                    """, "would wait for itself")
            default: break
            }
        }
    }

    /// Refuses the undo when a query finds a task.
    private func refuse(_ query: SQL, _ reason: String) throws {
        guard let id = try connection.first(query, as: { try $0.text(0) }) else { return }
        throw StoreError(.conflict, "task \(id) \(reason), so the operation cannot be taken back")
    }
}

/// Logged fields of a row, as values to bind.
private struct RowFields {
    let table: Table
    private(set) var names: [String] = []
    private(set) var values: [SQLValue] = []

    init(_ fields: JSON?, _ table: Table) throws {
        self.table = table
        for member in fields?.members ?? [] {
            guard let column = table.column(member.key) else { continue }
            names.append(column.name)
            values.append(try column.value(fromLog: member.value, table: table.name))
        }
    }

    /// The key's fields, from a change's row id.
    init(rowID: String, _ table: Table) throws {
        self.table = table
        // By scalars, not by characters: a part may begin with an accent, which would join the slash before it.
        let parts = rowID.unicodeScalars
            .split(separator: "/", maxSplits: table.key.count - 1, omittingEmptySubsequences: false)
        guard parts.count == table.key.count else {
            throw StoreError(.corrupt, "the change log holds the malformed row id '\(rowID)' of \(table.name)")
        }
        names = table.key
        values = parts.map { .text(String($0)) }
    }

    /// The same fields with the values that others have for them: an edit by hand may have changed the key itself.
    func replacing(_ others: RowFields) -> RowFields {
        var result = self
        for (name, value) in zip(others.names, others.values) {
            if let index = names.firstIndex(of: name) { result.values[index] = value }
        }
        return result
    }

    /// The fields that hold JSON.
    var json: [(name: String, value: SQLValue)] {
        zip(names, values).filter { table.column($0.0)?.kind == .json }.map { (name: $0, value: $1) }
    }

    func keyCondition() throws -> SQL {
        let parts = try table.key.map { name -> SQL in
            guard let index = names.firstIndex(of: name) else {
                throw StoreError(.corrupt, "the change log holds a row of \(table.name) without its \(name)")
            }
            return "\(unsafeRaw: name) = \(values[index])"
        }
        return SQL.joined(parts, separator: " AND ")
    }

    /// True for the row as long as every field still has the logged value; in SQLite, every field but those of JSON.
    func unchangedCondition(_ dialect: Dialect) -> SQL {
        var parts: [SQL] = ["1 = 1"]
        for (name, value) in zip(names, values) where name != Column.updatedAt {
            if dialect == .sqlite, table.column(name)?.kind == .json { continue }
            parts.append(
                value == .null
                    ? "\(unsafeRaw: name) IS NULL" : "\(unsafeRaw: name) = \(value)")
        }
        return SQL.joined(parts, separator: " AND ")
    }
}

extension Column {
    /// The value a logged field stands for: integers are logged as strings, blobs as hex digits.
    func value(fromLog json: JSON, table: String) throws -> SQLValue {
        if json == .null { return .null }
        switch (kind, json) {
        case (.text, .string(let text)): return .text(text)
        case (.integer, .string(let text)):
            if let value = Int64(text) { return .integer(value) }
        case (.timestamp, .string(let text)):
            if let moment = Timestamp(iso8601: text) { return .timestamp(moment) }
        case (.json, _): return .json(json)
        case (.blob, .string(let hex)):
            if let bytes = Self.bytes(hex: hex) { return .blob(bytes) }
        default: break
        }
        throw StoreError(.corrupt, "the change log holds a value that does not fit \(table).\(name)")
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
