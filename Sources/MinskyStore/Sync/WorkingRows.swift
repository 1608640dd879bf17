import MinskyModel
import MinskySQL

/// Rows of the domain tables on which operations are tried in memory. Each is read once, locked for others, and what has
/// become of all of them is written in a few statements.
///
/// What is written is not logged: whoever tries operations writes the log beside it. Used within one transaction.
final class WorkingRows {
    let writer: any Writer
    let schema: Schema
    private var stored: [RowKey: RowFields] = [:]
    private var rows: [RowKey: RowFields] = [:]
    private var known: Set<RowKey> = []
    private var touched: Set<RowKey> = []
    /// Tasks that stand below another one than before, or are new.
    private(set) var moved: Set<String> = []

    init(_ writer: any Writer, _ schema: Schema) {
        self.writer = writer
        self.schema = schema
    }

    /// A row as it is by now, or nil when there is none. It has to have been loaded.
    subscript(key: RowKey) -> RowFields? {
        get { rows[key] }
        set {
            rows[key] = stored[key] == nil ? newValue.map { completed($0, of: key.table) } : newValue
            touched.insert(key)
        }
    }

    /// A new row with what its maker did not say, as their schema did not have it yet.
    private func completed(_ fields: RowFields, of table: String) -> RowFields {
        var whole = fields
        for column in schema.table(table)?.columns ?? [] where column.isRequired && column.defaultValue != nil {
            guard whole[column.name] == .null, let value = try? column.valueWhenAdded() else { continue }
            whole[column.name] = value.logged
        }
        return whole
    }

    /// Reads and locks rows that have not been read yet.
    func load(_ keys: some Sequence<RowKey>) throws {
        let wanted = Set(keys.lazy.filter { !self.known.contains($0) })
        guard !wanted.isEmpty else { return }
        for table in schema.domainTables {
            let keys = wanted.filter { $0.table == table.name }
            guard !keys.isEmpty else { continue }
            let copy = TableCopy(table)
            let logged = copy.columns.filter(\.isLogged)
            // The first part of a key of several is the id of a task.
            let parts =
                table.key.count == 1
                ? keys.map(\.id) : Set(keys.map { String($0.id.unicodeScalars.prefix { $0 != "/" }) }).sorted()
            let order = table.key.joined(separator: ", ")
            try writer.query(
                """
                SELECT \(unsafeRaw: logged.map(\.name).joined(separator: ", ")) FROM \(unsafeRaw: table.name)
                WHERE \(unsafeRaw: table.key[0]) IN (\(writer.listed(parts)))
                ORDER BY \(unsafeRaw: order)\(writer.dialect.rowLock)
                """
            ) { row in
                var fields = RowFields()
                var ids: [String: String] = [:]
                for (place, column) in logged.enumerated() {
                    guard let value = column.readable(row, place) else {
                        // Written by hand: it stays as it is, unless something readable comes in its place.
                        fields[column.name] = [Change.unreadable: .bool(true)]
                        continue
                    }
                    if table.key.contains(column.name), case .text(let text) = value {
                        ids[column.name] = text
                    } else {
                        fields[column.name] = value.logged
                    }
                }
                let key = RowKey(table.name, table.key.map { ids[$0] ?? "" }.joined(separator: "/"))
                guard keys.contains(key) else { return }
                stored[key] = fields
                rows[key] = fields
            }
        }
        known.formUnion(wanted)
    }

    /// Writes what has become of the rows.
    /// - Throws: `SQLError` of kind `.constraint` when the rows cannot be together, or when somebody else has made one of
    ///   them meanwhile.
    func write() throws {
        guard !touched.isEmpty else { return }
        for table in schema.domainTables.reversed() {
            let gone = touched.filter { $0.table == table.name && stored[$0] != nil && rows[$0] == nil }
            if !gone.isEmpty { try writer.remove(gone.map(\.id).sorted(), from: table) }
        }
        for table in schema.domainTables {
            let keys = touched.filter { $0.table == table.name && rows[$0] != nil && rows[$0] != stored[$0] }
            let (old, new) = (keys.filter { stored[$0] != nil }, keys.filter { stored[$0] == nil })
            let columns = table.columns.filter { $0.dialect == nil && $0.isLogged }
            for column in columns where column.isUnique {
                // One row may get what another one has given up.
                let given = old.filter {
                    stored[$0]?[column.name] != .null && stored[$0]?[column.name] != rows[$0]?[column.name]
                }
                guard !given.isEmpty else { continue }
                try writer.execute(
                    """
                    UPDATE \(unsafeRaw: table.name) SET \(unsafeRaw: column.name) = NULL
                    WHERE \(unsafeRaw: table.key[0]) IN (\(writer.listed(given.map(\.id).sorted())))
                    """)
            }
            if !new.isEmpty {
                try writer.load(into: table.name, columns: columns.map(\.name)) { add in
                    for key in new { try add(try values(of: key, in: table, columns)) }
                }
            }
            if !old.isEmpty { try update(old, in: table, columns) }
        }
        for key in touched where key.table == "tasks" {
            let parent = rows[key]?["parent_id"] ?? .null
            if parent != .null, parent != stored[key]?["parent_id"] { moved.insert(key.id) }
        }
        for key in touched { stored[key] = rows[key] }
        touched = []
    }

