import MinskyModel
import MinskySQL

/// Copies what a store holds into another one, and compares the two. The stores may be of different databases.
///
/// Rows travel as they are, the log with its numbers, positions, ids and clocks, so that undo and history go on where they
/// were. Nothing is held whole in memory but the ids of the rows that changed since the last step.
struct StoreCopy {
    let schema: Schema
    var tables: [TableCopy] { TableCopy.all(schema) }

    /// Copies all rows into empty tables.
    /// - Parameters:
    ///   - excluded: Tables that are left out, with what the log has of them.
    ///   - passOver: Told each value of JSON that no store can hold, by field, table and id; it is left out then. Without it
    ///     such a value ends the copy.
    func fill(
        _ writer: any Writer, from reader: any Reader, excluding excluded: Set<String> = [],
        passingOver passOver: ((String) -> Void)? = nil,
        _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws {
        for copy in tables where !excluded.contains(copy.table.name) {
            try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                try rows(of: copy, reader, excluding: excluded, passingOver: passOver, progress, add)
            }
        }
    }

    /// Reads all rows, to fill another database with them later.
    /// - Parameters: as `fill`.
    func spool(
        from reader: any Reader, excluding excluded: Set<String>, passingOver passOver: ((String) -> Void)?,
        _ progress: (_ table: String, _ rows: Int) throws -> Void
    ) throws -> RowSpool {
        let spool = try RowSpool()
        for copy in tables where !excluded.contains(copy.table.name) {
            try spool.add(copy.table.name) { add in
                try rows(of: copy, reader, excluding: excluded, passingOver: passOver, progress, add)
            }
        }
        return spool
    }

    /// Fills empty tables with rows that were read before.
    func fill(_ writer: any Writer, from spool: RowSpool, excluding excluded: Set<String>) throws {
        for copy in tables where !excluded.contains(copy.table.name) {
            try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                try spool.rows(of: copy.table.name, add)
            }
        }
    }

    private func rows(
        of copy: TableCopy, _ reader: any Reader, excluding excluded: Set<String>,
        passingOver passOver: ((String) -> Void)?, _ progress: (_ table: String, _ rows: Int) throws -> Void,
        _ add: ([SQLValue]) throws -> Void
    ) throws {
        var count = 0
        try progress(copy.table.name, 0)
        let isWanted: SQL =
            copy.table.name == "changes" && !excluded.isEmpty
            ? "table_name NOT IN (\(list: excluded.sorted()))" : "1 = 1"
        try copy.stored(reader, where: isWanted, passingOver: passOver) { values in
            try add(values)
            count += 1
            if count % 5000 == 0 { try progress(copy.table.name, count) }
        }
        try progress(copy.table.name, count)
    }

    /// The last sequence in a store's log; 0 when there is none.
    func lastSequence(_ reader: any Reader) throws -> Int64 {
        try reader.first("SELECT coalesce(max(sequence), 0) FROM operations") { try $0.integer(0) } ?? 0
    }

    /// The rows that operations later than a sequence have changed, by table; those not numbered yet count as later.
    func touched(_ reader: any Reader, after sequence: Int64) throws -> [String: [String]] {
        var touched: [String: [String]] = [:]
        try reader.query(
            """
            SELECT DISTINCT table_name, row_id FROM changes WHERE operation IN (
                SELECT number FROM operations WHERE sequence > \(sequence) OR sequence IS NULL)
            """
        ) { touched[try $0.text(0), default: []].append(try $0.text(1)) }
        return touched
    }

    /// Brings to the target what has happened since a sequence: the rows as they are now, and the log.
    /// - Returns: How many operations were brought, and how many changes of theirs.
    func follow(
        _ writer: any Writer, from reader: any Reader, touched: [String: [String]], after sequence: Int64
    ) throws -> Relocation.Brought {
        for copy in tables.reversed() where copy.table.isDomain {
            guard let ids = touched[copy.table.name], !ids.isEmpty else { continue }
            try writer.remove(ids, from: copy.table)
        }
        var brought = Relocation.Brought()
        for copy in tables {
            if copy.table.isDomain {
                guard let ids = touched[copy.table.name], !ids.isEmpty else { continue }
                try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                    try copy.rows(reader, ids: ids) { _, values in try add(values) }
                }
            } else {
                let later: SQL =
                    copy.table.name == "operations"
                    ? "sequence > \(sequence)"
                    : "operation IN (SELECT number FROM operations WHERE sequence > \(sequence))"
                let count = try writer.load(into: copy.table.name, columns: copy.columnNames) { add in
                    try copy.stored(reader, where: later) { try add($0) }
                }
                if copy.table.name == "operations" { brought.operations = count } else { brought.changes = count }
            }
        }
        return brought
    }

    /// The rows that are not the same on both sides, of those given.
    func differences(_ left: any Reader, _ right: any Reader, in touched: [String: [String]]) throws -> [RowName] {
        var different: [RowName] = []
        for copy in tables where copy.table.isDomain {
            guard let ids = touched[copy.table.name], !ids.isEmpty else { continue }
            var hashes: [String: RowHash] = [:]
            try copy.rows(left, ids: ids) { hashes[$0] = copy.hash($1) }
            var found: [String: RowHash] = [:]
            try copy.rows(right, ids: ids) { found[$0] = copy.hash($1) }
            different += Set(ids).filter { hashes[$0] != found[$0] }.sorted()
                .map { RowName(table: copy.table.name, id: $0) }
        }
        return different
    }

    /// All rows that are not the same on both sides, of tables whose sums differ.
    func differences(_ left: any Reader, _ right: any Reader, tables names: [String]) throws -> [RowName] {
        var different: [RowName] = []
        for copy in tables where names.contains(copy.table.name) {
            var hashes: [String: RowHash] = [:]
            try copy.rows(left) { hashes[copy.rowID($0)] = copy.hash($0) }
            try copy.rows(right) { values in
                let id = copy.rowID(values)
                if hashes.removeValue(forKey: id) != copy.hash(values) {
                    different.append(RowName(table: copy.table.name, id: id))
                }
            }
            different += hashes.keys.sorted().map { RowName(table: copy.table.name, id: $0) }
        }
        return different
    }
}

