extension SchemaMigration {
    /// The first version: the change log, tasks and what hangs on them, actors and model calls.
    static let first = SchemaMigration(
        version: 1, title: "the change log, tasks, what hangs on them, actors and model calls",
        steps: log + tables + indexes + sync)

    private static let log: [SchemaStep] = [
        .createTable(storeState), .createTable(operationContext), .createTable(operations), .createTable(changes),
        .statement(
            sqlite: "INSERT INTO context (id, operation, applying) VALUES (1, 0, 0)", postgres: nil),
        .createIndex(
            "operations_by_sequence", table: "operations", columns: ["sequence"], isUnique: true,
            condition: "sequence IS NOT NULL"),
        .createIndex("operations_by_actor", table: "operations", columns: ["actor", "sequence"]),
        .createIndex(
            "operations_by_reverted", table: "operations", columns: ["reverts"], condition: "reverts IS NOT NULL"),
        .createIndex("operations_by_clock", table: "operations", columns: ["hlc"]),
        .createIndex(
            "pending_operations", table: "operations", columns: ["transaction_id"], condition: "sequence IS NULL",
            only: .postgres),
        .createIndex("changes_by_operation", table: "changes", columns: ["operation"]),
        .createIndex("changes_by_row", table: "changes", columns: ["row_id"]),
        // What hung on a task and is gone is found by the task it names.
        .createIndex(
            "changes_by_task", table: "changes", columns: [LoggedTask.sql(.sqlite)], condition: LoggedTask.condition,
            only: .sqlite),
        .createIndex(
            "changes_by_task", table: "changes", columns: [LoggedTask.sql(.postgres)], condition: LoggedTask.condition,
            only: .postgres),
    ]

    private static let tables: [SchemaStep] = [
        .createTable(actors), .createTable(tasks), .createTable(taskDependencies), .createTable(taskTags),
        .createTable(notes), .createTable(links), .createTable(timeEntries), .createTable(embeddings),
        .createTable(aiCalls), searchColumn,
    ]

    private static let sync: [SchemaStep] = [
        .createTable(conflicts), .createTable(syncStrategies), .createTable(syncPolicies), .createTable(syncState),
        .createTable(syncPeers),
        .createIndex(
            "open_conflicts", table: "conflicts", columns: ["row_id"], condition: "state = 'open'"),
        .createIndex(
            "operations_to_push", table: "operations", columns: ["number"], condition: "sequence IS NULL", only: .sqlite
        ),
    ]

    /// The words of a task, which PostgreSQL computes from its texts: it is neither logged nor copied, and no description of
    /// the table has it. The length keeps it within the megabyte that a tsvector holds (PostgreSQL's manual, 12.11).
    private static let searchColumn = SchemaStep.statement(
        sqlite: nil,
        postgres: """
            ALTER TABLE tasks ADD COLUMN search tsvector GENERATED ALWAYS AS (
                to_tsvector('simple', left(title || ' ' || coalesce(description, ''), 100000))) STORED;
            COMMENT ON COLUMN tasks.search IS 'The words of title and description, for search @@ to_tsquery(''simple'', …).'
            """)

    private static let indexes: [SchemaStep] = [
        .createIndex("tasks_by_parent", table: "tasks", columns: ["parent_id", "rank"]),
        .createIndex(
            "open_tasks_by_due", table: "tasks", columns: ["due_at"],
            condition: "deleted_at IS NULL AND status IN ('todo', 'doing')"),
        .createIndex(
            "open_tasks_by_assignee", table: "tasks", columns: ["assignee"],
            condition: "deleted_at IS NULL AND status IN ('todo', 'doing')", only: .postgres),
        .createIndex("task_dependencies_by_target", table: "task_dependencies", columns: ["depends_on_id"]),
        .createIndex("task_tags_by_tag", table: "task_tags", columns: ["tag"]),
        .createIndex("notes_by_task", table: "notes", columns: ["task_id"]),
        .createIndex("links_by_task", table: "links", columns: ["task_id"]),
        .createIndex("time_entries_by_task", table: "time_entries", columns: ["task_id"]),
        .createIndex("time_entries_by_start", table: "time_entries", columns: ["started_at"]),
        .createIndex("ai_calls_by_task", table: "ai_calls", columns: ["task_id"]),
        .createGINIndex("tasks_by_metadata", table: "tasks", column: "metadata jsonb_path_ops"),
        .createGINIndex("tasks_by_search", table: "tasks", column: "search"),
    ]

