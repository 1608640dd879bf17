import MinskyModel
import MinskySQL

/// What a store held at one moment, table by table. The rows themselves are in a database of their own: a backup.
public struct StoreImage: Sendable, Hashable {
    /// What one table held.
    public struct TableContent: Sendable, Hashable {
        public let table: String
        public let rows: Int
        /// The sum of the rows' hashes (`TableSum`): 32 hex digits.
        public let hash: String

        /// Describes a table.
        public init(table: String, rows: Int, hash: String) {
            self.table = table
            self.rows = rows
            self.hash = hash
        }
    }

    public let schemaVersion: Int
    public let workspaceID: String
    public let tables: [TableContent]

    /// Describes an image.
    public init(schemaVersion: Int, workspaceID: String, tables: [TableContent]) {
        self.schemaVersion = schemaVersion
        self.workspaceID = workspaceID
        self.tables = tables
    }

    /// Copies what a store holds at one moment into an empty database, while others go on writing, and makes sure that the
    /// copy holds the same.
    ///
    /// Operations that have yet to be numbered at that moment are numbered in the copy, as the next reader of the log would
    /// have done: a copy has no rows whose operations are missing.
    /// - Parameter progress: Told the rows of a table that have been copied so far.
    /// - Throws: `StoreError` with code `.newerSchema` when the store has tables that are not known here, `.moved` when it is
    ///   only half of one, `.conflict` when the copy is not the same; `SQLError`.
    public init(
        copying store: Store, into target: any Database, now: Timestamp,
        _ progress: (_ table: String, _ rows: Int) throws -> Void = { _, _ in }
    ) throws {
        try store.numberIfAllowed()
        let made = try store.database.read { reader in
            try reader.takeTime()
            guard let found = try InstalledStore(reader: reader) else {
                throw StoreError(.notInitialized, "the database holds no minsky store")
            }
            guard found.version <= store.schema.version else {
                throw StoreError.newerSchema(installed: found.version, known: store.schema.version)
            }
            guard found.phase != .filling, found.phase != .abandoned else { throw StoreError.moved }
            let schema = store.schema.at(version: found.version)
            let tables = TableCopy.all(schema)
            let pending = try PendingSequences(reader)
            var contents: [TableContent] = []
            let identity = StoreIdentity(workspaceID: found.workspaceID, replicaID: found.replicaID)
            try Migrator(schema: schema, database: target).create(identity, now: now) { writer in
                contents = try tables.map { copy in
                    var sum = TableSum()
                    try progress(copy.table.name, 0)
                    try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                        try pending.rows(of: copy, reader) { stored, compared in
                            try add(stored)
                            sum.add(copy.hash(compared))
                            if sum.rows % 5000 == 0 { try progress(copy.table.name, sum.rows) }
                        }
                    }
                    try progress(copy.table.name, sum.rows)
                    return TableContent(table: copy.table.name, rows: sum.rows, hash: sum.hash)
                }
            } thereafter: { writer in
                try writer.numberOn(schema)
                // An image is nowhere: wherever it is written to first is another place.
                try writer.execute("UPDATE store_state SET place = NULL")
                try writer.noteFloor(of: reader)
            }
            return StoreImage(schemaVersion: found.version, workspaceID: found.workspaceID, tables: contents)
        }
        guard try StoreImage(reading: target, schema: store.schema) == made else {
            throw StoreError(.conflict, "the copy does not hold what the store held")
        }
        self = made
    }

    /// Looks at every row of an image in a SQLite database that may come from anybody: only columns of tables are read, by
    /// the names known here, and nothing that it brings along is run.
    /// - Throws: `StoreError` with code `.corrupt` when it is no image, `.newerSchema`; `SQLError`.
    public init(reading database: any Database, schema: Schema = .current) throws {
        self = try database.read { reader in
            for name in ["schema_migrations", "store_state"] { try reader.requirePlainTable(name) }
            guard let found = try InstalledStore(reader: reader), found.version > 0 else {
                throw StoreError(.corrupt, "it holds no store")
            }
            guard found.version <= schema.version else {
                throw StoreError.newerSchema(installed: found.version, known: schema.version)
            }
            let contents = try TableCopy.all(schema.at(version: found.version)).map { copy in
                try reader.requirePlainTable(copy.table.name)
                let sum = try copy.sum(reader)
                guard try Int(copy.count(reader)) == sum.rows else {
                    throw StoreError(.corrupt, "\(copy.table.name) is not what it seems")
                }
                return TableContent(table: copy.table.name, rows: sum.rows, hash: sum.hash)
            }
            return StoreImage(schemaVersion: found.version, workspaceID: found.workspaceID, tables: contents)
        }
    }

    /// The rows of a table; 0 when there is none of that name.
    public func rows(of table: String) -> Int { tables.first { $0.table == table }?.rows ?? 0 }
}

extension Reader {
    /// Makes sure that reading a name of a SQLite database reads stored rows and computes nothing.
    fileprivate func requirePlainTable(_ name: String) throws {
        let kind = try first("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = \(name)") {
            try $0.text(0)
        }
        guard let kind else { throw StoreError(.corrupt, "it has no table \(name)") }
        let computed = try first("SELECT count(*) FROM pragma_table_xinfo(\(name)) WHERE hidden <> 0") {
            try $0.integer(0)
        }
        guard kind == "table", computed == 0 else {
            throw StoreError(.corrupt, "\(name) is not the table it should be")
        }
    }
}

/// The sequences that operations without one will have in a copy: those PostgreSQL numbers when its log is read next.
private struct PendingSequences {
    private var sequences: [Int64: Int64] = [:]

    init(_ reader: any Reader) throws {
        var next = try reader.first("SELECT coalesce(max(sequence), 0) FROM operations") { try $0.integer(0) } ?? 0
        try reader.query(
            """
            SELECT o.number FROM operations AS o WHERE o.sequence IS NULL
            ORDER BY (SELECT coalesce(max(c.position), 0) FROM changes AS c WHERE c.operation = o.number), o.number
            """
        ) { row in
            next += 1
            sequences[try row.integer(0)] = next
        }
    }

    /// Reads all rows of a table in the form in which they are stored and in that in which they are compared, operations with
    /// the sequence they have or will have.
    func rows(
        of copy: TableCopy, _ reader: any Reader, _ each: (_ stored: [SQLValue], _ compared: [SQLValue]) throws -> Void
    ) throws {
        let sequence = copy.table.name == "operations" ? copy.columns.firstIndex { $0.name == "sequence" } : nil
        let number = copy.columns.firstIndex { $0.name == "number" }
        try reader.query(
            "SELECT \(unsafeRaw: copy.columnNames.joined(separator: ", ")) FROM \(unsafeRaw: copy.table.name)"
        ) { row in
            var stored = try copy.stored(row, reader.dialect)
            if let sequence, let number, stored[sequence] == .null, case .integer(let operation) = stored[number] {
                stored[sequence] = sequences[operation].map(SQLValue.integer) ?? .null
            }
            try each(stored, copy.compared(stored))
        }
    }
}
