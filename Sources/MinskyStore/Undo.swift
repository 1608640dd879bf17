import MinskyModel
import MinskySQL

extension Store {
    /// Which operation is taken back.
    public enum Undoable: Sendable, Hashable {
        /// The actor's latest one that is no undo and has not been taken back.
        case last
        /// The actor's latest undo, unless the actor has done something else since: it is done again.
        case lastUndo
        /// The one with an id.
        case operation(String)
    }

    /// Takes an operation back, as an operation of its own: every change it made is reversed, newest first.
    ///
    /// A row that the operation made is deleted again, one that it removed comes back, and changed fields get the value
    /// they had. Changes of tables that are not undoable stay. Choosing and taking back are one transaction, so two undos
    /// never take back the same operation.
    /// - Parameters:
    ///   - undoable: The operation.
    ///   - undo: The undo, before it is carried out.
    ///   - body: Reads what is to be known of what was taken back.
    /// - Throws: `StoreError` with code `.nothingToUndo`; `.unknownOperation`; `.alreadyUndone`; `.overtaken` when a
    ///   field it wrote has been changed since, or a row it made; `.conflict` when what comes back would close a circle or
    ///   stand under a deleted task; `SQLError`.
    public func undo<Result>(
        _ undoable: Undoable = .last, as undo: OperationContext,
        _ body: (LoggedOperation, WriteSession) throws -> Result
    ) throws -> Result {
        func choose(_ session: WriteSession) throws -> LoggedOperation? {
            try session.lockGraph()
            return try session.undoableOperation(undoable, by: undo.actor)
        }
        return try perform(undo, choosing: choose) { session, undone in
            guard let undone else { throw StoreError(.nothingToUndo, "there is nothing to undo") }
            try session.revert(undone)
            return try body(undone, session)
        }
    }
}

extension StoreSession {
    /// The operation an undo is to take back, with the changes that it takes back.
    fileprivate func undoableOperation(_ undoable: Store.Undoable, by actor: String) throws -> LoggedOperation {
        let tables = schema.domainTables.filter(\.isUndoable).map(\.name)
        let condition: SQL = "table_name IN (\(list: tables))"
        switch undoable {
        case .operation(let id):
            guard let operation = try operations(where: "id = \(id)", changes: condition).first else {
                if try self.operation(id) != nil {
                    throw StoreError(.nothingToUndo, "operation \(id) did nothing that can be taken back")
                }
                throw StoreError(.unknownOperation, "there is no operation \(id)")
            }
            if let undo = try effectiveUndo(of: id) {
                throw StoreError(.alreadyUndone, "operation \(id) has been taken back already, by \(undo)")
            }
            return operation
        case .lastUndo:
            let found = try reader.first(
                """
                SELECT o.id FROM operations AS o JOIN operations AS undone ON undone.id = o.reverts
                WHERE o.actor = \(actor) AND undone.reverts IS NULL
                    AND NOT EXISTS (SELECT 1 FROM operations AS redo WHERE redo.reverts = o.id)
                    AND NOT EXISTS (SELECT 1 FROM operations AS later
                        WHERE later.actor = \(actor) AND later.reverts IS NULL AND (later.sequence > o.sequence
                            OR later.sequence IS NULL AND (o.sequence IS NOT NULL OR later.number > o.number)))
                ORDER BY CASE WHEN o.sequence IS NULL THEN 0 ELSE 1 END, o.sequence DESC, o.number DESC LIMIT 1
                """
            ) { try $0.text(0) }
            guard let found else {
                throw StoreError(.nothingToUndo, "there is no undo of \(actor)'s to take back")
            }
            return try undoableOperation(.operation(found), by: actor)
        case .last:
            guard let last = try undoableOperations(of: actor, limit: 1).first else {
                throw StoreError(.nothingToUndo, "there is nothing of \(actor)'s to undo")
            }
            return last
        }
    }

    /// The operations of an actor that can be taken back one after the other, the newest first: those that wait to be
    /// pushed, then the others in the order of commits. What was pulled came to be known here late, and may be older.
    public func undoableOperations(of actor: String, limit: Int) throws -> [LoggedOperation] {
        let waiting = try undoableOperations(of: actor, limit: limit, where: "sequence IS NULL", newestBy: "number")
        guard waiting.count < limit else { return waiting }
        return try waiting
            + undoableOperations(
                of: actor, limit: limit - waiting.count, where: "sequence IS NOT NULL", newestBy: "sequence")
    }

    private func undoableOperations(
        of actor: String, limit: Int, where place: SQL, newestBy order: SQL
    ) throws -> [LoggedOperation] {
        let condition: SQL = "table_name IN (\(list: schema.domainTables.filter(\.isUndoable).map(\.name)))"
        var found: [LoggedOperation] = []
        var before = Int64.max
        while true {
            // Most of what has been taken back is left out here; what is left of it, below.
            let page = try reader.rows(
                """
                SELECT number, id, \(order) FROM operations AS o
                WHERE actor = \(actor) AND \(place) AND \(order) < \(before) AND reverts IS NULL
                    AND NOT EXISTS (
                        SELECT 1 FROM operations AS undo WHERE undo.reverts = o.id
                            AND NOT EXISTS (SELECT 1 FROM operations AS redo WHERE redo.reverts = undo.id))
                    AND EXISTS (SELECT 1 FROM changes WHERE changes.operation = o.number AND \(condition))
                ORDER BY \(order) DESC LIMIT 10
                """
            ) { (number: try $0.integer(0), id: try $0.text(1), order: try $0.integer(2)) }
            for candidate in page where try effectiveUndo(of: candidate.id) == nil {
                found += try operations(where: "number = \(candidate.number)", changes: condition)
                if found.count == limit { return found }
            }
            guard let last = page.last else { return found }
            before = last.order
        }
    }

