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

extension Dialect {
    /// A query whose rows are some texts, however many: they travel as one value.
    func listed(_ texts: [String]) -> SQL {
        self == .sqlite
            ? "SELECT value FROM json_each(\(SQLValue.texts(texts)))"
            : "SELECT unnest(\(SQLValue.texts(texts))) COLLATE \"C\""
    }
}

extension Reader {
    /// A query whose rows are some texts, however many.
    func listed(_ texts: [String]) -> SQL { dialect.listed(texts) }

    /// The same of whole numbers.
    func listed(_ numbers: [Int64]) -> SQL {
        let texts = SQLValue.texts(numbers.map { String($0) })
        return dialect == .sqlite
            ? "SELECT CAST(value AS INTEGER) FROM json_each(\(texts))" : "SELECT unnest(\(texts))::bigint"
    }
}

extension Reader {
    /// The elements of a JSON array as a table whose one column of interest is `value`.
    func elements(of list: JSON) -> SQL {
        dialect == .sqlite ? "json_each(\(list))" : "jsonb_array_elements(\(list))"
    }
}

extension Reader {
    /// Lets the transaction take as long as it needs, where the database would end a long one.
    func takeTime() throws {
        guard dialect == .postgres else { return }
        try query(
            """
            SELECT set_config('statement_timeout', '0', true),
                set_config('idle_in_transaction_session_timeout', '0', true)
            """
        ) { _ in }
    }

    /// The role that owns the store, when the one that is logged in may not act as it. The schema may be somebody else's:
    /// `public` belongs to whoever owns the database.
    func ownerElsewhere() throws -> String? {
        guard dialect == .postgres else { return nil }
        return try first(
            """
            SELECT relowner::regrole::text FROM pg_class
            WHERE relname = 'operations' AND relnamespace = quote_ident(current_schema())::regnamespace
                AND NOT pg_has_role(session_user, relowner, 'USAGE')
            """
        ) { try $0.text(0) }
    }
}

extension Writer {
    /// Lets one writer at a time change how tasks hang together, so that two edits, each harmless, cannot close a circle.
    func lockGraph() throws { try lock("minsky.graph") }

