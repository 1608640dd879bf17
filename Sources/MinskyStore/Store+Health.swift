import MinskyModel
import MinskySQL

extension Store {
    /// What is wrong with the database itself; empty when nothing is.
    /// - Throws: `SQLError`.
    public func integrityProblems() throws -> [String] {
        try read { session in
            guard session.reader.dialect == .sqlite else { return [] }
            let found = try session.reader.rows("PRAGMA quick_check") { try $0.text(0) }.filter { $0 != "ok" }
            let dangling = try session.reader.rows("PRAGMA foreign_key_check") {
                "a row of \(try $0.text(0)) refers to a missing row of \(try $0.text(2))"
            }
            return found + dangling
        }
    }

    /// What keeps the database from writing its change log as it should; empty when nothing does.
    /// - Throws: `SQLError`.
    public func captureProblems() throws -> [String] {
        try database.read { reader in
            // The store may have been migrated since it was opened.
            let found = try InstalledStore(reader: reader) ?? installed
            // What a newer program has made, this one cannot judge.
            guard !Migrator.isNewer(found, schema) else { return [] }
            let capture = Capture(schema: schema.at(version: found.version), dialect: reader.dialect)
            let pulled = try reader.policies()
            let fences =
                (found.phase.isOpen ? [] : capture.schema.fenceNames(reader.dialect))
                + capture.schema.domainTables.filter { pulled[$0.name] == .pull }.flatMap {
                    $0.refusalNames("policy", reader.dialect)
                }
            return switch reader.dialect {
            case .sqlite: try capture.sqliteProblems(reader, fences)
            case .postgres: try capture.postgresProblems(reader, fences)
            }
        }
    }

    /// Puts the triggers and functions of the change log back as they should be for the schema the store has; those of a
    /// newer program are left alone.
    /// - Throws: `SQLError`.
    public func restoreCapture() throws {
        try database.write { writer in
            try writer.lockMigrations()
            let found = try InstalledStore(reader: writer) ?? installed
            guard !Migrator.isNewer(found, schema) else { return }
            try Migrator(schema: schema.at(version: found.version), database: database).installCapture(writer)
            guard writer.dialect == .sqlite else { return }
            try writer.execute("UPDATE context SET operation = 0, applying = 0")
        }
    }
}

extension Capture {
    /// Whether a trigger that is not one of these has to do with the log: it has the name of one, is on the log's own tables, or
    /// names them. All others are their makers' business.
    private func concernsLog(_ name: String, on table: String, doing text: String) -> Bool {
        guard !name.hasPrefix("policy_") else { return false }
        return Self.isOwn(name)
            || schema.tables.contains { !$0.isDomain && ($0.name == table || text.contains($0.name)) }
    }

    private static func stray(_ name: String) -> String {
        "there is a trigger that has to do with the log and is none of it, \(name)"
    }

    fileprivate func sqliteProblems(_ reader: any Reader, _ fences: [String]) throws -> [String] {
        var found: [String: String] = [:]
        var tables: [String: String] = [:]
        try reader.query("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'") {
            found[try $0.text(0)] = try $0.text(1)
            tables[try $0.text(0)] = try $0.text(2)
        }
        var problems = parts.filter { found[$0.name] != $0.text }.map { part in
            "the trigger \(part.name) is \(found[part.name] == nil ? "missing" : "not what it should be")"
        }
        problems += fences.filter { found[$0] == nil }.map { "the trigger \($0) is missing" }
        let known = Set(parts.map(\.name) + fences)
        problems += found.keys.filter { name in
            !known.contains(name)
                && concernsLog(name, on: tables[name] ?? "", doing: found[name]?.lowercased() ?? "")
        }.sorted().map(Self.stray)
        let context = try reader.first("SELECT applying, operation FROM context") {
            (try $0.integer(0), try $0.integer(1))
        }
        if let (applying, operation) = context, applying != 0 || operation != 0 {
            problems.append(
                applying != 0
                    ? "the log is switched off (context.applying)"
                    : "edits by hand are counted to operation \(operation) (context.operation)")
        }
        return problems
    }

