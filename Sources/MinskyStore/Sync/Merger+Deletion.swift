import MinskyModel
import MinskySQL

/// Deletion against edits and children that the deleter had not seen, and the other way round.
extension Merger {
    /// A row that somebody has edited, or put something under, without knowing that it was to be deleted, stays.
    func mergeDeletion(_ change: Change, _ key: RowKey, knewBefore: Bool) throws {
        guard var row = rows[key] else { return }
        let (present, after) = (row[Column.deletedAt], change.after?[Column.deletedAt] ?? .null)
        let before = knewBefore ? change.before?[Column.deletedAt] ?? .null : .null
        // Deleted by both, or brought back by both.
        guard (present == .null) != (after == .null) else { return }
        if after != .null {
            let (mine, theirs) = (fields([Column.deletedAt], change.after), fields([Column.deletedAt], row))
            if strategy(key.table) == .localWins {
                if let edit = try unseenEdit(of: key) {
                    note(key, [Column.deletedAt], kept: mine, by: nil, lost: theirs, by: edit, isOpen: false)
                }
            } else if let other = try unseenEdit(of: key) ?? unseenChild(of: key) {
                lose(Column.deletedAt, change, key)
                let isOpen = strategy(key.table) == .manual
                return note(key, [Column.deletedAt], kept: theirs, by: other, lost: mine, by: nil, isOpen: isOpen)
            }
        } else if before == .null {
            // An edit that did not know of the deletion does not mean to bring the row back; `bringBack` decides.
            return
        }
        row[Column.deletedAt] = after
        rows[key] = row
    }

    /// Where the later edit wins: whether a row is deleted below which somebody has put something later.
    func isDeletionOvertaken(_ change: Change, _ key: RowKey) throws -> Bool {
        guard let row = rows[key], row[Column.deletedAt] == .null, change.after?[Column.deletedAt]?.string != nil,
            let child = try unseenChild(of: key), !isLater(than: child)
        else { return false }
        note(
            key, [Column.deletedAt], kept: fields([Column.deletedAt], row), by: child,
            lost: fields([Column.deletedAt], change.after), by: nil, isOpen: false)
        return true
    }

    /// An edit of a row that the deleter had not seen.
    private func unseenEdit(of key: RowKey) throws -> OtherEdits.Edit? {
        if others.isForgotten(since: operation),
            let seen = operation.changes.first(where: { RowKey($0) == key })?.before?[Column.updatedAt],
            previous?[Column.updatedAt] != seen
        {
            return try forgotten(key)
        }
        return unseen(key).last { edit in
            edit.change.kind == .insert
                || (edit.change.after?.members ?? []).contains {
                    ![Column.updatedAt, Column.deletedAt].contains($0.key)
                }
        }
    }

    /// A live child that came below a task without the deleter having seen it.
    private func unseenChild(of key: RowKey) throws -> OtherEdits.Edit? {
        guard key.table == "tasks" else { return nil }
        for child in children[key.id] ?? [] {
            if let came = try cameUnseen(child) { return came }
        }
        return nil
    }

    /// What put a task where it stands, if the author of the operation had not seen it there. Where the log does not tell, that
    /// is a task which the operation leaves alone: who deletes one deletes what is below it.
    private func cameUnseen(_ child: RowKey) throws -> OtherEdits.Edit? {
        if let came = unseen(child).last(where: { $0.touches("parent_id") }) { return came }
        let isKnown = !others.isForgotten(since: operation) || operation.changes.contains { RowKey($0) == child }
        return isKnown ? nil : try forgotten(child)
    }

    /// An edit of a row that was deleted meanwhile brings the row back, where the upstream does not win; so does making it once
    /// more: who undid their own making did not undo another's.
    func bringBack(_ key: RowKey, because change: Change, _ names: [String]) throws {
        guard var row = rows[key], row[Column.deletedAt] != .null, change.after?[Column.deletedAt]?.string == nil,
            change.kind == .insert || names.contains(where: { $0 != Column.updatedAt }),
            let deletion = unseen(key).last(where: { $0.touches(Column.deletedAt) })
        else { return }
        let theirs = fields([Column.deletedAt], row)
        row[Column.deletedAt] = .null
        let mine = fields([Column.deletedAt], row)
        if strategy(key.table) == .remoteWins {
            return note(key, [Column.deletedAt], kept: theirs, by: deletion, lost: mine, by: nil, isOpen: false)
        }
        rows[key] = row
        let isOpen = strategy(key.table) == .manual
        note(key, [Column.deletedAt], kept: mine, by: nil, lost: theirs, by: deletion, isOpen: isOpen)
    }

