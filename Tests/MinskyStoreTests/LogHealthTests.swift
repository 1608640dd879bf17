import MinskyModel
import MinskyPostgres
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

@Suite("Whether the log tells what is there, on every database")
struct LogHealthTests {
    private static func filled(_ kind: TestDatabase) throws -> (fixture: StoreFixture, task: TaskItem) {
        let fixture = try StoreImageTests.filled(kind)
        let task = try fixture.add("A") { $0.tags = ["x"] }
        _ = try fixture.storage.runShell(
            "UPDATE \(fixture.storage.table("tasks")) SET metadata = '{ \"a\" : 1e2 }' WHERE title = 'B'")
        return (fixture, task)
    }

    @Test(arguments: TestDatabase.allCases)
    func nothingIsWrongWithWhatIsLogged(kind: TestDatabase) throws {
        let (fixture, task) = try Self.filled(kind)
        try fixture.edit(task.id) { $0.tags = ["y"] }
        try fixture.undo()
        #expect(try fixture.store.rowsAgainstLog() == [])
        #expect(try fixture.store.logProblems() == [])
    }

    @Test(arguments: TestDatabase.allCases)
    func whatIsWrittenAroundTheLogIsFound(kind: TestDatabase) throws {
        let (fixture, task) = try Self.filled(kind)
        let moment = StoreFixture.start
        let edits: [(SQL, String)] = [
            ("UPDATE tasks SET title = 'other' WHERE id = \(task.id)", "tasks \(task.id)"),
            ("UPDATE tasks SET priority = 'low' WHERE id = \(task.id)", "tasks \(task.id)"),
            (
                "INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(task.id), 'new', \(moment))",
                "task_tags \(task.id)/new"
            ),
            ("DELETE FROM task_tags WHERE task_id = \(task.id) AND tag = 'x'", "task_tags \(task.id)/x"),
        ]
        for (edit, row) in edits {
            struct TakenBack: Error {}
            #expect(throws: TakenBack.self) {
                try fixture.store.database.write { writer in
                    _ = try writer.withoutLogging { try writer.execute(edit) }
                    let store = try Store(opening: Within(fixture.store.database, writer))
                    #expect(try store.rowsAgainstLog() == [row])
                    throw TakenBack()
                }
            }
        }
        #expect(try fixture.store.rowsAgainstLog() == [])
        // Written anew, the field is in the log.
        try fixture.store.database.write { writer in try writer.withoutLogging { try writer.execute(edits[0].0) } }
        #expect(try fixture.store.rowsAgainstLog() == ["tasks \(task.id)"])
        try fixture.edit(task.id) { $0.title = "anew" }
        #expect(try fixture.store.rowsAgainstLog() == [])
    }

    /// A log without its beginning tells of later edits only.
    @Test(arguments: TestDatabase.allCases)
    func aLogThatWasCompactedTellsWhatItStillKnows(kind: TestDatabase) throws {
        let (fixture, task) = try Self.filled(kind)
        try fixture.add("the newest stays")
        _ = try fixture.store.compact(
            before: Timestamp(microseconds: 4_000_000_000_000_000), now: StoreFixture.start)
        #expect(try fixture.store.rowsAgainstLog() == [])
        try fixture.edit(task.id) { $0.title = "later" }
        let late = try fixture.add("late")
        #expect(try fixture.store.rowsAgainstLog() == [])
        func write(_ field: String, _ id: String) throws {
            try fixture.store.database.write { writer in
                _ = try writer.withoutLogging {
                    try writer.execute("UPDATE tasks SET \(unsafeRaw: field) = 'x' WHERE id = \(id)")
                }
            }
        }
        try write("assignee", task.id)
        #expect(try fixture.store.rowsAgainstLog() == [], "nothing is known of that field")
        try write("title", task.id)
        try write("assignee", late.id)
        #expect(try fixture.store.rowsAgainstLog().sorted() == ["tasks \(task.id)", "tasks \(late.id)"].sorted())
    }

    /// Rows from before a column was added had its default.
    @Test(arguments: TestDatabase.allCases)
    func aColumnThatWasAddedLaterIsNothingWrong(kind: TestDatabase) throws {
        let (fixture, _) = try Self.filled(kind)
        let newer = Schema(
            migrations: Schema.current.migrations + [
                SchemaMigration(
                    version: Schema.current.version + 1, title: "later",
                    steps: [.addColumn(.required("color", .text, default: "'red'"), table: "tasks")])
            ])
        let store = try Store(opening: fixture.store.database, schema: newer)
        try store.migrateIfDue(now: StoreFixture.start)
        #expect(try store.rowsAgainstLog() == [])
        try store.database.write { writer in
            try writer.withoutLogging { try writer.execute("UPDATE tasks SET color = 'blue' WHERE title = 'B'") }
        }
        #expect(try store.rowsAgainstLog().count == 1)
    }

    @Test(arguments: TestDatabase.allCases)
    func aLogThatIsNotWholeIsFound(kind: TestDatabase) throws {
        let (fixture, _) = try Self.filled(kind)
        try fixture.store.number()
        struct TakenBack: Error {}
        let damages: [(String, String)] = [
            ("DROP INDEX operations_by_sequence; UPDATE operations SET sequence = 2 WHERE sequence = 3", "sequence 2"),
            ("UPDATE operations SET sequence = 1000 WHERE sequence = 2", "sequences up to 1000"),
            ("DELETE FROM operations WHERE sequence = 2", "belongs to no operation"),
        ]
        for (damage, finding) in damages {
            #expect(throws: TakenBack.self) {
                try fixture.store.database.write { writer in
                    try writer.executeScript(damage)
                    let problems = try Store(opening: Within(fixture.store.database, writer)).logProblems()
                    #expect(problems.contains { $0.contains(finding) }, "\(problems)")
                    throw TakenBack()
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func whatOthersHaveAddedIsNamedAndNoFault(kind: TestDatabase) throws {
        let (fixture, _) = try Self.filled(kind)
        #expect(try fixture.store.additions() == [])
        try fixture.store.database.write { writer in
            let trigger =
                kind == .postgres
                ? """
                CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
                CREATE TRIGGER mine AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION mine()
                """
                : "CREATE TRIGGER mine AFTER INSERT ON tasks BEGIN INSERT INTO more VALUES (1); END"
            try writer.executeScript(
                """
                CREATE TABLE more (x int); CREATE VIEW few AS SELECT title FROM tasks;
                ALTER TABLE tasks ADD COLUMN color text; \(trigger)
                """)
        }
        #expect(
            try fixture.store.additions() == [
                "view few", "table more", "column color of tasks", "trigger mine on tasks",
            ])
        #expect(try fixture.store.captureProblems() == [])
        #expect(try fixture.store.rowsAgainstLog() == [])
    }

    @Test(arguments: ["Odd Name-1", "say \"hi\"", "a.b"])
    func aSchemaOfAnyNameIsLookedAt(name: String) throws {
        let storage = try TestDatabase.postgres.make()
        let name = "\(name) \(storage.location)"
        let store = try Store(
            creatingIn: PostgresDatabase(url: storage.url, schema: name),
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica000000000"),
            now: StoreFixture.start)
        defer { _ = try? store.database.write { try $0.executeScript("DROP SCHEMA \(Self.quoted(name)) CASCADE") } }
        #expect(try store.additions() == [])
        #expect(try store.captureProblems() == [])
        try store.database.write { try $0.executeScript("CREATE TABLE more (x int)") }
        #expect(try store.additions() == ["table more"])
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// In `public`, which belongs to whoever owns the database.
    @Test func aSchemaOfTheDatabasesOwnerIsNothingWrong() throws {
        let storage = try TestDatabase.postgres.make()
        let (name, role) = (storage.location, "owner_\(storage.location)")
        _ = try storage.runShell("CREATE ROLE \(role) LOGIN")
        _ = try storage.runShell("CREATE DATABASE \(name) OWNER \(role)")
        defer {
            _ = try? storage.runShell("DROP DATABASE \(name) WITH (FORCE)")
            _ = try? storage.runShell("DROP ROLE \(role)")
        }
        let url = try TestStorage.postgresURL().replacing("/postgres?", with: "/\(name)?")
            .replacing("user=postgres", with: "user=\(role)")
        let store = try Store(
            creatingIn: PostgresDatabase(url: url, schema: "public"),
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica000000000"),
            now: StoreFixture.start)
        #expect(try store.captureProblems() == [])
        #expect(try store.database.read { try $0.ownerElsewhere() } == nil)
    }
}

/// A database as it is within a transaction that is not committed.
private struct Within: Database {
    private let base: any Database
    nonisolated(unsafe) private let writer: any Writer

    init(_ base: any Database, _ writer: any Writer) {
        self.base = base
        self.writer = writer
    }

    var dialect: Dialect { base.dialect }
    var schemaName: String? { base.schemaName }
    var place: String? { base.place }
    func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result { try body(writer) }
    func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result { try body(writer) }
    func signal() throws -> any ChangeSignal { try base.signal() }
    func interrupt() { base.interrupt() }
}
