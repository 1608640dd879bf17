import MinskyModel
import MinskySQL

// Rows as far as every store could hold them. A hand may have written anything into one, on either side.

extension RowFields {
    /// Stands for a value that cannot be read, or that not every store could hold.
    static let unreadable: JSON = [Change.unreadable: .bool(true)]

    /// What a store gets of a row of another one, with each value that it could not hold as it is in the store, or as in a new
    /// row; nil when there can be no such row.
    fileprivate func readable(over present: RowFields?, in table: Table) -> RowFields? {
        var whole = self
        for column in table.loggedColumns where self[column.name] == Self.unreadable {
            whole[column.name] = present?[column.name] ?? (try? column.valueWhenAdded())?.logged ?? .null
            if column.isRequired, whole[column.name] == .null { return nil }
        }
        return whole
    }
}

extension Reader {
    /// Reads the logged fields of rows; those that are not there are left out, and further ones of the same tasks may come
    /// along.
    /// - Parameter isLocked: Whether nobody else may write them until the transaction ends.
    func fields(
        of ids: [String], in table: Table, isLocked: Bool = false,
        _ each: (RowKey, _ fields: () -> RowFields) throws -> Void
    ) throws {
        // The first part of a key of several is the id of a task.
        let parts =
            table.key.count == 1 ? ids : Set(ids.map { String($0.unicodeScalars.prefix { $0 != "/" }) }).sorted()
        // In the order in which a row keeps its fields.
        let columns = table.loggedColumns.sorted { $0.name < $1.name }
        let lock: SQL = isLocked ? dialect.rowLock : ""
        try query(
            """
            SELECT \(unsafeRaw: (table.key + columns.map(\.name)).joined(separator: ", "))
            FROM \(unsafeRaw: table.name) WHERE \(unsafeRaw: table.key[0]) IN (\(listed(parts)))
            ORDER BY \(unsafeRaw: table.key.joined(separator: ", "))\(lock)
            """
        ) { row in
            let id = try table.key.indices.map { try row.text($0) }.joined(separator: "/")
            try each(RowKey(table.name, id)) {
                var found = RowFields()
                for (place, column) in columns.enumerated() where !row.isNull(table.key.count + place) {
                    found[column.name] =
                        column.readable(row, table.key.count + place)?.logged ?? RowFields.unreadable
                }
                return found
            }
        }
    }
}

extension StoreSession {
    /// Rows as they are; nil where there is none.
    func rows(_ keys: Set<RowKey>) throws -> [RowKey: RowFields?] {
        var found = Dictionary(uniqueKeysWithValues: keys.map { ($0, RowFields?.none) })
        for table in schema.domainTables {
            let ids = keys.filter { $0.table == table.name }.map(\.id).sorted()
            guard !ids.isEmpty else { continue }
            try reader.fields(of: ids, in: table) { key, fields in
                if keys.contains(key) { found[key] = .some(fields()) }
            }
        }
        return found
    }
}

extension Store {
    /// Rows as they are; nil where there is none.
    func rows(_ keys: Set<RowKey>) throws -> [RowKey: RowFields?] { try read { try $0.rows(keys) } }
}

extension WorkingRows {
    /// Has rows be what they are at the upstream by now. What no store can hold stays what it is here ([decision
    /// 53](../../../docs/decisions/0053-what-cannot-be-read-stays-what-it-was.md)), and so does a reference to a row that
    /// has yet to come.
    /// - Parameter there: The rows of the upstream; nil where there is none.
    func take(_ there: [RowKey: RowFields?]) throws {
        guard !there.isEmpty else { return }
        try load(there.keys)
        var present: [RowKey: RowFields] = [:]
        for (key, found) in there {
            guard let table = schema.table(key.table) else { continue }
            present[key] = self[key]
            guard let found else {
                self[key] = nil
                continue
            }
            if let fields = found.readable(over: self[key], in: table) { self[key] = fields }
        }
        for key in there.keys {
            for column in schema.table(key.table)?.loggedColumns ?? [] {
                guard var row = self[key], let other = column.references, let id = row[column.name].string else {
                    continue
                }
                try load([RowKey(other, id)])
                guard self[RowKey(other, id)] == nil else { continue }
                row[column.name] = present[key]?[column.name] ?? .null
                self[key] = column.isRequired && row[column.name] == .null ? present[key] : row
            }
        }
    }
}
