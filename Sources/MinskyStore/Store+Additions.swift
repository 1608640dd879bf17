import MinskySQL

extension Store {
    /// What others have added to the database beside the store: tables, views, columns and triggers. They are left alone, and
    /// nothing of minsky's copies them.
    /// - Throws: `SQLError`.
    public func additions() throws -> [String] {
        try database.read { reader in
            guard let found = try InstalledStore(reader: reader), found.version <= schema.version else { return [] }
            let capture = Capture(schema: schema.at(version: found.version), dialect: reader.dialect)
            let tables = capture.schema.tables.filter { DialectOnly.includes(reader.dialect, $0.dialect) }
            let known = Set(tables.map(\.name) + ["schema_migrations"])
            let columns = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, Set($0.columns.map(\.name))) })
            let relations = try reader.rows(reader.dialect.relations) { (kind: try $0.text(0), name: try $0.text(1)) }
                .filter { !known.contains($0.name) }.map { "\($0.kind) \($0.name)" }
            let fields = try reader.rows(reader.dialect.columns(of: tables.map(\.name))) {
                (table: try $0.text(0), name: try $0.text(1))
            }.filter { columns[$0.table]?.contains($0.name) == false }.map { "column \($0.name) of \($0.table)" }
            let reactions = try reader.rows(reader.dialect.triggers) {
                (name: try $0.text(0), table: try $0.text(1))
            }.filter { !Capture.isOwn($0.name) }.map { "trigger \($0.name) on \($0.table)" }
            return relations + fields + reactions
        }
    }
}

extension Dialect {
    /// The kind and the name of each table and view.
    fileprivate var relations: SQL {
        switch self {
        case .sqlite:
            "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY 2"
        case .postgres:
            """
            SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, relname FROM pg_class
            WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname
            """
        }
    }

    /// The table and the name of each column of some tables, but for the one that PostgreSQL alone has.
    fileprivate func columns(of tables: [String]) -> SQL {
        switch self {
        case .sqlite:
            """
            SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c
            WHERE m.type = 'table' AND m.name IN (\(list: tables)) ORDER BY m.name, c.cid
            """
        case .postgres:
            """
            SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
            WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname IN (\(list: tables)) AND a.attnum > 0
                AND NOT a.attisdropped AND (c.relname, a.attname) <> ('tasks', 'search') ORDER BY c.relname, a.attnum
            """
        }
    }

    /// The name and the table of each trigger.
    fileprivate var triggers: SQL {
        switch self {
        case .sqlite: "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        case .postgres:
            """
            SELECT t.tgname, c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
            WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT t.tgisinternal ORDER BY t.tgname, c.relname
            """
        }
    }
}
