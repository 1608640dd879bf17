/// A schema: the migrations that lead to it, and the tables they add up to.
public struct Schema: Sendable {
    public let migrations: [SchemaMigration]
    /// The tables after all migrations, in an order in which references point backwards.
    public let tables: [Table]

    /// The version after the last migration.
    public var version: Int { migrations.last?.version ?? 0 }

    /// Adds up migrations.
    public init(migrations: [SchemaMigration]) {
        self.migrations = migrations
        var tables: [Table] = []
        for step in migrations.flatMap(\.steps) {
            switch step {
            case .createTable(let table): tables.append(table)
            case .addColumn(let column, let name):
                guard let index = tables.firstIndex(where: { $0.name == name }) else { continue }
                tables[index].columns.append(column)
            case .createIndex, .createJSONIndex: break
            }
        }
        self.tables = tables
    }

    /// The description of a table, or nil when there is none of that name.
    public func table(_ name: String) -> Table? {
        tables.first { $0.name == name }
    }

    /// The schema this version of minsky works with.
    public static let current = Schema(migrations: [
        SchemaMigration(
            version: 1, title: "tasks, what hangs on them, actors and model calls",
            steps: [
                .createTable(actors), .createTable(tasks), .createTable(taskDependencies), .createTable(taskTags),
                .createTable(notes), .createTable(embeddings), .createTable(aiCalls),
                .createIndex("tasks_by_parent", table: "tasks", columns: ["parent_id", "rank"]),
                .createIndex(
                    "open_tasks_by_due", table: "tasks", columns: ["due_at"],
                    condition: "deleted_at IS NULL AND status IN ('todo', 'doing')"),
                .createIndex("task_dependencies_by_target", table: "task_dependencies", columns: ["depends_on_id"]),
                .createIndex("task_tags_by_tag", table: "task_tags", columns: ["tag"]),
                .createIndex("notes_by_task", table: "notes", columns: ["task_id"]),
                .createIndex("ai_calls_by_task", table: "ai_calls", columns: ["task_id"]),
                .createJSONIndex("tasks_by_metadata", table: "tasks", column: "metadata"),
            ])
    ])

    // A text in an index has a greatest length: PostgreSQL's take 2,700 bytes, and a character has up to 4.

    private static let actors = Table(
        "actors", key: ["id"], isUndoable: false,
        columns: [
            .required("id", .text, check: "length(id) BETWEEN 1 AND 200"),
            .required("kind", .text, check: "kind IN ('person', 'agent')"),
            .required("created_at", .timestamp),
        ])

    private static let tasks = Table(
        "tasks", key: ["id"],
        columns: [
            .required("id", .text, check: "length(id) = 16"),
            .required("title", .text, check: "length(title) > 0"),
            .optional("description", .text),
            .required(
                "status", .text, default: "'todo'", check: "status IN ('todo', 'doing', 'done', 'dropped')"),
            .optional("priority", .text, check: "priority IN ('low', 'medium', 'high', 'critical')"),
            .optional("parent_id", .text, check: "parent_id <> id", references: "tasks"),
            .required("rank", .text, default: "'i00000'", check: "length(rank) <= 600"),
            .optional("assignee", .text),
            .optional("due_at", .timestamp),
            .optional("wait_until", .timestamp),
            .optional("scheduled_at", .timestamp),
            .optional("estimate_minutes", .integer, check: "estimate_minutes > 0"),
            .optional("complexity", .integer, check: "complexity BETWEEN 1 AND 10"),
            .optional("complexity_reason", .text),
            .optional("recurrence", .text),
            .optional("external_ref", .text, check: "length(external_ref) <= 600", isUnique: true),
            .required("metadata", .json, default: "'{}'"),
            .required("created_at", .timestamp),
            .optional("created_by", .text),
            .required(Column.updatedAt, .timestamp),
            .optional("started_at", .timestamp),
            .optional("completed_at", .timestamp),
            .optional(Column.deletedAt, .timestamp),
        ])

    private static let taskDependencies = Table(
        "task_dependencies", key: ["task_id", "depends_on_id"],
        columns: [
            .required("task_id", .text, check: "task_id <> depends_on_id", references: "tasks"),
            .required("depends_on_id", .text, references: "tasks"),
            .required("created_at", .timestamp),
        ])

    private static let taskTags = Table(
        "task_tags", key: ["task_id", "tag"],
        columns: [
            .required("task_id", .text, references: "tasks"),
            .required("tag", .text, check: "length(tag) BETWEEN 1 AND 200"),
            .required("created_at", .timestamp),
        ])

    private static let notes = Table(
        "notes", key: ["id"],
        columns: [
            .required("id", .text, check: "length(id) = 16"),
            .optional("task_id", .text, references: "tasks"),
            .required("kind", .text, default: "'comment'", check: "kind IN ('comment', 'memory')"),
            .required("body", .text, check: "length(body) > 0"),
            .optional("importance", .integer, check: "importance BETWEEN 1 AND 10"),
            .required("author", .text),
            .required("created_at", .timestamp),
            .required(Column.updatedAt, .timestamp),
            .optional(Column.deletedAt, .timestamp),
        ])

    private static let embeddings = Table(
        "embeddings", key: ["owner_id", "model"],
        columns: [
            .required("owner_id", .text, check: "length(owner_id) = 16"),
            .required("owner_table", .text, check: "owner_table IN ('tasks', 'notes')"),
            .required("model", .text, check: "length(model) <= 200"),
            .required("dims", .integer, check: "dims > 0"),
            .required("content_hash", .text),
            .required("vector", .blob, check: "length(vector) = dims * 4"),
            .required("created_at", .timestamp),
        ])

    private static let aiCalls = Table(
        "ai_calls", key: ["id"], isUndoable: false,
        columns: [
            .required("id", .text, check: "length(id) = 16"),
            .required("actor", .text),
            .required("purpose", .text),
            .optional("task_id", .text),
            .required("provider", .text),
            .required("model", .text),
            .required("started_at", .timestamp),
            .required("milliseconds", .integer, check: "milliseconds >= 0"),
            .optional("input_tokens", .integer),
            .optional("output_tokens", .integer),
            .optional("cost_micros", .integer),
            .required("outcome", .text),
        ])
}
