import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Whoever may edit must not be able to silence or forge the log.
@Suite("Roles on PostgreSQL", .serialized)
struct PostgresRoleTests {
    /// A role that may edit the tables a member edits, and nothing else.
    private final class Member {
        let fixture: StoreFixture
        let name = "member_\(UInt64.random(in: 0...UInt64.max))"

        init() throws {
            fixture = try StoreFixture(.postgres)
            let schema = fixture.storage.location
            let tables = Schema.current.domainTables.map { "\(schema).\($0.name)" }.joined(separator: ", ")
            _ = try fixture.storage.runShell(
                """
                CREATE ROLE \(name) LOGIN; GRANT USAGE ON SCHEMA \(schema) TO \(name);
                GRANT SELECT ON ALL TABLES IN SCHEMA \(schema) TO \(name);
                GRANT INSERT, UPDATE, DELETE ON \(tables) TO \(name)
                """)
        }

        deinit {
            _ = try? fixture.storage.runShell("DROP OWNED BY \(name); DROP ROLE \(name)")
        }

        var url: String {
            get throws {
                try TestStorage.postgresURL().replacingOccurrences(of: "user=postgres", with: "user=\(name)")
            }
        }

        func shell(_ sql: String) throws -> String {
            try Process.output(
                "psql",
                [
                    try url, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c",
                    "SET search_path TO \(fixture.storage.location); " + sql,
                ])
        }

        func store() throws -> Store {
            try Store(opening: PostgresDatabase(url: try url, schema: fixture.storage.location))
        }
    }

    @Test func aMemberNeedsNothingButTheTablesAndIsLogged() throws {
        let member = try Member()
        let task = try member.fixture.add("A")
        let store = try member.store()
        try store.perform(member.fixture.operation("grace")) { try $0.rename(task.id, to: "B") }
        _ = try member.shell("UPDATE tasks SET title = 'C'")
        let log = try store.operations(after: 0).suffix(2)
        #expect(log.map(\.actor) == ["grace", member.name])
        #expect(log.map(\.role) == [member.name, member.name], "who was really logged in")
        #expect(log.map(\.sequence) == [2, 3], "a member may have the log numbered")
        #expect(try member.fixture.disagreements().isEmpty)
        try store.undo(.operation(log.last?.id ?? ""), as: member.fixture.operation("grace")) { _, _ in }
        #expect(try member.fixture.all().map(\.title) == ["B"])
    }

    @Test func aMemberCannotSwitchTheLogOff() throws {
        let member = try Member()
        try member.fixture.add("A")
        _ = try member.shell("SET minsky.applying = 'on'; UPDATE tasks SET title = 'B'")
        _ = try member.shell("SET minsky.applying = 'on'; SET minsky.operation = 'x'; UPDATE tasks SET title = 'C'")
        #expect(try member.fixture.store.changes().compactMap { $0.after?["title"]?.string } == ["A", "B", "C"])
        #expect(try member.fixture.disagreements().isEmpty)
    }

