import MinskyModel
import MinskySQL
import TestSupport

@testable import MinskyStore

/// What should not have happened.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Some replicas and their upstream, on which a schedule is carried out.
final class Simulation {
    /// What somebody wrote into a field, and what they saw there.
    private struct Written {
        let table: String
        let row: String
        let field: String
        let value: JSON
        let seen: JSON
    }

    private struct Site {
        let database: FaultyDatabase
        let store: Store
    }

    private let storages: [TestStorage]
    private let upstream: Site
    private var replicas: [Site] = []
    private var written: [Written] = []
    private var sent: [(replica: Int, operations: [LoggedOperation])] = []
    private var count = 0
    private let start = Timestamp(microseconds: 1_790_000_000_000_000)
    static let place = DatabasePlace(url: "/upstream", schema: nil)

    init(_ schedule: Schedule, on kinds: [TestDatabase]) throws {
        storages = try (0...schedule.replicas).map { try kinds[$0 % kinds.count].make() }
        let database = FaultyDatabase(try storages[0].open())
        let store = try Store(
            creatingIn: database,
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "upstream00000000"),
            now: start)
        upstream = Site(database: database, store: store)
        try store.perform(context("upstream")) { session in
            for (table, strategy) in schedule.strategies {
                try session.writer.execute(
                    "INSERT INTO sync_strategies (table_name, strategy) VALUES (\(table), \(strategy)) ON CONFLICT DO NOTHING"
                )
            }
        }
        try edit(upstream, .add, 0, 0, name: "upstream", clock: 0)
        try edit(upstream, .add, 0, 0, name: "upstream", clock: 0)
        for number in 0..<schedule.replicas {
            let database = FaultyDatabase(try storages[number + 1].open())
            try Replica.clone(
                store, at: Self.place, into: database, replicaID: "replica00000000\(number)", now: start)
            replicas.append(Site(database: database, store: try Store(opening: database)))
        }
    }

    func run(_ step: Schedule.Step) throws {
        switch step {
        case .edit(let number, let edit, let task, let other, let clock):
            try self.edit(
                replicas[number % replicas.count], edit, task, other, name: "ada\(number % replicas.count)",
                clock: clock)
        case .editUpstream(let edit, let task, let other):
            try self.edit(upstream, edit, task, other, name: "upstream", clock: 0)
        case .push(let number, let batch, let crash):
            let replica = replica(number, batch)
            let waiting = try replica.store.read {
                try $0.operations(where: "sequence IS NULL", orderedBy: "number", changes: batch)
            }
            if !waiting.isEmpty { sent.append((number, try waiting.map { try $0.asIntended() })) }
            upstream.database.crash(after: crash)
            do { _ = try replica.push() } catch is Crash {}
            upstream.database.crash(after: nil)
        case .pull(let number, let batch, let crash):
            let replica = replica(number, batch)
            replicas[number % replicas.count].database.crash(after: crash)
            do { _ = try replica.pull() } catch is Crash {}
            replicas[number % replicas.count].database.crash(after: nil)
        case .repeatPush(let number):
            guard !sent.isEmpty else { return }
            let (replica, operations) = sent[number % sent.count]
            _ = try self.replica(replica, 100).send(operations)
        }
    }

    private func replica(_ number: Int, _ batch: Int) -> Replica {
        var replica = Replica(replicas[number % replicas.count].store, upstream: upstream.store)
        replica.batch = batch
        return replica
    }

    // MARK: Edits

    private func context(_ actor: String) -> OperationContext {
        count += 1
        var random = SeededGenerator(seed: UInt64(count))
        return OperationContext(
            id: Identifier.random(using: &random), actor: actor, command: "test", now: start.adding(seconds: count))
    }

    private func edit(_ site: Site, _ edit: Schedule.Edit, _ task: Int, _ other: Int, name: String, clock: Int) throws {
        let before = try values(site.store)
        let operation = context(name)
        do {
            if edit == .undo {
                try site.store.undo(as: operation) { _, _ in }
            } else {
                try site.store.perform(operation) { try perform(edit, task, other, $0) }
            }
        } catch is StoreError {
            return
        }
        if clock != 0 {
            try site.database.base.write {
                try $0.execute(
                    "UPDATE operations SET hlc = hlc + \(Int64(clock) * 1000) * 65536 WHERE id = \(operation.id)")
            }
        }
        let after = try values(site.store)
        for place in Set(before.keys).union(after.keys) where (before[place] ?? .null) != (after[place] ?? .null) {
            written.append(
                Written(
                    table: place.table, row: place.row, field: place.field, value: after[place] ?? .null,
                    seen: before[place] ?? .null))
        }
    }

    private func perform(_ edit: Schedule.Edit, _ task: Int, _ other: Int, _ session: WriteSession) throws {
        let writer = session.writer
        try session.lockGraph()
        let ids = try writer.rows("SELECT id FROM tasks WHERE deleted_at IS NULL ORDER BY id") { try $0.text(0) }
        let gone = try writer.rows("SELECT id FROM tasks WHERE deleted_at IS NOT NULL ORDER BY id") { try $0.text(0) }
        let now = session.operation.now
        if edit == .add || ids.isEmpty {
            var random = SeededGenerator(seed: UInt64(count) + 1_000_000)
            var item = TaskItem(
                id: Identifier.random(using: &random), title: "task \(count)", rank: Rank.between(nil, nil),
                createdAt: now,
                createdBy: session.operation.actor)
            if other % 2 == 1, !ids.isEmpty { item.parentID = ids[task % ids.count] }
            return try session.insert(item)
        }
        let (id, second) = (ids[task % ids.count], ids[other % ids.count])
        func set(_ assignments: SQL) throws {
            try writer.execute("UPDATE tasks SET \(assignments), updated_at = \(now) WHERE id = \(id)")
        }
        switch edit {
        case .add: break
        case .title: try set("title = \("title \(count)")")
        case .description: try set("description = \("description \(count)")")
        case .titleAndDescription:
            try set("title = \("title \(count)"), description = \("description \(count)")")
        case .status: try set("status = 'done', completed_at = \(now)")
        case .start:
            try set("status = 'doing', started_at = \(now), completed_at = NULL, assignee = \(session.operation.actor)")
        case .complexity: try set("complexity = \(count % 10 + 1), complexity_reason = \("reason \(count)")")
        case .metadata:
            let old = try session.task(id).metadata
            let key = ["a", "b", "c"][other % 3]
            let kept = (old.members ?? []).filter { $0.key != key }
            try set("metadata = \(JSON.object(kept + [.init(key, .string("value \(count)"))]))")
        case .move:
            guard id != second else { return }
            try set("parent_id = \(second), rank = \("i\(count)x")")
            try session.requireNoCircle(throughParentsOf: [id])
        case .root: try set("parent_id = NULL")
        case .delete:
            try writer.execute(
                """
                WITH RECURSIVE below (id) AS (
                    SELECT id FROM tasks WHERE id = \(id) UNION SELECT t.id FROM tasks AS t JOIN below ON t.parent_id = below.id
                    WHERE t.deleted_at IS NULL)
                UPDATE tasks SET deleted_at = \(now), updated_at = \(now)
                WHERE id IN (SELECT id FROM below) AND deleted_at IS NULL
                """)
        case .restore:
            guard !gone.isEmpty else { return }
            try writer.execute(
                "UPDATE tasks SET deleted_at = NULL, parent_id = NULL, updated_at = \(now) WHERE id = \(gone[task % gone.count])"
            )
        case .tag:
            try writer.execute(
                """
                INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(id), \("tag\(other % 2)"), \(now))
                ON CONFLICT DO NOTHING
                """)
        case .untag: try writer.execute("DELETE FROM task_tags WHERE task_id = \(id) AND tag = \("tag\(other % 2)")")
        case .depend:
            guard id != second else { return }
            try writer.execute(
                """
                INSERT INTO task_dependencies (task_id, depends_on_id, created_at) VALUES (\(id), \(second), \(now))
                ON CONFLICT DO NOTHING
                """)
            try session.requireNoCircle(throughDependenciesOf: [id])
        case .release: try writer.execute("DELETE FROM task_dependencies WHERE task_id = \(id)")
        case .reference:
            let reference = "ref\(other % 2)"
            let isTaken = try writer.first("SELECT id FROM tasks WHERE external_ref = \(reference)") { try $0.text(0) }
            if isTaken == nil { try set("external_ref = \(reference)") }
        case .note:
            var random = SeededGenerator(seed: UInt64(count) + 2_000_000)
            try writer.execute(
                """
                INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                VALUES (\(Identifier.random(using: &random)), \(id), \("note \(count)"), 'ada', \(now), \(now))
                """)
        case .rank: try set("rank = \("i\(count)r")")
        case .undo: break
        }
    }

    // MARK: What has to hold

    private struct Place: Hashable {
        let table: String
        let row: String
        let field: String
    }

    /// The fields whose values tell who wrote them.
    private func values(_ store: Store) throws -> [Place: JSON] {
        try store.database.read { reader in
            var values: [Place: JSON] = [:]
            try reader.query("SELECT id, title, description, metadata FROM tasks") { row in
                let id = try row.text(0)
                values[Place(table: "tasks", row: id, field: "title")] = .string(try row.text(1))
                values[Place(table: "tasks", row: id, field: "description")] = .optional(try row.optionalText(2))
                for member in try row.json(3).members ?? [] {
                    values[Place(table: "tasks", row: id, field: "metadata.\(member.key)")] = member.value
                }
            }
            try reader.query("SELECT id, body FROM notes") { row in
                values[Place(table: "notes", row: try row.text(0), field: "body")] = .string(try row.text(1))
            }
            return values
        }
    }

    /// Lets all faults end, has everybody sync, and looks at what there is.
    func finish() throws {
        for _ in 0..<2 { for number in replicas.indices { _ = try replica(number, 100).sync() } }
        try requireSame()
        try requireSound()
        try requireNothingVanished()
        for number in replicas.indices {
            let result = try replica(number, 100).sync()
            guard result == Replica.Result() else {
                throw Violation("a sync of replica \(number) did something: \(result)")
            }
        }
        for (replica, operations) in sent { _ = try self.replica(replica, 100).send(operations) }
        let head = try upstream.store.database.read { try Replica.Cursor($0).sequence }
        try upstream.store.number()
        guard try upstream.store.database.read({ try Replica.Cursor($0).sequence }) == head else {
            throw Violation("an old push was taken again")
        }
    }

    private func requireSame() throws {
        let expected = try dump(upstream.store)
        for (number, site) in replicas.enumerated() {
            let found = try dump(site.store)
            for (left, right) in zip(expected, found) where left != right {
                throw Violation("replica \(number) differs from the upstream: \(left) - \(right)")
            }
            guard expected.count == found.count else {
                throw Violation(
                    "replica \(number) has \(found.count) rows and operations, the upstream \(expected.count)")
            }
        }
    }

    /// All rows, and the log without what is a store's own.
    private func dump(_ store: Store) throws -> [String] {
        try store.number()
        return try store.database.read { reader in
            var lines: [String] = []
            for copy in TableCopy.all(store.schema) where copy.table.isDomain {
                var rows: [String] = []
                try copy.rows(reader) { rows.append("\(copy.table.name) \($0)") }
                lines += rows.sorted()
            }
            let session = ReadSession(reader: reader, schema: store.schema)
            for operation in try session.operations(where: "1 = 1", orderedBy: "sequence", changes: .max) {
                lines.append(
                    "operation \(operation.sequence ?? -1) \(operation.id) \(operation.hlc.rawValue) \(operation.replicaID)"
                )
                lines += operation.changes.map { change in
                    "change \(change.table) \(change.rowID) \(change.kind) \(change.fields.text()) \(change.lost?.text() ?? "") "
                        + (change.original?.text() ?? "")
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

    /// Every edit is current, was overwritten by one who had seen it, or is kept as lost.
    private func requireNothingVanished() throws {
        let current = try values(upstream.store)
        let lost = try upstream.store.database.read { reader in
            try reader.rows("SELECT table_name, row_id, field, lost FROM conflicts") {
                (Place(table: try $0.text(0), row: try $0.text(1), field: try $0.optionalText(2) ?? ""), try $0.json(3))
            }
        }
        for edit in written {
            let place = Place(table: edit.table, row: edit.row, field: edit.field)
            if edit.value == .null || current[place] == edit.value { continue }
            if written.contains(where: {
                $0.table == edit.table && $0.row == edit.row && $0.field == edit.field
                    && $0.seen == edit.value
            }) {
                continue
            }
            let isKept = lost.contains { place, json in
                guard place.table == edit.table, place.row == edit.row else { return false }
                let field = edit.field.hasPrefix("metadata.") ? String(edit.field.dropFirst(9)) : edit.field
                return place.field == edit.field && json["value"] == edit.value
                    || json["fields"]?[edit.field] == edit.value
                    || place.field.isEmpty
                        && (json["value"]?[edit.field] == edit.value
                            || json["value"]?["metadata"]?[field] == edit.value)
            }
            if isKept { continue }
            throw Violation("\(edit.value.text()) of \(edit.field) of \(edit.row) has vanished")
        }
    }
}
