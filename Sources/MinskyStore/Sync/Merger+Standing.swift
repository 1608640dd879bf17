import MinskyModel
import MinskySQL

/// What rows must be together.
extension Merger {
    /// Takes back what would close a circle, or claim a foreign id that another task has. The rows written so far are in the
    /// database.
    func keepStanding(_ change: Change, _ key: RowKey, _ previous: RowFields?) throws {
        guard let row = rows[key] else { return }
        if key.table == "tasks", let reference = row["external_ref"].string,
            row["external_ref"] != previous?["external_ref"] ?? .null
        {
            let taken = try rows.writer.first(
                "SELECT id FROM tasks WHERE external_ref = \(reference) AND id <> \(key.id)"
            ) { try $0.text(0) }
            if let taken {
                let other = try others.last("external_ref", of: RowKey("tasks", taken), notBy: operation.replicaID)
                try undo(["external_ref"], change, key, previous, other)
            }
        }
        try rows.write()
        let session = ReadSession(reader: rows.writer, schema: rows.schema)
        do {
            if key.table == "task_dependencies", change.kind == .insert {
                try session.requireNoCircle(throughDependenciesOf: [String(key.id.unicodeScalars.prefix { $0 != "/" })])
            } else if key.table == "tasks", row["parent_id"] != .null, row["parent_id"] != previous?["parent_id"] {
                try session.requireNoCircle(throughParentsOf: [key.id])
            }
        } catch let error as StoreError where error.code == .conflict {
            if key.table == "tasks" {
                try undo(
                    ["parent_id", "rank"], change, key, previous,
                    try others.last("parent_id", of: key, notBy: operation.replicaID))
            } else {
                // What is kept is that there is no such row.
                rows[key] = nil
                loseRow(change, key)
            }
            try rows.write()
        }
    }

    /// Puts fields back to what they were before a change, and notes that it lost.
    private func undo(
        _ names: [String], _ change: Change, _ key: RowKey, _ previous: RowFields?, _ other: OtherEdits.Edit?
    ) throws {
        guard var row = rows[key] else { return }
        // What goes with them may have come back with the change.
        let changed = names.filter { change.after?[$0] != nil || row[$0] != previous?[$0] ?? .null }
        var mine = fields(changed, row)
        for name in changed { if let value = change.after?[name] { mine[name] = value } }
        for name in changed {
            // A new row keeps its place among those that have no parent.
            if let previous { row[name] = previous[name] } else if name != "rank" { row[name] = .null }
            lose(name, change, key)
            // It cannot come back with a later edit of the same author either.
            views[key]?.removeAll { $0.name == name }
        }
        rows[key] = row
        // What was noted of these fields alone is overtaken.
        conflicts.removeAll { conflict in
            RowKey(conflict.table, conflict.rowID) == key && changed.contains(conflict.field ?? "")
                && (conflict.lost.fields?.members ?? []).allSatisfy { changed.contains($0.key) }
        }
        note(key, changed, kept: fields(changed, row), by: other, lost: mine, by: nil, isOpen: false)
    }
}
