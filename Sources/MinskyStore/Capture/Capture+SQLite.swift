import MinskyModel

/// SQLite: three triggers a table, which append to `changes` under the operation that `context` names, and one
/// trigger of `changes` that makes the operation of an edit by hand.
///
/// There is one writer at a time, so the order of rows is the order of commits, and an operation has its sequence at once.
extension Capture {
    /// Milliseconds since the epoch; the same for every row of one statement.
    static let sqliteNow = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"
    /// The moment as a stored time; the same for every row of one statement.
    static let sqliteMoment = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"
    /// The next reading of the hybrid clock. The log is the clock: every reading in it has been passed.
    static let sqliteClock =
        "max((SELECT coalesce(max(hlc), 0) + 1 FROM operations WHERE hlc < \(HybridTimestamp.horizon.rawValue)), \(sqliteNow) << 16)"
    /// The next sequence; null where the upstream gives them out. In a query of `store_state`.
    static let sqliteSequence = "iif(base IS NULL, (SELECT coalesce(max(sequence), 0) + 1 FROM operations), NULL)"
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
            kind: .trigger, name: name, table: table, text: text, script: text + ";")
    }

    /// A change without an operation is an edit by hand: the operation is made, unless the newest one is an edit by hand of
    /// the same store and instant, as all changes of one statement are.
    private var handEdits: Part {
        trigger(
            "begin_edit_by_hand", on: "changes",
            """
            AFTER INSERT ON changes WHEN NEW.operation = 0 BEGIN
            INSERT INTO operations (id, sequence, replica_id, actor, command, hlc, base, schema_version, recorded_at)
            SELECT \(Self.sqliteRandomID), \(Self.sqliteSequence), replica_id, 'sql', 'sql',
            \(Self.sqliteClock), base, \(schema.version), \(Self.sqliteMoment)
            FROM store_state AS s WHERE (SELECT command = 'sql' AND recorded_at = \(Self.sqliteMoment)
            AND o.replica_id = s.replica_id FROM operations AS o ORDER BY number DESC LIMIT 1) IS NOT 1;
            UPDATE changes SET operation = (SELECT max(number) FROM operations) WHERE position = NEW.position;
            END
            """)
    }

    private func refuse(_ refusal: Guard, _ table: Table) -> Part {
        let columns = refusal.columns.isEmpty ? "" : " OF \(refusal.columns.joined(separator: ", "))"
        let conditions =
            refusal.columns.isEmpty
            ? ["(SELECT applying FROM context) = 0"] : refusal.columns.map { "OLD.\($0) IS NOT NEW.\($0)" }
        return trigger(
            refusal.name, on: table.name,
            """
            BEFORE \(refusal.event.rawValue.uppercased())\(columns) ON \(table.name)
            WHEN \(conditions.joined(separator: " OR ")) BEGIN SELECT raise(ABORT, '\(refusal.message)'); END
            """)
    }

    private func log(_ event: Event, _ table: Table) -> Part {
        func list(_ row: String, _ columns: [String]) -> String {
            columns.map { "\(row).\($0)" }.joined(separator: ",")
        }
        func differs(_ columns: [String]) -> String {
            " AND (\(list("OLD", columns))) IS NOT (\(list("NEW", columns)))"
        }
        let columns = table.loggedColumns.map(\.name)
        // An update that changes nothing is none.
        let (condition, changes) =
            switch event {
            case .insert, .delete: ("", [event])
            // The row that was is gone, and another one is there.
            case .update where table.keyMayChange: (differs(table.key + columns), [.delete, .insert])
            case .update: (differs(columns), [event])
            }
        return trigger(
            "log_\(event.rawValue)_\(table.name)", on: table.name,
            """
            AFTER \(event.rawValue.uppercased()) ON \(table.name)
            WHEN (SELECT applying FROM context)=0\(condition) BEGIN
            \(changes.map { append($0, table) }.joined(separator: "\n"))
            END
            """)
    }

    /// The statement that logs one row. Every start of the program reads this text, so it is short. A query in the place of
    /// the values would have SQLite write them down twice, as the table has a trigger of its own.
    private func append(_ event: Event, _ table: Table) -> String {
        let row = Self.rowID(table, event == .delete ? "OLD" : "NEW")
        let fields =
            switch event {
            case .insert: present(table, "NEW")
            case .delete: present(table, "OLD")
            case .update: "'{'||substr(\(changed(table)),2)||'}'"
            }
        return "INSERT INTO changes(operation,table_name,row_id,kind,fields)VALUES("
            + "(SELECT operation FROM context),'\(table.name)',\(row),'\(event.rawValue)',\(fields));"
    }

    // SQLite computes each concatenation and each function anew for every row, so a text next to a text is one text.

    /// An expression for a JSON object of the fields of a row that are not null: put together in one go, in which null is
    /// nothing. What a field is put together with is then null too, except that a quoted null is the text "null".
    private func present(_ table: Table, _ row: String) -> String {
        // One that is always there stands first, after which no comma has to be taken away.
        let columns = table.loggedColumns.filter(\.isRequired) + table.loggedColumns.filter { !$0.isRequired }
        let fields = columns.map { column -> (format: String, value: String) in
            let (name, text) = (column.name, plain(column, row))
            switch (text, column.isRequired) {
            case (let text?, true): return (",\"\(name)\":\(mark(column))%s\(mark(column))", text)
            case (let text?, false):
                return ("%s", "',\"\(name)\":\(mark(column))'||\(text)" + (mark(column).isEmpty ? "" : "||'\"'"))
            case (nil, true): return (",\"\(name)\":%s", "json_quote(\(row).\(name))")
            case (nil, false):
                return ("%s", "iif(\(row).\(name) IS NULL,NULL,',\"\(name)\":'||json_quote(\(row).\(name)))")
            }
        }
        guard let first = columns.first else { return "'{}'" }
        let (format, values) = (fields.map(\.format).joined(), fields.map(\.value).joined(separator: ","))
        guard first.isRequired else { return "'{'||substr(printf('\(format)',\(values)),2)||'}'" }
        return "printf('{\(format.dropFirst())}',\(values))"
    }

    /// An expression for the fields of a row that differ after an update, as the text of JSON members, each after a comma and
    /// with its value before and after.
    private func changed(_ table: Table) -> String {
        let fields = table.loggedColumns.map { column in
            let name = column.name
            return "iif(OLD.\(name) IS NEW.\(name),NULL,',\"\(name)\":[\(pair(column))"
        }
        guard !fields.isEmpty else { return "''" }
        return "printf('\(fields.map { _ in "%s" }.joined())',\(fields.joined(separator: ",")))"
    }

    /// What follows `[` in the expression for a field before and after an update.
    private func pair(_ column: Column) -> String {
        guard let old = plain(column, "OLD"), let new = plain(column, "NEW") else {
            return "'||json_quote(OLD.\(column.name))||','||json_quote(NEW.\(column.name))||']')"
        }
        let mark = self.mark(column)
        if column.isRequired { return "\(mark)'||\(old)||'\(mark),\(mark)'||\(new)||'\(mark)]')" }
        if mark.isEmpty { return "'||ifnull(\(old),'null')||','||ifnull(\(new),'null')||']')" }
        return "'||ifnull('\"'||\(old)||'\",','null,')||ifnull('\"'||\(new)||'\"]','null]'))"
    }

    /// An expression for what stands between the marks of a value in JSON, null when that is; nil when it has to be quoted.
    private func plain(_ column: Column, _ row: String) -> String? {
        let value = "\(row).\(column.name)"
        switch column.kind {
        case .text: return column.isOneOfWords ? value : nil
        case .timestamp, .integer, .json: return value
        // The digits of null are an empty text.
        case .blob:
            return column.isRequired ? "lower(hex(\(value)))" : "iif(\(value) IS NULL,NULL,lower(hex(\(value))))"
        }
    }

    /// What stands before and after the text of a value in JSON.
    private func mark(_ column: Column) -> String { column.kind == .json ? "" : "\"" }
}
