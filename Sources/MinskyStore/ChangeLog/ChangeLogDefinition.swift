import MinskySQL

/// The change log's own tables and functions, and the triggers that fill it, in each dialect.
///
/// In SQLite there is one writer at a time, so the order of rows is the order of commits and `sequence` is `position`,
/// one more than the last; the newest row must therefore never be removed.
/// In PostgreSQL rows are appended with a `position` only and numbered when they are read (`number_changes`), because
/// positions are given out before the order of commits is known.
enum ChangeLogDefinition {
    static let columns = """
        replica_id, replica_sequence, operation_id, reverts, actor, hlc, base, table_name, row_id, kind, before, after, \
        schema_version
        """

    /// Everything that does not depend on the other tables; run once, when a store is made.
    static func create(_ dialect: Dialect) -> String {
        switch dialect {
        case .sqlite: sqliteTables
        case .postgres: postgresTables
        }
    }

    /// Functions and triggers for a schema; run after every migration, replaces what was there.
    static func triggers(for schema: Schema, _ dialect: Dialect) -> String {
        let common = dialect == .postgres ? [postgresFunctions(schema.version)] : []
        let each = schema.tables.map {
            dialect == .postgres ? postgresTrigger($0) : sqliteTriggers($0, version: schema.version)
        }
        return (common + each).joined(separator: "\n")
    }

    // MARK: SQLite

    private static let sqliteTables = """
        CREATE TABLE store_state (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            replica_id TEXT NOT NULL,
            base INTEGER,
            created_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE operation_context (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            operation_id TEXT,
            reverts TEXT,
            actor TEXT,
            applying INTEGER NOT NULL DEFAULT 0 CHECK (applying IN (0, 1)),
            hlc INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO operation_context (id) VALUES (1);
        CREATE TABLE change_log (
            position INTEGER PRIMARY KEY,
            sequence INTEGER GENERATED ALWAYS AS (position) VIRTUAL,
            replica_id TEXT NOT NULL,
            replica_sequence INTEGER NOT NULL,
            operation_id TEXT NOT NULL,
            reverts TEXT,
            actor TEXT NOT NULL,
            hlc INTEGER NOT NULL,
            base INTEGER,
            table_name TEXT NOT NULL,
            row_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('insert', 'update', 'delete')),
            before TEXT CHECK (before IS NULL OR json_valid(before)),
            after TEXT CHECK (after IS NULL OR json_valid(after)),
            schema_version INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX change_log_by_replica ON change_log (replica_id, replica_sequence);
        CREATE INDEX change_log_by_operation ON change_log (operation_id);
        CREATE INDEX change_log_by_row ON change_log (row_id);
        """

    private static func sqliteTriggers(_ table: Table, version: Int) -> String {
        [Trigger.insert, .update, .delete].map { sqliteTrigger($0, table, version) }.joined(separator: "\n")
    }

    /// Milliseconds since the epoch; the same for every row of one statement.
    private static let sqliteNow = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"

    private static func sqliteTrigger(_ trigger: Trigger, _ table: Table, _ version: Int) -> String {
        let name = "log_\(trigger.kind)_\(table.name)"
        var conditions = ["(SELECT applying FROM operation_context) = 0"]
        if case .update = trigger {
            let differences = table.columns.map { "OLD.\($0.name) IS NOT NEW.\($0.name)" }
            conditions.append("(\(differences.joined(separator: " OR ")))")
        }
        return """
            DROP TRIGGER IF EXISTS \(name);
            CREATE TRIGGER \(name) AFTER \(trigger.kind.uppercased()) ON \(table.name)
            WHEN \(conditions.joined(separator: " AND ")) BEGIN
                UPDATE operation_context SET hlc = max(hlc + 1, \(sqliteNow) << 16);
                INSERT INTO change_log (\(columns))
                SELECT store_state.replica_id,
                    coalesce((SELECT max(position) FROM change_log), 0) + 1,
                    coalesce(context.operation_id, printf('sql-%x', \(sqliteNow))), context.reverts,
                    coalesce(context.actor, 'sql'), context.hlc, store_state.base,
                    '\(table.name)', \(rowID(table, trigger.keyRow)), '\(trigger.kind)',
                    \(trigger.hasBefore ? fields(of: "OLD", trigger, table, .sqlite) : "NULL"),
                    \(trigger.hasAfter ? fields(of: "NEW", trigger, table, .sqlite) : "NULL"),
                    \(version)
                FROM store_state, operation_context AS context;
            END;
            """
    }