    // MARK: The store and its log

    private static let storeState = Table(
        "store_state", .local, key: ["id"], comment: "What this one store knows of itself; one row.",
        columns: [
            .required("id", .integer, "Always 1.", check: "id = 1"),
            .required("workspace_id", .text, "The id of the workspace, shared by all its replicas.").trusted,
            .required("replica_id", .text, "The id of this one store.").trusted,
            .optional("place", .text, "What tells this place from others that a copy may be brought to.").trusted,
            .required("created_at", .timestamp, "When the store was made.").trusted,
            .optional(
                "base", .integer,
                "The last sequence that was pulled from the upstream; empty in a store without one, which gives out sequences itself."
            ),
            .required(
                "floor", .integer, "Up to this sequence the log has operations, but no changes any more.", default: "0"),
            .required("capture_revision", .integer, "Which triggers write the change log.", default: "0"),
            // Where the workspace is going, or has gone, or comes from.
            .required(
                "phase", .text, "Whether the workspace is here, comes here or has gone.", default: "'active'",
                check: "phase IN (\(StorePhase.list))"),
            .optional("relocation", .text, "The id of the relocation it takes part in, or took part in last.").trusted,
            .optional("peer", .text, "The other place of that relocation, without a password.").trusted,
            .optional("peer_schema", .text, "The schema there, when it is one of PostgreSQL.").trusted,
            .optional("backup", .text, "The file that was saved before that relocation.").trusted,
            .optional("relocated_at", .timestamp, "When that relocation began.").trusted,
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
            .required("number", .integer, "The order in which this store came to know of operations.").numbered,
            .required("id", .text, "80 random bits, the one name of the operation everywhere.", isUnique: true).trusted,
            .optional(
                "sequence", .integer,
                "The place in the order of commits, from 1 without gaps; empty until the log is read."),
            .required("replica_id", .text, "The store the operation was made in.").trusted,
            .required("actor", .text, "Who acted, by their own word.", check: "length(actor) BETWEEN 1 AND 200"),
            .optional("role", .text, "The role that was logged in.").trusted,
            .optional("command", .text, "What was typed, in a word or two; sql for an edit by hand.").trusted,
            .optional("reverts", .text, "The id of the operation that this one takes back.").trusted,
            .required(
                "hlc", .integer,
                "Milliseconds since 1970 in the upper 48 bits, a counter in the lower 16; never goes back."),
            .optional("base", .integer, "The upstream sequence the edit had seen."),
            .required("schema_version", .integer, "The version of the schema that wrote it."),
            .required("recorded_at", .timestamp, "When this store came to know of it.").trusted,
            .required(
                "altered", .integer, "1 when what took effect at the upstream is not what was pushed.", default: "0"
            ).trusted,
            .optional("transaction_id", .integer, "The transaction, by which its changes find it.").only(.postgres),
        ])

    private static let changes = Table(
        "changes", .log, key: ["position"], comment: "One row is what one operation did to one row of one table.",
        columns: [
            .required("position", .integer, "The order in which rows were appended.").numbered,
            .required("operation", .integer, "The number of the operation."),
            .required("table_name", .text, "The table of the row.").trusted,
            .required("row_id", .text, "The key of the row; the parts of a compound key are joined by /.").trusted,
            .required("kind", .text, "insert, update or delete.").trusted,
            .required(
                "fields", .json,
                "The fields of the row that are not null; of an update those that differ, each as [before, after]."
            ).trusted,
            .optional("lost", .json, "Fields that did not take effect, with their values.").trusted,
            .optional(
                "original", .json,
                "The kind and the fields of an edit that waits to be pushed, when it was laid over what others did."
            ).trusted,
        ])

