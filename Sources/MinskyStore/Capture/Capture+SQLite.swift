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
        case .insert: return "\(head), \(Self.object(present(table, "NEW"))), NULL\n\(source);"
        case .delete: return "\(head), \(Self.object(present(table, "OLD"))), NULL\n\(source);"
        case .update:
            // An update that changes nothing is none. The limit keeps SQLite from working the fields out twice.
            return """
                \(head), \(Self.object("f")), NULL
                FROM (SELECT operation, \(changed(table)) AS f
                \(source) LIMIT 1) WHERE f <> '';
                """
        }
    }

    private static func object(_ fields: String) -> String { "'{'||substr(\(fields), 2)||'}'" }

    /// An expression for the fields of a row that are not null, as the text of JSON members, each after a comma.
    private func present(_ table: Table, _ row: String) -> String {
        join(
            table.loggedColumns.map { column in
                let text = "',\"\(column.name)\":'||\(value(column, row, isNullable: false))"
                if column.isRequired { return text }
                // What is put together with null is null, but a quoted null is the text "null".
                return column.kind == .text ? "iif(\(row).\(column.name) IS NULL,'',\(text))" : "ifnull(\(text),'')"
            })
    }

    /// An expression for the fields of a row that differ after an update, each with its value before and after.
    private func changed(_ table: Table) -> String {
        join(
            table.loggedColumns.map { column in
                let (old, new) = (
                    value(column, "OLD", isNullable: !column.isRequired),
                    value(column, "NEW", isNullable: !column.isRequired)
                )
                return
                    "iif(OLD.\(column.name) IS NEW.\(column.name),'',',\"\(column.name)\":['||\(old)||','||\(new)||']')"
            })
    }

    private func join(_ pieces: [String]) -> String { pieces.isEmpty ? "''" : pieces.joined(separator: "||") }

    /// An expression for the JSON text of a value; without `isNullable`, that of null is null.
    private func value(_ column: Column, _ row: String, isNullable: Bool) -> String {
        let value = "\(row).\(column.name)"
        let text: String
        switch column.kind {
        case .text: return "json_quote(\(value))"
        case .json: text = value
        case .integer, .timestamp: text = "'\"'||\(value)||'\"'"
        case .blob: text = "'\"'||lower(hex(\(value)))||'\"'"
        }
        return isNullable ? "ifnull(\(text),'null')" : text
    }
}
