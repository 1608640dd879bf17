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
    /// references to nothing; by table, id and field, at most 100.
    /// - Throws: `SQLError`.
    public func unstorableValues() throws -> [String] {
        var problems = try integrityProblems()
        let schema = schema.at(version: installed.version)
        try database.read { reader in
            for copy in TableCopy.all(schema) where problems.count < 100 {
                let names = copy.columnNames.joined(separator: ", ")
                // Rows whose text has been mended while it was read are looked at more closely.
                var suspects: [(id: String, column: String, text: [UInt8])] = []
                try reader.query("SELECT \(unsafeRaw: names) FROM \(unsafeRaw: copy.table.name)") { row in
                    guard problems.count < 100 else { return }
                    var id = "?"
                    for (place, column) in copy.columns.enumerated() {
                        do {
                            let value = try column.read(row, place)
                            if copy.table.key.first == column.name, id == "?" { id = copy.keyText(row) ?? "?" }
                            switch value {
                            case .text(let text):
                                if text.utf8.contains(0) { throw SQLError.textWithNUL }
                                if text.unicodeScalars.contains("\u{FFFD}") {
                                    suspects.append((id, column.name, Array(text.utf8)))
                                }
                            case .json(let json): try json.requireStorable()
                            case .timestamp(let moment): _ = try moment.storable()
                            default: break
                            }
                        } catch let error as SQLError {
                            problems.append("\(column.name) of \(copy.table.name) \(id): \(error.message)")
                        }
                    }
                }
                guard reader.dialect == .sqlite else { continue }
                for suspect in suspects {
                    let key = Capture.rowID(copy.table, copy.table.name)
                    let bytes = try reader.first(
                        """
                        SELECT CAST(\(unsafeRaw: suspect.column) AS BLOB) FROM \(unsafeRaw: copy.table.name)
                        WHERE \(unsafeRaw: key) = \(suspect.id)
                        """
                    ) { try $0.blob(0) }
                    if bytes != suspect.text {
                        problems.append(
                            "\(suspect.column) of \(copy.table.name) \(suspect.id): it holds bytes that are not UTF-8")
                    }
                }
            }
        }
        return problems
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
