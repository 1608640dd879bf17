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
    /// The operation at hand, what it meets, and what of it does not take effect.
    var operation: LoggedOperation
    var conflicts: [Conflict] = []
    var lost: [RowKey: RowFields] = [:]
    /// The row of the change at hand, as it was before that.
    var previous: RowFields?
    /// Live tasks directly below those that operations delete, as they were before any of them.
    var children: [String: [RowKey]] = [:]
    /// What the authors of earlier operations meant rows to be, and thus saw when they made the later ones.
    var views: [RowKey: [View]] = [:]

    /// When rows were written last before any of the operations, where the log may not tell.
    var written: [RowKey: JSON] = [:]

    /// A value that an author meant, and what else had been seen then.
    struct View {
        let name: String
        let value: JSON
        let replicaID: String
        let base: Int64?
    }

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
        guard operations.contains(where: others.isForgotten) else { return }
        for key in keys { written[key] = rows[key]?[Column.updatedAt] }
    }

    /// Tries an operation on the rows.
    func merge(_ operation: LoggedOperation) throws -> Outcome {
        self.operation = operation
        conflicts = []
        var outcome = Outcome()
        var repaired: [RowKey: RowFields?] = [:]
        var gone: Set<RowKey> = []
        for change in operation.changes {
            let key = RowKey(change)
            let before = rows[key]
            lost = [:]
            if care.refused.contains(operation.id) || !change.fits(rows.schema) {
                loseRow(change, key)
            } else {
                views[key, default: []] += (change.after?.members ?? []).map {
                    View(name: $0.key, value: $0.value, replicaID: operation.replicaID, base: operation.base)
                }
                try merge(change, key)
            }
            var effect =
                RowFields.change(key, from: before, to: rows[key])
                ?? Change(
                    table: change.table, rowID: change.rowID, kind: .update, before: .object([]), after: .object([]))
            effect.lost = lost[key]?.json
            outcome.changes.append(effect)
            if effect.table == "tasks", effect.after?[Column.deletedAt]?.string != nil { gone.insert(key) }
        }
        for change in operation.changes where change.table == "tasks" {
            try keepInTree(RowKey(change), cameHere: change.after?["parent_id"]?.string != nil, &repaired)
            guard gone.contains(RowKey(change)) || change.after?[Column.deletedAt]?.string != nil else { continue }
            if children[change.rowID] == nil { try loadChildren(of: change.rowID) }
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
        previous = rows[key]
        let intended = RowFields(change.after)
        switch (change.kind, previous) {
        case (.insert, nil):
            rows[key] = intended
        case (.insert, _?):
            // The same row made twice: what tells of its making stays as it was first, and what both made alike is none of
            // the differences.
            let first: Set = ["created_at", "created_by", "rank", "started_at", "kind", "author"]
            let made = RowFields(unseen(key).last { $0.change.kind == .insert }?.change.after)
            let names = Set(intended.names).union(made.names).subtracting(first)
                .filter { intended[$0] != made[$0] }
            try mergeFields(change, key, names.sorted(), knewBefore: false)
        case (.update, nil):
            loseRow(change, key)
        case (.update, _?):
            try mergeFields(change, key, (change.after?.members ?? []).map(\.key), knewBefore: true)
        case (.delete, nil):
            break
        case (.delete, let row?):
            removeRow(change, key, row)
        }
        if care.isNeeded { try keepStanding(change, key, previous) }
    }

    /// Removed, and put there again by somebody else: that is not what was to be removed.
    private func removeRow(_ change: Change, _ key: RowKey, _ row: RowFields) {
        if row != RowFields(change.before), let other = unseen(key).last {
            let isKept =
                switch strategy(key.table) {
                case .localWins: false
                case .lastWriteWins: !isLater(than: other)
                case .mergeFields, .remoteWins, .manual: true
                }
            if isKept { return loseRow(change, key, isOpen: strategy(key.table) == .manual) }
            noteRow(key, kept: .null, by: nil, lost: row.json, by: other, isOpen: false)
        }
        rows[key] = nil
    }

    // MARK: Fields

    /// Merges the fields of a row that is there.
    private func mergeFields(_ change: Change, _ key: RowKey, _ names: [String], knewBefore: Bool) throws {
        guard let table = rows.schema.table(key.table) else { return }
        if names.contains(Column.updatedAt) { mergeLatest(Column.updatedAt, change, key) }
        if strategy(key.table) == .lastWriteWins {
            // The row is one thing.
            let unit = table.loggedColumns.map(\.name).filter { $0 != Column.updatedAt }
            if try isDeletionOvertaken(change, key) {
                for name in names where name != Column.updatedAt { lose(name, change, key) }
            } else {
                try merge(unit, change, key, names, knewBefore: knewBefore)
            }
            return
        }
        var left = names.filter { $0 != Column.updatedAt }
        while let name = left.first {
            let unit = Self.unit(of: name, among: names, in: table)
            left.removeAll(where: unit.contains)
            if name == Column.deletedAt {
                try mergeDeletion(change, key, knewBefore: knewBefore)
            } else if unit.count == 1, table.column(name)?.kind == .json {
                try mergeKeys(name, change, key, knewBefore: knewBefore)
            } else {
                try merge(unit, change, key, names, knewBefore: knewBefore)
            }
        }
        try bringBack(key, because: change, names)
    }

    /// The fields that belong together with one. Taking a task is taking it for oneself: who does both does them together.
    private static func unit(of name: String, among names: [String], in table: Table) -> [String] {
        let leading = name == "assignee" && names.contains("status") ? "status" : name
        let group = table.groups.first { $0.contains(leading) } ?? [leading]
        return group.contains("status") && names.contains("status") && names.contains("assignee")
            ? group + ["assignee"] : group
    }

    /// Merges fields that belong together.
    private func merge(_ unit: [String], _ change: Change, _ key: RowKey, _ names: [String], knewBefore: Bool) throws {
        guard let row = rows[key] else { return }
        let changed = unit.filter { names.contains($0) && !agrees($0, change, row) }
        guard !changed.isEmpty else { return }
        var meant = row
        for name in changed { meant[name] = change.after?[name] ?? .null }
        // What the author saw in the fields that go with these, where that is not what they are.
        var seen: [String] = []
        for name in unit where !names.contains(name) {
            guard let value = seenValue(name, key, of: unit), value != row[name] else { continue }
            seen.append(name)
            meant[name] = value
        }
        let isClean =
            knewBefore && seen.isEmpty && changed.allSatisfy { row[$0] == change.before?[$0] ?? .null }
        if !isClean, let other = try other(than: unit, key) {
            let isWon = !isClaim(unit, change, row) && pusherWins(key, other)
            // What goes with what the loser wrote is kept with it.
            let theirs = (changed + seen).filter { name in unseen(key).contains { $0.touches(name) } }
            let concerned = whole(isWon ? (theirs.isEmpty ? changed + seen : theirs) : changed, key)
            let (mine, present) = (fields(concerned, meant), fields(concerned, row))
            guard isWon else {
                for name in changed { lose(name, change, key) }
                let isOpen = strategy(key.table) == .manual
                return note(key, concerned, kept: present, by: other, lost: mine, by: nil, isOpen: isOpen)
            }
            note(key, concerned, kept: mine, by: nil, lost: present, by: other, isOpen: false)
            // What had been overruled where the author saw the row, and is there after all.
            var left = (changed.filter { knewBefore && row[$0] != change.before?[$0] ?? .null } + seen)
                .filter { !concerned.contains($0) }
            while let name = left.first {
                let names = whole([name], key)
                left.removeAll(where: names.contains)
                note(
                    key, names, kept: fields(names, meant), by: nil, lost: fields(names, row),
                    by: try others.last(name, of: key), isOpen: false)
            }
        }
        rows[key] = meant
    }

    /// Fields with those that belong to them.
    private func whole(_ names: [String], _ key: RowKey) -> [String] {
        let groups = rows.schema.table(key.table)?.groups ?? []
        var whole: [String] = []
        for name in names.flatMap({ name in groups.first { $0.contains(name) } ?? [name] }) where !whole.contains(name)
        {
            whole.append(name)
        }
        return whole
    }

    /// Whether a row has already what a change makes of a field: of a status that both gave, and of a deletion that both made,
    /// the times of the first one stay.
    private func agrees(_ name: String, _ change: Change, _ row: RowFields) -> Bool {
        let after = change.after?[name] ?? .null
        switch name {
        case Column.deletedAt: return (row[name] == .null) == (after == .null)
        case "started_at", "completed_at":
            let status = change.after?["status"]
            if let status, status != .string("doing"), status == row["status"] { return true }
        default: break
        }
        return row[name] == after
    }

    /// What the author of the operation saw in a field that it does not change, if somebody else has changed it since.
    /// - Parameter unit: The fields that belong together with it: what an edit of any of them has made of the author's earlier
    ///   one, the author has seen.
    private func seenValue(_ name: String, _ key: RowKey, of unit: [String]) -> JSON? {
        if let view = views[key]?.last(where: { $0.name == name }), view.replicaID == operation.replicaID,
            !unit.contains(where: { others.isSeen($0, of: key, between: view.base, and: operation) })
        {
            return view.value
        }
        guard others.last(name, of: key, after: operation.base)?.replicaID != operation.replicaID else { return nil }
        return unseen(key).first { $0.change.kind == .update && $0.touches(name) }?.change.before?[name]
    }

    /// Merges a JSON column key by key.
    private func mergeKeys(_ name: String, _ change: Change, _ key: RowKey, knewBefore: Bool) throws {
        guard var row = rows[key] else { return }
        // By members, whose keys are the same when their bytes are, and whose value may be null.
        let before = knewBefore ? change.before?[name] ?? .null : .null
        let after = change.after?[name] ?? .null
        // What nobody can read, nobody has meant.
        var present = row[name] == RowFields.unreadable ? before : row[name]
        var names: [String] = []
        for member in (before.members ?? []) + (after.members ?? [])
        where !names.contains(where: { $0.utf8.elementsEqual(member.key.utf8) }) {
            names.append(member.key)
        }
        for member in names where before[member] != after[member] && present[member] != after[member] {
            if !(knewBefore && present[member] == before[member]), let other = try other(than: [name], key) {
                let field = "\(name).\(member)"
                let mine = RowFields(.object([.init(field, after[member] ?? .null)]))
                let theirs = RowFields(.object([.init(field, present[member] ?? .null)]))
                guard pusherWins(key, other) else {
                    var fields = lost[key] ?? RowFields()
                    fields[field] = after[member] ?? .null
                    lost[key] = fields
                    note(
                        key, [field], kept: theirs, by: other, lost: mine, by: nil,
                        isOpen: strategy(key.table) == .manual)
                    continue
                }
                note(key, [field], kept: mine, by: nil, lost: theirs, by: other, isOpen: false)
            }
            var members = (present.members ?? []).filter { !$0.key.utf8.elementsEqual(member.utf8) }
            if let value = after[member] { members.append(.init(member, value)) }
            present = JSON.object(members).canonical
        }
        row[name] = present
        rows[key] = row
    }

    /// What follows every edit never conflicts: the later moment stays.
    private func mergeLatest(_ name: String, _ change: Change, _ key: RowKey) {
        guard var row = rows[key], let mine = change.after?[name]?.string else { return }
        guard (row[name].string ?? "") < mine else { return }
        row[name] = .string(mine)
        rows[key] = row
    }
}
