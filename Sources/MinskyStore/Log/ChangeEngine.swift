import MinskyModel
import MinskySQL

// The one place where logged changes become changes of rows: undo, and whatever else follows a log, goes through it.

/// Why a change could not be applied: the row is not what it expects.
struct Mismatch: Error {
    let change: Change
    /// The first field that has another value, or nil when the whole row is not there, or is there already.
    let field: String?
}

extension WriteSession {
    /// Does to a row what a change says, if the row still is what the change expects.
    ///
    /// An insert expects no row; a delete the whole row as it was logged; an update the logged value of every field it
    /// changes. `updated_at`, which follows every edit, is not compared.
    /// - Parameter version: The version of the schema that the change was made with.
    /// - Throws: `Mismatch`, and nothing is written; `StoreError` with code `.corrupt`; `SQLError`.
    func apply(_ change: Change, in table: Table, from version: Int) throws {
        guard change.isReadable else {
            throw StoreError(.corrupt, "a change of \(change.table) \(change.rowID) in the log cannot be read")
        }
        switch change.kind {
        case .insert:
            let fields = try LoggedFields(change.after, of: change.rowID, in: table)
            let all = fields.key + fields.fields
            let count = try writer.execute(
                """
                INSERT INTO \(unsafeRaw: table.name) (\(unsafeRaw: all.map(\.name).joined(separator: ", ")))
                VALUES (\(list: all.map(\.value))) ON CONFLICT DO NOTHING
                """)
            guard count == 1 else { throw Mismatch(change: change, field: nil) }
        case .delete:
            let fields = try LoggedFields(
                change.before, of: change.rowID, in: table, whole: schema.at(version: version).table(table.name))
            try require(fields, change)
            try writer.execute("DELETE FROM \(unsafeRaw: table.name) WHERE \(fields.keyCondition)")
        case .update:
            try update(change, in: table, whole: nil)
        }
    }

    /// Does what an update says, if the row still is what the update expects.
    /// - Parameter whole: The table as it was when the change was made, if `before` is the whole row, so that a field it does
    ///   not name has to be null.
    func update(_ change: Change, in table: Table, whole: Table?) throws {
        try require(LoggedFields(change.before, of: change.rowID, in: table, whole: whole), change)
        var after = try LoggedFields(change.after, of: change.rowID, in: table)
        guard !after.fields.isEmpty else { return }
        // What was derived from the row as it was has to be computed again.
        for column in table.columns where !column.isLogged { after.set(column.name, to: .null) }
        try writer.execute(
            "UPDATE \(unsafeRaw: table.name) SET \(after.assignments) WHERE \(after.keyCondition)")
    }

    /// Makes sure that a row has some fields, and keeps it so until the transaction ends.
    ///
    /// The values are compared here, not by the database: in SQLite JSON keeps the text it was written with, by hand
    /// perhaps, while the log gives its value.
    private func require(_ expected: LoggedFields, _ change: Change) throws {
        let table = expected.table
        let fields = expected.removing([Column.updatedAt]).fields
        let columns = fields.compactMap { table.column($0.name) }
        let names = (table.key + columns.map(\.name)).joined(separator: ", ")
        let found = try reader.first(
            "SELECT \(unsafeRaw: names) FROM \(unsafeRaw: table.name) WHERE \(expected.keyCondition)\(rowLock)"
        ) { row in
            try columns.enumerated().map { place, column in try column.read(row, table.key.count + place) }
        }
        guard let found else { throw Mismatch(change: change, field: nil) }
        for (field, value) in zip(fields, found) where field.value != value {
            throw Mismatch(change: change, field: field.name)
        }
    }
}
