/// SQLite: three triggers a table, which append to `changes` under the operation that `operation_context` names, and one
/// trigger of `changes` that makes the operation of an edit by hand.
///
/// There is one writer at a time, so the order of rows is the order of commits, and an operation has its sequence at once.
extension Capture {
    /// Milliseconds since the epoch; the same for every row of one statement.
    static let sqliteNow = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"
    /// The moment as a stored time; the same for every row of one statement.
    static let sqliteMoment = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"
    /// The next reading of the hybrid clock. The log is the clock: every reading in it has been passed.
    static let sqliteClock = "max((SELECT coalesce(max(hlc), 0) + 1 FROM operations), \(sqliteNow) << 16)"
    static let sqliteSequence = "(SELECT coalesce(max(sequence), 0) + 1 FROM operations)"
    /// An id of 80 random bits.
    static let sqliteRandomID = """
        (WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < 16)
                SELECT group_concat(substr('0123456789abcdefghjkmnpqrstvwxyz', (random() & 31) + 1, 1), '') FROM place)
        """

    var sqliteParts: [Part] {
        var parts = [handEdits]
        for table in schema.domainTables {
            parts += guards(of: table).map { refuse($0, table) }
            parts += events(of: table).map { log($0, table) }
        }
        return parts
    }

    private func trigger(_ name: String, on table: String, _ definition: String) -> Part {
        let text = "CREATE TRIGGER \(name) \(definition)"
        return Part(
            kind: .trigger, name: name, table: table, text: text, script: "DROP TRIGGER IF EXISTS \(name);\n\(text);")
    }

    /// A change without an operation is an edit by hand: the operation is made, unless the newest one is an edit by hand of
    /// the same instant, as all changes of one statement are.
    private var handEdits: Part {
        trigger(
            "begin_edit_by_hand", on: "changes",
            """
            AFTER INSERT ON changes WHEN NEW.operation = 0 BEGIN
                INSERT INTO operations (id, sequence, replica_id, actor, command, hlc, base, schema_version, recorded_at)
                SELECT \(Self.sqliteRandomID), \(Self.sqliteSequence), replica_id, 'sql', 'sql',
                    \(Self.sqliteClock), base, \(schema.version), \(Self.sqliteMoment)
                FROM store_state WHERE (
                    SELECT command = 'sql' AND recorded_at = \(Self.sqliteMoment) FROM operations
                    ORDER BY number DESC LIMIT 1
                ) IS NOT 1;
                UPDATE changes SET operation = (SELECT max(number) FROM operations) WHERE position = NEW.position;
            END
            """)
    }

    private func refuse(_ refusal: Guard, _ table: Table) -> Part {
        let columns = refusal.columns.isEmpty ? "" : " OF \(refusal.columns.joined(separator: ", "))"
        let conditions =
            refusal.columns.isEmpty
            ? ["(SELECT applying FROM operation_context) = 0"] : refusal.columns.map { "OLD.\($0) IS NOT NEW.\($0)" }
        return trigger(
            refusal.name, on: table.name,
            """
            BEFORE \(refusal.event.rawValue.uppercased())\(columns) ON \(table.name)
            WHEN \(conditions.joined(separator: " OR ")) BEGIN SELECT raise(ABORT, '\(refusal.message)'); END
            """)
    }

    private func log(_ event: Event, _ table: Table) -> Part {
        var statements = [append(event, table)]
        if event == .update, table.keyMayChange {
            // The row that was is gone, and another one is there.
            func list(_ row: String) -> String {
                (table.key + table.loggedColumns.map(\.name)).map { "\(row).\($0)" }.joined(separator: ", ")
            }
            let differs = "(\(list("OLD"))) IS NOT (\(list("NEW")))"
            statements = [append(.delete, table, and: differs), append(.insert, table, and: differs)]
        }
        return trigger(
            "log_\(event.rawValue)_\(table.name)", on: table.name,
            "AFTER \(event.rawValue.uppercased()) ON \(table.name) BEGIN\n" + statements.joined(separator: "\n")
                + "\nEND")
    }

    /// The statement that logs one row. Every start of the program reads this text, so it is short.
    private func append(_ event: Event, _ table: Table, and condition: String? = nil) -> String {
        let row = Self.rowID(table, event == .delete ? "OLD" : "NEW")
        let head = "INSERT INTO changes SELECT NULL, operation, '\(table.name)', \(row), '\(event.rawValue)'"
        let source = "FROM operation_context WHERE applying = 0\(condition.map { " AND \($0)" } ?? "")"
        switch event {
        case .insert: return "\(head), NULL, \(Self.object(fields(table, event, of: "NEW"))), NULL\n\(source);"
        case .delete: return "\(head), \(Self.object(fields(table, event, of: "OLD"))), NULL, NULL\n\(source);"
        case .update:
            // An update that changes nothing is none. The limit keeps SQLite from working the fields out twice.
            return """
                \(head), \(Self.object("b")), \(Self.object("a")), NULL
                FROM (SELECT operation, \(fields(table, event, of: "OLD")) AS b,
                \(fields(table, event, of: "NEW")) AS a
                \(source) LIMIT 1) WHERE a <> '';
                """
        }
    }

    private static func object(_ fields: String) -> String { "'{'||substr(\(fields), 2)||'}'" }

    /// An expression for the fields of a row as the text of JSON members, each after a comma: for an update those that
    /// differ, otherwise those that are not null.
    private func fields(_ table: Table, _ event: Event, of row: String) -> String {
        let pieces = table.loggedColumns.map { column -> String in
            let value = "\(row).\(column.name)"
            let key = "',\"\(column.name)\":"
            let isNullable = event == .update && !column.isRequired
            // The text of the value, from the key on.
            let text =
                switch column.kind {
                case .text: "\(key)'||json_quote(\(value))"
                case .json: isNullable ? "\(key)'||ifnull(\(value),'null')" : "\(key)'||\(value)"
                case .integer, .timestamp:
                    isNullable ? "\(key)'||ifnull('\"'||\(value)||'\"','null')" : "\(key)\"'||\(value)||'\"'"
                case .blob:
                    isNullable
                        ? "\(key)'||ifnull('\"'||lower(hex(\(value)))||'\"','null')"
                        : "\(key)\"'||lower(hex(\(value)))||'\"'"
                }
            if event == .update { return "iif(OLD.\(column.name) IS NEW.\(column.name),'',\(text))" }
            if column.isRequired { return text }
            // What is put together with null is null, but a quoted null is the text "null".
            return column.kind == .text ? "iif(\(value) IS NULL,'',\(text))" : "ifnull(\(text),'')"
        }
        return pieces.isEmpty ? "''" : pieces.joined(separator: "||")
    }
}