    /// Lets one process at a time make or migrate the store, and makes the schema when there is none.
    func lockMigrations() throws {
        guard dialect == .postgres else { return }
        try takeTime()
        try lock("minsky.migrate")
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

    /// Has the planner know of rows that were brought at once: until it does, it takes tables to be small, and a list of
    /// thousands of tasks takes minutes. The server would find out by itself, but later. A few thousand rows of each table tell
    /// enough, where a hundred times as many take longer than an index.
    func learnContents(_ schema: Schema) throws {
        guard dialect == .postgres else { return }
        let names = schema.tables.filter { $0.isDomain || $0.role == .log }.map(\.name)
        try executeLater("SELECT set_config('default_statistics_target', '20', true)")
        try executeScript("ANALYZE \(names.joined(separator: ", "))")
    }

    /// Waits until the operations in progress have ended, and keeps new ones from beginning until the transaction ends.
    ///
    /// Every operation notes its actor before anything else, so whoever holds that table holds them all.
    func waitForOperations() throws {
        guard dialect == .postgres else { return }
        try executeScript("LOCK TABLE actors IN ACCESS EXCLUSIVE MODE")
    }

    /// Makes a file that was copied or moved another replica. PostgreSQL sees to that itself, when it logs.
    /// - Parameter place: What tells a file from its copies.
    func recogniseCopy(at place: String?) throws {
        guard dialect == .sqlite else { return }
        try execute(
            """
            UPDATE store_state SET replica_id = \(unsafeRaw: Capture.sqliteRandomID), place = \(place)
            WHERE place IS NOT \(place) AND \(place) IS NOT NULL
            """)
    }

    /// Removes the triggers whose names meet a condition.
    func dropTriggers(where isWanted: (String) -> Bool) throws {
        let query: SQL =
            switch dialect {
            case .sqlite: "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            case .postgres:
                """
                SELECT quote_ident(t.tgname), quote_ident(c.relname) FROM pg_trigger AS t
                    JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND NOT t.tgisinternal ORDER BY c.relname, t.tgname
                """
            }
        let found = try rows(query) { (name: try $0.text(0), table: try $0.text(1)) }.filter { isWanted($0.name) }
        for trigger in found {
            try executeScript(
                dialect == .sqlite ? "DROP TRIGGER \(trigger.name)" : "DROP TRIGGER \(trigger.name) ON \(trigger.table)"
            )
        }
    }

    /// Takes a lock of the schema, which need not exist yet, until the transaction ends.
    private func lock(_ name: String) throws {
        guard dialect == .postgres else { return }
        try executeLater("SELECT pg_advisory_xact_lock(hashtext(\(name)), hashtext(\(Dialect.firstSchema)))")
    }
}

extension Reader {
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
    /// - Parameters:
    ///   - place: What tells a file from its copies; a store that was copied is another replica.
    ///   - reverted: The id of the operation that this one takes back, if any.
    /// - Returns: What the store says of itself now, which may have changed since it was opened.
    func begin(place: String?, reverting reverted: String?) throws -> (
        version: Int, oldestReader: Int, phase: String, hasOpenConflicts: Bool
    ) {
        let state: SQL = """
            SELECT max(version), max(oldest_reader), (SELECT phase FROM store_state),
                (SELECT count(*) FROM (SELECT 1 FROM conflicts WHERE state = 'open' LIMIT 1) AS open)
            FROM schema_migrations
            """
        let noted: SQL = """
            INSERT INTO actors (id, kind, created_at)
            SELECT \(operation.actor), \(operation.isAgent ? "agent" : "person"), \(operation.now)
            """
        let query: SQL
        switch writer.dialect {
        case .sqlite:
            try writer.recogniseCopy(at: place)
            try writer.execute(
                """
                INSERT INTO operations (id, sequence, replica_id, actor, command, reverts, hlc, base, schema_version,
                    recorded_at)
                SELECT \(operation.id), \(unsafeRaw: Capture.sqliteSequence), replica_id, \(operation.actor),
                    \(operation.command), \(reverted), \(unsafeRaw: Capture.sqliteClock), base,
                    (SELECT max(version) FROM schema_migrations), \(unsafeRaw: Capture.sqliteMoment)
                FROM store_state
                """)
            try writer.execute("UPDATE context SET operation = last_insert_rowid(), applying = 0")
            try writer.execute("\(noted) WHERE 1 = 1 ON CONFLICT (id) DO NOTHING")
            query = state
        case .postgres:
            query = """
                WITH noted AS (
                    \(noted) WHERE length(concat(
                        pg_advisory_xact_lock(hashtextextended(\(operation.id), 0)),
                        set_config('minsky.applying', 'off', true),
                        set_config('minsky.operation', \(operation.id), true),
                        set_config('minsky.actor', \(operation.actor), true),
                        set_config('minsky.command', \(operation.command), true),
                        set_config('minsky.reverts', \(reverted ?? ""), true))) > 0
                    ON CONFLICT (id) DO NOTHING
                ) \(state)
                """
        }
        let found = try writer.first(query) {
            (Int(try $0.integer(0)), Int(try $0.integer(1)), try $0.text(2), try $0.integer(3) > 0)
        }
        guard let found else {
            throw StoreError(.notInitialized, "the database holds no minsky store")
        }
        return found
    }

    /// In SQLite the context is a row, so it is cleared in the same transaction and no other edit can inherit it. An
    /// operation that changed nothing has not been one.
    func end() throws {
        guard writer.dialect == .sqlite else { return }
        try writer.execute(
            """
            DELETE FROM operations WHERE number = (SELECT operation FROM context WHERE id = 1)
                AND NOT EXISTS (SELECT 1 FROM changes WHERE changes.operation = operations.number)
            """)
        try writer.execute("UPDATE context SET operation = 0")
    }
}
