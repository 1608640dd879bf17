import MinskyModel

/// PostgreSQL: a statement trigger for each event of a table, whose function appends all changes of the statement at once,
/// and the functions they share.
///
/// All of them run with the owner's rights and a pinned search path and are all a role needs in order to be logged: nobody
/// but the owner has to be allowed to write the log, and nobody else can keep an edit out of it. The text holds `@schema@`
/// for the quoted name of the schema.
extension Capture {
    /// What every function is declared with.
    private static let definer = "SECURITY DEFINER SET search_path = @schema@, pg_temp"

    var postgresParts: [Part] {
        var parts = [randomID, isApplying, currentOperation, numberOperations, refusal]
        for table in schema.domainTables {
            parts.append(refuseTruncate(table))
            parts += guards(of: table).map { refuse($0, table) }
            parts += events(of: table).flatMap { log($0, table) }
        }
        parts += schema.tables.filter { $0.role == .log }.map(refuseTruncate)
        return parts
    }

    private func function(
        _ name: String, _ arguments: String = "", returns: String, settings: String = "", isPublic: Bool = false,
        _ body: String
    ) -> Part {
        let text = "\n\(body)\n"
        return Part(
            kind: .function, name: name, table: nil, text: text,
            script: """
                CREATE OR REPLACE FUNCTION @schema@.\(name)(\(arguments)) RETURNS \(returns) LANGUAGE plpgsql
                \(Self.definer)\(settings) AS $function$\(text)$function$;
                REVOKE ALL ON FUNCTION @schema@.\(name)(\(arguments)) FROM PUBLIC;
                """ + (isPublic ? "\nGRANT EXECUTE ON FUNCTION @schema@.\(name)(\(arguments)) TO PUBLIC;" : ""))
    }

    private func trigger(_ name: String, on table: String, shape: String, _ definition: String) -> Part {
        Part(
            kind: .trigger, name: name, table: table, text: definition, shape: shape,
            script: """
                CREATE TRIGGER \(name) \(definition);
                """)
    }

    // MARK: Shared functions

    /// 80 random bits as 16 characters: 96 bits that a random UUID is free to choose, in base 64, whose 64 digits fall on
    /// the 32 of an id evenly.
    private var randomID: Part {
        function(
            "random_id", returns: "text",
            """
            DECLARE
                uuid bytea := uuid_send(gen_random_uuid());
            BEGIN
                RETURN translate(
                    encode(substring(uuid FROM 1 FOR 6) || substring(uuid FROM 11 FOR 6), 'base64'),
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
                    '0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjkmnpqrstvwxyz');
            END
            """)
    }

    /// Whether what happens has been logged elsewhere. Anybody may say so, but only of the owner is it believed.
    private var isApplying: Part {
        function(
            "is_applying", returns: "boolean",
            """
            BEGIN
                RETURN current_setting('minsky.applying', true) = 'on' AND pg_has_role(session_user, current_user, 'USAGE');
            END
            """)
    }

    /// The number of the operation that the transaction's changes belong to; made when there is none yet.
    ///
    /// What the session claims of it, an id, an actor, a command, is noted as claimed; who is really logged in is noted
    /// beside it. An id that exists already in another transaction is not joined.
    private var currentOperation: Part {
        function(
            "current_operation", returns: "bigint",
            """
            DECLARE
                -- What does not look like an id is no claim.
                claimed text := substring(current_setting('minsky.operation', true) FROM '^[0-9a-z-]{1,40}$');
                mine bigint := pg_current_xact_id()::text::bigint;
                existing bigint;
                here text;
            BEGIN
                SELECT number INTO existing FROM operations
                WHERE transaction_id = mine AND sequence IS NULL AND recorded_at = transaction_timestamp()
                    AND (claimed IS NULL OR id = claimed)
                ORDER BY number DESC LIMIT 1;
                IF existing IS NOT NULL THEN
                    RETURN existing;
                END IF;
                IF claimed IS NULL OR EXISTS (SELECT FROM operations WHERE id = claimed) THEN
                    claimed := random_id();
                END IF;
                -- A schema that was copied or restored is another replica.
                SELECT (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/'
                    || '@schema@'::regnamespace::oid::text INTO here;
                UPDATE store_state SET replica_id = random_id(), place = here WHERE place IS DISTINCT FROM here;
                INSERT INTO operations (id, replica_id, actor, role, command, reverts, hlc, base, schema_version,
                    recorded_at, transaction_id)
                SELECT claimed, replica_id, coalesce(nullif(current_setting('minsky.actor', true), ''), session_user::text),
                    session_user::text, coalesce(nullif(current_setting('minsky.command', true), ''), 'sql'),
                    (SELECT id FROM operations WHERE id = current_setting('minsky.reverts', true)),
                    -- The log is the clock: every reading in it has been passed.
                    greatest(
                        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16,
                        (SELECT coalesce(max(hlc), 0) + 1 FROM operations WHERE hlc < \(HybridTimestamp.horizon.rawValue))),
                    base, \(schema.version), transaction_timestamp(), mine
                FROM store_state RETURNING number INTO existing;
                RETURN existing;
            END
            """)
    }

