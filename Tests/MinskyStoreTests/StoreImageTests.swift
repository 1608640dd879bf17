import MinskyModel
import MinskySQL
import MinskySQLite
import TestSupport
import Testing

@testable import MinskyStore

@Suite("Images of a store: copied, read, restored")
struct StoreImageTests {
    static func filled(_ kind: TestDatabase) throws -> StoreFixture {
        let fixture = try StoreFixture(kind)
        let a = try fixture.add("A “quoted” ' \\ 🙂") {
            $0.tags = ["x", "y/z"]
            $0.metadata = ["n": 1.50, "s": "ü"]
        }
        let b = try fixture.add("B") { $0.parentID = a.id }
        try fixture.add("C") { $0.dependsOn = [b.id] }
        try fixture.edit(b.id) { $0.title = "B2" }
        try fixture.undo()
        try fixture.store.perform(fixture.operation("bot")) { session in
            try session.save([StoredEmbedding(ownerID: a.id, model: "m", contentHash: "h", vector: [1, -0.5, 3e-9])])
        }
        return fixture
    }

    private static let ways = TestDatabase.shared.flatMap { from in TestDatabase.shared.map { (from, $0) } }

    @Test(arguments: ways)
    func whatWasThereComesBack(from: TestDatabase, to: TestDatabase) throws {
        let source = try Self.filled(from)
        let saved = try TestDatabase.sqliteFile.make()
        let image = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        let rows = try RowImages(reading: source.store)
        let log = try source.store.operations(after: 0, limit: 1000)
        #expect(image.rows(of: "tasks") == 3 && image.rows(of: "operations") == log.count)
        #expect(try StoreImage(reading: try saved.open()) == image)

        let target = try Self.filled(to)
        try target.add("what is replaced")
        try target.store.replace(with: try saved.open(), replicaID: "replica333333333", now: StoreFixture.start)
        let store = try target.reopened()
        #expect(try RowImages(reading: store) == rows)
        #expect(try store.operations(after: 0, limit: 1000) == log, "ids, sequences, clocks")
        #expect(store.installed.replicaID == "replica333333333")
        #expect(try store.captureProblems().isEmpty)
        #expect(try store.integrityProblems().isEmpty)

        // The log goes on where it was.
        try store.perform(target.operation()) {
            try $0.insert(
                TaskItem(
                    id: StoreFixture.id(999), title: "D", rank: "i1", createdAt: StoreFixture.start, createdBy: "ada"))
        }
        #expect(try store.operations(after: 0, limit: 1000).last?.sequence == Int64(log.count + 1))
    }

    @Test(arguments: TestDatabase.shared)
    func aNewStoreIsMadeOfIt(kind: TestDatabase) throws {
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        let image = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        let place = try kind.make()
        try Store.make(
            in: try place.open(), from: try saved.open(), replicaID: "replica333333333", now: StoreFixture.start)
        let store = try Store(opening: try place.open())
        #expect(try RowImages(reading: store) == RowImages(reading: source.store))
        #expect(store.installed.workspaceID == image.workspaceID)
        #expect(try store.captureProblems().isEmpty)
    }

    @Test func operationsThatAreNotNumberedYetAreInTheCopy() throws {
        let source = try Self.filled(.postgres)
        let saved = try TestDatabase.sqliteFile.make()
        // Committed by somebody else between the numbering and the look at the store: the copy sees rows and no sequences.
        let late = LateWriter(source.store.database) { try source.add("late") }
        let store = try Store(opening: late)
        late.isArmed = true
        _ = try StoreImage(copying: store, into: try saved.open(), now: StoreFixture.start)
        let copy = try Store(opening: try saved.open())
        #expect(try copy.read { try $0.tasks() }.map(\.title).contains("late"))
        let operations = try copy.operations(after: 0, limit: 1000)
        #expect(operations.map(\.sequence) == (1...Int64(operations.count)).map { $0 }, "dense, and nothing is missing")
        #expect(try RowImages(replaying: operations.flatMap(\.changes)) == RowImages(reading: copy))
    }

    /// A database that lets somebody write just before a reading transaction begins, once.
    private final class LateWriter: Database, @unchecked Sendable {
        private let database: any Database
        private let write: () throws -> Void
        var isArmed = false

        init(_ database: any Database, _ write: @escaping () throws -> Void) {
            self.database = database
            self.write = write
        }

        var dialect: Dialect { database.dialect }
        var schemaName: String? { database.schemaName }
        var place: String? { database.place }
        func signal() throws -> any ChangeSignal { try database.signal() }
        func interrupt() { database.interrupt() }
        func write<Result>(_ body: (any Writer) throws -> Result) throws -> Result { try database.write(body) }
        func read<Result>(_ body: (any Reader) throws -> Result) throws -> Result {
            if isArmed {
                isArmed = false
                try write()
            }
            return try database.read(body)
        }
    }

