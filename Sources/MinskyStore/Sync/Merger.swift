import MinskyModel
import MinskySQL

/// Decides what operations do to rows that others have changed too: once at the upstream when they are pushed, and at a
/// replica when its operations that wait to be pushed are laid over what it pulled. Both decide by this alone.
///
/// A field is written when it still has the value that the author replaced. Where it has another one, neither has seen the
/// other's: then the strategy decides, and the value that loses is kept as a conflict.
final class Merger {
    /// What became of an operation.
    struct Outcome {
        /// What took effect; `lost` has the fields that did not.
        var changes: [Change] = []
        var conflicts: [Conflict] = []
    }

    let rows: WorkingRows
    let strategies: [String: SyncStrategy]
    /// The moment of the decision: no clock that is ahead of it wins by that.
    let now: Timestamp
    let care: Care
    var others: OtherEdits
    private var operation: LoggedOperation
    private var conflicts: [Conflict] = []
    private var lost: [RowKey: RowFields] = [:]
    /// Live tasks directly below those that operations delete, as they were before any of them.
    private var children: [String: [RowKey]] = [:]

    init(
        _ rows: WorkingRows, others: OtherEdits, strategies: [String: SyncStrategy], now: Timestamp, care: Care
    ) {
        self.rows = rows
        self.others = others
        self.strategies = strategies
        self.now = now
        self.care = care
        operation = LoggedOperation(
            number: 0, id: "", sequence: nil, replicaID: "", actor: "", role: nil, command: nil, reverts: nil,
            hlc: HybridTimestamp(rawValue: 0), base: nil, schemaVersion: 0, recordedAt: now, changes: [])
    }

    /// Reads what operations need, in few statements.
    func prepare(_ operations: [LoggedOperation]) throws {
        var keys = Set<RowKey>()
        var parents = Set<String>()
        var deleted: [String] = []
        for change in operations.flatMap(\.changes) {
            keys.insert(RowKey(change))
            guard change.table == "tasks" else { continue }
            for side in [change.before, change.after] {
                if let parent = side?["parent_id"]?.string { parents.insert(parent) }
            }
            if change.after?[Column.deletedAt]?.string != nil { deleted.append(change.rowID) }
        }
        keys.formUnion(parents.map { RowKey("tasks", $0) })
        for (parent, child) in try liveChildren(of: deleted) { children[parent, default: []].append(child) }
        keys.formUnion(children.values.joined())
        try rows.load(keys)
        keys.formUnion(keys.compactMap { rows[$0]?["parent_id"].string }.map { RowKey("tasks", $0) })
        try rows.load(keys)
        try others.load(keys)
    }

    /// Tries an operation on the rows.
    func merge(_ operation: LoggedOperation) throws -> Outcome {
        self.operation = operation
        conflicts = []
        var outcome = Outcome()
        var repaired: [RowKey: RowFields?] = [:]
        for change in operation.changes {
            let key = RowKey(change)
            let before = rows[key]
            lost = [:]
            let isReadable = change.isReadable && rows.schema.table(change.table) != nil
            if care.refused.contains(operation.id) || !isReadable {
                loseRow(change, key)
            } else {
                try merge(change, key)
            }
            var effect =
                RowFields.change(key, from: before, to: rows[key])
                ?? Change(
                    table: change.table, rowID: change.rowID, kind: .update, before: .object([]), after: .object([]))
            effect.lost = lost[key]?.json
            outcome.changes.append(effect)
        }
        for change in operation.changes where change.table == "tasks" {
            try keepInTree(RowKey(change), cameHere: change.after?["parent_id"]?.string != nil, &repaired)
            guard change.after?[Column.deletedAt]?.string != nil else { continue }
            for child in children[change.rowID] ?? [] { try keepInTree(child, cameHere: false, &repaired) }
        }
        for (key, before) in repaired.sorted(by: { $0.key.id < $1.key.id }) {
            if let change = RowFields.change(key, from: before, to: rows[key]) { outcome.changes.append(change) }
        }
        outcome.conflicts = conflicts
        return outcome
    }

    // MARK: Changes