    /// The undo by which an operation is taken back now, or nil: an undo that was itself taken back has no effect.
    private func effectiveUndo(of id: String) throws -> String? {
        var seen: Set<String> = [id]
        var chain: [String] = []
        var next = id
        while let undo = try latestUndo(of: next), seen.insert(undo).inserted {
            chain.append(undo)
            next = undo
        }
        // The last of the chain is in effect, the one before it therefore not, and so on.
        return chain.count % 2 == 1 ? chain[0] : nil
    }

    private func latestUndo(of id: String) throws -> String? {
        try reader.first("SELECT id FROM operations WHERE reverts = \(id) ORDER BY number DESC LIMIT 1") {
            try $0.text(0)
        }
    }
}

extension WriteSession {
    fileprivate func revert(_ undone: LoggedOperation) throws {
        guard undone.schemaVersion <= schema.version else {
            // What this program does not know it would leave as it is, and say that it was taken back.
            throw StoreError.newerSchema(installed: undone.schemaVersion, known: schema.version)
        }
        for change in undone.changes.reversed() {
            guard let table = schema.table(change.table) else { continue }
            do {
                try revert(change, in: table, from: undone.schemaVersion)
            } catch let mismatch as Mismatch {
                throw try overtaken(mismatch, undone)
            }
        }
        try requireNoOrphans(undone.changes)
        try requireNoCircles(undone.changes)
    }

    private func revert(_ change: Change, in table: Table, from version: Int) throws {
        var inverse = change
        (inverse.before, inverse.after) = (change.after, change.before)
        switch change.kind {
        case .insert where table.keepsDeletedRows:
            inverse.kind = .update
            inverse.after = [
                Column.deletedAt: .string(operation.now.iso8601), Column.updatedAt: .string(operation.now.iso8601),
            ]
            try update(inverse, in: table, whole: schema.at(version: version).table(table.name))
        case .insert:
            inverse.kind = .delete
            try apply(inverse, in: table, from: version)
        case .delete:
            inverse.kind = .insert
            try apply(inverse, in: table, from: version)
        case .update:
            if table.column(Column.updatedAt) != nil, let members = inverse.after?.members {
                inverse.after = .object(
                    members.filter { $0.key != Column.updatedAt }
                        + [.init(Column.updatedAt, .string(operation.now.iso8601))])
            }
            try apply(inverse, in: table, from: version)
        }
    }

    /// The error for an operation that somebody has built on since: what was changed, by whom and when.
    private func overtaken(_ mismatch: Mismatch, _ undone: LoggedOperation) throws -> StoreError {
        let change = mismatch.change
        let later = try operations(
            where: """
                number > \(undone.number) AND number IN (SELECT operation FROM changes WHERE row_id = \(change.rowID))
                """,
            changes: "table_name = \(change.table) AND row_id = \(change.rowID)")
        let culprit = later.last { operation in
            operation.changes.contains { other in
                guard let field = mismatch.field else { return true }
                return other.after?[field] != nil || other.before?[field] != nil
            }
        }
        let what =
            mismatch.field.map { "\($0) of \(change.table) \(change.rowID)" } ?? "\(change.table) \(change.rowID)"
        return StoreError(
            .overtaken, "\(what) has been changed since, so operation \(undone.id) cannot be taken back",
            overtaken: StoreError.Overtaken(
                undone: undone, table: change.table, rowID: change.rowID, field: mismatch.field, operation: culprit))
    }

    /// A task that came to stand under a task which this undo deletes would vanish with it; so would one that comes back
    /// under a task which has been deleted since.
    private func requireNoOrphans(_ changes: [Change]) throws {
        let ids = reader.listed(Set(changes.filter { $0.table == "tasks" }.map(\.rowID)).sorted())
        let orphan = try reader.first(
            """
            SELECT child.id, parent.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
            WHERE child.deleted_at IS NULL AND parent.deleted_at IS NOT NULL
                AND (child.id IN (\(ids)) OR parent.id IN (\(ids))) LIMIT 1
            """
        ) { (try $0.text(0), try $0.text(1)) }
        if let (child, parent) = orphan {
            throw StoreError(.conflict, "task \(child) would stand under task \(parent), which is deleted")
        }
    }

    /// A parent or a dependency that comes back must not close a circle with those that have been added since.
    private func requireNoCircles(_ changes: [Change]) throws {
        let moved = changes.filter { $0.table == "tasks" && $0.before?["parent_id"]?.string != nil }.map(\.rowID)
        try requireNoCircle(throughParentsOf: moved)
        let waiting = changes.filter { $0.table == "task_dependencies" && $0.kind == .delete }
            .map { String($0.rowID.unicodeScalars.prefix { $0 != "/" }) }
        try requireNoCircle(throughDependenciesOf: waiting)
    }
}
