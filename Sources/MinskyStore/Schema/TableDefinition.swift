import MinskySQL

/// The definitions of tables and indexes in each dialect.
enum TableDefinition {
    static func sql(for step: SchemaStep, dialect: Dialect) -> String? {
        switch step {
        case .createTable(let table): createTable(table, dialect)
        case .addColumn(let column, let table): "ALTER TABLE \(table) ADD COLUMN \(define(column, in: table, dialect))"
        case .createIndex(let name, let table, let columns, let condition):
            "CREATE INDEX \(name) ON \(table) (\(columns.joined(separator: ", ")))"
                + (condition.map { " WHERE \($0)" } ?? "")
        case .createJSONIndex(let name, let table, let column):
            switch dialect {
            case .sqlite: nil
            case .postgres: "CREATE INDEX \(name) ON \(table) USING gin (\(column) jsonb_path_ops)"
            }
        }
    }

    private static func createTable(_ table: Table, _ dialect: Dialect) -> String {
        let lines =
            table.columns.map { define($0, in: table.name, dialect) }
            + ["PRIMARY KEY (\(table.key.joined(separator: ", ")))"]
        let options = dialect == .sqlite ? " STRICT" : ""
        return "CREATE TABLE \(table.name) (\n    \(lines.joined(separator: ",\n    "))\n)\(options)"
    }

    private static func define(_ column: Column, in table: String, _ dialect: Dialect) -> String {
        var parts = [column.name, type(of: column, dialect)]
        if column.isRequired { parts.append("NOT NULL") }
        if let value = column.defaultValue { parts.append("DEFAULT \(value)") }
        if column.isUnique { parts.append("UNIQUE") }
        if let other = column.references { parts.append("REFERENCES \(other) (id)") }
        let checks = [column.check, typeCheck(column, dialect)].compactMap { $0 }
        if !checks.isEmpty { parts.append("CHECK (\(checks.joined(separator: " AND ")))") }
        return parts.joined(separator: " ")
    }

    /// The type a kind of column has in a dialect.
    static func type(of column: Column, _ dialect: Dialect) -> String {
        switch (column.kind, dialect) {
        case (.text, .sqlite), (.timestamp, .sqlite), (.json, .sqlite): "TEXT"
        case (.integer, .sqlite): "INTEGER"
        case (.blob, .sqlite): "BLOB"
        // Ids and ranks must sort by their bytes, as they do in SQLite; so does every other text.
        case (.text, .postgres): "text COLLATE \"C\""
        case (.timestamp, .postgres): "timestamptz"
        case (.json, .postgres): "jsonb"
        case (.integer, .postgres): "bigint"
        case (.blob, .postgres): "bytea"
        }
    }

    /// What PostgreSQL's types refuse by themselves, spelled out for SQLite, so that an edit by hand is held to it too.
    private static func typeCheck(_ column: Column, _ dialect: Dialect) -> String? {
        let name = column.name
        switch (column.kind, dialect) {
        case (.text, .sqlite): return "instr(\(name), char(0)) = 0"
        case (.timestamp, .sqlite):
            let digit = "[0-9]"
            func digits(_ count: Int) -> String { String(repeating: digit, count: count) }
            let pattern =
                "\(digits(4))-\(digits(2))-\(digits(2))T\(digits(2)):\(digits(2)):\(digits(2)).\(digits(6))Z"
            // Adding nothing has SQLite carry over what no calendar has, such as the 30th of February.
            let seconds = "substr(\(name), 1, 19)"
            return "(\(name) IS NULL OR \(name) >= '0001' AND \(name) GLOB '\(pattern)' "
                + "AND datetime(\(seconds), '+0 days') = replace(\(seconds), 'T', ' '))"
        case (.timestamp, .postgres): return "\(name) >= '0001-01-01 00:00:00Z' AND \(name) < '10000-01-01 00:00:00Z'"
        case (.json, .sqlite): return "(\(name) IS NULL OR json_valid(\(name)) AND json_type(\(name)) = 'object')"
        case (.json, .postgres): return "jsonb_typeof(\(name)) = 'object'"
        default: return nil
        }
    }
}
