import MinskyModel

/// A value that goes to the database beside the SQL text, never inside it.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
    /// ISO 8601 text in SQLite, `timestamptz` in PostgreSQL.
    case timestamp(Timestamp)
    /// Canonical JSON text in SQLite, `jsonb` in PostgreSQL.
    case json(JSON)
    /// JSON text that a database has had in this form, and that another one gets as it is.
    case storedJSON(String)
    /// Text that SQLite holds and no other database takes, since its bytes are not UTF-8, or are no JSON where JSON should be.
    case rawText([UInt8])
    /// A list: `text[]` in PostgreSQL, text of a JSON array in SQLite.
    case texts([String?])
}

/// A type whose values can be bound to a statement.
public protocol SQLConvertible {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLConvertible { public var sqlValue: SQLValue { self } }
extension String: SQLConvertible { public var sqlValue: SQLValue { .text(self) } }
extension Int: SQLConvertible { public var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Int64: SQLConvertible { public var sqlValue: SQLValue { .integer(self) } }
extension Timestamp: SQLConvertible { public var sqlValue: SQLValue { .timestamp(self) } }
extension JSON: SQLConvertible { public var sqlValue: SQLValue { .json(self) } }
extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// SQL text with its values, written as one string literal: `"SELECT title FROM tasks WHERE id = \(id)"`.
///
/// What is interpolated becomes a bound value. Text that must become SQL is spelled `\(unsafeRaw: text)`.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The statement cut at its values: `text[0] values[0] text[1] … text[n]`.
    private var text: [String]
    public private(set) var values: [SQLValue]

    public init(stringLiteral text: String) {
        self.text = [text]
        values = []
    }

    public init(stringInterpolation interpolation: StringInterpolation) {
        self = interpolation.sql
    }

    /// Creates a statement from text that is SQL already. Never pass text that came from outside.
    public init(unsafeRaw text: String) {
        self.init(stringLiteral: text)
    }

    /// The statement with numbered parameters: `$1` for PostgreSQL; `?1` for SQLite, where `$1` would be a name and be
    /// bound by order of appearance.
    public func text(for dialect: Dialect) -> String {
        var result = text[0]
        for index in values.indices {
            result += dialect == .postgres ? "$" : "?"
            result += String(index + 1)
            result += text[index + 1]
        }
        return result
    }

    /// The same statement with other values.
    public func with(values: [SQLValue]) -> SQL {
        var copy = self
        copy.values = values
        return copy
    }

    /// Appends another piece of SQL with its values.
    public mutating func append(_ other: SQL) {
        text[text.count - 1] += other.text[0]
        text += other.text.dropFirst()
        values += other.values
    }

    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    /// Joins pieces with a separator between them.
    public static func joined(_ pieces: [SQL], separator: SQL) -> SQL {
        var result: SQL = ""
        for (index, piece) in pieces.enumerated() {
            if index > 0 { result.append(separator) }
            result.append(piece)
        }
        return result
    }

    /// Collects the pieces of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL = SQL(unsafeRaw: "")

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) {
            sql.append(SQL(unsafeRaw: literal))
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some SQLConvertible) {
            sql.values.append(value.sqlValue)
            sql.text.append("")
        }

        /// Binds a value, or null for nil.
        public mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            sql.values.append(value.sqlValue)
            sql.text.append("")
        }

        /// Binds values as a comma-separated list: `id IN (\(list: ids))`.
        public mutating func appendInterpolation(list values: [some SQLConvertible]) {
            for (index, value) in values.enumerated() {
                if index > 0 { appendLiteral(", ") }
                appendInterpolation(value)
            }
        }

        /// Inserts another piece of SQL with its values.
        public mutating func appendInterpolation(_ other: SQL) {
            sql.append(other)
        }

        /// Inserts text as SQL. Never pass text that came from outside.
        public mutating func appendInterpolation(unsafeRaw text: String) {
            appendLiteral(text)
        }
    }
}
