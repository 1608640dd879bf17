import MinskyModel
import MinskySQL

/// Who wins, and the keeping of what does not.
extension Merger {
    /// What others did to a row that the maker of the operation at hand had not seen, oldest first.
    func unseen(_ key: RowKey) -> [OtherEdits.Edit] { others.unseen(by: operation, key) }

    func strategy(_ table: String) -> SyncStrategy { strategies[table] ?? strategies["*"] ?? .mergeFields }

    /// Whether a task is taken that somebody else has taken: the first one has it, whatever the clocks say.
    func isClaim(_ unit: [String], _ change: Change, _ row: RowFields) -> Bool {
        unit.contains("status") && change.after?["status"]?.string == "doing" && row["status"].string == "doing"
    }

    /// The edit of somebody else that the operation meets in some fields; nil when the value there is of the same replica.
    func other(than unit: [String], _ key: RowKey) throws -> OtherEdits.Edit? {
        if let edit = unseen(key).last(where: { edit in unit.contains(where: edit.touches) }) { return edit }
        var last: OtherEdits.Edit?
        for name in unit {
            guard let edit = try others.last(name, of: key) else { continue }
            if edit.isLater(than: last?.sequence ?? -1) { last = edit }
        }
        // Where the log does not tell, somebody else's value is not written over without a trace.
        guard let last else { return try forgotten(key) }
        return last.replicaID == operation.replicaID ? nil : last
    }

    /// An edit that the operation at hand meets, and that the log does not tell.
    func forgotten(_ key: RowKey) throws -> OtherEdits.Edit {
        let moment = written[key] ?? rows[key]?[Column.updatedAt]
        let last = moment?.string.flatMap { Timestamp(iso8601: $0) }
        return try others.forgotten(key, since: operation, at: last.map { min($0, now) })
    }

    /// Whether the operation at hand wins against another edit.
    func pusherWins(_ key: RowKey, _ other: OtherEdits.Edit) -> Bool {
        switch strategy(key.table) {
        case .localWins: true
        case .remoteWins, .manual: false
        case .mergeFields, .lastWriteWins: isLater(than: other)
        }
    }

    func isLater(than other: OtherEdits.Edit) -> Bool {
        let mine = min(operation.hlc, HybridTimestamp(milliseconds: now.microseconds / 1000, counter: .max))
        return (mine, operation.replicaID) > (other.hlc, other.replicaID)
    }

    // MARK: Keeping what lost

    func fields(_ names: [String], _ object: JSON?) -> RowFields {
        RowFields(.object(names.map { .init($0, object?[$0] ?? .null) }))
    }

    func fields(_ names: [String], _ row: RowFields) -> RowFields {
        RowFields(.object(names.map { .init($0, row[$0]) }))
    }

    func lose(_ name: String, _ change: Change, _ key: RowKey) {
        var fields = lost[key] ?? RowFields()
        fields[name] = change.after?[name] ?? .null
        lost[key] = fields
    }

    /// Nothing of a change takes effect.
    func loseRow(_ change: Change, _ key: RowKey, isOpen: Bool = false) {
        let value = change.kind == .delete ? JSON.null : (change.after ?? .null).withoutNUL
        for member in value.members ?? [] {
            var fields = lost[key] ?? RowFields()
            fields[member.key] = member.value
            lost[key] = fields
        }
        let other = unseen(key).last
        noteRow(key, kept: rows[key]?.json ?? .null, by: other, lost: value, by: nil, isOpen: isOpen)
    }

    /// Notes which of two whole rows was kept; null stands for none.
    func noteRow(
        _ key: RowKey, kept: JSON, by winner: OtherEdits.Edit?, lost: JSON, by loser: OtherEdits.Edit?, isOpen: Bool
    ) {
        conflicts.append(
            conflict(key, nil, kept: side(kept, winner, nil), lost: side(lost, loser, nil), isOpen: isOpen))
    }

    /// Notes which of two values was kept. Of fields that belong together the first that differs names them; times follow
    /// the others, and of a JSON column its keys count.
    func note(
        _ key: RowKey, _ names: [String], kept: RowFields, by winner: OtherEdits.Edit?, lost: RowFields,
        by loser: OtherEdits.Edit?, isOpen: Bool
    ) {
        let table = rows.schema.table(key.table)
        var (kept, lost, names) = (kept, lost, names)
        for name in names where table?.column(name)?.kind == .json {
            let (theirs, mine) = (RowFields(kept[name]), RowFields(lost[name]))
            names.removeAll { $0 == name }
            for member in Set(theirs.names).union(mine.names).sorted() where theirs[member] != mine[member] {
                names.append("\(name).\(member)")
                (kept["\(name).\(member)"], lost["\(name).\(member)"]) = (theirs[member], mine[member])
            }
        }
        let differing = names.filter { kept[$0] != lost[$0] }
        let leading = differing.first { table?.column($0)?.kind != .timestamp } ?? differing.first ?? names.first
        guard let leading else { return }
        func whole(_ fields: RowFields) -> JSON? {
            names.count > 1 ? .object(names.map { .init($0, fields[$0]) }) : nil
        }
        conflicts.append(
            conflict(
                key, leading, kept: side(kept[leading], winner, whole(kept)),
                lost: side(lost[leading], loser, whole(lost)), isOpen: isOpen))
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
        // One operation may meet one field twice: as its row was taken as it saw it, and as it then stood in the tree.
        let earlier = conflicts.filter { $0.field == field && RowKey($0.table, $0.rowID) == key }.count
        return Conflict(
            id: Conflict.id(of: operation.id, key, field, earlier), table: key.table, rowID: key.id, field: field,
            kept: kept,
            lost: lost, isOpen: isOpen, createdAt: now)
    }
}
