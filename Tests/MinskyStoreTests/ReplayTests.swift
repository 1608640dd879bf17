import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

/// Edits of every table, made from the description of the schema, so that a new column is among them at once.
private struct RandomEdits {
    var random: RandomValues
    let fixture: StoreFixture
    /// The operations that may be taken back.
    private var operations: [String] = []

    init(seed: UInt64, _ fixture: StoreFixture) {
        random = RandomValues(seed: seed)
        self.fixture = fixture
    }

    /// Makes one edit, in an operation or as one makes it by hand.
    mutating func step() throws {
        let operation = fixture.operation(random.pick(["ada", "grace", "a/gent"]))
        let fallback = random
        do {
            if random.chance(15), !operations.isEmpty {
                let undone = random.pick(operations)
                try fixture.store.undo(.operation(undone), as: operation) { _, _ in }
            } else if random.chance(15) {
                try fixture.store.database.write { try edit($0) }
                return
            } else {
                try fixture.store.perform(operation) { session in
                    for _ in 0..<random.number(1...3) { try edit(session.writer) }
                }
            }
            operations.append(operation.id)
        } catch let error as StoreError
            where [.conflict, .overtaken, .alreadyUndone, .nothingToUndo, .unknownOperation].contains(error.code)
        {
            random = fallback
            _ = random.generator.next()
        }
    }

    private mutating func edit(_ connection: any Writer) throws {
        let table = random.pick(fixture.store.schema.domainTables)
        let action = random.number(0...9)
        if action < 4 { return try insert(into: table, connection) }
        guard let (condition, key) = try row(of: table, connection) else { return try insert(into: table, connection) }
        if table.isAppendOnly { return }
        if action == 4, !table.keepsDeletedRows {
            try connection.execute("DELETE FROM \(unsafeRaw: table.name) WHERE \(condition)")
        } else if action == 5, table.name == "task_tags" {
            // A key changes: only by hand, but then it must be told too.
            let name = table.key[table.key.count - 1]
            try connection.execute(
                "UPDATE \(unsafeRaw: table.name) SET \(unsafeRaw: name) = \(random.id() + "/" + random.text()) WHERE \(condition)"
            )
        } else {
            var values = try values(for: table, connection, except: key)
            values = values.filter { !table.key.contains($0.name) }
            if table.name != "embeddings" {
                let wanted = Set(values.map(\.name).filter { _ in random.chance(40) })
                let isGroup = !wanted.isDisjoint(with: Self.group)
                values = values.filter { wanted.contains($0.name) || isGroup && Self.group.contains($0.name) }
            }
            guard !values.isEmpty else { return }
            let assignments = values.map { "\(unsafeRaw: $0.name) = \($0.value)" as SQL }
            try connection.execute(
                "UPDATE \(unsafeRaw: table.name) SET \(SQL.joined(assignments, separator: ", ")) WHERE \(condition)")
        }
    }

