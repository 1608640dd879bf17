import MinskyModel
import MinskySQL

extension Conflict {
    /// What a row gets so that it is as one of the two sides has it, in the form of the change log; of a whole row an empty
    /// object stands for none.
    /// - Parameter takesLost: Whether it is the side that was not kept.
    func values(takingLost takesLost: Bool) -> JSON {
        let (side, other) = takesLost ? (lost, kept) : (kept, lost)
        if let field { return side.fields ?? .object([.init(field, side.value)]) }
        guard let whole = side.value.members else { return .object([]) }
        // Of a row that both have only what the lost side says was ever in question.
        guard !takesLost, let asked = other.value.members else { return .object(whole) }
        return .object(asked.map { .init($0.key, side.value[$0.key] ?? .null) })
    }

    /// Whether a change decides about the conflict, made by somebody who knew of it.
    func isDecided(by change: Change) -> Bool {
        guard change.table == table, change.rowID.utf8.elementsEqual(rowID.utf8) else { return false }
        guard let field else { return change.kind != .update }
        guard change.kind == .update else { return false }
        let parts = field.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let after = change.after?[parts[0]] else { return change.after?[field] != nil }
        return (change.before?[parts[0]]?[parts[1]] ?? .null) != (after[parts[1]] ?? .null)
    }
}

extension WriteSession {
    /// Notes that open conflicts have been decided about whose field the operation has changed: who made it had them here.
    func settleConflicts() throws {
        let number: SQL = "(SELECT number FROM operations WHERE id = \(operation.id))"
        let open = try conflicts(
            where: "state = 'open' AND row_id IN (SELECT row_id FROM changes WHERE operation = \(number))")
        guard !open.isEmpty, let changes = try self.operation(operation.id)?.changes else { return }
        let settled = open.filter { conflict in changes.contains(where: conflict.isDecided) }.map(\.id)
        guard !settled.isEmpty else { return }
        try writer.execute("UPDATE conflicts SET state = 'resolved' WHERE id IN (\(reader.listed(settled)))")
    }

    /// Gives a row the values of one side of a conflict, and notes that it has been decided about.
    /// - Parameter takesLost: Whether it is the side that was not kept.
    /// - Throws: as `resolve(_:with:)`.
    public func resolve(_ conflict: Conflict, takingLost takesLost: Bool) throws {
        // Where there is no row, what was kept is all that it will ever be.
        guard try takesLost || hasRow(conflict) else { return try resolve(conflict, with: nil) }
        let values = conflict.values(takingLost: takesLost)
        // A row that was to be removed and was not is put there again only when it is gone.
        let isThere = conflict.field != nil || takesLost || conflict.lost.value != .null
        try resolve(conflict, with: try isThere || row(of: conflict) == nil ? values : nil)
    }

    /// Whether the row is there of which a conflict has a field.
    private func hasRow(_ conflict: Conflict) throws -> Bool {
        guard schema.table(conflict.table)?.isDomain == true else { return false }
        return try conflict.field == nil || row(of: conflict) != nil
    }

    /// Why a row cannot get one side of a conflict, or nil when it may.
    public func objection(to conflict: Conflict, takingLost takesLost: Bool) throws -> String? {
        guard try takesLost || hasRow(conflict) else { return nil }
        do {
            let table = try requireTable(of: conflict)
            try requireReadable(conflict.values(takingLost: takesLost), conflict, table)
            guard try hasRow(conflict) else { throw Self.isGone(conflict) }
            return nil
        } catch let error as StoreError where error.code == .conflict {
            return error.message
        }
    }

    private func requireTable(of conflict: Conflict) throws -> Table {
        guard let table = schema.table(conflict.table), table.isDomain else {
            throw StoreError(.conflict, "this minsky does not know the table of conflict \(conflict.id)")
        }
        return table
    }

    private static func isGone(_ conflict: Conflict) -> StoreError {
        StoreError(.conflict, "\(conflict.table) \(conflict.rowID) is not there any more")
    }

    private func row(of conflict: Conflict) throws -> RowFields? {
        let (rows, key) = (WorkingRows(writer, schema), RowKey(conflict.table, conflict.rowID))
        try rows.load([key])
        return rows[key]
    }

