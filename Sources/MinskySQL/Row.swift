import MinskyModel

/// One row of an answer; columns are counted from 0.
///
/// Every accessor throws an `SQLError` of kind `.corrupt` when the column holds another type of value, null included
/// where the result is not optional.
public protocol Row {
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) throws -> Int64
    /// Text for reading: bytes that are not UTF-8 are replaced.
    func text(_ column: Int) throws -> String
    /// Text byte for byte: `.text`, or `.rawText` where it is not UTF-8.
    func exactText(_ column: Int) throws -> SQLValue
    func blob(_ column: Int) throws -> [UInt8]
    func timestamp(_ column: Int) throws -> Timestamp
    func jsonText(_ column: Int) throws -> String
}

extension Row {
    public func exactText(_ column: Int) throws -> SQLValue { .text(try text(column)) }

    public func optionalInteger(_ column: Int) throws -> Int64? { isNull(column) ? nil : try integer(column) }
    public func optionalText(_ column: Int) throws -> String? { isNull(column) ? nil : try text(column) }
    public func optionalTimestamp(_ column: Int) throws -> Timestamp? { isNull(column) ? nil : try timestamp(column) }

    /// A column of JSON, parsed and in canonical form: PostgreSQL orders members in another way than SQLite.
    public func json(_ column: Int) throws -> JSON {
        let text = try jsonText(column)
        if text == "{}" { return .object([]) }
        do {
            return try JSON(parsing: text).canonical
        } catch {
            throw SQLError(kind: .corrupt, message: "a stored JSON value cannot be read: \(error)")
        }
    }

    public func optionalJSON(_ column: Int) throws -> JSON? { isNull(column) ? nil : try json(column) }
}