/// A row by its table and its id in the log.
struct RowName: Sendable, Hashable, CustomStringConvertible {
    let table: String
    let id: String

    var description: String { "\(table) \(id)" }
}

extension Writer {
    /// Removes rows by their ids in the log.
    func remove(_ ids: [String], from table: Table) throws {
        let key = table.key.count == 1 ? table.key[0] : Capture.rowID(table, table.name)
        for start in stride(from: 0, to: ids.count, by: 5000) {
            let part = Array(ids[start..<min(start + 5000, ids.count)])
            // A key of several parts is looked for by its first one.
            let first = Set(part.map { String($0.unicodeScalars.prefix { $0 != "/" }) }).sorted()
            let found: SQL =
                table.key.count == 1 ? "1 = 1" : "\(unsafeRaw: table.key[0]) IN (\(listed(first)))"
            try execute(
                "DELETE FROM \(unsafeRaw: table.name) WHERE \(found) AND \(unsafeRaw: key) IN (\(listed(part)))")
        }
    }

    /// Lets the database number on where the rows that were brought along end.
    func numberOn(_ schema: Schema) throws {
        guard dialect == .postgres else { return }
        for table in schema.tables {
            for column in table.columns where column.isNumbered {
                try query(
                    """
                    SELECT setval(name::regclass, greatest(coalesce(head, 1), coalesce(last, 1)),
                        head IS NOT NULL OR last IS NOT NULL)
                    FROM (
                        SELECT name, (SELECT max(\(unsafeRaw: column.name)) FROM \(unsafeRaw: table.name)) AS head,
                            -- What has been drawn stays drawn, as this is not taken back with the transaction.
                            pg_sequence_last_value(name::regclass) AS last
                        FROM pg_get_serial_sequence(
                            quote_ident(current_schema()) || '.\(unsafeRaw: table.name)', '\(unsafeRaw: column.name)') AS name
                    ) AS numbered
                    """
                ) { _ in }
            }
        }
    }
}