    fileprivate func postgresProblems(_ reader: any Reader, _ fences: [String]) throws -> [String] {
        var bodies: [String: (text: String, isDefiner: Bool, isOwners: Bool)] = [:]
        try reader.query(
            """
            SELECT p.proname::text, p.prosrc, (p.prosecdef AND p.proconfig IS NOT NULL)::int::bigint,
                (p.proowner = (SELECT relowner FROM pg_class WHERE relname = 'operations' AND relnamespace = n.oid))
                    ::int::bigint
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()
            """
        ) { bodies[try $0.text(0)] = (try $0.text(1), try $0.integer(2) == 1, try $0.integer(3) == 1) }
        struct Trigger {
            let table: String
            let isOn: Bool
            let hasCondition: Bool
            /// What it does when: the words in which the catalog has them.
            let shape: String
        }
        var triggers: [String: Trigger] = [:]
        // The bits of tgtype are those of PostgreSQL's catalog/pg_trigger.h.
        try reader.query(
            """
            SELECT t.tgname::text, c.relname::text, (t.tgenabled IN ('O', 'A'))::int::bigint,
                (t.tgqual IS NOT NULL)::int::bigint,
                concat_ws(' ',
                    CASE WHEN t.tgtype & 2 > 0 THEN 'BEFORE' ELSE 'AFTER' END,
                    CASE WHEN t.tgtype & 4 > 0 THEN 'INSERT' END, CASE WHEN t.tgtype & 8 > 0 THEN 'DELETE' END,
                    CASE WHEN t.tgtype & 16 > 0 THEN 'UPDATE' END, CASE WHEN t.tgtype & 32 > 0 THEN 'TRUNCATE' END,
                    CASE WHEN t.tgtype & 1 > 0 THEN 'ROW' ELSE 'STATEMENT' END, p.proname,
                    (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute AS a
                        WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)))
            FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND NOT t.tgisinternal
            """
        ) { row in
            triggers[try row.text(0)] = Trigger(
                table: try row.text(1), isOn: try row.integer(2) == 1, hasCondition: try row.integer(3) == 1,
                shape: try row.text(4))
        }
        // A setting of a role or a database would go before what a session says of itself.
        let settings = try reader.rows(
            """
            SELECT coalesce(setrole::regrole::text, 'all roles') FROM (
                SELECT nullif(setrole, 0) AS setrole, unnest(setconfig) AS setting FROM pg_db_role_setting
                WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            ) AS s WHERE setting LIKE 'minsky.%' ORDER BY 1
            """
        ) { "a setting of \(try $0.text(0)) tells the log what to write (ALTER ROLE … RESET ALL removes it)" }
        let known = Set(parts.map(\.name) + fences)
        let lost = fences.filter { triggers[$0]?.isOn != true }.map { "the trigger \($0) is missing" }
        let foreign = triggers.filter {
            !known.contains($0.key) && concernsLog($0.key, on: $0.value.table, doing: "")
        }.keys.sorted().map(Self.stray)
        let schemaName = try reader.first("SELECT quote_ident(current_schema())") { try $0.text(0) } ?? ""
        return settings + lost + foreign
            + parts.compactMap { part in
                switch part.kind {
                case .function:
                    guard let body = bodies[part.name] else { return "the function \(part.name) is missing" }
                    guard body.text == Self.qualified(part.text, schemaName) else {
                        return "the function \(part.name) is not what it should be"
                    }
                    guard body.isDefiner else { return "the function \(part.name) runs without the owner's rights" }
                    return body.isOwners ? nil : "the function \(part.name) does not belong to the owner of the log"
                case .trigger:
                    guard let trigger = triggers[part.name], trigger.table == part.table else {
                        return "the trigger \(part.name) is missing"
                    }
                    guard trigger.hasCondition == part.text.contains("WHEN ("), trigger.shape == part.shape else {
                        return "the trigger \(part.name) is not what it should be"
                    }
                    return trigger.isOn ? nil : "the trigger \(part.name) is switched off"
                }
            }
    }
}