    private func merge(_ change: Change, _ key: RowKey) throws {
        let intended = RowFields(change.after)
        switch (change.kind, rows[key]) {
        case (.insert, nil):
            rows[key] = intended
        case (.insert, let row?):
            // The same row made twice: what tells of its making stays as it was first.
            let first: Set = ["created_at", "created_by", "rank", "started_at", "kind", "author"]
            let names = Set(intended.names).union(row.names).subtracting(first)
            try mergeFields(change, key, names.sorted(), knewBefore: false)
        case (.update, nil):
            loseRow(change, key)
        case (.update, _?):
            try mergeFields(change, key, (change.after?.members ?? []).map(\.key), knewBefore: true)
        case (.delete, nil):
            break
        case (.delete, let row?):
            let seen = RowFields(change.before)
            // Removed and put there again by somebody else: that is not what was to be removed.
            if row != seen, isUnseen(key), strategy(key.table) != .localWins { return loseRow(change, key) }
            rows[key] = nil
        }
        if care.isNeeded { try keepStanding(change, key) }
    }

    private func isUnseen(_ key: RowKey) -> Bool { !others.unseen(by: operation, key).isEmpty }

    /// Merges the fields of a row that is there.
    private func mergeFields(_ change: Change, _ key: RowKey, _ names: [String], knewBefore: Bool) throws {
        guard let table = rows.schema.table(key.table) else { return }
        let strategy = strategy(key.table)
        if strategy == .lastWriteWins, try losesAsWhole(change, key, names, knewBefore: knewBefore) { return }
        var left = names
        while let name = left.first {
            var unit = table.groups.first { $0.contains(name) } ?? [name]
            // Taking a task is taking it for oneself.
            if unit.contains("status"), names.contains("assignee"), names.contains("status") { unit.append("assignee") }
            left.removeAll(where: unit.contains)
            if name == Column.updatedAt {
                mergeLatest(name, change, key)
            } else if name == Column.deletedAt {
                try mergeDeletion(change, key, knewBefore: knewBefore)
            } else if unit.count == 1, table.column(name)?.kind == .json {
                try mergeKeys(name, change, key, knewBefore: knewBefore)
            } else {
                try merge(unit, change, key, names, knewBefore: knewBefore)
            }
        }
        try bringBack(key, because: change, names)
    }

    /// Merges fields that belong together.
    private func merge(_ unit: [String], _ change: Change, _ key: RowKey, _ names: [String], knewBefore: Bool) throws {
        guard let row = rows[key] else { return }
        let changed = unit.filter(names.contains)
        guard changed.contains(where: { row[$0] != change.after?[$0] ?? .null }) else { return }
        // What the author saw in the fields that go with these.
        var seen: [String: JSON] = [:]
        for edit in others.unseen(by: operation, key) where edit.change.kind == .update {
            for name in unit where !changed.contains(name) && seen[name] == nil {
                seen[name] = edit.change.before?[name]
            }
        }
        let isClean =
            knewBefore && seen.isEmpty && changed.allSatisfy { row[$0] == change.before?[$0] ?? .null }
        var meant = row
        for name in changed { meant[name] = change.after?[name] ?? .null }
        for (name, value) in seen { meant[name] = value }
        if !isClean, let other = try other(than: unit, key) {
            let concerned = changed + seen.keys.sorted()
            let (mine, theirs) = (fields(concerned, meant), fields(concerned, row))
            guard !isClaim(unit, change, row), pusherWins(key, other) else {
                for name in changed { lose(name, change, key) }
                return note(
                    key, concerned, kept: theirs, by: other, lost: mine, by: nil, isOpen: strategy(key.table) == .manual
                )
            }
            note(key, concerned, kept: mine, by: nil, lost: theirs, by: other, isOpen: false)
        }
        rows[key] = meant
    }

    /// Merges a JSON column key by key.
    private func mergeKeys(_ name: String, _ change: Change, _ key: RowKey, knewBefore: Bool) throws {
        guard var row = rows[key] else { return }
        let (before, after) = (RowFields(knewBefore ? change.before?[name] : nil), RowFields(change.after?[name]))
        var present = RowFields(row[name])
        let names = Set(before.names).union(after.names)
        for member in names.sorted() where before[member] != after[member] && present[member] != after[member] {
            if !(knewBefore && present[member] == before[member]), let other = try other(than: [name], key) {
                let field = "\(name).\(member)"
                let mine = RowFields(.object([.init(field, after[member])]))
                let theirs = RowFields(.object([.init(field, present[member])]))
                guard pusherWins(key, other) else {
                    var fields = lost[key] ?? RowFields()
                    fields[field] = after[member]
                    lost[key] = fields
                    note(
                        key, [field], kept: theirs, by: other, lost: mine, by: nil,
                        isOpen: strategy(key.table) == .manual)
                    continue
                }
                note(key, [field], kept: mine, by: nil, lost: theirs, by: other, isOpen: false)
            }
            present[member] = after[member]
        }
        row[name] = present.json
        rows[key] = row
    }