    // MARK: What people and agents work with

    // A text in an index has a greatest length: PostgreSQL's take 2,700 bytes, and a character has up to 4.

    private static let actors = Table(
        "actors", .domain(isUndoable: false), key: ["id"], comment: "People and agents who have written something.",
        columns: [
            .required("id", .text, "The name.", check: "length(id) BETWEEN 1 AND 200"),
            .required("kind", .text, "person or agent.", check: "kind IN ('person', 'agent')"),
            .required("created_at", .timestamp, "When they first wrote something."),
        ])

    private static let tasks = Table(
        "tasks", .domain(isUndoable: true), key: ["id"], comment: "Tasks; a deleted one has deleted_at.",
        columns: [
            .required(
                "id", .text, "16 characters of lower-case Crockford base32; never changes.", check: "length(id) = 16"),
            .required("title", .text, "One line that says what is to be done.", check: "length(title) > 0"),
            .optional("description", .text, "More about it."),
            .required(
                "status", .text, "todo, doing, done or dropped; whether a task waits follows from task_dependencies.",
                default: "'todo'", check: "status IN ('todo', 'doing', 'done', 'dropped')"),
            .optional(
                "priority", .text, "low, medium, high or critical.",
                check: "priority IN ('low', 'medium', 'high', 'critical')"),
            .optional("parent_id", .text, "The task it is a part of.", check: "parent_id <> id", references: "tasks"),
            .required(
                "rank", .text, "Orders siblings, by its bytes; then the id does.", default: "'i00000'",
                check: "length(rank) <= 600"),
            .optional("assignee", .text, "Who is to do it.", check: "length(assignee) BETWEEN 1 AND 200"),
            .optional(
                "project", .text, "What it belongs to; a project within another one follows it after a dot.",
                check: "length(project) BETWEEN 1 AND 200"),
            .optional("due_at", .timestamp, "When it has to be done."),
            .optional("wait_until", .timestamp, "It is of no interest before."),
            .optional("scheduled_at", .timestamp, "When work on it is planned to begin."),
            .optional("until_at", .timestamp, "It has no point any more after that."),
            .optional("estimate_minutes", .integer, "The work it takes, in minutes.", check: "estimate_minutes > 0"),
            .optional("complexity", .integer, "From 1, plain, to 10.", check: "complexity BETWEEN 1 AND 10"),
            .optional("complexity_reason", .text, "Why that complexity."),
            .optional("recurrence", .text, "How it comes back, from which day on, at what time of which zone."),
            .optional("series_id", .text, "The first of the tasks that came back as this one."),
            .optional("series_day", .text, "The day of that series that it stands for."),
            .optional(
                "external_ref", .text, "Its id in the system it was imported from.",
                check: "length(external_ref) <= 600", isUnique: true),
            .required("metadata", .json, "A JSON object of fields of one's own.", default: "'{}'"),
            .required("created_at", .timestamp, "When it was made."),
            .optional("created_by", .text, "The actor who made it."),
            .required(Column.updatedAt, .timestamp, "When it was last changed."),
            .optional("started_at", .timestamp, "When work began; set when doing, empty when todo."),
            .optional("completed_at", .timestamp, "When it was finished; set exactly when done or dropped."),
            .optional(Column.deletedAt, .timestamp, "When it was deleted; the row stays."),
        ],
        checks: [
            ("completed_at_exactly_when_finished", "(completed_at IS NOT NULL) = (status IN ('done', 'dropped'))"),
            (
                "started_at_when_doing_and_not_when_todo",
                "status NOT IN ('todo', 'doing') OR (started_at IS NOT NULL) = (status = 'doing')"
            ),
        ]
    ).merging(
        ["status", "started_at", "completed_at"], ["parent_id", "rank"], ["complexity", "complexity_reason"],
        ["recurrence", "series_id", "series_day"])