    /// A live task stands under a live one, or under none: a parent whose deleter did not know of the child comes back, and
    /// a child whose parent stays deleted goes to the nearest one above that does not.
    /// - Parameters:
    ///   - cameHere: Whether the operation has put the task under its parent.
    ///   - repaired: The rows that were repaired, as they were before.
    func keepInTree(_ key: RowKey, cameHere: Bool, _ repaired: inout [RowKey: RowFields?]) throws {
        guard var row = rows[key], row[Column.deletedAt] == .null, let parentID = row["parent_id"].string else {
            return
        }
        let parent = RowKey("tasks", parentID)
        try load(parent)
        guard var above = rows[parent], above[Column.deletedAt] != .null else { return }
        let deletion =
            try unseen(parent).last { $0.touches(Column.deletedAt) }
            ?? (others.isForgotten(since: operation) ? forgotten(parent) : nil)
        let isDeleter = operation.changes.contains { RowKey($0) == parent }
        // Who put it there knowing that the parent is deleted meant it so.
        guard deletion != nil || isDeleter else { return }
        if cameHere, let deletion, bringsBack(deletion) {
            if repaired[parent] == nil { repaired[parent] = .some(above) }
            let theirs = fields([Column.deletedAt], above)
            above[Column.deletedAt] = .null
            above["parent_id"] = try liveAncestor(above["parent_id"].string)
            rows[parent] = above
            note(
                parent, [Column.deletedAt], kept: fields([Column.deletedAt], above), by: nil, lost: theirs,
                by: deletion, isOpen: strategy("tasks") == .manual)
        } else {
            if repaired[key] == nil { repaired[key] = .some(row) }
            let placing = cameHere ? nil : try cameUnseen(key)
            let place = fields(["parent_id"], row)
            row["parent_id"] = try liveAncestor(parentID)
            rows[key] = row
            guard cameHere || placing != nil else { return }
            note(
                key, ["parent_id"], kept: fields(["parent_id"], row), by: cameHere ? deletion : nil, lost: place,
                by: placing, isOpen: strategy("tasks") == .manual)
        }
    }

    /// Whether a task that was put under a deleted one brings that one back.
    private func bringsBack(_ deletion: OtherEdits.Edit) -> Bool {
        switch strategy("tasks") {
        case .remoteWins: false
        case .lastWriteWins: isLater(than: deletion)
        case .mergeFields, .localWins, .manual: true
        }
    }

    private func liveAncestor(_ id: String?) throws -> JSON {
        var next = id
        var seen: Set<String> = []
        while let id = next, seen.insert(id).inserted {
            let key = RowKey("tasks", id)
            try load(key)
            guard let row = rows[key] else { return .null }
            if row[Column.deletedAt] == .null { return .string(id) }
            next = row["parent_id"].string
        }
        return .null
    }

    private func load(_ key: RowKey) throws {
        try rows.load([key])
        try others.load([key])
    }

    /// Reads the children of a task that is deleted because its author saw it so, though the edit at hand does not say it.
    func loadChildren(of id: String) throws {
        let found = try liveChildren(of: [id]).map(\.child)
        children[id] = found
        try rows.load(found)
        try others.load(found)
    }

    func liveChildren(of ids: [String]) throws -> [(parent: String, child: RowKey)] {
        guard !ids.isEmpty else { return [] }
        return try rows.writer.rows(
            "SELECT parent_id, id FROM tasks WHERE parent_id IN (\(rows.writer.listed(ids))) AND deleted_at IS NULL"
        ) { (try $0.text(0), RowKey("tasks", try $0.text(1))) }
    }
}
