import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import TestSupport
import Testing

@testable import MinskyStore

@Suite("Migrations, on every database")
struct MigrationTests {
    /// The version that comes after the current one: a new table, and new columns in an old one.
    static let next = later([
        .createTable(
            Table(
                "milestones", .domain(isUndoable: true), key: ["id"], comment: "",
                columns: [
                    .required("id", .text, check: "length(id) = 16"),
                    .required("name", .text),
                    .optional("task_id", .text, references: "tasks"),
                    .optional("reached_at", .timestamp),
                    .required(Column.updatedAt, .timestamp),
                    .optional(Column.deletedAt, .timestamp),
                ])),
        .addColumn(.optional("colour", .text, check: "colour IN ('red', 'green')"), table: "tasks"),
        .addColumn(.required("weight", .integer, default: "1", check: "weight > 0"), table: "tasks"),
        .createIndex("milestones_by_task", table: "milestones", columns: ["task_id"]),
    ])

    /// A version after the current one whose stores older programs may no longer touch.
    static let incompatible = Schema(
        migrations: Schema.current.migrations + [
            SchemaMigration(
                version: Schema.current.version + 1, title: "a change of meaning",
                oldestReader: Schema.current.version + 1, steps: next.migrations.last?.steps ?? [])
        ])

    /// A newer program has migrated the store of a team; the older ones go on.
    @Test(arguments: TestDatabase.allCases)
    func aNewerStoreThatAllowsOlderProgramsIsReadAndWrittenByThem(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind, schema: Self.next)
        let task = try fixture.add("A")
        try fixture.store.database.write { try $0.execute("UPDATE tasks SET colour = 'red' WHERE id = \(task.id)") }
        let catalog = try Catalog(of: fixture.store.database)
        let older = try Store(opening: fixture.store.database)
        #expect(try older.read { try $0.tasks().map(\.title) } == ["A"])
        try older.perform(fixture.operation()) { try $0.rename(task.id, to: "B") }
        #expect(try Catalog(of: fixture.store.database).differences(from: catalog).isEmpty)
        #expect(try fixture.store.captureProblems().isEmpty, "the newer triggers stay")
        #expect(try fixture.store.changes().last?.after?["title"] == "B")
        #expect(try fixture.disagreements().isEmpty)
    }

    /// The current schema and one migration more.
    static func later(_ steps: [SchemaStep]) -> Schema {
        let migration = SchemaMigration(version: Schema.current.version + 1, title: "what comes next", steps: steps)
        return Schema(migrations: Schema.current.migrations + [migration])
    }

    private static func versions(_ database: any Database) throws -> [Int64] {
        try database.read { connection in
            try connection.rows("SELECT version FROM schema_migrations ORDER BY version") { try $0.integer(0) }
        }
    }

    /// Opens a store and migrates it, as an operation does.
    static func migrated(_ database: any Database, to schema: Schema) throws -> Store {
        try Store(opening: database, schema: schema).migrateIfDue(now: StoreFixture.start)
        return try Store(opening: database, schema: schema)
    }

    private static let milestone = """
        INSERT INTO milestones (id, name, updated_at) VALUES ('0123456789abcdef', 'beta', '2026-01-01T00:00:00.000000Z')
        """

    @Test(arguments: TestDatabase.allCases)
    func aNewStoreHasTheCurrentVersion(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        #expect(try Self.versions(fixture.store.database) == Array(1...Int64(Schema.current.version)))
        try fixture.add("A")
        #expect(try fixture.store.changes().allSatisfy { $0.schemaVersion == Schema.current.version })
    }

    /// The store may be migrated, by a newer program that lets no older one write, while this one has it open.
    @Test(arguments: TestDatabase.allCases)
    func whatAnOpenStoreMayWriteIsAskedEachTime(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.store.database.write {
            try $0.execute(
                """
                INSERT INTO schema_migrations (version, title, applied_at, oldest_reader)
                VALUES (99, 'later', \(StoreFixture.start), 99)
                """)
        }
        #expect(code { try fixture.add("A") } == .newerSchema)
        #expect(try fixture.all().isEmpty)
    }

    /// A trigger that a later version does without is gone with the migration.
    @Test(arguments: TestDatabase.allCases)
    func triggersOfOldAreRemoved(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        try fixture.store.database.write {
            try $0.executeScript(
                kind == .postgres
                    ? "CREATE TRIGGER log_rename_notes AFTER UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION refuse('no')"
                    : "CREATE TRIGGER log_rename_notes AFTER UPDATE ON notes BEGIN SELECT raise(ABORT, 'no'); END")
            try $0.execute("UPDATE store_state SET capture_revision = 0")
        }
        let store = try Store(opening: fixture.store.database)
        #expect(try store.captureProblems().count == 1)
        try store.migrateIfDue(now: StoreFixture.start)
        #expect(try store.captureProblems().isEmpty)
    }

    /// Opening changes nothing, and reads of the older schema work; the first operation migrates.
    @Test(arguments: TestDatabase.allCases)
    func anOlderStoreIsMigratedByTheFirstOperation(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A") { $0.tags = ["x"] }
        let rows = try RowImages(reading: fixture.store)
        let log = try fixture.store.changes()

        let catalog = try Catalog(of: fixture.store.database)
        let store = try Store(opening: fixture.store.database, schema: Self.next)
        #expect(try store.read { try $0.task(task.id) } == task)
        #expect(try store.changes() == log)
        #expect(try store.captureProblems().isEmpty, "the triggers are right for the schema there is")
        #expect(try Catalog(of: fixture.store.database).differences(from: catalog).isEmpty)
        #expect(try Self.versions(store.database).last == Int64(Schema.current.version))

        try store.perform(fixture.operation()) { _ in }
        #expect(try Self.versions(store.database).last == Int64(Self.next.version))
        #expect(try RowImages(reading: fixture.store) == rows)
        #expect(try store.changes() == log, "a migration is no change")
        let reopened = try Store(opening: store.database, schema: Self.next)
        #expect(try reopened.read { try $0.task(task.id) } == task)
        #expect(try reopened.captureProblems().isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func whatAMigrationAddedIsLoggedAndUndone(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let store = try Store(opening: fixture.store.database, schema: Self.next)
        let edit = fixture.operation()
        try store.perform(edit) { session in
            try session.writer.execute("UPDATE tasks SET colour = 'red', weight = 5 WHERE id = \(task.id)")
            try session.writer.executeScript(Self.milestone)
        }
        let changes = try store.changes().filter { $0.operationID == edit.id }
        #expect(changes.map(\.table) == ["tasks", "milestones"])
        #expect(changes.map(\.schemaVersion) == [Self.next.version, Self.next.version])
        #expect(changes.first?.before == ["colour": .null, "weight": "1"])
        #expect(changes.first?.after == ["colour": "red", "weight": "5"])
        #expect(changes.last?.after?["name"] == "beta")

        try store.undo(.operation(edit.id), as: fixture.operation()) { _, _ in }
        let state = try store.read { session in
            try session.reader.first(
                "SELECT colour, weight, (SELECT count(*) FROM milestones WHERE deleted_at IS NULL) FROM tasks"
            ) { (try $0.optionalText(0), try $0.integer(1), try $0.integer(2)) }
        }
        #expect(try #require(state) == (nil, 1, 0))
    }

    /// A command that runs on while another one migrates the store.
    @Test(arguments: TestDatabase.shared)
    func aStoreThatWasOpenBeforeTheMigrationLogsTheNewColumnsToo(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let migrated = try Self.migrated(fixture.storage.open(), to: Self.next)
        try fixture.edit(task.id) { $0.title = "B" }
        try fixture.store.database.write { try $0.execute("UPDATE tasks SET colour = 'green' WHERE id = \(task.id)") }
        let last = try migrated.changes().suffix(2)
        #expect(last.map { $0.after?["title"] } == ["B", nil])
        #expect(last.last?.after == ["colour": "green"])
        #expect(last.allSatisfy { $0.schemaVersion == Self.next.version })
        let rows = try RowImages(reading: migrated)
        #expect(rows.tables["tasks"]?[ExactText(task.id)]?["colour"] == ExactText("\"green\""))
    }

    @Test(arguments: TestDatabase.allCases)
    func aMigratedStoreAndANewOneAreAlike(kind: TestDatabase) throws {
        let fresh = try StoreFixture(kind, schema: Self.next)
        let migrated = try StoreFixture(kind)
        try migrated.add("A")
        #expect(try !Catalog(of: migrated.store.database).differences(from: Catalog(of: fresh.store.database)).isEmpty)
        let store = try Self.migrated(migrated.store.database, to: Self.next)
        #expect(try Catalog(of: store.database).differences(from: Catalog(of: fresh.store.database)).isEmpty)
    }

    @Test(arguments: TestDatabase.allCases)
    func aNewerStoreThatAllowsNoOlderProgramIsRefusedAndLeftAlone(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind, schema: Self.incompatible)
        try fixture.add("A")
        let database = fixture.store.database
        let (catalog, rows) = (try Catalog(of: database), try RowImages(reading: fixture.store))
        let error = #expect(throws: StoreError.self) { try Store(opening: database) }
        #expect(error?.code == .newerSchema)
        let (newer, known) = (Self.next.version, Schema.current.version)
        #expect(error?.message.contains("version \(newer)") == true)
        #expect(error?.message.contains("up to \(known)") == true)
        let second = #expect(throws: StoreError.self) {
            try Store(
                creatingIn: database, identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "other"),
                now: StoreFixture.start)
        }
        #expect(second?.code == .newerSchema)
        #expect(try Catalog(of: database).differences(from: catalog).isEmpty)
        #expect(try RowImages(reading: fixture.store) == rows)
    }

    @Test(arguments: TestDatabase.allCases)
    func aDatabaseWithoutAStoreIsRefusedAndLeftAlone(kind: TestDatabase) throws {
        let storage = try kind.make()
        let database = try storage.open()
        #expect(code { _ = try Store(opening: database) } == .notInitialized)
        #expect(try Catalog(of: database).facts.isEmpty)
    }

    @Test(arguments: ["SQLite format 3\0", String(repeating: "This is a letter, not a database.\n", count: 500)])
    func aFileThatIsNoDatabaseIsCalledCorruptAndLeftAlone(content: String) throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/tasks.db"
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: SQLError.self) {
            try Store(opening: SQLiteDatabase(path: path))
        }
        #expect(error?.kind == .corrupt)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(content.utf8))
    }

    @Test(arguments: TestDatabase.shared)
    func eightCommandsThatMakeAStoreAtOnceMakeOne(kind: TestDatabase) throws {
        for _ in 0..<5 {
            let storage = try kind.make()
            let start = MeetingPoint(8)
            let errors = inThreads(8) { index in
                start.meet()
                let database = try storage.open()
                if let file = database as? SQLiteDatabase { try file.enableWriteAheadLog() }
                let store = try Store(
                    creatingIn: database,
                    identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica-\(index)"),
                    now: StoreFixture.start)
                try store.perform(
                    OperationContext(id: "op\(index)", actor: "ada", command: "test", now: StoreFixture.start)
                ) {
                    try $0.insert(
                        TaskItem(id: StoreFixture.id(index), title: "A", rank: "i", createdAt: StoreFixture.start))
                }
            }
            #expect(errors.isEmpty, "\(errors)")
            let store = try Store(opening: storage.open())
            #expect(try Self.versions(store.database) == Array(1...Int64(Schema.current.version)))
            let changes = try store.changes()
            #expect(changes.count == 9, "an actor and eight tasks")
            #expect(Set(changes.map(\.sequence)) == Set(1...8))
            #expect(Set(changes.map(\.replicaID)).count == 1)
        }
    }

    @Test(arguments: TestDatabase.shared)
    func eightCommandsThatMigrateAStoreAtOnceMigrateItOnce(kind: TestDatabase) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let start = MeetingPoint(8)
        let errors = inThreads(8) { _ in
            let database = try fixture.storage.open()
            start.meet()
            let store = try Store(opening: database, schema: Self.next)
            try store.perform(fixture.operation()) { session in
                try session.writer.execute("UPDATE tasks SET weight = weight + 1 WHERE id = \(task.id)")
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(try Self.versions(fixture.store.database) == Array(1...Int64(Self.next.version)))
        let store = try Store(opening: fixture.store.database, schema: Self.next)
        #expect(
            try store.history(ofTask: task.id).suffix(8).map { $0.after?["weight"] } == (2...9).map { .string("\($0)") }
        )
    }

    @Test(
        arguments: TestDatabase.allCases,
        [
            SchemaStep.createIndex("broken", table: "tasks", columns: ["no_such_column"]),
            .createTable(Table("tasks", .local, key: ["id"], comment: "", columns: [.required("id", .text)])),
            .addColumn(.optional("title", .text), table: "tasks"),
        ])
    func aMigrationThatFailsHalfWayLeavesTheStoreAsItWas(kind: TestDatabase, step: SchemaStep) throws {
        let fixture = try StoreFixture(kind)
        let task = try fixture.add("A")
        let database = fixture.store.database
        let (catalog, rows) = (try Catalog(of: database), try RowImages(reading: fixture.store))
        let broken = Self.later((Self.next.migrations.last?.steps ?? []) + [step])
        #expect(throws: SQLError.self) { try Self.migrated(database, to: broken) }

        #expect(try Catalog(of: database).differences(from: catalog).isEmpty)
        #expect(try RowImages(reading: fixture.store) == rows)
        #expect(try Store(opening: database).schema.version == Schema.current.version)
        try fixture.edit(task.id) { $0.title = "B" }
        #expect(try fixture.disagreements().isEmpty)
        _ = try Self.migrated(database, to: Self.next)
    }

    @Test(arguments: TestDatabase.allCases)
    func aStoreThatCannotBeMadeLeavesNothingBehind(kind: TestDatabase) throws {
        let database = try kind.make().open()
        let broken = Self.later([.createIndex("broken", table: "tasks", columns: ["no_such_column"])])
        #expect(throws: SQLError.self) {
            try Store(
                creatingIn: database, schema: broken,
                identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "r"), now: StoreFixture.start)
        }
        #expect(code { _ = try Store(opening: database) } == .notInitialized)
        #expect(try Catalog(of: database).facts.isEmpty)
    }
}

