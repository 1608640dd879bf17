import MinskyModel
import MinskySQL
import MinskyStore

/// What a database says about its own tables, one line a fact, in words both databases share.
struct Catalog {
    let facts: Set<String>

    init(of database: any Database) throws {
        facts = try database.read { connection in
            switch connection.dialect {
            case .sqlite: try Self.sqlite(connection)
            case .postgres: try Self.postgres(connection)
            }
        }
    }

    func differences(from other: Catalog) -> [String] { facts.symmetricDifference(other.facts).sorted() }

    /// One column; the types are SQLite's names for both.
    private static func column(
        _ table: String, _ place: Int64, _ name: String, _ type: String, isRequired: Bool, default value: String?,
        isGenerated: Bool = false
    ) -> String {
        let types = [
            "text": "TEXT", "timestamp with time zone": "TEXT", "jsonb": "TEXT", "bigint": "INTEGER", "bytea": "BLOB",
        ]
        let value = value.map { " DEFAULT " + ($0.split(separator: "::").first.map(String.init) ?? $0) } ?? ""
        return "\(table), column \(place): \(name) \(types[type] ?? type)\(isRequired ? " NOT NULL" : "")\(value)"
            + (isGenerated ? " GENERATED" : "")
    }

    private static func constraint(_ table: String, _ kind: String, _ columns: String, _ target: String = "") -> String
    {
        "\(table), \(kind) (\(columns))\(target)"
    }

    private static func index(_ table: String, _ name: String, isUnique: Bool, isPartial: Bool, _ columns: String)
        -> String
    {
        "\(table), \(isUnique ? "unique " : "")index \(name) (\(columns))\(isPartial ? " WHERE …" : "")"
    }

    private static func sqlite(_ connection: any Reader) throws -> Set<String> {
        var facts: Set<String> = []
        let tables = try connection.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", as: { try $0.text(0) })
        for table in tables {
            var key: [(Int64, String)] = []
            try connection.query("PRAGMA table_xinfo(\(unsafeRaw: table))") { row in
                facts.insert(
                    column(
                        table, try row.integer(0) + 1, try row.text(1), try row.text(2),
                        isRequired: try row.integer(3) == 1, default: try row.optionalText(4),
                        isGenerated: try row.integer(6) > 1))
                if try row.integer(5) > 0 { key.append((try row.integer(5), try row.text(1))) }
            }
            let keyColumns = key.sorted { $0.0 < $1.0 }.map(\.1)
            facts.insert(constraint(table, "key", keyColumns.joined(separator: ", ")))
            try connection.query("PRAGMA foreign_key_list(\(unsafeRaw: table))") { row in
                facts.insert(
                    constraint(
                        table, "reference", try row.text(3),
                        " to \(try row.text(2)) (\(try row.text(4))), \(try row.text(5)), \(try row.text(6))"))
            }
            let indexes = try connection.rows("PRAGMA index_list(\(unsafeRaw: table))") {
                (
                    name: try $0.text(1), isUnique: try $0.integer(2) == 1, origin: try $0.text(3),
                    isPartial: try $0.integer(4) == 1
                )
            }
            for found in indexes where found.origin != "pk" {
                let columns = try connection.rows("PRAGMA index_info(\(unsafeRaw: found.name))") {
                    // An expression has no name but the one that PostgreSQL gives it.
                    try $0.optionalText(2) ?? "expr"
                }.joined(separator: ", ")
                facts.insert(
                    found.origin == "u"
                        ? constraint(table, "unique", columns)
                        : index(table, found.name, isUnique: found.isUnique, isPartial: found.isPartial, columns))
            }
        }
        let triggers = try connection.rows(
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'", as: { (try $0.text(0), try $0.text(1)) })
        for (table, name) in triggers {
            guard let event = ["insert", "update", "delete"].first(where: { name == "log_\($0)_\(table)" }) else {
                continue
            }
            facts.insert("\(table), logs \(event)")
        }
        return facts
    }

    private static func postgres(_ connection: any Reader) throws -> Set<String> {
        var facts: Set<String> = []
        try connection.query(
            """
            SELECT table_name::text,
                count(*) FILTER (WHERE is_generated = 'NEVER') OVER (PARTITION BY table_name ORDER BY ordinal_position),
                column_name::text, data_type::text, is_nullable = 'NO',
                column_default::text, is_generated <> 'NEVER'
            FROM information_schema.columns WHERE table_schema = current_schema()
            """
        ) { row in
            facts.insert(
                column(
                    try row.text(0), try row.integer(1), try row.text(2), try row.text(3),
                    isRequired: try row.integer(4) == 1, default: try row.optionalText(5),
                    isGenerated: try row.integer(6) == 1))
        }
        try connection.query(
            """
            SELECT t.table_name::text, t.constraint_type::text, string_agg(k.column_name, ', ' ORDER BY k.ordinal_position),
                coalesce(' to ' || max(u.table_name) || ' (' || max(u.column_name) || '), ' || max(r.update_rule)
                    || ', ' || max(r.delete_rule), '')
            FROM information_schema.table_constraints AS t
            JOIN information_schema.key_column_usage AS k
                ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name
            LEFT JOIN information_schema.referential_constraints AS r
                ON r.constraint_schema = t.constraint_schema AND r.constraint_name = t.constraint_name
            LEFT JOIN information_schema.constraint_column_usage AS u
                ON t.constraint_type = 'FOREIGN KEY' AND u.constraint_schema = t.constraint_schema
                    AND u.constraint_name = t.constraint_name
            WHERE t.constraint_schema = current_schema() GROUP BY t.table_name, t.constraint_name, t.constraint_type
            """
        ) { row in
            let kinds = ["PRIMARY KEY": "key", "FOREIGN KEY": "reference", "UNIQUE": "unique"]
            let kind = try row.text(1)
            facts.insert(constraint(try row.text(0), kinds[kind] ?? kind, try row.text(2), try row.text(3)))
        }
        try connection.query(
            """
            SELECT i.indrelid::regclass::text, c.relname::text, i.indisunique, i.indpred IS NOT NULL,
                (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = c.oid)
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE c.relnamespace = current_schema()::regnamespace
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid AND contype IN ('p', 'u'))
            """
        ) { row in
            facts.insert(
                index(
                    try row.text(0), try row.text(1), isUnique: try row.integer(2) == 1,
                    isPartial: try row.integer(3) == 1, try row.text(4)))
        }
        try connection.query(
            """
            SELECT event_object_table::text, lower(event_manipulation) FROM information_schema.triggers
            WHERE trigger_schema = current_schema()
                AND trigger_name = 'log_' || lower(event_manipulation) || '_' || event_object_table
            """
        ) { facts.insert("\(try $0.text(0)), logs \(try $0.text(1))") }
        try connection.query(
            "SELECT sequence_name::text FROM information_schema.sequences WHERE sequence_schema = current_schema()"
        ) { facts.insert("sequence \(try $0.text(0))") }
        return facts
    }
}