    /// What follows every edit never conflicts: the later moment stays.
    private func mergeLatest(_ name: String, _ change: Change, _ key: RowKey) {
        guard var row = rows[key], let mine = change.after?[name]?.string else { return }
        guard (row[name].string ?? "") < mine else { return }
        row[name] = .string(mine)
        rows[key] = row
    }

    // MARK: Deletion

    /// A row that somebody has edited, or put something under, without knowing that it was to be deleted, stays.
    private func mergeDeletion(_ change: Change, _ key: RowKey, knewBefore: Bool) throws {
        guard var row = rows[key] else { return }
        let (present, after) = (row[Column.deletedAt], change.after?[Column.deletedAt] ?? .null)
        let before = knewBefore ? change.before?[Column.deletedAt] ?? .null : .null
        // Deleted by both, or brought back by both.
        guard (present == .null) != (after == .null) else { return }
        if after != .null {
            let other = try unseenUse(of: key)
            let isKept: Bool
            switch strategy(key.table) {
            case .localWins: isKept = false
            case .lastWriteWins: isKept = other.map { !isLater(than: $0) } ?? false
            case .mergeFields, .remoteWins, .manual: isKept = true
            }
            if let other {
                let (mine, theirs) = (fields([Column.deletedAt], change.after), fields([Column.deletedAt], row))
                if isKept {
                    lose(Column.deletedAt, change, key)
                    return note(
                        key, [Column.deletedAt], kept: theirs, by: other, lost: mine, by: nil,
                        isOpen: strategy(key.table) == .manual)
                }
                note(key, [Column.deletedAt], kept: mine, by: nil, lost: theirs, by: other, isOpen: false)
            }
        } else if before == .null {
            // An edit that did not know of the deletion does not mean to bring the row back; `bringBack` decides.
            return
        }
        row[Column.deletedAt] = after
        rows[key] = row
    }

    /// An edit of a row, or a live child of it, that the deleter had not seen.
    private func unseenUse(of key: RowKey) throws -> OtherEdits.Edit? {
        let edit = others.unseen(by: operation, key).last { edit in
            edit.change.kind == .insert
                || (edit.change.after?.members ?? []).contains {
                    ![Column.updatedAt, Column.deletedAt].contains($0.key)
                }
        }
        if let edit { return edit }
        guard key.table == "tasks" else { return nil }
        for child in children[key.id] ?? [] {
            let came = others.unseen(by: operation, child).last { $0.touches("parent_id") }
            if let came { return came }
        }
        return nil
    }

    /// An edit of a row that was deleted meanwhile brings the row back.
    private func bringBack(_ key: RowKey, because change: Change, _ names: [String]) throws {
        guard var row = rows[key], row[Column.deletedAt] != .null, change.after?[Column.deletedAt]?.string == nil,
            names.contains(where: { $0 != Column.updatedAt }),
            let deletion = others.unseen(by: operation, key).last(where: { $0.touches(Column.deletedAt) })
        else { return }
        switch strategy(key.table) {
        case .remoteWins: return
        case .lastWriteWins where !isLater(than: deletion): return
        default: break
        }
        let theirs = fields([Column.deletedAt], row)
        row[Column.deletedAt] = .null
        rows[key] = row
        note(
            key, [Column.deletedAt], kept: fields([Column.deletedAt], row), by: nil, lost: theirs, by: deletion,
            isOpen: false)
    }