    /// The owner can, for what has been logged elsewhere.
    @Test func theOwnerApplies() throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        _ = try fixture.storage.runShell(
            "SET minsky.applying = 'on'; UPDATE \(fixture.storage.table("tasks")) SET title = 'B'")
        #expect(try fixture.store.changes().compactMap { $0.after?["title"]?.string } == ["A"])
    }

    @Test func anotherNameIsAClaimBesideTheRole() throws {
        let member = try Member()
        try member.fixture.add("A")
        _ = try member.shell("SET minsky.actor = 'ada'; UPDATE tasks SET title = 'B'")
        let last = try #require(try member.fixture.store.operations(after: 0).last)
        #expect(last.actor == "ada")
        #expect(last.role == member.name)
    }

    @Test func whatIsNoIdAndWhatIsNoOperationIsNotClaimed() throws {
        let member = try Member()
        try member.fixture.add("A")
        _ = try member.shell(
            "SET minsky.operation = 'A ''bad'' one'; SET minsky.reverts = 'nothing'; UPDATE tasks SET title = 'B'")
        let last = try #require(try member.fixture.store.operations(after: 0).last)
        #expect(last.id.utf8.count == Identifier.length)
        #expect(last.reverts == nil)
    }

    /// A member with a newer program goes on with the triggers there are, and is told who has to migrate.
    @Test func aMemberCannotMigrate() throws {
        let member = try Member()
        try member.fixture.add("A")
        let database = try PostgresDatabase(url: try member.url, schema: member.fixture.storage.location)
        try member.fixture.store.database.write { try $0.execute("UPDATE store_state SET capture_revision = 0") }
        let older = try Store(opening: database)
        let id = try #require(try member.fixture.all().first?.id)
        try older.perform(member.fixture.operation("grace")) { try $0.rename(id, to: "B") }
        #expect(try older.operations(after: 0).last?.actor == "grace")
        let newer = try Store(opening: database, schema: MigrationTests.next)
        #expect(code { try newer.perform(member.fixture.operation("grace")) { _ in } } == .migrationNeeded)
    }

    @Test(arguments: [
        "ALTER ROLE postgres SET minsky.actor = 'x'", "ALTER ROLE postgres IN DATABASE @ SET minsky.applying = 'on'",
    ])
    func doctorSeesWhatIsSetForARole(statement: String) throws {
        let fixture = try StoreFixture(.postgres)
        let database = try #require(
            try fixture.store.database.read { try $0.first("SELECT current_database()::text") { try $0.text(0) } })
        _ = try fixture.storage.runShell(statement.replacingOccurrences(of: "@", with: database))
        defer {
            _ = try? fixture.storage.runShell(
                "ALTER ROLE postgres RESET ALL; ALTER ROLE postgres IN DATABASE \(database) RESET ALL")
        }
        #expect(try fixture.store.captureProblems().count == 1)
    }

    @Test(arguments: [
        "AFTER INSERT ON @ REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION #.log_insert_notes()",
        "AFTER DELETE ON @ REFERENCING OLD TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION #.log_insert_tasks()",
        "BEFORE INSERT ON @ FOR EACH ROW EXECUTE FUNCTION #.log_insert_tasks()",
        "AFTER INSERT ON @ FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION #.log_insert_tasks()",
    ])
    func doctorSeesATriggerThatDoesSomethingElse(definition: String) throws {
        let fixture = try StoreFixture(.postgres)
        let definition = definition.replacingOccurrences(of: "@", with: fixture.storage.table("tasks"))
            .replacingOccurrences(of: "#", with: fixture.storage.location)
        _ = try fixture.storage.runShell(
            "DROP TRIGGER log_insert_tasks ON \(fixture.storage.table("tasks")); CREATE TRIGGER log_insert_tasks \(definition)"
        )
        #expect(try fixture.store.captureProblems().count == 1)
        try fixture.store.restoreCapture()
        #expect(try fixture.store.captureProblems().isEmpty)
    }

    @Test(arguments: [
        "INSERT INTO operations (id, replica_id, actor, hlc, schema_version, recorded_at) VALUES ('x', 'x', 'x', 1, 1, now())",
        "UPDATE operations SET actor = 'x'", "DELETE FROM operations", "DELETE FROM changes",
        "UPDATE changes SET after = NULL", "SELECT current_operation()", "UPDATE store_state SET replica_id = 'x'",
        "TRUNCATE changes", "ALTER TABLE tasks DISABLE TRIGGER ALL", "SET session_replication_role = 'replica'",
        "CREATE FUNCTION refuse() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ])
    func aMemberCannotWriteTheLog(statement: String) throws {
        let member = try Member()
        try member.fixture.add("A")
        let log = try member.fixture.store.operations(after: 0)
        #expect(throws: ProcessFailure.self) { try member.shell(statement) }
        #expect(try member.fixture.store.operations(after: 0) == log)
        #expect(try member.fixture.store.captureProblems().isEmpty)
    }

    /// Objects of the member's own do not come before those of the schema.
    @Test func aSearchPathOfOnesOwnChangesNothing() throws {
        let member = try Member()
        try member.fixture.add("A")
        _ = try member.shell(
            """
            CREATE TEMP TABLE operations (LIKE operations); CREATE TEMP TABLE changes (LIKE changes);
            CREATE FUNCTION pg_temp.random_id() RETURNS text LANGUAGE sql AS $$ SELECT 'forged' $$;
            SET search_path TO pg_temp, \(member.fixture.storage.location); UPDATE tasks SET title = 'B'
            """)
        #expect(try member.fixture.store.changes().last?.after == ["title": "B"])
        #expect(try member.fixture.store.operations(after: 0).last?.id != "forged")
    }

    @Test(arguments: ["tasks", "task_tags", "changes", "operations"])
    func truncateIsRefusedEvenToTheOwner(table: String) throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        let error = #expect(throws: ProcessFailure.self) {
            try fixture.storage.runShell("TRUNCATE \(fixture.storage.table(table)) CASCADE")
        }
        #expect("\(String(describing: error))".contains("change log"))
        #expect(try fixture.all().count == 1)
    }

    /// What only the owner or a superuser can do to the log is seen.
    @Test(arguments: [
        "ALTER TABLE @.tasks DISABLE TRIGGER log_update_tasks", "ALTER TABLE @.tasks DISABLE TRIGGER ALL",
        "DROP TRIGGER refuse_truncate_notes ON @.notes", "DROP FUNCTION @.number_operations(bigint)",
        "CREATE OR REPLACE FUNCTION @.is_applying() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ALTER FUNCTION @.log_insert_tasks() SECURITY INVOKER", "ALTER FUNCTION @.refuse() RESET ALL",
    ])
    func doctorSeesWhatWasDoneToTheLog(statement: String) throws {
        let fixture = try StoreFixture(.postgres)
        #expect(try fixture.store.captureProblems().isEmpty)
        let schema = fixture.storage.location
        _ = try fixture.storage.runShell(statement.replacing("@", with: schema))
        #expect(try !fixture.store.captureProblems().isEmpty)
        try fixture.store.restoreCapture()
        #expect(try fixture.store.captureProblems().isEmpty)
        try fixture.add("A")
        #expect(try fixture.disagreements().isEmpty)
    }
}