    // MARK: PostgreSQL

    private static let postgresTables = """
        CREATE TABLE store_state (
            id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
            replica_id text COLLATE "C" NOT NULL,
            base bigint,
            created_at timestamptz NOT NULL
        );
        CREATE TABLE change_head (
            id bigint NOT NULL PRIMARY KEY CHECK (id = 1),
            last_sequence bigint NOT NULL
        );
        INSERT INTO change_head VALUES (1, 0);
        CREATE SEQUENCE change_position;
        CREATE SEQUENCE hybrid_clock;
        CREATE TABLE change_log (
            position bigint NOT NULL PRIMARY KEY,
            sequence bigint UNIQUE,
            replica_id text COLLATE "C" NOT NULL,
            replica_sequence bigint NOT NULL,
            operation_id text COLLATE "C" NOT NULL,
            reverts text COLLATE "C",
            actor text COLLATE "C" NOT NULL,
            hlc bigint NOT NULL,
            base bigint,
            table_name text COLLATE "C" NOT NULL,
            row_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL CHECK (kind IN ('insert', 'update', 'delete')),
            before jsonb,
            after jsonb,
            schema_version bigint NOT NULL
        );
        CREATE UNIQUE INDEX change_log_by_replica ON change_log (replica_id, replica_sequence);
        CREATE INDEX change_log_by_operation ON change_log (operation_id);
        CREATE INDEX change_log_by_row ON change_log (row_id);
        CREATE INDEX change_log_unnumbered ON change_log (position) WHERE sequence IS NULL;
        """

    /// `@schema@` stands for the quoted name of the schema, so that the functions work under any search path.
    private static func postgresFunctions(_ version: Int) -> String {
        """
        CREATE OR REPLACE FUNCTION @schema@.append_change(
            changed_table text, changed_row text, change_kind text, fields_before text, fields_after text
        ) RETURNS void LANGUAGE plpgsql AS $function$
        DECLARE
            now_micros bigint := floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
            -- The microseconds within the millisecond fill the counter, so that readings of one clock rarely meet.
            wall bigint := (now_micros / 1000) << 16 | (now_micros % 1000) * 65;
            reading bigint := nextval('@schema@.hybrid_clock');
            place bigint := nextval('@schema@.change_position');
        BEGIN
            IF reading < wall THEN
                PERFORM setval('@schema@.hybrid_clock', wall);
                reading := wall;
            END IF;
            INSERT INTO @schema@.change_log (position, \(columns))
            SELECT place, state.replica_id, place,
                coalesce(nullif(current_setting('minsky.operation_id', true), ''), 'sql-' || pg_current_xact_id()::text),
                nullif(current_setting('minsky.reverts', true), ''),
                coalesce(nullif(current_setting('minsky.actor', true), ''), session_user::text),
                reading, state.base, changed_table, changed_row, change_kind, fields_before::jsonb, fields_after::jsonb,
                \(version)
            FROM @schema@.store_state AS state;
        END $function$;
        CREATE OR REPLACE FUNCTION @schema@.number_changes() RETURNS bigint LANGUAGE plpgsql AS $function$
        DECLARE
            head bigint;
            numbered bigint;
        BEGIN
            IF NOT EXISTS (SELECT FROM @schema@.change_log WHERE sequence IS NULL) THEN
                RETURN (SELECT last_sequence FROM @schema@.change_head);
            END IF;
            SELECT last_sequence INTO head FROM @schema@.change_head FOR UPDATE;
            WITH visible AS (
                SELECT position, row_number() OVER (ORDER BY position) AS place
                FROM @schema@.change_log WHERE sequence IS NULL
            )
            UPDATE @schema@.change_log AS log SET sequence = head + visible.place
            FROM visible WHERE log.position = visible.position;
            GET DIAGNOSTICS numbered = ROW_COUNT;
            UPDATE @schema@.change_head SET last_sequence = head + numbered;
            RETURN head + numbered;
        END $function$;
        """
    }

