import MinskyModel
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@testable import MinskyApp

/// What a command asks of one task takes as long in a store of many as in a store of few.
@Suite("Indexes are used")
final class IndexUseTests {
    private let scratch: ScratchFolder
    private let workspace: OpenWorkspace
    private let recorder: RecordingDatabase
    private let caller = Caller("ada")

    init() throws {
        scratch = try ScratchFolder()
        let environment = TestEnvironment.make(folder: scratch.path, home: scratch.path)
        _ = try InitializeWorkspace().run(in: environment)
        let found = try OpenWorkspace(nil, in: environment)
        recorder = RecordingDatabase(found.store.database)
        workspace = OpenWorkspace(found.workspace, found.configuration, try Store(opening: recorder))
    }

    deinit { scratch.remove() }

    /// A task with a parent, a subtask, a tag, a note and one that it waits for.
    private func makeTask() throws -> String {
        func add(_ title: String, under parent: String? = nil) throws -> String {
            try AddTask(title: title, parent: parent).run(in: workspace, as: caller).task.id
        }
        let parent = try add("Parent")
        let task = try add("Task", under: parent)
        _ = try add("Part", under: task)
        var edit = TaskEdit()
        edit.addedTags = ["tag"]
        edit.addedDependencies = [try add("Other")]
        _ = try EditTask(ids: [task], fields: edit).run(in: workspace, as: caller)
        _ = try AddNote(id: task, body: "A note").run(in: workspace, as: caller)
        return task
    }

    /// The steps of SQLite's plans, of which those that begin with `SCAN` go through a whole table.
    private func plans(_ body: () throws -> Void) throws -> [String] {
        let before = recorder.statements.value.count
        try body()
        return try workspace.store.database.read { reader in
            try recorder.statements.value.dropFirst(before).flatMap { statement -> [String] in
                if statement.text(for: .sqlite).hasPrefix("COPY") { return [] }
                return try reader.rows("EXPLAIN QUERY PLAN " + statement) { try $0.text(3) }
            }
        }
    }

    /// What is gone through in whole, but for tables that stay small however many tasks there are.
    private func scans(_ body: () throws -> Void) throws -> [String] {
        let small = [
            "sqlite_master", "m", "schema_migrations", "s", "subtree", "reachable", "json_each", "CONSTANT",
            "conflicts",
            "store_state", "context", "place", "open", "sync_policies", "sync_state",
        ]
        return try plans(body).filter { step in
            let words = step.split(separator: " ")
            // An index of what is still to be pushed holds nothing else.
            return words.count > 1 && words[0] == "SCAN" && !small.contains(String(words[1]))
                && words.last != "operations_to_push"
        }
    }

    @Test func whatIsDoneWithOneTask() throws {
        let task = try makeTask()
        let parent = try workspace.store.read { try $0.task(task).parentID }
        for (name, body) in [
            ("add", { _ = try AddTask(title: "More").run(in: self.workspace, as: self.caller) }),
            ("add", { _ = try AddTask(title: "Part", parent: parent).run(in: self.workspace, as: self.caller) }),
            ("show", { _ = try ShowTask(id: task).run(in: self.workspace) }),
            ("start", { _ = try ChangeStatus(ids: [task], status: .doing).run(in: self.workspace, as: self.caller) }),
            ("done", { _ = try ChangeStatus(ids: [task], status: .done).run(in: self.workspace, as: self.caller) }),
        ] as [(String, () throws -> Void)] {
            let found = try scans(body)
            #expect(found.isEmpty, "\(name): \(found)")
        }
    }

    /// The latest are found from the end of the log.
    @Test func history() throws {
        _ = try makeTask()
        let steps = try plans { _ = try ReadHistory(limit: 3).run(in: workspace) }
        #expect(steps.first == "SCAN operations", "in the order of its key, up to the third")
        #expect(steps.contains { $0.contains("changes_by_operation (operation=?)") })
        #expect(!steps.contains { $0.hasPrefix("SCAN changes") || $0.hasPrefix("SCAN c ") }, "\(steps)")
    }

    /// Lists go through the tasks once, and find by indexes what hangs on those that are few.
    @Test func lists() throws {
        _ = try makeTask()
        for (name, body) in [
            ("list", { _ = try ListTasks().run(in: self.workspace, as: self.caller) }),
            ("next", { _ = try RankTasks().run(in: self.workspace, as: self.caller) }),
            ("search", { _ = try SearchTasks(TaskRequest(["task"])).run(in: self.workspace, as: self.caller) }),
        ] as [(String, () throws -> Void)] {
            let steps = try plans(body)
            #expect(steps.contains { $0.contains("sqlite_autoindex_task_tags_1 (task_id=?)") }, "\(name): \(steps)")
            #expect(
                steps.contains { $0.contains("sqlite_autoindex_task_dependencies_1 (task_id=?)") }, "\(name): \(steps)")
            #expect(!steps.contains { $0.hasPrefix("SCAN p") || $0.hasPrefix("SCAN d") }, "\(name): \(steps)")
        }
    }
}
