import Foundation
import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// What people do in a shell on either side, and what no command would write.
struct SyncHandEditTests {
    static let kinds: [TestDatabase] = [.sqliteFile, .postgres]
    let t = "t000000000000001"
    let u = "v000000000000002"

    private func sites(_ kind: TestDatabase) throws -> (sites: SyncSites, ada: Store, shell: TestStorage) {
        let sites = try SyncSites(upstream: kind)
        for id in [t, u] { try sites.add(sites.upstream, "owner", id) }
        let ada = try sites.clone("ada", on: .sqliteFile)
        return (sites, ada, try #require(sites.storages["ada"]))
    }

    @Test(arguments: kinds)
    func editsInShellsOnBothSidesReachEachOther(kind: TestDatabase) throws {
        let (sites, ada, shell) = try sites(kind)
        let there = sites.upstreamStorage
        _ = try shell.runShell("UPDATE tasks SET title = 'A' WHERE id = '\(t)'")
        _ = try there.runShell("UPDATE \(there.table("tasks")) SET description = 'U' WHERE id = '\(t)'")
        _ = try there.runShell(
            """
            INSERT INTO \(there.table("task_tags")) (task_id, tag, created_at)
            VALUES ('\(u)', 'x', '2026-01-01T00:00:00.000000Z')
            """)
        _ = try shell.runShell(
            "INSERT INTO task_tags (task_id, tag, created_at) VALUES ('\(t)', 'y', '2026-01-01T00:00:00.000000Z')")
        try sites.sync(ada)
        for store in [ada, sites.upstream] {
            #expect(try sites.task(t, in: store).title == "A")
            #expect(try sites.task(t, in: store).description == "U")
            #expect(try sites.task(t, in: store).tags == ["y"])
            #expect(try sites.task(u, in: store).tags == ["x"])
        }
        #expect(try sites.differences(ada).isEmpty)
        _ = try shell.runShell("UPDATE task_tags SET tag = 'z' WHERE tag = 'y'")
        try sites.sync(ada)
        #expect(try sites.task(t).tags == ["z"])
        #expect(try sites.conflicts("task_tags").isEmpty)
    }

    /// Two statements in one millisecond are one operation: it is whole only when that has passed.
    @Test func anOperationDoesNotGrowAfterItWasSent() throws {
        let (sites, ada, _) = try sites(.sqliteMemory)
        let replica = Replica(ada, upstream: sites.upstream)
        func byHand(_ store: Store, _ title: String) throws -> String {
            try store.database.write { writer in
                try writer.execute("UPDATE tasks SET title = \(title) WHERE id = \(t)")
                return try #require(
                    try writer.first("SELECT id FROM operations ORDER BY number DESC LIMIT 1") { try $0.text(0) })
            }
        }
        func set(_ store: Store, _ operation: String, _ moment: String) throws {
            try store.database.write {
                try $0.execute("UPDATE operations SET recorded_at = \(moment) WHERE id = \(operation)")
            }
        }
        let operation = try byHand(ada, "A")
        try set(ada, operation, "2999-01-01T00:00:00.000000Z")
        #expect(try replica.push().operations == 0)
        #expect(try sites.count(operation) == 0)
        try set(ada, operation, "2020-01-01T00:00:00.000000Z")
        #expect(try replica.push().operations == 1)
        // The same at an upstream that is a file.
        let there = try byHand(sites.upstream, "U")
        try set(sites.upstream, there, "2999-01-01T00:00:00.000000Z")
        _ = try replica.pull()
        #expect(try ada.read { try $0.operation(there) } == nil)
        try set(sites.upstream, there, "2020-01-01T00:00:00.000000Z")
        _ = try replica.pull()
        #expect(try ada.read { try $0.operation(there) } != nil)
    }