    private static let taskDependencies = Table(
        "task_dependencies", .domain(isUndoable: true), key: ["task_id", "depends_on_id"],
        comment: "A task that waits for another one.",
        columns: [
            .required("task_id", .text, "The task that waits.", check: "task_id <> depends_on_id", references: "tasks"),
            .required("depends_on_id", .text, "The task it waits for.", references: "tasks"),
            .required("created_at", .timestamp, "When it was noted."),
        ]
    ).renamable

    private static let taskTags = Table(
        "task_tags", .domain(isUndoable: true), key: ["task_id", "tag"], comment: "A tag of a task.",
        columns: [
            .required("task_id", .text, "The task.", references: "tasks"),
            .required("tag", .text, "The tag, without a sign before it.", check: "length(tag) BETWEEN 1 AND 200"),
            .required("created_at", .timestamp, "When it was put on."),
        ]
    ).renamable

    private static let notes = Table(
        "notes", .domain(isUndoable: true), key: ["id"], comment: "Comments and memories, of a task or of none.",
        columns: [
            .required("id", .text, "16 characters, as of a task.", check: "length(id) = 16"),
            .optional("task_id", .text, "The task it is about.", references: "tasks"),
            .required(
                "kind", .text, "comment or memory.", default: "'comment'", check: "kind IN ('comment', 'memory')"),
            .required("body", .text, "The text.", check: "length(body) > 0"),
            .optional("importance", .integer, "From 1 to 10.", check: "importance BETWEEN 1 AND 10"),
            .required("author", .text, "The actor who wrote it."),
            .required("created_at", .timestamp, "When it was written."),
            .required(Column.updatedAt, .timestamp, "When it was last changed."),
            .optional(Column.deletedAt, .timestamp, "When it was deleted; the row stays."),
        ])

    private static let links = Table(
        "links", .domain(isUndoable: true), key: ["id"], comment: "What belongs to a task and is kept elsewhere.",
        columns: [
            .required("id", .text, "16 characters, as of a task.", check: "length(id) = 16"),
            .required("task_id", .text, "The task.", references: "tasks"),
            .required("target", .text, "A URL, or the path of a file.", check: "length(target) BETWEEN 1 AND 4000"),
            .optional("title", .text, "What it is called."),
            .required("created_at", .timestamp, "When it was put there."),
            .optional("created_by", .text, "The actor who put it there."),
        ])

    private static let timeEntries = Table(
        "time_entries", .domain(isUndoable: true), key: ["id"], comment: "When somebody worked on a task.",
        columns: [
            .required("id", .text, "16 characters, as of a task.", check: "length(id) = 16"),
            .required("task_id", .text, "The task.", references: "tasks"),
            .required("actor", .text, "Who worked."),
            .required("started_at", .timestamp, "From when on."),
            .optional(
                "ended_at", .timestamp, "Until when; empty while the work goes on.", check: "ended_at >= started_at"),
        ])

    private static let embeddings = Table(
        "embeddings", .domain(isUndoable: true), key: ["owner_id", "model"],
        comment: "The vector of a task or a note by one model; without one, it is still to be computed.",
        columns: [
            .required("owner_id", .text, "The id of the task or the note.", check: "length(owner_id) = 16"),
            .required("owner_table", .text, "tasks or notes.", check: "owner_table IN ('tasks', 'notes')"),
            .required("model", .text, "The model that computed it.", check: "length(model) <= 200"),
            .required("dims", .integer, "How many numbers it has.", check: "dims > 0"),
            .required("content_hash", .text, "The hash of the text it was computed from."),
            // Derived from the text: it is not logged, and may have to be computed again.
            .optional(
                "vector", .blob, "Little-endian 32-bit floats; empty while it is still to be computed.",
                check: "length(vector) = dims * 4"
            ).unlogged,
            .required("created_at", .timestamp, "When it was asked for."),
        ]
    ).merging(["owner_table", "dims", "content_hash", "created_at"])

