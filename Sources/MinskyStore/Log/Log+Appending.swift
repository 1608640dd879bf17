import MinskyModel
import MinskySQL

extension Writer {
    /// Appends operations to the log as they came from elsewhere, with what they did to the rows here; the rows themselves
    /// have to be changed beside it, without being logged again.
    /// - Returns: The number each of them has here, by its id.
    /// - Throws: `SQLError` of kind `.constraint` when the log has an operation with one of the ids.
    @discardableResult
    func append(_ operations: [LoggedOperation]) throws -> [String: Int64] {
        guard !operations.isEmpty else { return [:] }
        let stamp = try draw(operations.count)
        let numbers = stamp.numbers
        var columns = [
            "number", "id", "sequence", "replica_id", "actor", "role", "command", "reverts", "hlc", "base",
            "schema_version", "recorded_at", "altered",
        ]
        if stamp.transaction != nil { columns.append("transaction_id") }
        try load(into: "operations", columns: columns) { add in
            for (operation, number) in zip(operations, numbers) {
                var values: [SQLValue] = [
                    .integer(number), .text(operation.id), operation.sequence.sqlValue, .text(operation.replicaID),
                    .text(operation.actor), operation.role.sqlValue, operation.command.sqlValue,
                    operation.reverts.sqlValue, .integer(operation.hlc.rawValue), operation.base.sqlValue,
                    .integer(Int64(operation.schemaVersion)), .timestamp(stamp.moment),
                    .integer(operation.isAltered ? 1 : 0),
                ]
                if let transaction = stamp.transaction { values.append(.integer(transaction)) }
                try add(values)
            }
        }
        try appendChanges(of: zip(numbers, operations.map(\.changes)))
        return Dictionary(zip(operations.map(\.id), numbers)) { first, _ in first }
    }

    /// Appends changes of operations that are in the log.
    func appendChanges(of operations: some Sequence<(Int64, [Change])>) throws {
        try load(
            into: "changes", columns: ["operation", "table_name", "row_id", "kind", "fields", "lost", "original"]
        ) { add in
            for (number, changes) in operations {
                for change in changes {
                    try add([
                        .integer(number), .text(change.table), .text(change.rowID), .text(change.kind.rawValue),
                        .json(change.fields), change.lost.sqlValue, change.original.sqlValue,
                    ])
                }
            }
        }
    }

    /// Numbers for operations, which nobody else gets, and what operations of this transaction are marked with: the moment, and
    /// in PostgreSQL the transaction.
    func draw(_ count: Int) throws -> (numbers: [Int64], moment: Timestamp, transaction: Int64?) {
        let query: SQL =
            switch dialect {
            case .sqlite:
                "SELECT coalesce(max(number), 0) + 1, \(unsafeRaw: Capture.sqliteMoment), NULL FROM operations"
            case .postgres:
                """
                WITH numbering AS MATERIALIZED (
                    SELECT pg_get_serial_sequence(quote_ident(current_schema()) || '.operations', 'number')::regclass AS name
                )
                SELECT nextval(name), transaction_timestamp(), pg_current_xact_id()::text::bigint
                FROM numbering, generate_series(1, \(count)::bigint)
                """
            }
        var numbers: [Int64] = []
        var stamp: (Timestamp, Int64?)?
        try self.query(query) { row in
            numbers.append(try row.place(0))
            if stamp == nil { stamp = (try row.timestamp(1), try row.optionalInteger(2)) }
        }
        guard let (moment, transaction) = stamp, let first = numbers.first else {
            throw StoreError(.corrupt, "the database does not tell the time")
        }
        if dialect == .sqlite { numbers = (0..<Int64(count)).map { first + $0 } }
        return (numbers.sorted(), moment, transaction)
    }
}
