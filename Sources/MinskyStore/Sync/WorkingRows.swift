import MinskyModel
import MinskySQL

/// Rows of the domain tables on which operations are tried in memory. Each is read once, locked for others, and what has
/// become of all of them is written in a few statements.
///
/// What is written is not logged: whoever tries operations writes the log beside it. Used within one transaction.
final class WorkingRows {
    let writer: any Writer
    let schema: Schema
    private var entries: [RowKey: Entry] = [:]
    private var touched: [Entry] = []
    /// Tasks that stand below another one than before, or are new.
    private(set) var moved: Set<String> = []

    /// A row, or its absence.
    private final class Entry {
        let key: RowKey
        /// What the database has.
        var stored: RowFields?
        /// What it has become.
        var fields: RowFields?
        var isLoaded = false
        var isTouched = false

        init(_ key: RowKey) { self.key = key }
    }

    init(_ writer: any Writer, _ schema: Schema) {
        self.writer = writer
        self.schema = schema
    }

    /// A row as it is by now, or nil when there is none. It has to have been loaded.
    subscript(key: RowKey) -> RowFields? {
        get { entries[key]?.fields }
        set {
            let entry = entry(key)
            entry.fields = entry.stored == nil ? newValue.map { completed($0, of: key.table) } : newValue
            guard !entry.isTouched else { return }
            entry.isTouched = true
            touched.append(entry)
        }
    }

    private func entry(_ key: RowKey) -> Entry {
        if let entry = entries[key] { return entry }
        let entry = Entry(key)
        entries[key] = entry
        return entry
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
        var wanted: [String: [RowKey: Entry]] = [:]
        for key in keys {
            let entry = entry(key)
            guard !entry.isLoaded else { continue }
            entry.isLoaded = true
            wanted[key.table, default: [:]][key] = entry
        }
        for table in schema.domainTables {
            guard let wanted = wanted[table.name] else { continue }
            try writer.fields(of: wanted.keys.map(\.id), in: table, isLocked: true) { key, fields in
                // What was written by hand stays as it is, unless something readable comes in its place.
                guard let entry = wanted[key] else { return }
                let found = fields()
                (entry.stored, entry.fields) = (found, found)
            }
        }
    }

    /// Writes what has become of the rows.
    /// - Parameter isAwaited: Whether it has been written when this returns; else the database may still be at it, and what it
    ///   refuses is told by the next statement.
    /// - Throws: `SQLError` of kind `.constraint` when the rows cannot be together, or when somebody else has made one of
    ///   them meanwhile.
    func write(isAwaited: Bool = true) throws {
        guard !touched.isEmpty else { return }
        let byTable = Dictionary(grouping: touched) { $0.key.table }
        for table in schema.domainTables.reversed() {
            let gone = (byTable[table.name] ?? []).filter { $0.stored != nil && $0.fields == nil }
            if !gone.isEmpty { try writer.remove(gone.map(\.key.id).sorted(), from: table) }
        }
        for table in schema.domainTables {
            let left = (byTable[table.name] ?? []).filter { $0.fields != nil }
            guard !left.isEmpty else { continue }
            let columns = table.columns.filter { $0.dialect == nil && $0.isLogged }
            let updates = left.compactMap { entry -> Update? in
                guard let stored = entry.stored, let fields = entry.fields else { return nil }
                let changed = fields.differences(from: stored)
                return changed.isEmpty ? nil : Update(key: entry.key, changed: changed)
            }
            for column in columns where column.isUnique {
                // One row may get what another one has given up.
                let given = updates.filter { $0.changed.contains { $0.name == column.name && $0.before != .null } }
                guard !given.isEmpty else { continue }
                try writer.execute(
                    """
                    UPDATE \(unsafeRaw: table.name) SET \(unsafeRaw: column.name) = NULL
                    WHERE \(unsafeRaw: table.key[0]) IN (\(writer.listed(given.map(\.key.id).sorted())))
                    """)
            }
            let new = left.filter { $0.stored == nil }
            if !new.isEmpty {
                try writer.load(into: table.name, columns: columns.map(\.name)) { add in
                    for entry in new { try add(try values(of: entry, in: table, columns)) }
                }
            }
            if !updates.isEmpty { try write(updates, to: table, isAwaited: isAwaited) }
        }
        for entry in touched {
            if entry.key.table == "tasks" {
                let parent = entry.fields?["parent_id"] ?? .null
                if parent != .null, parent != entry.stored?["parent_id"] { moved.insert(entry.key.id) }
            }
            entry.stored = entry.fields
            entry.isTouched = false
        }
        touched = []
    }