    private static let aiCalls = Table(
        "ai_calls", .domain(isUndoable: false), key: ["id"],
        comment: "Calls of a model over the network; never a key or a text.",
        columns: [
            .required("id", .text, "16 characters, as of a task.", check: "length(id) = 16"),
            .required("actor", .text, "Who asked."),
            .required("purpose", .text, "What for."),
            .optional("task_id", .text, "The task it was about."),
            .required("provider", .text, "The provider, as in the settings."),
            .required("model", .text, "The model, as the server names it."),
            .required("started_at", .timestamp, "When the call began."),
            .required("milliseconds", .integer, "How long it took.", check: "milliseconds >= 0"),
            .optional("input_tokens", .integer, "Tokens that were sent."),
            .optional("output_tokens", .integer, "Tokens that were received."),
            .optional("cost_micros", .integer, "What it cost, in millionths."),
            .required("outcome", .text, "ok, or what went wrong in a word."),
        ]
    ).appendOnly

    // MARK: Sync

    private static let conflicts = Table(
        "conflicts", .domain(isUndoable: false), key: ["id"],
        comment: "Values that met one of somebody else who had not seen them, with which of the two was kept.",
        columns: [
            .required("id", .text, "16 characters, as of a task.", check: "length(id) = 16"),
            .required("table_name", .text, "The table of the row."),
            .required("row_id", .text, "The key of the row; the parts of a compound key are joined by /."),
            .optional("field", .text, "The column, or a key of one as metadata.key; empty for the whole row."),
            .required("kept", .json, "What the row has since then: value, actor, at."),
            .required("lost", .json, "What it does not have: value, actor, at, and the fields that go with it."),
            .required(
                "state", .text, "open until somebody decides, else resolved.", check: "state IN ('open', 'resolved')"),
            .required("created_at", .timestamp, "When the two met."),
        ])

    private static let syncStrategies = Table(
        "sync_strategies", .domain(isUndoable: true), key: ["table_name"],
        comment:
            "Who wins where two have changed one field without having seen each other; * stands for all other tables.",
        columns: [
            .required("table_name", .text, "A table, or *.", check: "length(table_name) BETWEEN 1 AND 200"),
            .required(
                "strategy", .text, "merge_fields, last_write_wins, local_wins, remote_wins or manual.",
                check: "strategy IN (\(SyncStrategy.list))"),
        ])

    private static let syncPolicies = Table(
        "sync_policies", .local, key: ["table_name"],
        comment: "Which tables of this replica go to the upstream, and come from there.",
        columns: [
            .required("table_name", .text, "A table."),
            .required(
                "policy", .text, "both, push, pull, shared or isolated.", check: "policy IN (\(SyncPolicy.list))"),
        ])

    private static let syncState = Table(
        "sync_state", .local, key: ["id"], comment: "The upstream of this store; no row when it has none.",
        columns: [
            .required("id", .integer, "Always 1.", check: "id = 1"),
            .required("upstream", .text, "Its URL or path, without a password."),
            .optional("upstream_schema", .text, "The schema there, when it is one of PostgreSQL."),
            .required("enabled_at", .timestamp, "Since when."),
            .optional("synced_at", .timestamp, "When the two last met."),
            .optional("head", .integer, "The last sequence of the upstream then."),
            .optional("error", .text, "Why the last attempt failed; empty when it did not."),
            .required(
                "needs_snapshot", .integer, "1 when rows of the upstream are missing here that no operation brings.",
                default: "0"),
            .required(
                "passed", .integer, "Up to this number no operation that waits has anything to push.", default: "0"),
            .required("failures", .integer, "How many attempts have failed in a row.", default: "0"),
            .optional("retry_at", .timestamp, "Before then nothing is tried in the background."),
        ])

    private static let syncPeers = Table(
        "sync_peers", .local, key: ["replica_id"], comment: "The replicas that have this store as their upstream.",
        columns: [
            .required("replica_id", .text, "The id of the replica."),
            .required("name", .text, "Who synced there last."),
            .optional("host", .text, "The machine it was done on."),
            .optional("place", .text, "What tells one folder of that machine from others."),
            .required("sequence", .integer, "The last sequence that it has."),
            .required("seen_at", .timestamp, "When it synced last."),
        ])
}