@Suite("The log of a SQLite file")
struct SQLiteCaptureTests {
    /// A committed switch silences nothing for long, and is seen.
    @Test(arguments: ["applying = 1", "operation = 1"])
    func aContextThatWasLeftBehindIsSeenAndOverwritten(assignment: String) throws {
        let fixture = try StoreFixture(.sqliteFile)
        try fixture.add("A")
        _ = try fixture.storage.runShell("UPDATE context SET \(assignment)")
        #expect(try fixture.store.captureProblems().count == 1)
        try fixture.add("B")
        #expect(try fixture.store.captureProblems().isEmpty, "the next operation puts it right")
        _ = try fixture.storage.runShell("UPDATE tasks SET title = 'C' WHERE title = 'B'")
        #expect(try fixture.disagreements().isEmpty)
        #expect(try fixture.store.operations(after: 0).last?.command == "sql")
    }

    @Test(arguments: [
        "DROP TRIGGER log_update_tasks", "DROP TRIGGER begin_edit_by_hand", "DROP TRIGGER refuse_delete_tasks",
        "CREATE TRIGGER mine AFTER INSERT ON tasks BEGIN UPDATE context SET applying = 1; END",
    ])
    func doctorSeesWhatWasDoneToTheTriggers(statement: String) throws {
        let fixture = try StoreFixture(.sqliteFile)
        _ = try fixture.storage.runShell(statement)
        #expect(try fixture.store.captureProblems().count == 1)
    }

    /// The triggers of an older program are replaced by the first operation, those of a newer one are left.
    @Test(arguments: TestDatabase.shared, [0, 1000])
    func triggersFollowTheProgram(kind: TestDatabase, revision: Int) throws {
        let fixture = try StoreFixture(kind)
        let trigger = kind == .postgres ? "DROP TRIGGER log_update_notes ON notes" : "DROP TRIGGER log_update_notes"
        try fixture.store.database.write {
            try $0.execute("UPDATE store_state SET capture_revision = \(revision)")
            try $0.executeScript(trigger)
        }
        let isThere: SQL =
            kind == .postgres
            ? "SELECT count(*) FROM pg_trigger WHERE tgname = 'log_update_notes' AND tgrelid = 'notes'::regclass"
            : "SELECT count(*) FROM sqlite_master WHERE name = 'log_update_notes'"
        let reopened = try fixture.reopened()
        #expect(try reopened.captureProblems().isEmpty == (revision != 0), "what is newer cannot be judged")
        try reopened.perform(fixture.operation()) { _ in }
        if revision != 0 { try reopened.restoreCapture() }
        #expect(try reopened.captureProblems().isEmpty)
        let count = try fixture.store.database.read { try $0.first(isThere) { try $0.integer(0) } }
        #expect(count == (revision == 0 ? 1 : 0))
    }

    /// Whoever changes what is generated has to count the revision up, or stores that exist never get it.
    @Test func theTextOfTheTriggersIsThatOfItsRevision() throws {
        let hashes = [TestDatabase.sqliteMemory, .postgres].map { kind in
            Capture(schema: .current, dialect: kind == .postgres ? .postgres : .sqlite).hash
        }
        #expect(hashes == ["260327810bd340d63019237be8b57eaa", "8ba27d0992506ddfd9c32aae7547e99e"])
    }
}
