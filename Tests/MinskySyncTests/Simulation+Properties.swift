import Foundation
import MinskyModel
import MinskySQL

@testable import MinskyStore

/// What has to hold when everybody has met.
extension Simulation {
    /// Lets all faults end, has everybody sync, and looks at what there is.
    func finish() throws {
        for site in [upstream] + replicas { try endShells(at: site) }
        // A statement by hand is whole when its millisecond has passed.
        Thread.sleep(forTimeInterval: 0.002)
        for number in replicas.indices { try rejoin(number) }
        try syncAll()
        try requireSame()
        try requireSound()
        try requireSecrets()
        // What has stayed at home may go now.
        for number in replicas.indices {
            for table in Schedule.policyTables { try setPolicy(.both, of: table, at: number) }
            guard try replicas[number].policies.chosen.values.allSatisfy({ $0 == .both }) else {
                throw Violation("a policy of replica \(number) cannot be taken back")
            }
        }
        try syncAll()
        try requireSame()
        try requireSound()
        try requireNothingVanished()
        for number in replicas.indices {
            let result = try replica(number, 100).replica.sync()
            guard result == Replica.Result() else {
                throw Violation("a sync of replica \(number) did something: \(result)")
            }
        }
        let head = try upstream.store.database.read { try Replica.Cursor($0).sequence }
        for (number, operations) in sent { _ = try replica(number, 100).replica.send(operations) }
        try upstream.store.number()
        guard try upstream.store.database.read({ try Replica.Cursor($0).sequence }) == head else {
            throw Violation("an old push was taken again")
        }
    }

    private func syncAll() throws { for _ in 0..<2 { for number in replicas.indices { try sync(number) } } }

    private func requireSame() throws {
        let floor = try ([upstream] + replicas).map { try $0.store.floor() }.max() ?? 0
        for (number, site) in replicas.enumerated() {
            let policies = try site.policies
            let tables = Schedule.policyTables.filter { policies[$0] != .both }
            let expected = try dump(upstream.store, floor, without: tables)
            let found = try dump(site.store, floor, without: tables)
            for (left, right) in zip(expected, found) where left != right {
                throw Violation("replica \(number) differs from the upstream: \(left) - \(right)")
            }
            guard expected.count == found.count else {
                throw Violation(
                    "replica \(number) has \(found.count) rows and operations, the upstream \(expected.count)")
            }
        }
    }

    /// All rows, and the log as far as all have it, without what is a store's own.
    private func dump(_ store: Store, _ floor: Int64, without tables: [String]) throws -> [String] {
        try store.number()
        return try store.database.read { reader in
            var lines: [String] = []
            for copy in TableCopy.all(store.schema) where copy.table.isDomain && !tables.contains(copy.table.name) {
                var rows: [String] = []
                try copy.rows(reader) { rows.append("\(copy.table.name) \($0)") }
                lines += rows.sorted()
            }
            let session = ReadSession(reader: reader, schema: store.schema)
            let operations = try session.operations(where: "sequence IS NOT NULL", orderedBy: "sequence", changes: .max)
            for operation in operations {
                let sequence = operation.sequence ?? -1
                lines.append(
                    "operation \(sequence) \(operation.id) \(operation.hlc.rawValue) \(operation.replicaID)")
                guard sequence > floor else { continue }
                lines += operation.changes.filter { !tables.contains($0.table) }.map { change in
                    "change \(change.table) \(change.rowID) \(change.kind) \(change.fields.text()) "
                        + "\(change.lost?.text() ?? "") \(change.original?.text() ?? "")"
                }
            }
            return lines
        }
    }

    private func requireSound() throws {
        for store in [upstream.store] + replicas.map(\.store) {
            let untold = try store.rowsAgainstLog() + store.logProblems()
            guard untold.isEmpty else { throw Violation("the log does not tell what is there: \(untold)") }
        }
        try upstream.store.database.read { reader in
            let session = ReadSession(reader: reader, schema: upstream.store.schema)
            let ids = try reader.rows("SELECT id FROM tasks") { try $0.text(0) }
            try session.requireNoCircle(throughParentsOf: ids)
            try session.requireNoCircle(throughDependenciesOf: ids)
            let orphan = try reader.first(
                """
                SELECT child.id FROM tasks AS child JOIN tasks AS parent ON parent.id = child.parent_id
                WHERE child.deleted_at IS NULL AND parent.deleted_at IS NOT NULL
                """
            ) { try $0.text(0) }
            if let orphan { throw Violation("task \(orphan) stands under a deleted one") }
        }
    }

    /// What a policy keeps at home is nowhere else.
    private func requireSecrets() throws {
        let secrets = secrets.values.joined()
        guard !secrets.isEmpty else { return }
        let texts = try upstream.store.database.read { reader in
            try reader.rows("SELECT fields FROM changes WHERE table_name = 'notes'") { try $0.json(0).text() }
                + reader.rows("SELECT body FROM notes") { "\"\(try $0.text(0))\"" }
        }
        for secret in secrets where texts.contains(where: { $0.contains("\"\(secret)\"") }) {
            throw Violation("'\(secret)' was to stay at home")
        }
    }

    // MARK: Nothing has vanished

    /// Every edit is current, was overwritten by one who had seen it, or is kept as lost.
    private func requireNothingVanished() throws {
        let current = try values(upstream.store)
        let conflicts = try upstream.store.read { try $0.conflicts(all: true) }
        var lost: [RowKey: [Conflict]] = [:]
        for conflict in conflicts { lost[RowKey(conflict.table, conflict.rowID), default: []].append(conflict) }
        var overwritten: [Place: Set<JSON>] = [:]
        for edit in written { overwritten[edit.place, default: []].insert(edit.seen) }
        for edit in written where !edit.staysHome {
            guard let value = edit.value else { continue }
            if (current[edit.place] ?? .null) == value || overwritten[edit.place]?.contains(value) == true { continue }
            let kept = lost[RowKey(edit.place.table, edit.place.row)] ?? []
            if kept.contains(where: { keeps($0, edit.place.field, value) }) { continue }
            throw Violation(
                "\(value.text()) of \(edit.place.field) of \(edit.place.table) \(edit.place.row), "
                    + "in place of \(edit.seen.text()), has vanished")
        }
    }

    /// Whether a conflict has a value that lost.
    private func keeps(_ conflict: Conflict, _ field: String, _ value: JSON) -> Bool {
        let lost = conflict.lost.value
        guard let name = conflict.field else {
            // A row that was made, or removed, or an edit that does not fit.
            if field == "there" { return (lost != .null) == (value == "yes") }
            return lost["created_at"] != nil
                ? told(field, lost) == value : mentions(field, lost) && told(field, lost) == value
        }
        let column = field == "deleted" ? Column.deletedAt : field
        if name == column, told(field, .object([.init(column, lost)])) == value { return true }
        return conflict.lost.fields.map { mentions(field, $0) && told(field, $0) == value } ?? false
    }

    private func mentions(_ field: String, _ fields: JSON) -> Bool {
        if field.hasPrefix("metadata."), fields["metadata"] != nil { return true }
        return fields[field == "deleted" ? Column.deletedAt : field] != nil
    }

    /// The value of a field as `values` tells it.
    private func told(_ field: String, _ fields: JSON) -> JSON {
        if field == "deleted" { return (fields[Column.deletedAt] ?? .null) == .null ? "live" : "deleted" }
        if let value = fields[field] { return value }
        guard field.hasPrefix("metadata.") else { return .null }
        return fields["metadata"]?[String(field.dropFirst("metadata.".count))] ?? .null
    }
}
