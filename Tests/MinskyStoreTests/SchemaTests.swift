import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

/// The databases themselves are asked what they hold, not the description both were made from.
@Suite("The schema, as each database tells it")
struct SchemaTests {
    /// What SQLite has and PostgreSQL does not, each with its reason.
    static let onlyInSQLite: Set<String> = [
        // PostgreSQL keeps the context of an operation in settings of its transaction.
        "context, column 1: id INTEGER NOT NULL",
        "context, column 2: operation INTEGER NOT NULL DEFAULT 0",
        "context, column 3: applying INTEGER NOT NULL DEFAULT 0",
        "context, key (id)",
        // PostgreSQL has one for the same rows, below.
        "operations, index operations_to_push (number) WHERE …",
    ]

    /// What PostgreSQL has and SQLite does not.
    static let onlyInPostgres: Set<String> = [
        // Operations are numbered when they are read, by transaction.
        "operations, column 14: transaction_id INTEGER",
        "operations, index pending_operations (transaction_id) WHERE …",
        // SQLite has no index into JSON.
        "tasks, index tasks_by_metadata (metadata)",
        // It plans on its own which index serves a filter; SQLite's schema is read at each start, and kept short.
        "tasks, index open_tasks_by_assignee (assignee) WHERE …",
        // Computed by PostgreSQL, which numbers it with the column before it.
        "tasks, column 27: search tsvector GENERATED",
        "tasks, index tasks_by_search (search)",
    ]

    @Test func bothDatabasesHaveTheSameTablesButForWhatIsListedHere() throws {
        let fixtures = (try StoreFixture(.sqliteMemory), try StoreFixture(.postgres))
        let sqlite = try Catalog(of: fixtures.0.store.database).facts
        let postgres = try Catalog(of: fixtures.1.store.database).facts
        #expect(sqlite.subtracting(postgres).sorted() == Self.onlyInSQLite.sorted())
        #expect(postgres.subtracting(sqlite).sorted() == Self.onlyInPostgres.sorted())
    }

    @Test func everyTableAndEveryColumnInPostgresSaysWhatItHolds() throws {
        let fixture = try StoreFixture(.postgres)
        let silent = try fixture.store.database.read { connection in
            try connection.rows(
                """
                SELECT c.relname || '.' || coalesce(a.attname, '') FROM pg_class AS c
                    JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attnum > 0
                WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
                    AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
                """
            ) { try $0.text(0) }
        }
        #expect(silent.isEmpty)
        let comment = try fixture.storage.runShell(
            "SELECT col_description('\(fixture.storage.table("tasks"))'::regclass, 21)")
        #expect(comment == "A JSON object of fields of one's own.\n", "with its apostrophe")
    }

    /// A row that others refer to is looked for in them when it is removed or renamed.
    @Test func everyReferenceInPostgresHasAnIndex() throws {
        let fixture = try StoreFixture(.postgres)
        let counts = try fixture.store.database.read { connection in
            try connection.first(
                """
                SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM pg_index AS i
                    WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1] AND i.indpred IS NULL))
                FROM pg_constraint AS f WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace
                """
            ) { [try $0.integer(0), try $0.integer(1)] }
        }
        #expect(counts == [7, 7])
    }

    /// Words are found by the index, after an edit by hand too, and are no part of the log.
    @Test func wordsAreFoundInPostgres() throws {
        let fixture = try StoreFixture(.postgres)
        let task = try fixture.add("Renew the certificate") { $0.description = "of api.example.com" }
        func found(_ words: String) throws -> String {
            try fixture.storage.runShell(
                """
                SET enable_seqscan = off;
                SELECT id FROM \(fixture.storage.table("tasks")) WHERE search @@ plainto_tsquery('simple', '\(words)')
                """)
        }
        #expect(try found("CERTIFICATE renew") == task.id + "\n")
        #expect(try found("api.example.com") == task.id + "\n")
        #expect(try found("certificates") == "", "no stems")
        _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET title = 'Water the plants'")
        #expect(try found("certificate") == "")
        #expect(try found("plants") == task.id + "\n")
        #expect(try fixture.store.changes().allSatisfy { $0.after?["search"] == nil })
        let plan = try fixture.storage.runShell(
            """
            SET enable_seqscan = off; EXPLAIN SELECT id FROM \(fixture.storage.table("tasks"))
                WHERE search @@ to_tsquery('simple', 'plants')
            """)
        #expect(plan.contains("tasks_by_search"))
    }

    /// A tsvector holds a megabyte; a description may be longer, as it may in SQLite.
    @Test(arguments: TestDatabase.allCases)
    func aDescriptionLongerThanAnySearchIndexIsKept(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        var generator = SplitMix(state: 2)
        let words = (0..<400_000).map { _ in
            String(Character(Unicode.Scalar(0x10400 + UInt32.random(in: 0..<40, using: &generator)) ?? "x"))
                + String(Int.random(in: 0..<100_000, using: &generator), radix: 36)
        }
        let task = try fixture.add("Long") { $0.description = words.joined(separator: " ") }
        #expect(try fixture.all() == [task])
    }