    @Test(arguments: TestDatabase.shared)
    func aFailureInTheMiddleLeavesTheOld(kind: TestDatabase) throws {
        struct Stop: Error {}
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        _ = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        let target = try Self.filled(kind)
        try target.add("mine")
        let before = try RowImages(reading: target.store)
        for table in ["tasks", "task_tags", "changes"] {
            #expect(throws: Stop.self) {
                try target.store.replace(
                    with: try saved.open(), replicaID: "replica333333333", now: StoreFixture.start
                ) { name, _ in if name == table { throw Stop() } }
            }
            #expect(try RowImages(reading: target.store) == before)
            #expect(try target.store.captureProblems().isEmpty, "the log is not left switched off")
        }
    }

    @Test(arguments: TestDatabase.shared)
    func anotherWorkspacesIsRefusedUnlessThereIsNothing(kind: TestDatabase) throws {
        let other = try kind.make()
        let stranger = try Store(
            creatingIn: try other.open(),
            identity: StoreIdentity(workspaceID: "stranger00000000", replicaID: "replica444444444"),
            now: StoreFixture.start)
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        _ = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        try stranger.replace(with: try saved.open(), replicaID: "replica555555555", now: StoreFixture.start)
        #expect(try Store(opening: try other.open()).installed.workspaceID == "workspace0000000")

        let savedStranger = try TestDatabase.sqliteFile.make()
        let third = try TestDatabase.sqliteFile.make()
        let empty = try Store(
            creatingIn: try third.open(),
            identity: StoreIdentity(workspaceID: "stranger00000000", replicaID: "replica444444444"),
            now: StoreFixture.start)
        _ = try StoreImage(copying: empty, into: try savedStranger.open(), now: StoreFixture.start)
        #expect(
            code {
                try stranger.replace(
                    with: try savedStranger.open(), replicaID: "replica555555555", now: StoreFixture.start)
            } == .conflict)
        #expect(try stranger.read { try $0.tasks() }.count == 3)
    }

    @Test(arguments: TestDatabase.shared)
    func anOlderImageIsTakenIn(kind: TestDatabase) throws {
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        _ = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        let newer = Schema(
            migrations: Schema.current.migrations + [
                SchemaMigration(
                    version: Schema.current.version + 1, title: "later",
                    steps: [.addColumn(.optional("color", .text), table: "tasks")])
            ])
        let place = try kind.make()
        let store = try Store(
            creatingIn: try place.open(), schema: newer,
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "replica000000000"),
            now: StoreFixture.start)
        try store.replace(with: try saved.open(), replicaID: "replica333333333", now: StoreFixture.start)
        #expect(try store.read { try $0.tasks() }.count == 3)
        #expect(
            try StoreImage(copying: store, into: try TestDatabase.sqliteMemory.make().open(), now: StoreFixture.start)
                .schemaVersion == newer.version)

        let ahead = try TestDatabase.sqliteFile.make()
        _ = try StoreImage(copying: store, into: try ahead.open(), now: StoreFixture.start)
        #expect(code { _ = try StoreImage(reading: try ahead.open()) } == .newerSchema)
    }

    @Test func theBodyBeforeAMigrationSeesTheOldStoreAndCanKeepIt() throws {
        struct Stop: Error {}
        let source = try Self.filled(.sqliteFile)
        let newer = Schema(
            migrations: Schema.current.migrations + [
                SchemaMigration(
                    version: Schema.current.version + 1, title: "later",
                    steps: [.addColumn(.optional("color", .text), table: "tasks")])
            ])
        var store = try Store(opening: try source.storage.open(), schema: newer)
        store.beforeMigrating = { _ in throw Stop() }
        #expect(throws: Stop.self) { try store.migrateIfDue(now: StoreFixture.start) }
        #expect(try source.reopened().installed.version == Schema.current.version)
        store.beforeMigrating = { #expect($0.installed.version == Schema.current.version) }
        try store.migrateIfDue(now: StoreFixture.start)
        #expect(try Store(opening: try source.storage.open(), schema: newer).installed.version == newer.version)
    }

    @Test(arguments: [
        "DROP TABLE tasks; CREATE VIEW tasks AS SELECT * FROM notes",
        "ALTER TABLE tasks RENAME TO t; CREATE VIEW tasks AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x FROM r) SELECT x FROM r",
        "DROP TABLE store_state", "DELETE FROM store_state", "DROP TABLE changes",
        "PRAGMA ignore_check_constraints = ON; UPDATE store_state SET phase = 'x'",
        "ALTER TABLE task_tags ADD COLUMN computed TEXT GENERATED ALWAYS AS (hex(zeroblob(1000))) VIRTUAL",
        "UPDATE schema_migrations SET version = -1", "UPDATE schema_migrations SET version = 1000",
    ])
    func aHostileImageIsNotRead(script: String) throws {
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        let database = try saved.open()
        _ = try StoreImage(copying: source.store, into: database, now: StoreFixture.start)
        _ = try saved.runShell("PRAGMA legacy_alter_table = ON; DROP TRIGGER IF EXISTS log_update_tasks; \(script)")
        #expect([.corrupt, .newerSchema].contains(code { _ = try StoreImage(reading: try saved.open()) }))
    }

    @Test func whatAnImageBringsAlongIsNotRun() throws {
        let source = try Self.filled(.sqliteFile)
        let saved = try TestDatabase.sqliteFile.make()
        let image = try StoreImage(copying: source.store, into: try saved.open(), now: StoreFixture.start)
        _ = try saved.runShell(
            """
            CREATE TRIGGER evil AFTER INSERT ON tasks BEGIN DELETE FROM tasks; END;
            CREATE TABLE more (x); INSERT INTO more VALUES (1); CREATE VIEW evil_view AS SELECT * FROM more
            """)
        #expect(try StoreImage(reading: try saved.open()) == image)
        let target = try Self.filled(.sqliteFile)
        try target.store.replace(with: try saved.open(), replicaID: "replica333333333", now: StoreFixture.start)
        #expect(try target.all().count == 3)
        #expect(
            try target.storage.runShell("SELECT count(*) FROM sqlite_master WHERE name LIKE 'evil%' OR name = 'more'")
                == "0\n")
    }
}