    private static func postgresTrigger(_ table: Table) -> String {
        func append(_ trigger: Trigger) -> String {
            """
            PERFORM @schema@.append_change('\(table.name)', \(rowID(table, trigger.keyRow)), '\(trigger.kind)',
                        \(trigger.hasBefore ? fields(of: "OLD", trigger, table, .postgres) : "NULL"),
                        \(trigger.hasAfter ? fields(of: "NEW", trigger, table, .postgres) : "NULL"));
            """
        }
        return """
            CREATE OR REPLACE FUNCTION @schema@.log_\(table.name)() RETURNS trigger LANGUAGE plpgsql AS $function$
            BEGIN
                IF current_setting('minsky.applying', true) = 'on' THEN RETURN NULL; END IF;
                IF TG_OP = 'INSERT' THEN
                    \(append(.insert))
                ELSIF TG_OP = 'DELETE' THEN
                    \(append(.delete))
                ELSIF OLD.* IS DISTINCT FROM NEW.* THEN
                    \(append(.update))
                END IF;
                RETURN NULL;
            END $function$;
            DROP TRIGGER IF EXISTS log_\(table.name) ON @schema@.\(table.name);
            CREATE TRIGGER log_\(table.name) AFTER INSERT OR UPDATE OR DELETE ON @schema@.\(table.name)
            FOR EACH ROW EXECUTE FUNCTION @schema@.log_\(table.name)();
            """
    }

    // MARK: Both

    private enum Trigger {
        case insert, update, delete

        var kind: String {
            switch self {
            case .insert: "insert"
            case .update: "update"
            case .delete: "delete"
            }
        }
        var hasBefore: Bool { self != .insert }
        var hasAfter: Bool { self != .delete }
        /// The row that has the key: an update that changes the key is logged under the old one.
        var keyRow: String { self == .insert ? "NEW" : "OLD" }
    }

    private static func rowID(_ table: Table, _ row: String) -> String {
        table.key.map { "\(row).\($0)" }.joined(separator: " || '/' || ")
    }

    /// An expression for the changed fields of a row as JSON text: for an update those that differ, otherwise those that
    /// are not null.
    private static func fields(of row: String, _ trigger: Trigger, _ table: Table, _ dialect: Dialect) -> String {
        let distinct = dialect == .sqlite ? "IS NOT" : "IS DISTINCT FROM"
        let pieces = table.columns.sorted { $0.name < $1.name }.map { column in
            let name = column.name
            let condition = trigger == .update ? "OLD.\(name) \(distinct) NEW.\(name)" : "\(row).\(name) IS NOT NULL"
            return "CASE WHEN \(condition) THEN ',\"\(name)\":' || \(json(column, of: row, dialect)) ELSE '' END"
        }
        return "'{' || substr(\(pieces.joined(separator: "\n            || ")), 2) || '}'"
    }

    /// An expression for one field as JSON text: integers as strings, blobs as strings of hex digits, times as ISO 8601.
    private static func json(_ column: Column, of row: String, _ dialect: Dialect) -> String {
        let value = "\(row).\(column.name)"
        let text =
            switch (column.kind, dialect) {
            case (.text, .sqlite), (.timestamp, .sqlite): "json_quote(\(value))"
            case (.text, .postgres): "to_json(\(value))::text"
            case (.timestamp, .postgres):
                "'\"' || to_char(\(value) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '\"'"
            case (.integer, _): "'\"' || \(value) || '\"'"
            case (.json, .sqlite): value
            case (.json, .postgres): "\(value)::text"
            case (.blob, .sqlite): "'\"' || lower(hex(\(value))) || '\"'"
            case (.blob, .postgres): "'\"' || encode(\(value), 'hex') || '\"'"
            }
        return column.isRequired ? text : "coalesce(\(text), 'null')"
    }
}