    /// The comparison above sees every column, key, reference, default and trigger of the description.
    @Test(arguments: TestDatabase.allCases)
    func theCatalogTellsAllThatTheDescriptionAsksFor(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let facts = try Catalog(of: fixture.store.database).facts
        for table in Schema.current.domainTables {
            #expect(facts.contains("\(table.name), key (\(table.key.joined(separator: ", ")))"))
            for event in ["insert", "update", "delete"] {
                let isLogged =
                    event == "insert" || !table.isAppendOnly && (event == "update" || !table.keepsDeletedRows)
                #expect(facts.contains("\(table.name), logs \(event)") == isLogged, "\(table.name), \(event)")
            }
            for (index, column) in table.columns.enumerated() {
                let name = "\(table.name), column \(index + 1): \(column.name) "
                let fact = facts.first { $0.hasPrefix(name) }
                #expect(fact?.contains(" NOT NULL") == column.isRequired, "\(name)")
                #expect(fact?.contains(" DEFAULT \(column.defaultValue ?? "")") == (column.defaultValue != nil))
                #expect(facts.contains("\(table.name), unique (\(column.name))") == column.isUnique)
                let reference = "\(table.name), reference (\(column.name)) to "
                #expect(
                    facts.first { $0.hasPrefix(reference) }
                        == column.references.map { reference + "\($0) (id), NO ACTION, NO ACTION" })
            }
        }
    }

    @Test(
        arguments: [TestDatabase.sqliteMemory, .postgres],
        [
            "ALTER TABLE notes ADD COLUMN colour TEXT", "ALTER TABLE tasks DROP COLUMN recurrence",
            "CREATE TABLE extra (id TEXT NOT NULL PRIMARY KEY)", "DROP INDEX notes_by_task",
            "CREATE UNIQUE INDEX one_assignee ON tasks (assignee)",
            "ALTER TABLE tasks RENAME COLUMN priority TO urgency",
        ])
    func anEditOfOneSchemaIsNoticed(kind: TestDatabase, edit: String) throws {
        let fixture = try StoreFixture(kind)
        let before = try Catalog(of: fixture.store.database)
        try fixture.store.database.write { connection in
            if kind == .sqliteMemory, edit.contains("COLUMN") {
                // SQLite does not part with a column that a trigger speaks of.
                for event in ["insert", "update", "delete"] {
                    try connection.executeScript(
                        "DROP TRIGGER IF EXISTS log_\(event)_tasks; DROP TRIGGER IF EXISTS log_\(event)_notes")
                }
            }
            try connection.executeScript(edit)
        }
        let word = try #require(edit.split(separator: " ").last { $0.first?.isLowercase == true })
        #expect(try Catalog(of: fixture.store.database).differences(from: before).contains { $0.contains(word) })
    }

    /// SQLite compares texts byte by byte; so must PostgreSQL, or lists and ids come in another order.
    @Test func textsSortByTheirBytesInPostgres() throws {
        let fixture = try StoreFixture(.postgres)
        let others = try fixture.store.database.read { connection in
            try connection.rows(
                """
                SELECT table_name || '.' || column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                """
            ) { try $0.text(0) }
        }
        #expect(others.isEmpty)
    }

    @Test func everyTableInSQLiteIsStrict() throws {
        let fixture = try StoreFixture(.sqliteMemory)
        let lax = try fixture.store.database.read { connection in
            try connection.rows(
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0"
            ) { try $0.text(0) }
        }
        #expect(lax.isEmpty)
    }

    /// A value that only one database can store would stop an upgrade half-way.
    @Test(
        arguments: [TestDatabase.sqliteMemory, .postgres],
        [
            "due_at = '0000-12-31T23:59:59.000000Z'", "due_at = '10000-01-01T00:00:00.000000Z'", "due_at = 'infinity'",
            "due_at = '-infinity'", "due_at = '0044-03-15T00:00:00.000000Z BC'",
            "due_at = '2026-02-30T00:00:00.000000Z'",
            "metadata = '{\"a\":}'", "estimate_minutes = 9223372036854775808",
        ])
    func whatTheOtherDatabaseCannotStoreIsRefused(kind: TestDatabase, assignment: String) throws {
        let fixture = try StoreFixture(kind)
        try fixture.add("Task")
        let before = try RowImages(reading: fixture.store)
        #expect(throws: SQLError.self) {
            try fixture.store.database.write { try $0.executeScript("UPDATE tasks SET \(assignment)") }
        }
        #expect(try RowImages(reading: fixture.store).differences(from: before).isEmpty)
    }

    /// An index of PostgreSQL holds texts of at most 2,700 bytes, and these have no pattern to compress.
    static let tooLong: String = {
        var generator = SplitMix(state: 1)
        return (0..<5000).map { _ in String(Int.random(in: 0..<36, using: &generator), radix: 36) }.joined()
    }()

    @Test(arguments: TestDatabase.allCases)
    func textsTooLongForAnIndexAreRefused(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("Task")
        let refusals: [() throws -> Void] = [
            { try fixture.add("A") { $0.tags = [Self.tooLong] } },
            { try fixture.add("A") { $0.externalRef = Self.tooLong } },
            { try fixture.add("A") { $0.rank = Self.tooLong } },
            { try fixture.add("A", actor: Self.tooLong) },
            {
                try fixture.store.perform(fixture.operation()) {
                    try $0.save([StoredEmbedding(ownerID: task.id, model: Self.tooLong, contentHash: "h", vector: [1])])
                }
            },
        ]
        for (index, refusal) in refusals.enumerated() {
            let error = #expect(throws: SQLError.self, "\(index)") { try refusal() }
            #expect(error?.kind == .constraint, "\(index)")
        }
        #expect(try fixture.all() == [task])
    }

    @Test(arguments: TestDatabase.allCases)
    func longTextsThatFitAnIndexAreKept(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let longest = String((0..<200).map { Character(Unicode.Scalar(0x1F300 + UInt32($0)) ?? "x") })
        let task = try fixture.add("A", actor: longest) {
            $0.tags = [longest]
            $0.externalRef = longest + longest + longest
            $0.rank = String(repeating: "z", count: 600)
        }
        #expect(task.tags == [longest])
        #expect(try fixture.all() == [task])
        #expect(try fixture.disagreements().isEmpty)
    }
}
