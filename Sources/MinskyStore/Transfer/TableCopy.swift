import MinskyModel
import MinskySQL

/// A table as it travels from one store to another: every column that both databases have, with the rows of all that is
/// numbered.
struct TableCopy {
    let table: Table
    let columns: [Column]

    init(_ table: Table) {
        self.table = table
        columns = table.columns.filter { $0.dialect == nil }
    }

    /// The tables of a store that travel, in an order in which references point backwards.
    static func all(_ schema: Schema) -> [TableCopy] {
        schema.tables.filter { $0.isDomain || $0.role == .log }.map(TableCopy.init)
    }

    var columnNames: [String] { columns.map(\.name) }

    /// What is read of the log: operations that have their sequence, and their changes. All others have yet to be numbered,
    /// and come then.
    private var readable: SQL {
        switch table.name {
        case "operations": "sequence IS NOT NULL"
        case "changes": "operation IN (SELECT number FROM operations WHERE sequence IS NOT NULL)"
        default: "1 = 1"
        }
    }

    /// Reads rows in the form in which another database gets them. SQLite's JSON is canonical unless it was written by hand, and
    /// is passed on as it is, which saves most of the time.
    /// - Parameter passOver: Told what is left out; as `StoreCopy.fill`.
    func stored(
        _ reader: any Reader, where condition: SQL = "1 = 1", passingOver passOver: ((String) -> Void)? = nil,
        _ each: ([SQLValue]) throws -> Void
    ) throws {
        try read(reader, where: condition) { row in
            guard let passOver, reader.dialect == .postgres else { return try each(stored(row, reader.dialect)) }
            var leftOut: [String] = []
            let values = try columns.enumerated().map { place, column in
                guard column.kind == .json, !row.isNull(place), column.readable(row, place) == nil else {
                    return try column.read(row, place)
                }
                leftOut.append(column.name)
                guard column.isRequired else { return .null }
                // Of the log stays that nobody could read it.
                let isLog = table.name == "changes" && column.name == "fields"
                return .json(isLog ? [Change.unreadable: "the upstream has what no store can hold"] : .object([]))
            }
            let id = rowID(values)
            for name in leftOut { passOver("\(name) of \(table.name) \(id)") }
            try each(values)
        }
    }

    /// Reads rows in the form in which they are compared.
    func rows(_ reader: any Reader, where condition: SQL = "1 = 1", _ each: ([SQLValue]) throws -> Void) throws {
        try read(reader, where: condition) { try each(compared(stored($0, reader.dialect))) }
    }

    /// A row in the form in which another database gets it.
    func stored(_ row: any Row, _ dialect: Dialect) throws -> [SQLValue] {
        try columns.enumerated().map { place, column in
            guard dialect == .sqlite, !row.isNull(place) else { return try column.read(row, place) }
            switch column.kind {
            case .text: return try row.exactText(place)
            case .json:
                guard case .text(let text) = try row.exactText(place) else { return try row.exactText(place) }
                return .storedJSON(text)
            case .integer, .timestamp, .blob: return try column.read(row, place)
            }
        }
    }

    /// A row in the form in which it is compared: JSON by its value, or by its bytes where it has none.
    func compared(_ stored: [SQLValue]) -> [SQLValue] {
        stored.map { value in
            guard case .storedJSON(let text) = value else { return value }
            return (try? JSON(parsing: text).canonical).map(SQLValue.json) ?? .rawText(Array(text.utf8))
        }
    }

    private func read(_ reader: any Reader, where condition: SQL, _ each: (any Row) throws -> Void) throws {
        try reader.takeTime()
        try reader.query(
            """
            SELECT \(unsafeRaw: columnNames.joined(separator: ", ")) FROM \(unsafeRaw: table.name)
            WHERE \(readable) AND \(condition)
            """, each: each)
    }

    func count(_ reader: any Reader) throws -> Int {
        let count = try reader.first("SELECT count(*) FROM \(unsafeRaw: table.name) WHERE \(readable)") {
            try $0.integer(0)
        }
        return Int(count ?? 0)
    }

    /// Sums up all rows.
    func sum(_ reader: any Reader, _ progress: (Int) throws -> Void = { _ in }) throws -> TableSum {
        var sum = TableSum()
        try rows(reader) { values in
            sum.add(hash(values))
            if sum.rows % 5000 == 0 { try progress(sum.rows) }
        }
        return sum
    }

    /// The hash of a row. What is derived from the rest is no part of it as long as it has not been computed.
    func hash(_ values: [SQLValue]) -> RowHash { RowHash(values) }

    /// The id of a row as the change log has it.
    func rowID(_ values: [SQLValue]) -> String {
        table.key.map { name in
            guard let place = columns.firstIndex(where: { $0.name == name }) else { return "" }
            switch values[place] {
            case .text(let text): return text
            case .rawText(let bytes): return String(decoding: bytes, as: UTF8.self)
            case .integer(let number): return String(number)
            default: return ""
            }
        }.joined(separator: "/")
    }

    /// Reads the rows with some ids; those that are not there are left out.
    func rows(_ reader: any Reader, ids: [String], _ each: (_ id: String, _ values: [SQLValue]) throws -> Void) throws {
        let wanted = Set(ids.map { Array($0.utf8) })
        for start in stride(from: 0, to: ids.count, by: 5000) {
            // The first part of the key finds all that may be meant.
            let parts = Set(
                ids[start..<min(start + 5000, ids.count)].map { id in
                    table.key.count == 1 ? id : String(id.unicodeScalars.prefix { $0 != "/" })
                })
            try rows(reader, where: "\(unsafeRaw: table.key[0]) IN (\(reader.listed(parts.sorted())))") { values in
                let id = rowID(values)
                if wanted.contains(Array(id.utf8)) { try each(id, values) }
            }
        }
    }
}
