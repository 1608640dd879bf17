import MinskyModel
import MinskySQL
import TestSupport

@testable import MinskyStore

/// What people do in a simulation, and what they saw when they did it.
extension Simulation {
    /// A field of a row whose value tells who wrote it.
    struct Place: Hashable {
        let table: String
        let row: String
        let field: String
    }

    /// What somebody wrote into a field, and what they saw there.
    struct Written {
        let place: Place
        /// nil where somebody wrote what is no value any more, as a parent that they have deleted.
        let value: JSON?
        let seen: JSON
        /// The replica, as its place; nil for the upstream.
        var site: Int?
        var operation: String?
        /// Whether it was not to leave the replica.
        var staysHome = false
    }

    func context(_ actor: String) -> OperationContext {
        count += 1
        var random = SeededGenerator(seed: UInt64(count))
        return OperationContext(
            id: Identifier.random(using: &random), actor: actor, command: "test", now: start.adding(seconds: count))
    }

    func edit(_ site: Site, _ edit: Schedule.Edit, _ task: Int, _ other: Int, name: String, clock: Int) throws {
        // What it takes back may be held by somebody in a shell.
        if edit == .undo { try endShells(at: site) }
        let before = try values(site.store)
        let operation = context(name)
        let policies = try site.policies
        do {
            if edit == .undo {
                try site.store.undo(as: operation) { _, _ in }
            } else {
                try site.store.perform(operation) { session in
                    if !site.shells.isEmpty { try session.writer.executeScript("SET LOCAL lock_timeout = '20ms'") }
                    try session.lockGraph()
                    try edit.perform(task, other, count, session)
                }
            }
        } catch is StoreError {
            return
        } catch let error as SQLError where error.kind == .constraint {
            // What is only pulled, and rows that no command wrote.
            return
        } catch let error as SQLError where error.kind == .busy && !site.shells.isEmpty {
            try endShells(at: site)
            return try self.edit(site, edit, task, other, name: name, clock: clock)
        }
        if clock != 0 {
            try site.database.base.write {
                try $0.execute(
                    "UPDATE operations SET hlc = hlc + \(Int64(clock) * 1000) * 65536 WHERE id = \(operation.id)")
            }
        }
        note(from: before, to: try values(site.store), at: site, operation.id, policies)
    }

    // MARK: In a shell

    func editByHand(_ site: Site, _ writer: Int, _ edit: Schedule.Edit, _ task: Int, _ other: Int) throws {
        guard edit != .undo else { return }
        let (operation, policies) = (context("sql"), try site.policies)
        func perform(_ writer: any Writer) throws {
            let session = WriteSession(writer: writer, schema: site.store.schema, operation: operation)
            // Whoever changes how tasks hang together by hand has to see to it alone.
            if edit.isStructural { try session.lockGraph() }
            try edit.perform(task, other, count, session)
        }
        guard site.storage.kind == .postgres else {
            let before = try values(site.store)
            do {
                try site.database.base.write(perform)
            } catch let error where error is StoreError || (error as? SQLError)?.kind == .constraint {
                return
            }
            let id = try site.store.database.read {
                try $0.first("SELECT id FROM operations ORDER BY number DESC LIMIT 1") { try $0.text(0) }
            }
            return note(from: before, to: try values(site.store), at: site, id, policies)
        }
        let shell = try site.shells[writer] ?? ShellWriter(site.storage)
        site.shells[writer] = shell
        do {
            try shell.perform { [self] writer in
                let before = try values(writer)
                try perform(writer)
                shell.operation = try writer.first(
                    "SELECT id FROM operations WHERE transaction_id = pg_current_xact_id()::text::bigint LIMIT 1"
                ) { try $0.text(0) }
                shell.written += differences(from: before, to: try values(writer))
            }
        } catch let error where error is StoreError || error is SQLError {
            // A lock that somebody holds, or a row that cannot be: the transaction is gone.
            site.shells[writer] = nil
        }
    }

    func end(_ site: Site, _ writer: Int, commits: Bool) throws {
        guard let shell = site.shells.removeValue(forKey: writer) else { return }
        do { try shell.end(commits: commits) } catch is SQLError { return }
        guard commits else { return }
        let place = replicas.firstIndex { $0 === site }
        written += shell.written.map { edit in
            var copy = edit
            (copy.site, copy.operation) = (place, shell.operation)
            return copy
        }
    }

    // MARK: Noting

    private func note(
        from before: [Place: JSON], to after: [Place: JSON], at site: Site, _ operation: String?,
        _ policies: SyncPolicies
    ) {
        let place = replicas.firstIndex { $0 === site }
        for edit in differences(from: before, to: after) {
            var copy = edit
            (copy.site, copy.operation) = (place, operation)
            let policy = policies[edit.place.table]
            copy.staysHome = place != nil && policy != .both && policy != .push
            if copy.staysHome, let place, edit.place.field == "body", let text = edit.value?.string {
                secrets[place, default: []].insert(text)
            }
            written.append(copy)
        }
    }

    private func differences(from before: [Place: JSON], to after: [Place: JSON]) -> [Written] {
        var edits: [Written] = []
        for place in Set(before.keys).union(after.keys) where (before[place] ?? .null) != (after[place] ?? .null) {
            edits.append(
                Written(place: place, value: after[place] ?? .null, seen: before[place] ?? .null))
            guard place.field == "deleted", after[place] == "deleted" else { continue }
            // Who deletes a task takes its place away from those below it that they see.
            for (child, parent) in before where child.field == "parent_id" && parent == .string(place.row) {
                edits.append(Written(place: child, value: nil, seen: parent))
            }
        }
        return edits
    }

    func values(_ store: Store) throws -> [Place: JSON] { try store.database.read { try values($0) } }

    /// What there is in the fields that are looked at.
    func values(_ reader: any Reader) throws -> [Place: JSON] {
        var values: [Place: JSON] = [:]
        let texts = [
            "title", "description", "parent_id", "rank", "status", "assignee", "complexity_reason", "external_ref",
        ]
        try reader.query(
            """
            SELECT id, \(unsafeRaw: texts.joined(separator: ", ")), complexity, CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END,
                metadata
            FROM tasks
            """
        ) { row in
            let id = try row.text(0)
            func set(_ field: String, _ value: JSON) {
                values[Place(table: "tasks", row: id, field: field)] = value
            }
            for (place, name) in texts.enumerated() { set(name, .optional(try row.optionalText(place + 1))) }
            set("complexity", .optional(try row.optionalInteger(9).map { String($0) }))
            set("deleted", try row.integer(10) == 1 ? "deleted" : "live")
            for member in try row.json(11).members ?? [] { set("metadata.\(member.key)", member.value) }
        }
        try reader.query("SELECT id, body, CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END FROM notes") { row in
            let id = try row.text(0)
            values[Place(table: "notes", row: id, field: "body")] = .string(try row.text(1))
            values[Place(table: "notes", row: id, field: "deleted")] = try row.integer(2) == 1 ? "deleted" : "live"
        }
        for (table, other) in [("task_tags", "tag"), ("task_dependencies", "depends_on_id")] {
            try reader.query("SELECT task_id, \(unsafeRaw: other) FROM \(unsafeRaw: table)") { row in
                let id = "\(try row.text(0))/\(try row.text(1))"
                values[Place(table: table, row: id, field: "there")] = "yes"
            }
        }
        return values
    }
}
