import GRDBSQLite
import MinskyModel
import MinskySQL

/// The row a statement stands on, read from SQLite itself: GRDB would have it turn a value of another type into a number
/// or a text rather than refuse.
struct SQLiteRow: MinskySQL.Row {
    let statement: OpaquePointer

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    func integer(_ column: Int) throws -> Int64 {
        try require(SQLITE_INTEGER, column)
        return sqlite3_column_int64(statement, Int32(column))
    }

    func text(_ column: Int) throws -> String { String(decoding: try textBytes(column), as: UTF8.self) }

    func exactText(_ column: Int) throws -> SQLValue {
        let bytes = try textBytes(column)
        return String(validating: bytes, as: UTF8.self).map(SQLValue.text) ?? .rawText(Array(bytes))
    }

    func jsonText(_ column: Int) throws -> String {
        guard case .text(let text) = try exactText(column) else { throw SQLError.textWithoutUnicode }
        return text
    }

    func blob(_ column: Int) throws -> [UInt8] {
        try require(SQLITE_BLOB, column)
        let start = sqlite3_column_blob(statement, Int32(column))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count(column)))
    }

    func timestamp(_ column: Int) throws -> Timestamp {
        if let timestamp = Timestamp(canonical: try textBytes(column)) { return timestamp }
        guard let timestamp = Timestamp(iso8601: try text(column)) else {
            throw SQLError(kind: .corrupt, message: "a stored time is not ISO 8601")
        }
        return timestamp
    }

    private func textBytes(_ column: Int) throws -> UnsafeBufferPointer<UInt8> {
        try require(SQLITE_TEXT, column)
        guard let start = sqlite3_column_text(statement, Int32(column)) else {
            throw SQLError(kind: .storage, message: "not enough memory")
        }
        return UnsafeBufferPointer(start: start, count: count(column))
    }

    private func count(_ column: Int) -> Int { Int(sqlite3_column_bytes(statement, Int32(column))) }

    private func require(_ type: Int32, _ column: Int) throws {
        guard sqlite3_column_type(statement, Int32(column)) == type else {
            throw SQLError(kind: .corrupt, message: "column \(column) holds no value of the expected type")
        }
    }
}