    /// What somebody else's shell has done, and came here in the same millisecond, is not joined.
    @Test func anEditByHandJoinsNoOperationOfAnotherStore() throws {
        let (sites, ada, _) = try sites(.sqliteMemory)
        _ = try sites.upstream.database.write { try $0.execute("UPDATE tasks SET title = 'U' WHERE id = \(t)") }
        Thread.sleep(forTimeInterval: 0.01)
        try sites.sync(ada)
        let (foreign, count) = try ada.database.read { reader in
            try #require(
                try reader.first(
                    "SELECT number, (SELECT count(*) FROM operations) FROM operations ORDER BY number DESC"
                ) {
                    (try $0.integer(0), try $0.integer(1))
                })
        }
        for attempt in 0..<50 {
            try ada.database.write { writer in
                try writer.execute("DELETE FROM operations WHERE number > \(foreign)")
                try writer.execute(
                    "UPDATE operations SET recorded_at = \(unsafeRaw: Capture.sqliteMoment) WHERE number = \(foreign)")
                try writer.execute("UPDATE tasks SET title = \("A\(attempt)") WHERE id = \(t)")
                #expect(try writer.first("SELECT count(*) FROM operations") { try $0.integer(0) } == count + 1)
            }
        }
    }

    /// What a check of the upstream refuses stops nothing else.
    @Test(
        arguments: kinds,
        [
            "PRAGMA ignore_check_constraints = ON; UPDATE tasks SET complexity = 99 WHERE id = 't000000000000001'",
            "PRAGMA ignore_check_constraints = ON; UPDATE tasks SET status = 'bogus' WHERE id = 't000000000000001'",
            """
            INSERT INTO task_tags (task_id, tag, created_at) VALUES ('nobody0000000000', 'x', '2026-01-01T00:00:00.000000Z')
            """,
            "UPDATE tasks SET parent_id = 'nobody0000000000' WHERE id = 't000000000000001'",
        ])
    func whatTheUpstreamRefusesIsKeptAsLost(kind: TestDatabase, statement: String) throws {
        let (sites, ada, shell) = try sites(kind)
        let bob = try sites.clone("bob")
        let before = try sites.update(ada, "ada", u, "title = 'before'")
        _ = try shell.runShell(statement)
        let after = try sites.update(ada, "ada", u, "title = 'after'")
        let refused = try sites.waiting(ada)[1]
        try sites.sync(ada, bob)
        for operation in [before, refused, after] { #expect(try sites.count(operation) == 1) }
        #expect(try sites.task(u).title == "after")
        #expect(try sites.waiting(ada).isEmpty)
        let conflicts = try sites.upstream.read { try $0.conflicts(all: true) }
        #expect(conflicts.count == 1)
        #expect(conflicts.first?.field == nil)
        #expect(conflicts.first?.lost.value != .null)
        #expect(try sites.differences(ada, bob).isEmpty)
    }

    /// What hangs on a row that is refused is kept as lost with it, in whatever piece it is sent, and stops nothing.
    @Test(arguments: kinds, [1, 100])
    func whatHangsOnARefusedRowIsKeptAsLostWithIt(kind: TestDatabase, batch: Int) throws {
        let (sites, ada, shell) = try sites(kind)
        let x = "x000000000000003"
        _ = try shell.runShell(
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO tasks (id, title, complexity, created_at, updated_at)
            VALUES ('\(x)', 'X', 99, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z')
            """)
        try sites.add(ada, "ada", "y000000000000004") { $0.parentID = x }
        try sites.edit(ada, "ada") { session in
            try session.writer.execute(
                "INSERT INTO task_tags (task_id, tag, created_at) VALUES (\(x), 'x', \(session.operation.now))")
        }
        try sites.edit(ada, "ada") { session in
            try session.writer.execute(
                """
                INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                VALUES ('n000000000000005', \(x), 'N', 'ada', \(session.operation.now), \(session.operation.now))
                """)
        }
        try sites.update(ada, "ada", t, "parent_id = \(x), title = 'A'")
        let after = try sites.update(ada, "ada", u, "title = 'after'")
        var replica = Replica(ada, upstream: sites.upstream)
        replica.batch = batch
        if batch == 1 {
            // Only the first one gets there before the connection is cut.
            let first = try ada.read { try $0.operations(where: "sequence IS NULL", orderedBy: "number", changes: 1) }
            _ = try replica.send(first)
        }
        _ = try replica.sync()
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.count(after) == 1)
        #expect(try sites.task(u).title == "after")
        let lost = try sites.upstream.read { try $0.conflicts(all: true) }.map(\.table).filter { $0 != "actors" }
        #expect(lost.sorted() == ["notes", "task_tags", "tasks", "tasks", "tasks"])
        #expect(try sites.differences(ada).isEmpty)
    }

    /// JSON with a key twice is none: nobody can say what it was before.
    @Test(arguments: kinds)
    func whatCannotBeReadIsKeptAsLost(kind: TestDatabase) throws {
        let (sites, ada, shell) = try sites(kind)
        _ = try shell.runShell(#"UPDATE tasks SET metadata = '{"a":1,"a":2}', title = 'A' WHERE id = '\#(t)'"#)
        let after = try sites.update(ada, "ada", u, "title = 'after'")
        let description = try sites.update(ada, "ada", t, "description = 'D'")
        try sites.update(sites.upstream, "owner", t, "assignee = 'cleo'")
        try sites.sync(ada)
        for operation in [after, description] { #expect(try sites.count(operation) == 1) }
        #expect(try sites.waiting(ada).isEmpty)
        #expect(try sites.conflicts().count == 1)
        #expect(try sites.task(t).description == "D")
        #expect(try sites.task(t).assignee == "cleo")
        #expect(try sites.task(t).title == t)
        #expect(try sites.differences(ada).isEmpty, "the store has again what the upstream has")
    }

    // MARK: An upstream that means no good

    static let garbage: [SQL] = [
        "UPDATE changes SET kind = 'frobnicate' WHERE position = (SELECT max(position) FROM changes)",
        "UPDATE changes SET table_name = 'sqlite_master' WHERE position = (SELECT max(position) FROM changes)",
        "UPDATE changes SET table_name = 'store_state' WHERE position = (SELECT max(position) FROM changes)",
        #"UPDATE changes SET fields = '[1, 2]' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"title": 5}' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"title": ["x", {"a": 1}]}' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"status": ["todo", "bogus"]}' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"due_at": [null, "soon"]}' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"parent_id": [null, "nobody0000000000"]}' WHERE position = (SELECT max(position) FROM changes)"#,
        #"UPDATE changes SET fields = '{"title; DROP TABLE tasks": [null, "x"]}' WHERE position = (SELECT max(position) FROM changes)"#,
        "UPDATE operations SET actor = '' WHERE number = (SELECT max(number) FROM operations)",
    ]

    /// Those that no store of this schema could hold whatever it tried; the others are refused by the rows.
    static let passedOver: Set<Int> = [0, 1, 2, 3, 4, 5, 7, 9]

    /// What nobody can read stops nobody: the row is taken as it is at the upstream, and everything else goes on.
    @Test(arguments: passedOver.sorted())
    func whatCannotBeReadAtTheUpstreamIsPassedOver(_ index: Int) throws {
        let (sites, ada, _) = try sites(.sqliteMemory)
        let bad = try sites.update(sites.upstream, "owner", t, "title = 'bad'")
        try sites.upstream.database.write { writer in
            try writer.executeScript("PRAGMA ignore_check_constraints = ON")
            try writer.execute(Self.garbage[index])
        }
        let after = try sites.update(sites.upstream, "owner", u, "title = 'after'")
        try sites.update(ada, "ada", t, "description = 'A'")
        try sites.sync(ada)
        #expect(try sites.waiting(ada).isEmpty)
        for operation in [bad, after] {
            #expect(
                try ada.database.read { reader in
                    try reader.first("SELECT 1 FROM operations WHERE id = \(operation)") { try $0.integer(0) } != nil
                })
        }
        #expect(try sites.task(u, in: ada).title == "after")
        #expect(try sites.task(t, in: ada).description == "A")
        if index > 2 { #expect(try sites.task(t, in: ada).title == "bad", "as the row is there") }
    }

    @Test(arguments: Set(garbage.indices).subtracting(passedOver).sorted())
    func garbageInTheLogOfTheUpstreamIsNamedAndChangesNothing(_ index: Int) throws {
        let (sites, ada, _) = try sites(.sqliteMemory)
        let good = try sites.update(sites.upstream, "owner", u, "title = 'good'")
        let bad = try sites.update(sites.upstream, "owner", t, "title = 'bad'")
        try sites.upstream.database.write { writer in
            try writer.executeScript("PRAGMA ignore_check_constraints = ON")
            try writer.execute(Self.garbage[index])
        }
        let mine = try sites.update(ada, "ada", t, "description = 'A'")
        let error = #expect(throws: StoreError.self) { try sites.sync(ada) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(bad) == true, "\(error?.message ?? "")")
        #expect(try ada.read { try $0.operation(good) } != nil, "what came before is there")
        #expect(try ada.read { try $0.operation(bad) } == nil)
        #expect(try sites.waiting(ada) == [mine])
        #expect(try sites.task(t, in: ada).description == "A")
        #expect(try sites.task(t, in: ada).title == t)
    }
}