    /// A live task stands under a live one, or under none: a parent whose deleter did not know of the child comes back, and
    /// a child whose parent stays deleted goes to the nearest one above that does not.
    /// - Parameters:
    ///   - cameHere: Whether the operation has put the task under its parent.
    ///   - repaired: The rows that were repaired, as they were before.
    private func keepInTree(_ key: RowKey, cameHere: Bool, _ repaired: inout [RowKey: RowFields?]) throws {
        guard var row = rows[key], row[Column.deletedAt] == .null, let parentID = row["parent_id"].string else {
            return
        }
        let parent = RowKey("tasks", parentID)
        try load(parent)
        guard var above = rows[parent], above[Column.deletedAt] != .null else { return }
        let deletion = others.unseen(by: operation, parent).last { $0.touches(Column.deletedAt) }
        let isDeleter = operation.changes.contains { RowKey($0) == parent }
        // Who put it there knowing that the parent is deleted meant it so.
        guard deletion != nil || isDeleter else { return }
        if cameHere, let deletion, strategy("tasks") != .remoteWins {
            if repaired[parent] == nil { repaired[parent] = .some(above) }
            let theirs = fields([Column.deletedAt], above)
            above[Column.deletedAt] = .null
            above["parent_id"] = try liveAncestor(above["parent_id"].string)
            rows[parent] = above
            note(
                parent, [Column.deletedAt], kept: fields([Column.deletedAt], above), by: nil, lost: theirs,
                by: deletion,
                isOpen: false)
        } else {
            if repaired[key] == nil { repaired[key] = .some(row) }
            row["parent_id"] = try liveAncestor(parentID)
            rows[key] = row
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

    private func liveChildren(of ids: [String]) throws -> [(parent: String, child: RowKey)] {
        guard !ids.isEmpty else { return [] }
        return try rows.writer.rows(
            "SELECT parent_id, id FROM tasks WHERE parent_id IN (\(rows.writer.listed(ids))) AND deleted_at IS NULL"
        ) { (try $0.text(0), RowKey("tasks", try $0.text(1))) }
    }

    // MARK: What rows must be together

    /// Takes back what would close a circle, or claim a foreign id that another task has. The rows written so far are in the
    /// database.
    private func keepStanding(_ change: Change, _ key: RowKey) throws {
        guard let row = rows[key] else { return }
        if key.table == "tasks", let reference = row["external_ref"].string,
            change.after?["external_ref"]?.string != nil
        {
            let taken = try rows.writer.first(
                "SELECT id FROM tasks WHERE external_ref = \(reference) AND id <> \(key.id)"
            ) { try $0.text(0) }
            if let taken {
                let other = try others.last("external_ref", of: RowKey("tasks", taken), notBy: operation.replicaID)
                try undo(["external_ref"], change, key, other)
            }
        }
        try rows.write()
        let session = ReadSession(reader: rows.writer, schema: rows.schema)
        do {
            if key.table == "task_dependencies", change.kind == .insert {
                try session.requireNoCircle(throughDependenciesOf: [String(key.id.unicodeScalars.prefix { $0 != "/" })])
            } else if key.table == "tasks", change.after?["parent_id"]?.string != nil {
                try session.requireNoCircle(throughParentsOf: [key.id])
            }
        } catch let error as StoreError where error.code == .conflict {
            if key.table == "tasks" {
                try undo(
                    ["parent_id", "rank"], change, key,
                    try others.last("parent_id", of: key, notBy: operation.replicaID))
            } else {
                loseRow(change, key)
                rows[key] = nil
            }
            try rows.write()
        }
    }

    /// Puts fields back to what they were before a change, and notes that it lost.
    private func undo(_ names: [String], _ change: Change, _ key: RowKey, _ other: OtherEdits.Edit?) throws {
        guard var row = rows[key] else { return }
        let changed = names.filter { change.after?[$0] != nil }
        let mine = fields(changed, row)
        for name in changed {
            row[name] = change.kind == .insert ? .null : change.before?[name] ?? .null
            if name == "rank", change.kind == .insert { row[name] = change.after?[name] ?? .null }
            lose(name, change, key)
        }
        rows[key] = row
        note(key, changed, kept: fields(changed, row), by: other, lost: mine, by: nil, isOpen: false)
    }

    // MARK: Deciding

    private func strategy(_ table: String) -> SyncStrategy { strategies[table] ?? strategies["*"] ?? .mergeFields }

    /// Whether a task is taken that somebody else has taken: the first one has it, whatever the clocks say.
    private func isClaim(_ unit: [String], _ change: Change, _ row: RowFields) -> Bool {
        unit.contains("status") && change.after?["status"]?.string == "doing" && row["status"].string == "doing"
    }

    /// The edit of somebody else that the operation meets in some fields; nil when the value there is of the same replica.
    private func other(than unit: [String], _ key: RowKey) throws -> OtherEdits.Edit? {
        let edit = others.unseen(by: operation, key).last { edit in unit.contains(where: edit.touches) }
        return try edit ?? others.last(unit.first, of: key, notBy: operation.replicaID)
    }

    /// Whether the operation at hand wins against another edit.
    private func pusherWins(_ key: RowKey, _ other: OtherEdits.Edit) -> Bool {
        switch strategy(key.table) {
        case .localWins: true
        case .remoteWins, .manual: false
        case .mergeFields, .lastWriteWins: isLater(than: other)
        }
    }

    private func isLater(than other: OtherEdits.Edit) -> Bool {
        let mine = min(operation.hlc, HybridTimestamp(milliseconds: now.microseconds / 1000, counter: .max))
        return (mine, operation.replicaID) > (other.hlc, other.replicaID)
    }

    /// With `last_write_wins`: whether nothing of the operation takes effect on this row, as a later edit is there.
    private func losesAsWhole(_ change: Change, _ key: RowKey, _ names: [String], knewBefore: Bool) throws -> Bool {
        guard let row = rows[key] else { return false }
        let differs = names.contains { name in
            name != Column.updatedAt && row[name] != change.after?[name] ?? .null
                && !(knewBefore && row[name] == change.before?[name] ?? .null)
        }
        guard differs || isUnseen(key), let other = try other(than: names, key), !isLater(than: other) else {
            return false
        }
        for name in names where name != Column.updatedAt && row[name] != change.after?[name] ?? .null {
            lose(name, change, key)
            guard rows.schema.table(key.table)?.column(name)?.kind == .json else {
                note(
                    key, [name], kept: fields([name], row), by: other, lost: fields([name], change.after), by: nil,
                    isOpen: false)
                continue
            }
            let (before, after) = (RowFields(knewBefore ? change.before?[name] : nil), RowFields(change.after?[name]))
            let present = RowFields(row[name])
            for member in Set(before.names).union(after.names).sorted() where before[member] != after[member] {
                let field = "\(name).\(member)"
                note(
                    key, [field], kept: RowFields(.object([.init(field, present[member])])), by: other,
                    lost: RowFields(.object([.init(field, after[member])])), by: nil, isOpen: false)
            }
        }
        return true
    }

    // MARK: Keeping what lost

    private func fields(_ names: [String], _ object: JSON?) -> RowFields {
        RowFields(.object(names.map { .init($0, object?[$0] ?? .null) }))
    }

    private func fields(_ names: [String], _ row: RowFields) -> RowFields {
        RowFields(.object(names.map { .init($0, row[$0]) }))
    }

    private func lose(_ name: String, _ change: Change, _ key: RowKey) {
        var fields = lost[key] ?? RowFields()
        fields[name] = change.after?[name] ?? .null
        lost[key] = fields
    }

    /// Nothing of a change takes effect.
    private func loseRow(_ change: Change, _ key: RowKey) {
        let value = change.kind == .delete ? JSON.null : change.after ?? .null
        if let members = change.after?.members { for member in members { lose(member.key, change, key) } }
        let other = try? others.last(nil, of: key, notBy: operation.replicaID)
        conflicts.append(
            conflict(
                key, nil, kept: side(rows[key]?.json ?? .null, other, nil), lost: side(value, nil, nil), isOpen: false))
    }

    /// Notes which of two values was kept. Of fields that belong together the first that differs names them.
    private func note(
        _ key: RowKey, _ names: [String], kept: RowFields, by winner: OtherEdits.Edit?, lost: RowFields,
        by loser: OtherEdits.Edit?, isOpen: Bool
    ) {
        let name = names.first { kept[$0] != lost[$0] } ?? names.first
        guard let name else { return }
        let leading = names.contains("status") ? "status" : name
        func whole(_ fields: RowFields) -> JSON? {
            names.count > 1 ? .object(names.map { .init($0, fields[$0]) }) : nil
        }
        conflicts.append(
            conflict(
                key, leading, kept: side(kept[leading], winner, whole(kept)),
                lost: side(lost[leading], loser, whole(lost)),
                isOpen: isOpen))
    }

    /// A value with its author: that of another edit, or the operation at hand.
    private func side(_ value: JSON, _ edit: OtherEdits.Edit?, _ fields: JSON?) -> Conflict.Side {
        Conflict.Side(
            value: value, actor: edit?.actor ?? operation.actor, at: (edit?.hlc ?? operation.hlc).timestamp,
            replicaID: edit?.replicaID ?? operation.replicaID, fields: fields)
    }

    private func conflict(_ key: RowKey, _ field: String?, kept: Conflict.Side, lost: Conflict.Side, isOpen: Bool)
        -> Conflict
    {
        Conflict(
            id: Conflict.id(of: operation.id, key, field), table: key.table, rowID: key.id, field: field, kept: kept,
            lost: lost, isOpen: isOpen, createdAt: now)
    }
}
