import MinskySQL

extension Replica {
    /// Makes sure that every row of an upstream refers to rows that are there, before all of them are copied. A shell that does
    /// not ask for it can have SQLite forget that.
    /// - Throws: `StoreError` with code `.corrupt` that names the row; `SQLError`.
    public static func requireReferences(of upstream: Store) throws {
        guard upstream.database.dialect == .sqlite else { return }
        try upstream.database.read { reader in
            for table in upstream.schema.at(version: upstream.installed.version).domainTables {
                for column in table.columns {
                    guard let other = column.references else { continue }
                    let name = "\(table.name).\(column.name)"
                    let found = try reader.first(
                        """
                        SELECT \(unsafeRaw: Capture.rowID(table, table.name)), \(unsafeRaw: name) FROM \(unsafeRaw: table.name)
                        WHERE \(unsafeRaw: name) IS NOT NULL AND NOT EXISTS (
                            SELECT 1 FROM \(unsafeRaw: other) AS other WHERE other.id = \(unsafeRaw: name))
                        LIMIT 1
                        """
                    ) { (row: try $0.text(0), id: try $0.text(1)) }
                    guard let found else { continue }
                    throw StoreError(
                        .corrupt,
                        "\(column.name) of \(table.name) \(found.row) at the upstream is \(found.id), which is not there; "
                            + "it was written by hand, and has to be written anew there")
                }
            }
        }
    }
}