    /// Gives a row values, and notes that the conflict about it has been decided about.
    /// - Parameter values: The fields, in the form they have in the change log; nil leaves the row as it is. For a whole row an
    ///   empty object removes it.
    /// - Throws: `StoreError` with code `.conflict` when the row cannot have them; `SQLError`.
    public func resolve(_ conflict: Conflict, with values: JSON?) throws {
        if let values {
            let table = try requireTable(of: conflict)
            try requireReadable(values, conflict, table)
            if ["tasks", "task_dependencies"].contains(table.name) { try lockGraph() }
            do {
                try write(values, conflict, table)
            } catch let error as SQLError where error.kind == .constraint {
                throw StoreError(.conflict, "the row cannot have the value that conflict \(conflict.id) has for it")
            }
        }
        try writer.execute("UPDATE conflicts SET state = 'resolved' WHERE id = \(conflict.id) AND state = 'open'")
    }

    /// Makes sure that values are what the schema has room for: somebody may have written them by hand.
    private func requireReadable(_ values: JSON, _ conflict: Conflict, _ table: Table) throws {
        let members = values.members ?? []
        let columns = members.filter { !$0.key.contains(".") }
        let keys = members.filter { $0.key.contains(".") }
        let change = Change(
            table: table.name, rowID: conflict.rowID, kind: .update, before: nil, after: .object(columns))
        let hasKeys = keys.allSatisfy { member in
            table.column(String(member.key.prefix { $0 != "." }))?.kind == .json && !member.value.containsNUL
        }
        guard change.hasFields(of: schema), hasKeys, (try? LoggedFields(nil, of: conflict.rowID, in: table)) != nil
        else {
            throw StoreError(
                .conflict, "conflict \(conflict.id) has a value that \(table.name) cannot hold; it was written by hand")
        }
    }

    private func write(_ values: JSON, _ conflict: Conflict, _ table: Table) throws {
        let key = RowKey(conflict.table, conflict.rowID)
        let rows = WorkingRows(writer, schema)
        try rows.load([key])
        let old = rows[key]
        guard conflict.field == nil || old != nil else {
            throw Self.isGone(conflict)
        }
        if conflict.field == nil, values.members?.isEmpty != false {
            guard !table.keepsDeletedRows else {
                throw StoreError(.conflict, "a row of \(table.name) is not removed by deciding about a conflict")
            }
            rows[key] = nil
        } else if var row = old {
            for member in values.members ?? [] { row.set(member.key, to: member.value, in: table) }
            guard row != old else { return }
            if table.column(Column.updatedAt) != nil { row[Column.updatedAt] = .string(operation.now.iso8601) }
            rows[key] = row
        } else {
            rows[key] = RowFields(values)
        }
        let isDeleted = try table.name == "tasks" && !keepInTree(conflict.rowID, from: old, on: rows)
        try rows.write()
        if isDeleted { _ = try delete(conflict.rowID) }
        if table.name == "tasks" { try requireNoCircle(throughParentsOf: [conflict.rowID]) }
        if table.name == "task_dependencies" {
            try requireNoCircle(throughDependenciesOf: [String(conflict.rowID.unicodeScalars.prefix { $0 != "/" })])
        }
    }

    /// A live task stands under a live one: deleting one deletes what is below it, and one that comes back goes to the nearest
    /// task above that is not deleted.
    /// - Returns: False when the task has yet to be deleted.
    private func keepInTree(_ id: String, from old: RowFields?, on rows: WorkingRows) throws -> Bool {
        let key = RowKey("tasks", id)
        guard var row = rows[key] else { return true }
        if row[Column.deletedAt] != .null {
            guard let old, old[Column.deletedAt] == .null else { return true }
            row[Column.deletedAt] = .null
            rows[key] = row
            return false
        }
        var above = row["parent_id"].string
        var seen: Set<String> = [id]
        while let parent = above, seen.insert(parent).inserted {
            try rows.load([RowKey("tasks", parent)])
            guard let found = rows[RowKey("tasks", parent)] else {
                above = nil
                break
            }
            guard found[Column.deletedAt] != .null else { break }
            above = found["parent_id"].string
        }
        guard above != row["parent_id"].string else { return true }
        guard old?[Column.deletedAt] != .null else {
            throw StoreError(.conflict, "the task it would stand under is deleted, or is not there")
        }
        row["parent_id"] = .optional(above)
        rows[key] = row
        return true
    }
}

extension RowFields {
    /// Sets a field; of a JSON column a key, named as `metadata.key`, which null removes.
    fileprivate mutating func set(_ name: String, to value: JSON, in table: Table) {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, table.column(parts[0])?.kind == .json else {
            self[name] = value
            return
        }
        var members = RowFields(self[parts[0]])
        members[parts[1]] = value
        self[parts[0]] = members.json
    }
}