    /// Writes what has become of the rows by one operation, and makes sure that what it refers to is there: the database asks
    /// only at the end of the transaction, when nobody can tell whose row it was.
    /// - Throws: as `write`.
    func writeStanding(_ operation: LoggedOperation) throws {
        try write()
        for key in Set(operation.changes.map { RowKey($0) }) {
            guard let table = schema.table(key.table), let fields = rows[key] else { continue }
            let ids = try LoggedFields(nil, of: key.id, in: table).key
            for column in table.columns {
                let value = ids.first { $0.name == column.name }?.value.logged ?? fields[column.name]
                guard let other = column.references, let id = value.string else { continue }
                let found = try writer.first("SELECT 1 FROM \(unsafeRaw: other) WHERE id = \(id)") { try $0.integer(0) }
                guard found == nil else { continue }
                throw SQLError(kind: .constraint, message: "\(table.name).\(column.name) refers to what is not there")
            }
        }
    }

    private func values(of key: RowKey, in table: Table, _ columns: [Column]) throws -> [SQLValue] {
        let fields = rows[key] ?? RowFields()
        let ids = try LoggedFields(nil, of: key.id, in: table).key
        return try columns.map { column in
            try ids.first { $0.name == column.name }?.value
                ?? column.value(fromLog: fields[column.name], table: table.name)
        }
    }

    private func update(_ keys: Set<RowKey>, in table: Table, _ columns: [Column]) throws {
        let data = columns.filter { !table.key.contains($0.name) }
        // What was derived from the row as it was has to be computed again.
        let emptied = table.columns.filter { !$0.isLogged }.map { "\($0.name) = NULL" }
        switch writer.dialect {
        case .sqlite:
            for key in keys {
                let ids = try LoggedFields(nil, of: key.id, in: table)
                let (old, fields) = (stored[key] ?? RowFields(), rows[key] ?? RowFields())
                // An index is written for every column that is named, changed or not.
                let assignments =
                    try data.filter { old[$0.name] != fields[$0.name] }.map { column -> SQL in
                        let value = try column.value(fromLog: fields[column.name], table: table.name)
                        return "\(unsafeRaw: column.name) = \(value)"
                    } + emptied.map { SQL(unsafeRaw: $0) }
                guard !assignments.isEmpty else { continue }
                try writer.execute(
                    "UPDATE \(unsafeRaw: table.name) SET \(SQL.joined(assignments, separator: ", ")) WHERE \(ids.keyCondition)"
                )
            }
        case .postgres:
            let changed = data.filter { column in keys.contains { stored[$0]?[column.name] != rows[$0]?[column.name] } }
            let records = try keys.map { key -> JSON in
                let ids = try LoggedFields(nil, of: key.id, in: table).key
                let fields = rows[key] ?? RowFields()
                return .object(
                    ids.map { .init($0.name, $0.value.logged) } + changed.map { .init($0.name, fields[$0.name]) })
            }
            let assignments = changed.map { "\($0.name) = r.\($0.name)" } + emptied
            guard !assignments.isEmpty else { return }
            let types = columns.filter { column in
                table.key.contains(column.name) || changed.contains { $0.name == column.name }
            }.map { "\($0.name) \($0.kind.postgresName)" }
            let condition = table.key.map { "t.\($0) = r.\($0)" }
            try writer.execute(
                """
                UPDATE \(unsafeRaw: table.name) AS t SET \(unsafeRaw: assignments.joined(separator: ", "))
                FROM jsonb_to_recordset(\(JSON.array(records))) AS r(\(unsafeRaw: types.joined(separator: ", ")))
                WHERE \(unsafeRaw: condition.joined(separator: " AND "))
                """)
        }
    }
}

extension Column.Kind {
    /// The type of such values in PostgreSQL.
    fileprivate var postgresName: String {
        switch self {
        case .text: "text"
        case .integer: "bigint"
        case .timestamp: "timestamptz"
        case .json: "jsonb"
        case .blob: "bytea"
        }
    }
}