@Suite("Workspaces that share a PostgreSQL database")
struct WorkspaceSchemaTests {
    private func dropping(_ name: String, _ body: (PostgresDatabase) throws -> Void) throws {
        let database = try PostgresDatabase(url: TestStorage.postgresURL(), schema: name)
        defer {
            let quoted = "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            _ = try? database.write { try $0.executeScript("DROP SCHEMA \(quoted) CASCADE") }
        }
        try body(database)
    }

    @Test(arguments: [
        "Odd Name-1", "o'brien", "a,b", "say \"hi\"", "select", "a.b", "żółć", "100%", "back\\slash", "a;b",
    ])
    func aSchemaMayHaveAnyName(name: String) throws {
        try dropping(name) { database in
            let store = try Store(
                creatingIn: database, identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "r"),
                now: StoreFixture.start)
            let operation = OperationContext(id: "o", actor: "ada", command: "test", now: StoreFixture.start)
            let task = TaskItem(id: StoreFixture.id(1), title: "A", rank: "i", createdAt: StoreFixture.start)
            try store.perform(operation) { try $0.insert(task) }
            let reopened = try Store(
                opening: PostgresDatabase(url: TestStorage.postgresURL(), schema: name),
                schema: MigrationTests.next)
            #expect(try reopened.read { try $0.tasks() } == [task])
            #expect(try reopened.changes().map(\.table) == ["actors", "tasks"])
            let undo = OperationContext(id: "u", actor: "ada", command: "test", now: StoreFixture.start)
            try reopened.undo(.operation("o"), as: undo) { _, _ in }
            #expect(try store.changes().count == 3)
            #expect(try reopened.captureProblems().isEmpty)
            // Without any search path, as in `psql`.
            let quoted = "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            _ = try Process.output(
                "psql",
                [
                    TestStorage.postgresURL(), "-X", "-v", "ON_ERROR_STOP=1", "-c",
                    "UPDATE \(quoted).tasks SET title = 'B'",
                ])
            #expect(try store.changes().last?.after == ["title": "B"])
        }
    }

    @Test func twoWorkspacesDoNotSeeEachOther() throws {
        let (first, second) = (try StoreFixture(.postgres), try StoreFixture(.postgres))
        let task = try first.add("First")
        #expect(try second.all().isEmpty)
        #expect(try second.store.changes().isEmpty)
        #expect(code { try second.undo() } == .nothingToUndo)
        try second.add("Second") { $0.id = task.id }
        #expect(try first.all() == [task])
        #expect(try second.store.changes().map(\.sequence) == [1, 1])
        try first.undo()
        #expect(try second.all().map(\.title) == ["Second"])
    }

    /// One workspace is migrated, the other is not.
    @Test func workspacesHaveVersionsOfTheirOwn() throws {
        let (first, second) = (try StoreFixture(.postgres), try StoreFixture(.postgres))
        _ = try MigrationTests.migrated(first.store.database, to: MigrationTests.incompatible)
        #expect(code { _ = try first.reopened() } == .newerSchema)
        try second.reopened().perform(second.operation()) { _ in }
    }

    /// Rails and Ecto keep a table of this name in the schema that every search path includes.
    @Test(arguments: ["version text", "version bigint", "name text"])
    func anotherProgramsMigrationsAreNotTakenForOurs(column: String) throws {
        let value = column.hasSuffix("text") ? "'20260101'" : "20260101"
        // A database of its own, for other tests share the public schema.
        let name = "shared_\(UInt64.random(in: 0...UInt64.max))"
        _ = try Process.output("createdb", ["--maintenance-db", TestStorage.postgresURL(), name])
        defer { _ = try? Process.output("dropdb", ["--force", "--maintenance-db", TestStorage.postgresURL(), name]) }
        let url = try TestStorage.postgresURL().replacingOccurrences(of: "///postgres?", with: "///\(name)?")
        let database = try PostgresDatabase(url: url, schema: "minsky")
        try database.write {
            try $0.executeScript(
                "CREATE TABLE public.schema_migrations (\(column)); INSERT INTO public.schema_migrations VALUES (\(value))"
            )
        }
        #expect(code { _ = try Store(opening: database) } == .notInitialized)
        _ = try Store(
            creatingIn: database, identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "r"),
            now: StoreFixture.start)
        let reopened = try Store(opening: database)
        #expect(try reopened.changes().isEmpty)
    }

    /// Several workspaces share a database: who makes or migrates the store of one keeps nobody from another.
    @Test func storesInOtherSchemasAreMadeMeanwhile() throws {
        let (first, second) = (try TestDatabase.postgres.make(), try TestDatabase.postgres.make())
        func make(_ storage: TestStorage) throws {
            let database = try PostgresDatabase(url: storage.url, schema: storage.location, lockTimeout: 1)
            let identity = StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica000000000")
            _ = try Store(creatingIn: database, identity: identity, now: StoreFixture.start)
        }
        try first.open().write { writer in
            try writer.lockMigrations()
            try make(second)
            let error = #expect(throws: SQLError.self) { try make(first) }
            #expect(error?.kind == .busy, "in the same schema one makes it, and the others wait")
        }
        try make(first)
    }
}