    /// Gives committed operations their sequence, at most so many at once, and returns how many got one.
    ///
    /// They are numbered in the order of the last position of their transaction, then of their own number: of two
    /// transactions that changed one row, the later one has the higher last position, because positions are drawn after
    /// the row's lock is held.
    private var numberOperations: Part {
        function(
            "number_operations", "most bigint", returns: "bigint", settings: " SET jit = off", isPublic: true,
            """
            DECLARE
                head bigint;
                numbered bigint;
            BEGIN
                IF NOT EXISTS (SELECT FROM operations WHERE sequence IS NULL) THEN
                    RETURN 0;
                END IF;
                -- On a store with an upstream, that one gives out the sequences.
                PERFORM FROM store_state WHERE base IS NULL FOR UPDATE;
                IF NOT FOUND THEN
                    RETURN 0;
                END IF;
                SELECT coalesce(max(sequence), 0) INTO head FROM operations;
                WITH pending AS (
                    SELECT o.number, o.transaction_id, o.recorded_at, max(c.position) AS last
                    FROM operations AS o LEFT JOIN changes AS c ON c.operation = o.number
                    WHERE o.sequence IS NULL GROUP BY o.number
                ), placed AS (
                    SELECT number, row_number() OVER (
                        ORDER BY last_of_transaction NULLS FIRST, number) AS place
                    FROM (
                        SELECT number, max(last) OVER (PARTITION BY transaction_id, recorded_at) AS last_of_transaction
                        FROM pending
                    ) AS transactions
                )
                UPDATE operations SET sequence = head + placed.place FROM placed
                WHERE operations.number = placed.number AND placed.place <= most;
                GET DIAGNOSTICS numbered = ROW_COUNT;
                RETURN numbered;
            END
            """)
    }

    /// The function of every trigger that refuses something; says what the trigger was given.
    private var refusal: Part {
        function(
            "refuse", returns: "trigger",
            """
            BEGIN
                IF is_applying() THEN
                    IF TG_LEVEL = 'STATEMENT' THEN
                        RETURN NULL;
                    ELSIF TG_OP = 'DELETE' THEN
                        RETURN OLD;
                    END IF;
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
            END
            """)
    }

    // MARK: Triggers

    private func refuseTruncate(_ table: Table) -> Part {
        trigger(
            "refuse_truncate_\(table.name)", on: table.name, shape: "BEFORE TRUNCATE STATEMENT refuse",
            """
            BEFORE TRUNCATE ON @schema@.\(table.name) FOR EACH STATEMENT
            EXECUTE FUNCTION @schema@.refuse('TRUNCATE of \(table.name) would escape the change log')
            """)
    }

    private func refuse(_ refusal: Guard, _ table: Table) -> Part {
        let columns = refusal.columns.isEmpty ? "" : " OF \(refusal.columns.joined(separator: ", "))"
        let condition = refusal.columns.map { "OLD.\($0) IS DISTINCT FROM NEW.\($0)" }.joined(separator: " OR ")
        let watched = table.columns.map(\.name).filter(refusal.columns.contains).joined(separator: ",")
        return trigger(
            refusal.name, on: table.name,
            shape: "BEFORE \(refusal.event.rawValue.uppercased()) ROW refuse\(watched.isEmpty ? "" : " " + watched)",
            """
            BEFORE \(refusal.event.rawValue.uppercased())\(columns) ON @schema@.\(table.name) FOR EACH ROW
            \(condition.isEmpty ? "" : "WHEN (\(condition)) ")EXECUTE FUNCTION @schema@.refuse('\(refusal.message)')
            """)
    }

