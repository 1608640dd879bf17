import MinskyModel
import MinskySQL
import TestSupport

@testable import MinskyStore

extension Schedule.Edit {
    /// Whether it changes how tasks hang together.
    var isStructural: Bool { [.add, .move, .root, .delete, .restore, .depend].contains(self) }

    /// Does it to tasks that are there, in the order of their ids.
    /// - Parameter count: What tells its values from those of others.
    func perform(_ task: Int, _ other: Int, _ count: Int, _ session: WriteSession) throws {
        let writer = session.writer
        let ids = try writer.rows("SELECT id FROM tasks WHERE deleted_at IS NULL ORDER BY id") { try $0.text(0) }
        let gone = try writer.rows("SELECT id FROM tasks WHERE deleted_at IS NOT NULL ORDER BY id") { try $0.text(0) }
        let (now, actor) = (session.operation.now, session.operation.actor)
        var random = SeededGenerator(seed: UInt64(count) + 1_000_000)
        let new = Identifier.random(using: &random)
        if self == .unfit {
            guard writer.dialect == .sqlite, try writer.base() != nil else { return }
            try writer.executeScript("PRAGMA ignore_check_constraints = ON")
            try writer.execute(
                """
                INSERT INTO tasks (id, title, complexity, created_at, updated_at)
                VALUES (\(new), \("unfit \(count)"), 99, \(now), \(now))
                """)
            return try writer.executeScript("PRAGMA ignore_check_constraints = OFF")
        }
        if self == .add || ids.isEmpty {
            var item = TaskItem(
                id: new, title: "task \(count)", rank: Rank.between(nil, nil), createdAt: now, createdBy: actor)
            if other % 2 == 1, !ids.isEmpty { item.parentID = ids[task % ids.count] }
            return try session.insert(item)
        }
        let (id, second) = (ids[task % ids.count], ids[other % ids.count])
        func set(_ assignments: SQL) throws {
            try writer.execute("UPDATE tasks SET \(assignments), updated_at = \(now) WHERE id = \(id)")
        }
        switch self {
        case .add, .undo, .unfit: break
        case .title: try set("title = \("title \(count)")")
        case .description: try set("description = \("description \(count)")")
        case .titleAndDescription:
            try set("title = \("title \(count)"), description = \("description \(count)")")
        case .status:
            switch other % 3 {
            case 0: try set("status = 'todo', started_at = NULL, completed_at = NULL")
            case 1: try set("status = 'dropped', completed_at = \(now)")
            default: try set("status = 'done', completed_at = \(now)")
            }
        case .start: try set("status = 'doing', started_at = \(now), completed_at = NULL, assignee = \(actor)")
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
        case .delete: _ = try session.delete(id)
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
            try writer.execute(
                """
                INSERT INTO notes (id, task_id, body, author, created_at, updated_at)
                VALUES (\(new), \(id), \("note \(count)"), 'ada', \(now), \(now))
                """)
        case .rank: try set("rank = \("i\(count)r")")
        }
    }
}
