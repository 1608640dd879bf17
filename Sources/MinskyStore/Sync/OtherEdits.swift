import MinskyModel
import MinskySQL

/// What other replicas did to some rows, which those who made the operations at hand may not have seen.
struct OtherEdits {
    /// What one operation did to a row.
    struct Edit {
        let sequence: Int64?
        let replicaID: String
        let actor: String
        let hlc: HybridTimestamp
        let change: Change

        /// Whether it came after a sequence of the upstream; what is not numbered yet is later than everything that is.
        func isLater(than base: Int64?) -> Bool { sequence.map { $0 > base ?? 0 } ?? true }

        /// Whether a field was changed; by an insert or a delete all are, and by what cannot be read any may be.
        func touches(_ field: String) -> Bool {
            change.kind != .update || !change.isReadable || change.after?[field] != nil
        }
    }

    private var edits: [RowKey: [Edit]] = [:]
    private var lookedAt: Set<RowKey> = []
    private let reader: any Reader
    private let base: Int64
    /// The one replica that made all operations at hand, whose own edits it has seen.
    private let maker: String?
    /// The operations at hand, which may be in the log already.
    private let ignored: Set<String>
    /// Up to this sequence the log does not tell what was done.
    private let floor: Int64

    /// Begins to look for what those who made some operations may not have seen.
    init(_ reader: any Reader, besides operations: [LoggedOperation], floor: Int64) {
        self.reader = reader
        self.floor = floor
        base = operations.map { $0.base ?? 0 }.min() ?? 0
        let makers = Set(operations.map(\.replicaID))
        maker = makers.count == 1 ? makers.first : nil
        ignored = Set(operations.map(\.id))
    }

    /// Looks up some rows, all at once.
    mutating func load(_ keys: some Sequence<RowKey>) throws {
        let wanted = Set(keys.filter { !lookedAt.contains($0) })
        guard !wanted.isEmpty else { return }
        lookedAt.formUnion(wanted)
        // Most often nobody else has done anything since then. What is not numbered yet is later than everything that is.
        let isOther: SQL = maker.map { "replica_id <> \($0)" } ?? "1 = 1"
        let somebody: SQL = """
            (EXISTS (SELECT 1 FROM operations WHERE sequence > \(base) AND \(isOther))
                OR EXISTS (SELECT 1 FROM operations WHERE sequence IS NULL AND \(isOther)))
            """
        try read("row_id IN (\(reader.listed(wanted.map(\.id)))) AND \(somebody)", later: true) { key, edit in
            if wanted.contains(key) { edits[key, default: []].append(edit) }
        }
    }

    /// Whether somebody may have done something that the maker of an operation had not seen, and that the log does not tell.
    func isForgotten(since operation: LoggedOperation) -> Bool { (operation.base ?? 0) < floor }

    /// What the log does not tell any more, as it has been compacted: the row says when it was written last, and an
    /// operation whose changes are gone was made right then.
    /// - Parameters:
    ///   - operation: The one whose maker had not seen it.
    ///   - moment: When the row was written last, if it says so.
    func forgotten(_ key: RowKey, since operation: LoggedOperation, at moment: Timestamp?) throws -> Edit {
        let change = Change(table: key.table, rowID: key.id, kind: .insert, before: nil, after: nil)
        let clock = moment.map { HybridTimestamp(milliseconds: $0.microseconds / 1000) }
        guard let clock else {
            return Edit(
                sequence: nil, replicaID: "", actor: "unknown", hlc: HybridTimestamp(rawValue: 0), change: change)
        }
        // An operation's clock is read after the moment that its rows get.
        let found = try reader.first(
            """
            SELECT sequence, replica_id, actor, hlc, recorded_at FROM operations
            WHERE sequence > \(operation.base ?? 0) AND sequence <= \(floor) AND replica_id <> \(operation.replicaID)
                AND hlc >= \(clock.rawValue)
            ORDER BY hlc LIMIT 1
            """
        ) { row in
            Edit(
                sequence: try row.integer(0), replicaID: try row.text(1), actor: try row.text(2),
                hlc: try row.clock(3, receivedAt: 4), change: change)
        }
        return found ?? Edit(sequence: nil, replicaID: "", actor: "unknown", hlc: clock, change: change)
    }

    /// Whether the maker of two operations saw another one's edit of a field between them. The row has to have been loaded.
    func isSeen(_ field: String, of key: RowKey, between base: Int64?, and operation: LoggedOperation) -> Bool {
        edits[key]?.contains { edit in
            edit.replicaID != operation.replicaID && edit.isLater(than: base) && !edit.isLater(than: operation.base)
                && edit.touches(field)
        } ?? false
    }

    /// What others did to a row that the maker of an operation had not seen, oldest first. The row has to have been loaded.
    func unseen(by operation: LoggedOperation, _ key: RowKey) -> [Edit] {
        (edits[key] ?? []).filter { $0.replicaID != operation.replicaID && $0.isLater(than: operation.base) }
    }

    /// The last edit of a field after a sequence, by whomever. The row has to have been loaded.
    func last(_ field: String, of key: RowKey, after base: Int64?) -> Edit? {
        edits[key]?.last { $0.isLater(than: base) && $0.touches(field) }
    }

    /// The last edit of a field, or of a row, however old, or nil when the log has none.
    /// - Parameter replicaID: One whose edits do not count.
    func last(_ field: String?, of key: RowKey, notBy replicaID: String? = nil) throws -> Edit? {
        let column = field.map { Self.column($0) }
        var found: Edit?
        try read("row_id = \(key.id)", later: false) { other, edit in
            guard other == key, edit.replicaID != replicaID else { return }
            if column.map(edit.touches) ?? true { found = edit }
        }
        return found
    }

    private func read(_ condition: SQL, later: Bool, _ each: (RowKey, Edit) -> Void) throws {
        let since: SQL = later ? "AND (o.sequence > \(base) OR o.sequence IS NULL)" : ""
        try reader.query(
            """
            SELECT c.table_name, c.row_id, c.kind, c.fields, o.sequence, o.replica_id, o.actor, o.hlc, o.recorded_at, o.id
            FROM changes AS c JOIN operations AS o ON o.number = c.operation
            WHERE c.\(condition) \(since) ORDER BY c.position
            """
        ) { row in
            guard try !ignored.contains(row.text(9)) else { return }
            let change = Change(
                table: try row.text(0), rowID: try row.text(1), kind: try row.text(2), fields: row.fields(3) ?? .null)
            each(
                RowKey(change),
                Edit(
                    sequence: try row.optionalInteger(4), replicaID: try row.text(5), actor: try row.text(6),
                    hlc: try row.clock(7, receivedAt: 8), change: change))
        }
    }

    /// The column of a field, which may be a key of a JSON column, as `metadata.key`.
    private static func column(_ field: String) -> String {
        String(field.prefix { $0 != "." })
    }
}

extension Row {
    /// The clock of an operation, which was made no later than it was received.
    fileprivate func clock(_ column: Int, receivedAt received: Int) throws -> HybridTimestamp {
        let clock = HybridTimestamp(rawValue: try integer(column))
        guard let moment = try? timestamp(received) else { return clock }
        return min(clock, HybridTimestamp(milliseconds: moment.microseconds / 1000, counter: .max))
    }
}
