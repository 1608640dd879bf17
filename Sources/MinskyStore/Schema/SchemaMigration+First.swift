extension SchemaMigration {
    /// The first version: the change log, tasks and what hangs on them, actors and model calls.
    static let first = SchemaMigration(
        version: 1, title: "the change log, tasks, what hangs on them, actors and model calls",
        steps: log + tables + indexes)

    private static let log: [SchemaStep] = [
        .createTable(storeState), .createTable(operationContext), .createTable(operations), .createTable(changes),
        .statement(
            sqlite: "INSERT INTO context (id, operation, applying) VALUES (1, 0, 0)", postgres: nil),
        .createIndex(
            "operations_by_sequence", table: "operations", columns: ["sequence"], isUnique: true,
            condition: "sequence IS NOT NULL"),
        .createIndex("operations_by_actor", table: "operations", columns: ["actor", "number"]),
        .createIndex(
            "operations_by_reverted", table: "operations", columns: ["reverts"], condition: "reverts IS NOT NULL"),
        .createIndex("operations_by_clock", table: "operations", columns: ["hlc"]),
        .createIndex(
            "pending_operations", table: "operations", columns: ["transaction_id"], condition: "sequence IS NULL",
            only: .postgres),
        .createIndex("changes_by_operation", table: "changes", columns: ["operation"]),
        .createIndex("changes_by_row", table: "changes", columns: ["row_id"]),
    ]

    private static let tables: [SchemaStep] = [
        .createTable(actors), .createTable(tasks), .createTable(taskDependencies), .createTable(taskTags),
        .createTable(notes), .createTable(embeddings), .createTable(aiCalls),
    ]

    private static let indexes: [SchemaStep] = [
        .createIndex("tasks_by_parent", table: "tasks", columns: ["parent_id", "rank"]),
        .createIndex(
            "open_tasks_by_due", table: "tasks", columns: ["due_at"],
            condition: "deleted_at IS NULL AND status IN ('todo', 'doing')"),
        .createIndex("task_dependencies_by_target", table: "task_dependencies", columns: ["depends_on_id"]),
        .createIndex("task_tags_by_tag", table: "task_tags", columns: ["tag"]),
        .createIndex("notes_by_task", table: "notes", columns: ["task_id"]),
        .createIndex("ai_calls_by_task", table: "ai_calls", columns: ["task_id"]),
        .createJSONIndex("tasks_by_metadata", table: "tasks", column: "metadata"),
    ]

    // MARK: The store and its log

    private static let storeState = Table(
        "store_state", .local, key: ["id"], comment: "What this one store knows of itself; one row.",
        columns: [
            .required("id", .integer, check: "id = 1"),
            .required("workspace_id", .text).trusted,
            .required("replica_id", .text).trusted,
            .optional("place", .text).trusted,
            .required("created_at", .timestamp).trusted,
            .optional("base", .integer),
            .required("capture_revision", .integer, default: "0"),
            // Where the workspace is going, or has gone, or comes from.
            .required("phase", .text, default: "'active'", check: "phase IN (\(StorePhase.list))"),
            .optional("relocation", .text).trusted,
            .optional("peer", .text).trusted,
            .optional("peer_schema", .text).trusted,
            .optional("backup", .text).trusted,
            .optional("relocated_at", .timestamp).trusted,
        ])

    private static let operationContext = Table(
        "context", .local, key: ["id"], only: .sqlite,
        comment: "The operation in progress, cleared before each commit; one row.",
        columns: [
            .required("id", .integer, check: "id = 1"),
            .required("operation", .integer, default: "0"),
            .required("applying", .integer, default: "0", check: "applying IN (0, 1)"),
        ])

    private static let operations = Table(
        "operations", .log, key: ["number"],
        comment: "One row is one action of a person or an agent, the unit of undo.",
        columns: [
            .required("number", .integer).numbered,
            .required("id", .text, isUnique: true).trusted,
            .optional("sequence", .integer),
            .required("replica_id", .text).trusted,
            .required("actor", .text, check: "length(actor) BETWEEN 1 AND 200"),
            .optional("role", .text).trusted,
            .optional("command", .text).trusted,
            .optional("reverts", .text).trusted,
            .required("hlc", .integer),
            .optional("base", .integer),
            .required("schema_version", .integer),
            .required("recorded_at", .timestamp).trusted,
            .optional("transaction_id", .integer).only(.postgres),
        ])

    private static let changes = Table(
        "changes", .log, key: ["position"], comment: "One row is what one operation did to one row of one table.",
        columns: [
            .required("position", .integer).numbered,
            .required("operation", .integer),
            .required("table_name", .text).trusted,
            .required("row_id", .text).trusted,
            .required("kind", .text).trusted,
            // After an insert the fields that are not null, for a delete those the row had, for an update each field that
            // differs with its value before and after, as a pair.
            .required("fields", .json).trusted,
            .optional("lost", .json).trusted,
        ])

    // MARK: What people and agents work with

    // A text in an index has a greatest length: PostgreSQL's take 2,700 bytes, and a character has up to 4.

    private static let actors = Table(
        "actors", .domain(isUndoable: false), key: ["id"], comment: "People and agents who have written something.",
        columns: [
            .required("id", .text, check: "length(id) BETWEEN 1 AND 200"),
            .required("kind", .text, check: "kind IN ('person', 'agent')"),
            .required("created_at", .timestamp),
        ])

    private static let tasks = Table(
        "tasks", .domain(isUndoable: true), key: ["id"], comment: "Tasks; a deleted one has deleted_at.",
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
        ],
        checks: [
            ("completed_at_exactly_when_finished", "(completed_at IS NOT NULL) = (status IN ('done', 'dropped'))"),
            (
                "started_at_when_doing_and_not_when_todo",
                "status NOT IN ('todo', 'doing') OR (started_at IS NOT NULL) = (status = 'doing')"
            ),
        ])

    private static let taskDependencies = Table(
        "task_dependencies", .domain(isUndoable: true), key: ["task_id", "depends_on_id"],
        comment: "A task that waits for another one.",
        columns: [
            .required("task_id", .text, check: "task_id <> depends_on_id", references: "tasks"),
            .required("depends_on_id", .text, references: "tasks"),
            .required("created_at", .timestamp),
        ]
    ).renamable

    private static let taskTags = Table(
        "task_tags", .domain(isUndoable: true), key: ["task_id", "tag"], comment: "A tag of a task.",
        columns: [
            .required("task_id", .text, references: "tasks"),
            .required("tag", .text, check: "length(tag) BETWEEN 1 AND 200"),
            .required("created_at", .timestamp),
        ]
    ).renamable

    private static let notes = Table(
        "notes", .domain(isUndoable: true), key: ["id"], comment: "Comments and memories, of a task or of none.",
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
        "embeddings", .domain(isUndoable: true), key: ["owner_id", "model"],
        comment: "The vector of a task or a note by one model; without one, it is still to be computed.",
        columns: [
            .required("owner_id", .text, check: "length(owner_id) = 16"),
            .required("owner_table", .text, check: "owner_table IN ('tasks', 'notes')"),
            .required("model", .text, check: "length(model) <= 200"),
            .required("dims", .integer, check: "dims > 0"),
            .required("content_hash", .text),
            // Derived from the text: it is not logged, and may have to be computed again.
            .optional("vector", .blob, check: "length(vector) = dims * 4").unlogged,
            .required("created_at", .timestamp),
        ])

    private static let aiCalls = Table(
        "ai_calls", .domain(isUndoable: false), key: ["id"],
        comment: "Calls of a model over the network; never a key or a text.",
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
        ]
    ).appendOnly
}