    private func log(_ event: Event, _ table: Table) -> [Part] {
        let name = "log_\(event.rawValue)_\(table.name)"
        let tables =
            switch event {
            case .insert: "NEW TABLE AS new_rows"
            case .delete: "OLD TABLE AS old_rows"
            case .update: "OLD TABLE AS old_rows NEW TABLE AS new_rows"
            }
        let (isNeeded, appended) = source(event, table)
        // A plan that was made for single rows would take minutes for many: nested loops are never right here.
        return [
            function(
                name, returns: "trigger", settings: " SET enable_nestloop = off SET jit = off",
                """
                DECLARE
                    current bigint;
                BEGIN
                    IF NOT EXISTS (\(isNeeded)) OR is_applying() THEN
                        RETURN NULL;
                    END IF;
                    current := current_operation();
                \(appended.map { """
                    INSERT INTO changes (operation, table_name, row_id, kind, fields)
                    SELECT current, '\(table.name)', \($0);
                """ }.joined(separator: "\n"))
                    RETURN NULL;
                END
                """),
            trigger(
                name, on: table.name, shape: "AFTER \(event.rawValue.uppercased()) STATEMENT \(name)",
                """
                AFTER \(event.rawValue.uppercased()) ON @schema@.\(table.name)
                REFERENCING \(tables) FOR EACH STATEMENT EXECUTE FUNCTION @schema@.\(name)()
                """),
        ]
    }

    /// A query that finds a row when there is something to log, and what to log, from the row's id on.
    private func source(_ event: Event, _ table: Table) -> (isNeeded: String, appended: [String]) {
        let inserted = "\(Self.rowID(table, "n")), 'insert', \(present(table, "n")) FROM new_rows AS n"
        let deleted = "\(Self.rowID(table, "o")), 'delete', \(present(table, "o")) FROM old_rows AS o"
        switch event {
        case .insert: return ("SELECT FROM new_rows", [inserted])
        case .delete: return ("SELECT FROM old_rows", [deleted])
        case .update where table.keyMayChange:
            // The row that was is gone, and another one is there.
            let names = (table.key + table.loggedColumns.map(\.name)).joined(separator: ", ")
            func except(_ some: String, _ others: String) -> String {
                "(SELECT \(names) FROM \(some) EXCEPT SELECT \(names) FROM \(others))"
            }
            return (
                "SELECT FROM \(except("old_rows", "new_rows")) AS o",
                [
                    deleted.split(separator: " FROM old_rows ").joined(
                        separator: " FROM \(except("old_rows", "new_rows")) "),
                    inserted.split(separator: " FROM new_rows ").joined(
                        separator: " FROM \(except("new_rows", "old_rows")) "),
                ]
            )
        case .update:
            func list(_ row: String) -> String {
                table.loggedColumns.map { compared($0, row) }.joined(separator: ", ")
            }
            let pairs = """
                FROM old_rows AS o JOIN new_rows AS n ON \(table.key.map { "o.\($0) = n.\($0)" }.joined(separator: " AND "))
                WHERE (\(list("o"))) IS DISTINCT FROM (\(list("n")))
                """
            return (
                "SELECT \(pairs)",
                ["\(Self.rowID(table, "n")), 'update', \(changed(table)) \(pairs)"]
            )
        }
    }

    /// What tells whether a value has changed: of JSON the text, for `1` and `1.0` are one value of `jsonb` but two texts.
    private func compared(_ column: Column, _ row: String) -> String {
        column.kind == .json ? "\(row).\(column.name)::text" : "\(row).\(column.name)"
    }

    /// The fields of a row that are not null.
    private func present(_ table: Table, _ row: String) -> String {
        object(table.loggedColumns.map { "'\"\($0.name)\":' || \(text($0, of: row))" })
    }

    /// The fields of a row that differ after an update, each with its value before and after.
    private func changed(_ table: Table) -> String {
        object(
            table.loggedColumns.map { column in
                let (old, new) = (text(column, of: "o"), text(column, of: "n"))
                return "CASE WHEN \(compared(column, "o")) IS DISTINCT FROM \(compared(column, "n")) "
                    + "THEN '\"\(column.name)\":[' || coalesce(\(old), 'null') || ',' || coalesce(\(new), 'null') || ']' END"
            })
    }

    /// JSON text is put together in one go and read once, which is the fastest way there is; what is null is left out.
    private func object(_ members: [String]) -> String {
        members.isEmpty ? "'{}'::jsonb" : "('{' || concat_ws(',', \(members.joined(separator: ",\n"))) || '}')::jsonb"
    }

    private func text(_ column: Column, of row: String) -> String {
        let value = "\(row).\(column.name)"
        return switch column.kind {
        case .text: "to_json(\(value))::text"
        case .timestamp:
            "'\"' || to_char(\(value) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '\"'"
        case .integer: "'\"' || \(value) || '\"'"
        case .json: "\(value)::text"
        case .blob: "'\"' || encode(\(value), 'hex') || '\"'"
        }
    }
}
