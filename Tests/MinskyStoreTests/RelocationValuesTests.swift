import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// Rows that were changed behind the change log's back.
@Suite("Relocation: values that escaped the log")
struct RelocationValuesTests {
    /// Runs SQL at the present place of a pair as whoever can switch the triggers off.
    private func bypass(_ pair: RelocationPair, _ statements: String...) throws {
        try pair.here.database.write { writer in
            if writer.dialect == .postgres { try writer.executeScript("SET LOCAL session_replication_role = replica") }
            if writer.dialect == .sqlite { try writer.executeScript("UPDATE context SET applying = 1") }
            for statement in statements { try writer.executeScript(statement) }
            if writer.dialect == .sqlite { try writer.executeScript("UPDATE context SET applying = 0") }
        }
    }

    private static let ways: [(TestDatabase, TestDatabase)] = [(.sqliteFile, .postgres), (.postgres, .sqliteFile)]

    /// A workspace that has been moved once, and has the beginning of its log at the place it came from.
    private func moved(_ from: TestDatabase, _ to: TestDatabase) throws -> RelocationPair {
        let pair = try RelocationPair(from, to)
        try pair.run()
        try pair.turn()
        return pair
    }

    @Test(arguments: ways)
    func theyAreNamedAndNothingIsMoved(from: TestDatabase, to: TestDatabase) throws {
        let pair = try moved(from, to)
        let id = try #require(try pair.here.read { try $0.tasks() }.first?.id)
        try bypass(pair, "UPDATE tasks SET title = 'x' WHERE id = '\(id)'")
        let error = #expect(throws: StoreError.self) { try pair.run("back") }
        #expect(error?.code == .unlogged)
        #expect(error?.message.contains("tasks \(id)") == true)
        #expect(try Store(opening: pair.here.database).installed.phase == .active)
    }

    /// Who asks for them gets them, as one operation, from which on the log tells the truth again.
    @Test(arguments: ways, [false, true])
    func theyAreTakenAsOneOperation(ways: (TestDatabase, TestDatabase), isBusy: Bool) throws {
        let pair = try moved(ways.0, ways.1)
        let tasks = try pair.here.read { try $0.tasks() }
        let (a, b, c) = (tasks[0].id, tasks[1].id, tasks[2].id)
        let new = pair.source.newID()
        try bypass(
            pair, "UPDATE tasks SET title = 'taken', external_ref = NULL, metadata = '{\"n\":2.50}' WHERE id = '\(b)'",
            "DELETE FROM task_tags WHERE task_id = '\(a)' AND tag = 'x'",
            "INSERT INTO task_tags (task_id, tag, created_at) VALUES ('\(b)', 'behind', '2026-11-01T00:00:00.000000Z')",
            "DELETE FROM task_dependencies WHERE task_id = '\(c)'", "DELETE FROM tasks WHERE id = '\(c)'",
            """
            INSERT INTO tasks (id, title, parent_id, created_at, updated_at)
            VALUES ('\(new)', 'new', '\(a)', '2026-11-01T00:00:00.000000Z', '2026-11-01T00:00:00.000000Z')
            """)
        let before = try pair.here.operations(after: 0)
        let other = try Store(opening: try pair.target.open())
        var relocation = pair.relocation("back")
        relocation.takingValues = OperationContext(
            id: "taking", actor: "ada", command: "migrate rollback", now: StoreFixture.start)
        var (taken, rounds): ([String], Int) = ([], 0)
        _ = try relocation.run { step in
            guard case .takingValues(let rows) = step else { return }
            (taken, rounds) = (rows, rounds + 1)
            // Somebody changes one of the rows at the last moment.
            guard isBusy, rounds == 1 else { return }
            try other.perform(pair.source.operation()) { session in
                var changed = try session.task(b)
                let old = changed
                changed.priority = .high
                try session.update(old, to: changed)
            }
        }
        try relocation.finish()
        #expect(taken.contains("tasks \(c)") && taken.contains("task_tags \(a)/x"))
        let there = try Store(opening: pair.there)
        let found = try there.read { try $0.tasks() }
        #expect(found.map(\.title).sorted() == ["A “quoted” ' \\ 🙂", "new", "taken"])
        let second = try #require(found.first { $0.id == b })
        #expect(
            second.metadata == (try JSON(parsing: "{\"n\":2.50}")) && second.externalRef == nil
                && second.tags == ["behind"])
        #expect(second.priority == (isBusy ? .high : nil))
        #expect(found.first { $0.id == a }?.tags == ["y/z"])
        let log = try there.operations(after: 0)
        #expect(log.count == before.count + (isBusy ? 2 : 1))
        #expect(log.last?.id == "taking" && log.last?.actor == "ada" && log.last?.command == "migrate rollback")
        _ = try RowImages(replaying: log.flatMap(\.changes))
        if !isBusy { #expect(try pair.source.disagreements(there).isEmpty, "the log tells what is there") }
        try there.undo(.operation("taking"), as: pair.source.operation()) { _, _ in }
        #expect(try there.read { try $0.tasks() }.contains { $0.id == c }, "and it can be taken back")
    }

    /// What the log tells differs as well: that is nothing to be taken.
    @Test func anotherLogIsNotTaken() throws {
        let pair = try moved(.sqliteFile, .postgres)
        try pair.here.database.write {
            try $0.executeScript("UPDATE changes SET row_id = row_id || 'x' WHERE position = 1")
        }
        var relocation = pair.relocation("back")
        relocation.takingValues = pair.source.operation()
        #expect(code { _ = try relocation.run { _ in } } == .conflict)
        #expect(try Store(opening: pair.here.database).installed.phase == .active)
    }
}