    private mutating func insert(into table: Table, _ connection: any Writer) throws {
        let values = try values(for: table, connection, except: nil)
        let names = values.map(\.name).joined(separator: ", ")
        guard values.count == table.columns.count else { return }
        try connection.execute(
            """
            INSERT INTO \(unsafeRaw: table.name) (\(unsafeRaw: names)) VALUES (\(list: values.map(\.value)))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Inserts a row without nulls and returns the condition that is true for it alone.
    mutating func insertFullRow(into table: Table, _ connection: any Writer) throws -> SQL {
        let values = try values(for: table, connection, except: nil, nulls: 0)
        try connection.execute(
            """
            INSERT INTO \(unsafeRaw: table.name) (\(unsafeRaw: values.map(\.name).joined(separator: ", ")))
            VALUES (\(list: values.map(\.value)))
            """)
        return SQL.joined(
            values.filter { table.key.contains($0.name) }.map { "\(unsafeRaw: $0.name) = \($0.value)" },
            separator: " AND ")
    }

    /// Gives one column of a row another value, and those with it that depend on it.
    mutating func edit(
        _ column: Column, of table: Table, where key: SQL, isNull: Bool, _ connection: any Writer
    ) throws {
        while true {
            let all = try values(for: table, connection, except: nil, nulls: 0)
            let isGroup = Self.group.contains(column.name)
            let names =
                ["dims", "vector"].contains(column.name) ? ["dims", "vector"] : isGroup ? Self.group : [column.name]
            let values = all.filter { names.contains($0.name) }.map {
                (name: $0.name, value: isNull && !isGroup ? .null : $0.value)
            }
            guard values.contains(where: { $0.name == column.name && ($0.value == .null) == isNull }) else { continue }
            let assignments = values.map { "\(unsafeRaw: $0.name) = \($0.value)" as SQL }
            let changed = try connection.execute(
                """
                UPDATE \(unsafeRaw: table.name) SET \(SQL.joined(assignments, separator: ", ")) WHERE \(key)
                AND \(unsafeRaw: column.name) IS DISTINCT FROM \(values.first { $0.name == column.name }?.value)
                \(column.name == "parent_id" ? "AND id IS DISTINCT FROM \(values[0].value)" as SQL : "")
                """)
            if changed == 1 { return }
        }
    }

    /// A row of a table: a condition that is true for it alone, and its first key.
    private mutating func row(of table: Table, _ connection: any Writer) throws -> (SQL, String)? {
        let keys = table.key.joined(separator: ", ")
        let rows = try connection.rows(
            "SELECT \(unsafeRaw: keys) FROM \(unsafeRaw: table.name) ORDER BY \(unsafeRaw: keys)"
        ) { row in
            try table.key.indices.map { try row.text($0) }
        }
        guard !rows.isEmpty else { return nil }
        let row = random.pick(rows)
        return (SQL.joined(zip(table.key, row).map { "\(unsafeRaw: $0) = \($1)" }, separator: " AND "), row[0])
    }

    /// A value for every column, or for none when a row that has to be there is missing.
    private mutating func values(
        for table: Table, _ connection: any Writer, except taken: String?, nulls: Int = 30
    ) throws -> [(name: String, value: SQLValue)] {
        let tasks = try connection.rows("SELECT id FROM tasks ORDER BY id") { try $0.text(0) }
        var result: [(name: String, value: SQLValue)] = []
        let dims = random.number(1...4)
        for column in table.columns {
            var value = value(of: column, in: table, dims: dims)
            if column.references != nil {
                let others = tasks.filter { id in id != taken && !result.contains { $0.value == .text(id) } }
                if others.isEmpty, column.isRequired { return [] }
                value = others.isEmpty ? .null : .text(random.pick(others))
            }
            result.append((column.name, !column.isRequired && random.chance(nulls) ? .null : value))
        }
        return table.name == "tasks" ? withTimesThatFitTheStatus(result) : result
    }

    /// Columns that a check of the schema holds together.
    private static let group = ["status", "started_at", "completed_at"]

    private mutating func withTimesThatFitTheStatus(
        _ values: [(name: String, value: SQLValue)]
    ) -> [(name: String, value: SQLValue)] {
        let status = values.first { $0.name == "status" }?.value
        return values.map { name, value in
            let isThere: Bool
            switch name {
            case "started_at": isThere = status == .text("doing") || status != .text("todo") && random.chance(50)
            case "completed_at": isThere = status == .text("done") || status == .text("dropped")
            default: return (name, value)
            }
            return (name, isThere ? .timestamp(random.timestamp()) : .null)
        }
    }

    private mutating func value(of column: Column, in table: Table, dims: Int) -> SQLValue {
        switch "\(table.name).\(column.name)" {
        case "tasks.status": return .text(random.pick(TaskStatus.allCases).rawValue)
        case "tasks.priority": return .text(random.pick(TaskPriority.allCases).rawValue)
        case "tasks.complexity", "notes.importance": return .integer(Int64(random.number(1...10)))
        case "tasks.external_ref": return .text(random.id() + random.text())
        case "notes.kind": return .text(random.pick(["comment", "memory"]))
        case "actors.kind": return .text(random.pick(["person", "agent"]))
        case "conflicts.state": return .text(random.pick(["open", "resolved"]))
        case "sync_strategies.strategy": return .text(random.pick(SyncStrategy.allCases).rawValue)
        case "sync_strategies.table_name", "actors.id": return .text(random.text())
        case "embeddings.owner_table": return .text(random.pick(["tasks", "notes"]))
        case "embeddings.dims": return .integer(Int64(dims))
        case "embeddings.vector": return .blob((0..<dims * 4).map { _ in UInt8(random.number(0...255)) })
        case "embeddings.owner_id", "tasks.id", "notes.id", "ai_calls.id", "conflicts.id", "links.id",
            "time_entries.id":
            return .text(random.id())
        // A time ends after it has begun.
        case "time_entries.started_at": return .timestamp(Timestamp(microseconds: Int64(random.number(0...1000))))
        case "time_entries.ended_at": return .timestamp(Timestamp(microseconds: Int64(random.number(1000...2000))))
        default: break
        }
        switch column.kind {
        case .text: return .text(random.text())
        case .integer: return .integer(random.pick([1, .max, Int64(random.number(1...1000))]))
        case .timestamp: return .timestamp(random.timestamp())
        case .json: return .json(random.object())
        case .blob: return .blob([0, 1, 255])
        }
    }
}

@Suite("The change log tells all that has happened", .timeLimit(.minutes(10)))
struct ReplayTests {
    /// The changes of a log, without what differs from store to store.
    private func facts(_ changes: [Change]) -> [[ExactText]] {
        changes.map { change in
            ([change.table, change.rowID, change.kind.rawValue]
                + [change.before, change.after].map { ($0 ?? .null).text() }).map(ExactText.init)
        }
    }

    /// Replaying the log onto nothing gives every row of every table, on every database, bit for bit; and the databases'
    /// logs are the same.
    @Test(arguments: [1, 2] as [UInt64])
    func theRowsFollowFromTheLogAlone(seed: UInt64) throws {
        var logs: [[[ExactText]]] = []
        for kind in TestDatabase.allCases {
            let fixture = try StoreFixture(kind)
            var edits = RandomEdits(seed: seed, fixture)
            for _ in 0..<250 { try edits.step() }
            #expect(try fixture.disagreements().isEmpty)
            let changes = try fixture.store.changes()
            logs.append(facts(changes.map(\.change)))
            for table in Schema.current.domainTables {
                let kinds = Set(changes.filter { $0.table == table.name }.map(\.kind))
                // A row that is named by what it says is replaced, not updated.
                let expected: Set<Change.Kind> =
                    table.isAppendOnly
                    ? [.insert]
                    : table.keyMayChange
                        ? [.insert, .delete]
                        : table.keepsDeletedRows ? [.insert, .update] : [.insert, .update, .delete]
                #expect(kinds == expected, "the schedule is worth something: \(table.name)")
            }
        }
        for log in logs.dropFirst() {
            #expect(log.count == logs[0].count)
            #expect(zip(log, logs[0]).first { $0 != $1 }.map { "\($0) ≠ \($1)" } == nil)
        }
    }

    /// One column at a time, from something to something else and, where it may, to nothing and back.
    @Test(arguments: TestDatabase.allCases)
    func everyColumnIsLoggedByItself(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        _ = try fixture.addTasks(3)
        var edits = RandomEdits(seed: 3, fixture)
        // Edits by hand of one millisecond are one operation in SQLite, so changes are counted.
        var count = try fixture.store.changes().count
        func next() throws -> LoggedChange {
            let changes = try fixture.store.changes()
            count += 1
            #expect(changes.count == count)
            return try #require(changes.last)
        }
        for table in Schema.current.domainTables {
            let key = try fixture.store.database.write { try edits.insertFullRow(into: table, $0) }
            let inserted = try next()
            #expect(inserted.table == table.name)
            #expect(inserted.after?.members?.map(\.key) == table.loggedColumns.map(\.name).sorted())
            for column in table.isAppendOnly || table.keyMayChange ? [] : table.loggedColumns {
                for isNull in column.isRequired ? [false] : [false, true] {
                    try fixture.store.database.write {
                        try edits.edit(column, of: table, where: key, isNull: isNull, $0)
                    }
                    let change = try next()
                    #expect(change.rowID == inserted.rowID)
                    #expect(change.after?[column.name] != nil, "\(table.name).\(column.name)")
                    #expect((change.after?[column.name] == .null) == isNull, "\(table.name).\(column.name)")
                    #expect(change.before?.members?.map(\.key) == change.after?.members?.map(\.key))
                }
            }
        }
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func aTriggerThatForgetsAColumnIsNoticed(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        try fixture.store.database.write { connection in
            switch connection.dialect {
            case .sqlite: try connection.executeScript("DROP TRIGGER log_update_tasks")
            case .postgres: try connection.executeScript("DROP TRIGGER log_update_tasks ON tasks")
            }
        }
        try fixture.edit(task.id) { $0.recurrence = "weekly" }
        #expect(try fixture.disagreements().count == 1)
        #expect(try fixture.disagreements().first?.contains("recurrence: – ≠ \"weekly\"") == true)
    }

    /// Reading what is new costs the same however long the log is.
    @Test(arguments: TestDatabase.shared)
    func readingTheEndOfTheLogDoesNotReadItsBeginning(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let ids = try fixture.addTasks(20)
        for round in 0..<500 {
            try fixture.store.perform(fixture.operation()) { try $0.rename(ids[round % 20], to: "\(round)") }
        }
        try fixture.store.number()
        try fixture.store.database.write { try $0.executeScript("ANALYZE") }
        let recorder = RecordingDatabase(fixture.store.database)
        let store = try Store(opening: recorder)
        #expect(try store.operations(after: 500, limit: 100).count == 1)
        // Undo looks at the newest operations only, too.
        try store.undo(as: fixture.operation()) { _, _ in }
        let reads = recorder.statements.value.filter {
            let text = $0.text(for: .sqlite)
            return text.contains("FROM operations") && text.hasPrefix("SELECT") || text.contains("FROM changes")
        }
        #expect(reads.count > 4)
        for read in reads {
            let plan = try fixture.store.database.read { connection in
                let explain: SQL = kind == .postgres ? "EXPLAIN " : "EXPLAIN QUERY PLAN "
                // Small tables are read from end to end wherever that is possible; what is possible otherwise is asked.
                if kind == .postgres {
                    try connection.query("SELECT set_config('enable_seqscan', 'off', true)") { _ in }
                }
                return try connection.rows(explain + read) { try $0.text(kind == .postgres ? 0 : 3) }
            }
            #expect(
                !plan.contains {
                    // The store's own state is one row.
                    $0.contains("Seq Scan on") && !$0.contains("Seq Scan on store_state")
                        || $0.hasPrefix("SCAN") && !$0.contains("json_each")
                },
                "\(plan)")
        }
    }
}