    /// Writes what has become of the rows by one operation, and makes sure that what it refers to is there: the database asks
    /// only at the end of the transaction, when nobody can tell whose row it was.
    /// - Throws: as `write`.
    func writeStanding(_ operation: LoggedOperation) throws {
        try write()
        for key in Set(operation.changes.map { RowKey($0) }) {
            guard let table = schema.table(key.table), let fields = self[key] else { continue }
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

    private func values(of entry: Entry, in table: Table, _ columns: [Column]) throws -> [SQLValue] {
        let fields = entry.fields ?? RowFields()
        let ids = try LoggedFields(nil, of: entry.key.id, in: table).key
        return try columns.map { column in
            try ids.first { $0.name == column.name }?.value
                ?? column.value(fromLog: fields[column.name], table: table.name)
        }
    }

    /// A row that is there, and what of it is written.
    private struct Update {
        let key: RowKey
        let changed: [(name: String, before: JSON, after: JSON)]
    }

    private func write(_ updates: [Update], to table: Table, isAwaited: Bool) throws {
        // What was derived from the row as it was has to be computed again.
        let emptied = table.columns.filter { !$0.isLogged }.map { SQL(unsafeRaw: "\($0.name) = NULL") }
        // Rows of which the same columns have changed, as most often all have.
        for updates in Dictionary(grouping: updates, by: { $0.changed.map(\.name) }).values {
            let columns = updates[0].changed.compactMap { table.column($0.name) }
            let keys = try updates.map { try LoggedFields(nil, of: $0.key.id, in: table).key.map(\.value) }
            guard !(columns.isEmpty && emptied.isEmpty) else { continue }
            switch writer.dialect {
            case .sqlite:
                // An index is written for every column that is named, changed or not.
                let value: SQL = "\(SQLValue.null)"
                let assignments = columns.map { "\(unsafeRaw: $0.name) = \(value)" } + emptied
                let conditions: [SQL] = table.key.map { "\(unsafeRaw: $0) = \(value)" }
                try writer.execute(
                    """
                    UPDATE \(unsafeRaw: table.name) SET \(SQL.joined(assignments, separator: ", "))
                    WHERE \(SQL.joined(conditions, separator: " AND "))
                    """,
                    forEach: try zip(updates, keys).map { update, key in
                        try columns.map { column in
                            let after = update.changed.first { $0.name == column.name }?.after ?? .null
                            return try column.value(fromLog: after, table: table.name)
                        } + key
                    })
            case .postgres:
                let assignments =
                    columns.map { SQL(unsafeRaw: "\($0.name) = r.\($0.name)::\($0.kind.postgresName)") } + emptied
                let lists =
                    table.key.indices.map { place in
                        keys.map { if case .text(let text) = $0[place] { text } else { "" } }
                    }
                    + (try columns.map { column in
                        try updates.map { update in
                            try update.changed.first { $0.name == column.name }?.after.text(of: column)
                        }
                    })
                let names = table.key + columns.map(\.name)
                let condition = table.key.map { "t.\($0) = r.\($0)" }.joined(separator: " AND ")
                let statement: SQL = """
                    UPDATE \(unsafeRaw: table.name) AS t SET \(SQL.joined(assignments, separator: ", "))
                    FROM unnest(\(list: lists.map(SQLValue.texts))) AS r(\(unsafeRaw: names.joined(separator: ", ")))
                    WHERE \(unsafeRaw: condition)
                    """
                if isAwaited { try writer.execute(statement) } else { try writer.executeLater(statement) }
            }
        }
    }
}

extension JSON {
    /// A logged value as text that PostgreSQL reads as a value of a column.
    fileprivate func text(of column: Column) throws -> String? {
        switch self {
        case .null: nil
        case .string(let text) where column.kind != .json: text
        default: try storedText()
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
