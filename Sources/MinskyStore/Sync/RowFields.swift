import MinskyModel
import MinskySQL

/// Names a row of any table; ids are the same when their bytes are.
struct RowKey: Hashable, Sendable {
    let table: String
    private let bytes: [UInt8]

    init(_ table: String, _ id: String) {
        self.table = table
        bytes = Array(id.utf8)
    }

    init(_ change: Change) { self.init(change.table, change.rowID) }

    static func == (left: RowKey, right: RowKey) -> Bool { left.bytes == right.bytes && left.table == right.table }

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// The row's id, as the change log has it.
    var id: String { String(decoding: bytes, as: UTF8.self) }
}

/// The fields of a row in the form they have in the change log; what is null is not there.
struct RowFields: Hashable, Sendable {
    private var values: [String: JSON] = [:]

    init() {}

    init(_ object: JSON?) {
        for member in object?.members ?? [] { self[member.key] = member.value }
    }

    subscript(name: String) -> JSON {
        get { values[name] ?? .null }
        set { values[name] = newValue == .null ? nil : newValue }
    }

    var names: [String] { values.keys.sorted() }
    var json: JSON { .object(names.map { .init($0, self[$0]) }) }

    /// What leads from one row to another, or nil when nothing does.
    static func change(_ key: RowKey, from before: RowFields?, to after: RowFields?) -> Change? {
        switch (before, after) {
        case (nil, nil): return nil
        case (nil, let after?):
            return Change(table: key.table, rowID: key.id, kind: .insert, before: nil, after: after.json)
        case (let before?, nil):
            return Change(table: key.table, rowID: key.id, kind: .delete, before: before.json, after: nil)
        case (let before?, let after?):
            let names = Set(before.values.keys).union(after.values.keys).filter { before[$0] != after[$0] }.sorted()
            guard !names.isEmpty else { return nil }
            return Change(
                table: key.table, rowID: key.id, kind: .update,
                before: .object(names.map { .init($0, before[$0]) }), after: .object(names.map { .init($0, after[$0]) })
            )
        }
    }

    /// A row after a change that has been decided about.
    static func apply(_ change: Change, to row: RowFields?) -> RowFields? {
        switch change.kind {
        case .insert: return RowFields(change.after)
        case .delete: return nil
        case .update:
            guard var fields = row else { return nil }
            for member in change.after?.members ?? [] { fields[member.key] = member.value }
            return fields
        }
    }

    /// A row before a change that it has.
    static func takeBack(_ change: Change, from row: RowFields?) -> RowFields? {
        switch change.kind {
        case .insert: return nil
        case .delete: return RowFields(change.before)
        case .update:
            guard var fields = row else { return nil }
            for member in change.before?.members ?? [] { fields[member.key] = member.value }
            return fields
        }
    }
}

extension TableCopy {
    /// The logged fields of a row.
    func fields(_ values: [SQLValue]) -> RowFields {
        var fields = RowFields()
        for (column, value) in zip(columns, values) where column.isLogged && !table.key.contains(column.name) {
            fields[column.name] = value.logged
        }
        return fields
    }
}

extension Store {
    /// Rows as they are; nil where there is none.
    func rows(_ keys: Set<RowKey>) throws -> [RowKey: RowFields?] {
        guard !keys.isEmpty else { return [:] }
        var found = Dictionary(uniqueKeysWithValues: keys.map { ($0, RowFields?.none) })
        try read { session in
            for table in session.schema.domainTables {
                let copy = TableCopy(table)
                let ids = keys.filter { $0.table == table.name }.map(\.id).sorted()
                guard !ids.isEmpty else { continue }
                try copy.rows(session.reader, ids: ids) { found[RowKey(table.name, $0)] = .some(copy.fields($1)) }
            }
        }
        return found
    }
}

extension SQLValue {
    /// The value in the form it has in the change log.
    var logged: JSON {
        switch self {
        case .null: .null
        case .integer(let number): .string(String(number))
        case .text(let text): .string(text)
        case .timestamp(let moment): .string(moment.iso8601)
        case .json(let json): json.canonical
        case .storedJSON(let text): .string(text)
        case .rawText(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .blob(let bytes): .string(bytes.map(Self.hex).joined())
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }
}
