import MinskyModel
import MinskySQL

extension Store {
    /// How many rows each table has.
    public func tableCounts() throws -> [(table: String, rows: Int)] {
        try database.read { reader in
            try TableCopy.all(schema.at(version: installed.version)).map {
                (table: $0.table.name, rows: try $0.count(reader))
            }
        }
    }

    /// Whether a database holds nothing at all where a store would be.
    public static func isEmpty(_ database: any Database) throws -> Bool {
        do {
            try database.read { try $0.requireEmpty() }
            return true
        } catch let error as StoreError where error.code == .foreign {
            return false
        }
    }

    /// The schemas of a database that hold a store of a workspace, as far as the role that is logged in may read them.
    /// - Throws: `SQLError`.
    public static func schemas(of workspaceID: String, in database: any Database) throws -> [String] {
        guard database.dialect == .postgres else { return [] }
        return try database.read { reader in
            let found = try reader.rows(
                """
                SELECT n.nspname::text, quote_ident(n.nspname) FROM pg_class AS c
                    JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
                WHERE c.relname = 'store_state' AND c.relkind = 'r' AND has_schema_privilege(n.oid, 'USAGE')
                    AND has_table_privilege(c.oid, 'SELECT')
                ORDER BY n.nspname
                """
            ) { (name: try $0.text(0), quoted: try $0.text(1)) }
            return try found.filter { schema in
                try reader.first(
                    "SELECT 1 FROM \(unsafeRaw: schema.quoted).store_state WHERE workspace_id::text = \(workspaceID)"
                ) { _ in true } == true
            }.map(\.name)
        }
    }

    /// What the store holds that another database cannot: text that is none, JSON that cannot be read, times of no calendar,
    /// references to nothing; by table, id and field.
    /// - Throws: `SQLError`.
    public func unstorableValues() throws -> [String] { try integrityProblems() + unreadableValues() }

    /// Values that cannot be read as what they should be, in the tables and in the log, by field, table and id; at most 100.
    /// - Throws: `SQLError`.
    public func unreadableValues() throws -> [String] {
        try database.read { reader in
            try reader.takeTime()
            var problems: [String] = []
            let schema = schema.at(version: try InstalledStore(reader: reader)?.version ?? installed.version)
            for copy in TableCopy.all(schema) where problems.count < 100 {
                let names = copy.columnNames.joined(separator: ", ")
                try reader.query("SELECT \(unsafeRaw: names) FROM \(unsafeRaw: copy.table.name)") { row in
                    for (place, column) in copy.columns.enumerated() where problems.count < 100 {
                        do {
                            try column.requireReadable(row, place, reader.dialect)
                        } catch let error as SQLError {
                            let id = copy.keyText(row) ?? "?"
                            problems.append("\(column.name) of \(copy.table.name) \(id): \(error.message)")
                        }
                    }
                }
            }
            return problems
        }
    }
}

extension Column {
    /// Makes sure that every database could hold a value.
    /// - Throws: `SQLError`.
    fileprivate func requireReadable(_ row: any Row, _ place: Int, _ dialect: Dialect) throws {
        if kind == .text, dialect == .sqlite, !row.isNull(place), case .rawText = try row.exactText(place) {
            throw SQLError.textWithoutUnicode
        }
        try read(row, place).requireStorable()
    }
}

extension TableCopy {
    /// The id of the row that is being read, as far as it can be told.
    fileprivate func keyText(_ row: any Row) -> String? {
        let values = table.key.map { name -> String? in
            guard let place = columns.firstIndex(where: { $0.name == name }) else { return nil }
            if let text = try? row.text(place) { return text }
            return (try? row.integer(place)).map { String($0) }
        }
        return values.contains(nil) ? nil : values.compactMap { $0 }.joined(separator: "/")
    }
}
