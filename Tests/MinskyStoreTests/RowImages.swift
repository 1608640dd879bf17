import MinskyModel
import MinskySQL
import MinskyStore

/// A text that equals only texts of the same bytes; Swift's own strings are equal when they look alike.
struct ExactText: Hashable, Comparable, CustomStringConvertible {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    var description: String { String(decoding: bytes, as: UTF8.self) }

    static func < (left: ExactText, right: ExactText) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// The rows of some tables: fields that are not null, as the change log writes them.
struct RowImages: Equatable {
    typealias Fields = [String: ExactText]
    private(set) var tables: [String: [ExactText: Fields]] = [:]

    /// Reads the rows that are in the tables now.
    init(reading store: Store) throws {
        self = try store.read { try RowImages(reading: $0) }
    }

    init(reading session: some StoreSession) throws {
        for table in session.schema.domainTables {
            let names = table.columns.map(\.name).joined(separator: ", ")
            try session.reader.query("SELECT \(unsafeRaw: names) FROM \(unsafeRaw: table.name)") { row in
                var fields: Fields = [:]
                for (index, column) in table.columns.enumerated()
                where !row.isNull(index) && column.isLogged && !table.key.contains(column.name) {
                    fields[column.name] = ExactText(try Self.json(column, row, index).text())
                }
                let key = try table.key.map { name in
                    try row.text(table.columns.firstIndex { $0.name == name } ?? 0)
                }
                tables[table.name, default: [:]][ExactText(key.joined(separator: "/"))] = fields
            }
        }
    }

    /// Builds rows from nothing but changes, in order.
    /// - Throws: `Contradiction` when a change does not fit what the changes before it have left.
    init(replaying changes: [Change], schema: Schema = .current) throws {
        for change in changes { try apply(change, schema) }
    }

    struct Contradiction: Error { let change: Change }

    private mutating func apply(_ change: Change, _ schema: Schema) throws {
        guard schema.table(change.table) != nil else { throw Contradiction(change: change) }
        let id = ExactText(change.rowID)
        let before = Self.fields(change.before)
        let after = Self.fields(change.after)
        var row = tables[change.table]?[id]
        switch change.kind {
        case .insert:
            guard row == nil, change.before == nil else { throw Contradiction(change: change) }
            row = after
        case .delete:
            guard row == before, change.after == nil else { throw Contradiction(change: change) }
            row = nil
        case .update:
            guard var fields = row,
                Set(before.keys).union(Self.nulls(change.before)) == Set(after.keys).union(Self.nulls(change.after)),
                before.allSatisfy({ fields[$0.key] == $0.value }),
                Self.nulls(change.before).allSatisfy({ fields[$0] == nil })
            else { throw Contradiction(change: change) }
            for name in Self.nulls(change.after) { fields[name] = nil }
            fields.merge(after) { $1 }
            row = fields
        }
        tables[change.table, default: [:]][id] = row
    }

    /// What a person sees: rows that are not deleted, of the tables that undo takes back, without the times of changes.
    func live(_ schema: Schema = .current) -> RowImages {
        var result = self
        result.tables = [:]
        for table in schema.domainTables where table.isUndoable {
            let rows = (tables[table.name] ?? [:]).filter { $0.value[Column.deletedAt] == nil }
            result.tables[table.name] = rows.mapValues { $0.filter { $0.key != Column.updatedAt } }
        }
        return result
    }

    var isEmpty: Bool { tables.values.allSatisfy(\.isEmpty) }

    /// The places in which two sets of rows differ, for people.
    func differences(from other: RowImages) -> [String] {
        var found: [String] = []
        for name in Set(tables.keys).union(other.tables.keys).sorted() {
            let (left, right) = (tables[name] ?? [:], other.tables[name] ?? [:])
            for id in Set(left.keys).union(right.keys).sorted() where left[id] != right[id] {
                let fields = Set((left[id] ?? [:]).keys).union((right[id] ?? [:]).keys).sorted()
                    .filter { left[id]?[$0] != right[id]?[$0] }
                    .map { "\($0): \(left[id]?[$0]?.description ?? "–") ≠ \(right[id]?[$0]?.description ?? "–")" }
                found.append("\(name) \(id): " + fields.joined(separator: ", "))
            }
        }
        return found
    }

    private static func fields(_ object: JSON?) -> Fields {
        var fields: Fields = [:]
        for member in object?.members ?? [] where member.value != .null {
            fields[member.key] = ExactText(member.value.canonical.text())
        }
        return fields
    }

    private static func nulls(_ object: JSON?) -> Set<String> {
        Set((object?.members ?? []).filter { $0.value == .null }.map(\.key))
    }

    private static func json(_ column: Column, _ row: any Row, _ index: Int) throws -> JSON {
        switch column.kind {
        case .text: .string(try row.text(index))
        case .integer: .string(String(try row.integer(index)))
        case .timestamp: .string(try row.timestamp(index).iso8601)
        case .json: try row.json(index).canonical
        case .blob: .string(try row.blob(index).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
    }
}

extension StoreFixture {
    /// Where the change log and the tables disagree; empty when the log tells all that has happened.
    func disagreements(_ store: Store? = nil) throws -> [String] {
        let store = store ?? self.store
        let operations = try store.operations(after: 0, limit: 1_000_000)
        guard operations.map(\.sequence) == (0..<operations.count).map({ Int64($0 + 1) }) else {
            return ["the sequence has gaps: \(operations.map(\.sequence))"]
        }
        return try RowImages(replaying: operations.flatMap(\.changes), schema: store.schema)
            .differences(from: RowImages(reading: store))
    }
}
