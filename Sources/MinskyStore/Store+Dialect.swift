import MinskyModel
import MinskySQL

// Where the two databases need different SQL beside definitions: each hook has a name, and all of them are here.

extension Dialect {
    /// What a query that decides a write ends with, so that what it read stays true until the write.
    ///
    /// In SQLite every writer is alone already.
    var rowLock: SQL { self == .postgres ? " FOR NO KEY UPDATE" : "" }

    /// The first name of PostgreSQL's search path, whether or not there is such a schema yet.
    static let firstSchema: SQL =
        #"(parse_ident((regexp_match(current_setting('search_path'), '^("([^"]|"")*"|[^,]*)'))[1]))[1]"#
}

extension Reader {
    /// A query whose rows are some texts, however many: they travel as one value.
    func listed(_ texts: [String]) -> SQL {
        let list = JSON.array(texts.map(JSON.string))
        return dialect == .sqlite
            ? "SELECT value FROM json_each(\(list))" : "SELECT jsonb_array_elements_text(\(list)) COLLATE \"C\""
    }

    /// The same of whole numbers.
    func listed(_ numbers: [Int64]) -> SQL {
        let list = JSON.array(numbers.map(JSON.integer))
        return dialect == .sqlite
            ? "SELECT value FROM json_each(\(list))" : "SELECT jsonb_array_elements_text(\(list))::bigint"
    }
}

extension Writer {
    /// Lets one writer at a time change how tasks hang together, so that two edits, each harmless, cannot close a circle.
    func lockGraph() throws { try lock("minsky.graph") }

    /// Lets one process at a time make or migrate the store, and makes the schema when there is none.
    func lockMigrations() throws {
        guard dialect == .postgres else { return }
        try query("SELECT pg_advisory_xact_lock(hashtext('minsky.migrate'))") { _ in }
        try executeScript(
            """
            DO $$ BEGIN
                IF NOT EXISTS (
                    SELECT FROM pg_namespace WHERE nspname = \(Dialect.firstSchema.text(for: .postgres))
                ) THEN
                    EXECUTE format('CREATE SCHEMA %I', \(Dialect.firstSchema.text(for: .postgres)));
                END IF;
            END $$
            """)
    }

    private func lock(_ name: String) throws {
        guard dialect == .postgres else { return }
        try query("SELECT pg_advisory_xact_lock(hashtext(\(name)), hashtext(current_schema()))") { _ in }
    }

    /// Refuses a database in which somebody else keeps something.
    /// - Throws: `StoreError` with code `.foreign`.
    func requireEmpty() throws {
        let query: SQL =
            switch dialect {
            case .sqlite: "SELECT name FROM sqlite_master ORDER BY name LIMIT 1"
            case .postgres:
                """
                SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                ORDER BY c.relname LIMIT 1
                """
            }
        if let name = try first(query, as: { try $0.text(0) }) {
            throw StoreError(.foreign, "it is not minsky's: it holds '\(name)'")
        }
    }
}

extension Writer {
    /// Holds what tells others that an operation's transaction is still in progress.
    func lockOperation(_ id: String) throws {
        guard dialect == .postgres else { return }
        try query("SELECT pg_advisory_xact_lock(hashtextextended(\(id), 0))") { _ in }
    }
}

extension WriteSession {
    /// Tells the triggers which operation the changes belong to, until the transaction ends.
    /// - Parameter place: What tells a file from its copies; a store that was copied is another replica.
    /// - Returns: The operation's number, where the database does not make its row with the first change.
    func begin(place: String?) throws -> Int64? {
        switch writer.dialect {
        case .sqlite:
            try writer.execute(
                """
                UPDATE store_state SET replica_id = \(unsafeRaw: Capture.sqliteRandomID), place = \(place)
                WHERE place IS NOT \(place) AND \(place) IS NOT NULL
                """)
            let number = try writer.first(
                """
                INSERT INTO operations (id, sequence, replica_id, actor, command, reverts, hlc, base, schema_version,
                    recorded_at)
                SELECT \(operation.id), \(unsafeRaw: Capture.sqliteSequence), replica_id, \(operation.actor),
                    \(operation.command), \(operation.reverts), \(unsafeRaw: Capture.sqliteClock), base,
                    (SELECT max(version) FROM schema_migrations), \(unsafeRaw: Capture.sqliteMoment)
                FROM store_state RETURNING number
                """
            ) { try $0.integer(0) }
            try writer.execute("UPDATE operation_context SET operation = \(number), applying = 0")
            try noteActor("")
            return number
        case .postgres:
            try noteActor(
                """
                WHERE length(concat(
                    pg_advisory_xact_lock(hashtextextended(\(operation.id), 0)),
                    set_config('minsky.applying', 'off', true),
                    set_config('minsky.operation', \(operation.id), true),
                    set_config('minsky.actor', \(operation.actor), true),
                    set_config('minsky.command', \(operation.command), true),
                    set_config('minsky.reverts', \(operation.reverts ?? ""), true))) > 0
                """)
            return nil
        }
    }

    /// Notes who acts, under a condition that may do something first.
    private func noteActor(_ condition: SQL) throws {
        let condition: SQL = writer.dialect == .sqlite ? "WHERE 1 = 1" : condition
        try writer.execute(
            """
            INSERT INTO actors (id, kind, created_at)
            SELECT \(operation.actor), \(operation.isAgent ? "agent" : "person"), \(operation.now) \(condition)
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// In SQLite the context is a row, so it is cleared in the same transaction and no other edit can inherit it. An
    /// operation that changed nothing has not been one.
    func end(_ number: Int64?) throws {
        guard let number else { return }
        try writer.execute(
            """
            DELETE FROM operations WHERE number = \(number)
                AND NOT EXISTS (SELECT 1 FROM changes WHERE operation = \(number))
            """)
        try writer.execute("UPDATE operation_context SET operation = 0")
    }
}
