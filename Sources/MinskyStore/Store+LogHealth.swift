import MinskyModel
import MinskySQL

// Whether the log tells what is in the tables. It does as long as its triggers are there and nobody writes around them.

extension Store {
    /// What is wrong with the log itself: sequences that two operations share or none has, changes of no operation or of a
    /// kind that there is not.
    /// - Throws: `SQLError`.
    public func logProblems() throws -> [String] {
        try database.read { reader in
            try reader.takeTime()
            var problems = try reader.rows(
                """
                SELECT sequence, count(*) FROM operations WHERE sequence IS NOT NULL GROUP BY sequence
                HAVING count(*) > 1 ORDER BY sequence LIMIT 5
                """
            ) { "\(try $0.integer(1)) operations have the sequence \(try $0.integer(0))" }
            let extent = try reader.first("SELECT max(sequence), count(DISTINCT sequence) FROM operations") {
                (try $0.optionalInteger(0) ?? 0, try $0.integer(1))
            }
            if let (last, count) = extent, last != count {
                problems.append("the log has \(count) sequences up to \(last)")
            }
            problems += try reader.rows(
                """
                SELECT position, table_name, row_id FROM changes AS c
                WHERE NOT EXISTS (SELECT 1 FROM operations WHERE number = c.operation) ORDER BY position LIMIT 5
                """
            ) { "change \(try $0.integer(0)), of \(try $0.text(1)) \(try $0.text(2)), belongs to no operation" }
            problems += try reader.rows(
                """
                SELECT position, table_name, row_id, kind FROM changes
                WHERE kind NOT IN ('insert', 'update', 'delete') ORDER BY position LIMIT 5
                """
            ) {
                "change \(try $0.integer(0)), of \(try $0.text(1)) \(try $0.text(2)), has no kind but '\(try $0.text(3))'"
            }
            return problems
        }
    }

    /// The rows whose history does not lead to what they are, as `table id`: written while the log was switched off, or by who
    /// can write around it. Rows whose history cannot be read are passed over.
    /// - Throws: `SQLError`; `StoreError` with code `.corrupt`.
    public func rowsAgainstLog() throws -> [String] {
        try database.read { reader in
            try reader.takeTime()
            let schema = schema.at(version: try InstalledStore(reader: reader)?.version ?? installed.version)
            let floor = try reader.first("SELECT floor FROM store_state") { try $0.integer(0) } ?? 0
            // A replica gets rows without their history where its policies say so.
            let isReplica = try reader.base() != nil
            let partial = isReplica ? Set(try reader.policies().unpulled(schema)) : []
            return try schema.domainTables.flatMap { table in
                var replay = LogReplay(table, schema, isWhole: floor == 0 && !partial.contains(table.name))
                try replay.read(reader, isReplica: isReplica)
                return try replay.differences(reader).map { "\(table.name) \($0)" }
            }
        }
    }
}

/// What the log makes of the rows of one table: of each field the hash of its value, and nothing of it more; nil where the log
/// does not tell, as its beginning is not there any more.
private struct LogReplay {
    private let table: Table
    private let schema: Schema
    private let columns: [Column]
    /// Whether the log begins with the table's first row.
    private let isWhole: Bool
    private let places: [String: Int]
    /// By the bytes of the row's id.
    private var rows: [[UInt8]: [Int?]] = [:]
    /// The rows whose history cannot be read.
    private var unreadable: Set<[UInt8]> = []

    init(_ table: Table, _ schema: Schema, isWhole: Bool) {
        self.isWhole = isWhole
        self.table = table
        self.schema = schema
        columns = table.loggedColumns.filter { $0.dialect == nil }
        places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1.name, $0) })
    }

    /// Follows the log in its order: what has a sequence by that, then what has yet to get one; of a replica that is what waits
    /// to be pushed, in the order in which it was made (`arrangeWaiting`).
    mutating func read(_ reader: any Reader, isReplica: Bool) throws {
        try reader.query(
            """
            SELECT c.operation, c.table_name, c.row_id, c.kind, c.fields, c.lost, c.original, o.schema_version
            FROM changes AS c LEFT JOIN operations AS o ON o.number = c.operation
            WHERE c.table_name = \(table.name)
            ORDER BY o.sequence IS NULL, o.sequence, \(unsafeRaw: isReplica && reader.dialect == .sqlite ? "o.number, " : "")c.position
            """
        ) { row in
            let id = Array(try row.text(2).utf8)
            do {
                try follow(try Change(row: row), id, Int(row.optionalInteger(7) ?? 0))
            } catch is StoreError {
                unreadable.insert(id)
            }
        }
    }

    private mutating func follow(_ change: Change, _ id: [UInt8], _ version: Int) throws {
        guard change.isReadable else { throw StoreError(.corrupt, "it cannot be followed") }
        switch change.kind {
        case .delete: rows[id] = nil
        case .insert:
            let whole = schema.at(version: version).table(table.name)
            var hashes = [Int?](repeating: 0, count: columns.count)
            set(try LoggedFields(change.after, of: change.rowID, in: table, whole: whole), &hashes)
            rows[id] = hashes
        case .update where change.isEmpty:
            // Nothing of it took effect, perhaps not even the row.
            break
        case .update:
            // Where the log is whole, a row that it knows nothing of is not made by a change of it.
            guard var hashes = rows[id] ?? (isWhole ? nil : [Int?](repeating: nil, count: columns.count)) else {
                return
            }
            set(try LoggedFields(change.after, of: change.rowID, in: table), &hashes)
            rows[id] = hashes
        }
    }

    private func set(_ fields: LoggedFields, _ hashes: inout [Int?]) {
        for field in fields.fields {
            guard let place = places[field.name] else { continue }
            hashes[place] = Self.hash(field.value)
        }
    }

    /// The ids of the rows that are something else than the log makes of them, or are in one of the two only; at most 100.
    mutating func differences(_ reader: any Reader) throws -> [String] {
        let copy = TableCopy(table)
        let logged = copy.columns.enumerated().filter { places[$0.element.name] != nil }.map(\.offset)
        var different: [String] = []
        try copy.rows(reader) { values in
            let id = copy.rowID(values)
            let expected = rows.removeValue(forKey: Array(id.utf8))
            guard different.count < 100, !unreadable.contains(Array(id.utf8)), isWhole || expected != nil else {
                return
            }
            let isAsLogged = expected.map { zip($0, logged).allSatisfy { $0 == nil || $0 == Self.hash(values[$1]) } }
            if isAsLogged != true { different.append(id) }
        }
        let missing = Set(rows.keys).subtracting(unreadable).map { String(decoding: $0, as: UTF8.self) }
        return different + missing.sorted().prefix(100 - different.count)
    }

    /// The same for the same value within one process; 0 for null.
    private static func hash(_ value: SQLValue) -> Int { value == .null ? 0 : value.hashValue | 1 }
}
